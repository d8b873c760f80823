//! A baseline: how a server behaved hour by hour of the week, frozen and signed before it moves, so that the same hours
//! can be held against it afterwards and nobody can choose them then.
// SPDX-License-Identifier: Apache-2.0

use crate::time::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// Hours of a profile: those of a week, from Monday 00:00 UTC.
pub const BASELINE_HOURS: usize = 168;

/// What a profile is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProfileMetric {
    /// How full the CPUs are; more is worse.
    CpuBusyRatio,
    /// Work done, in normalised MHz; whether the load is the same.
    CpuMhz,
    /// Memory used, in bytes; whether the load is the same.
    MemoryUsedBytes,
    /// Disk bytes a second; whether the load is the same.
    DiskBytesPerS,
    /// Network bytes a second, the busier direction; whether the load is the same.
    NetworkBytesPerS,
    /// Mean time of a disk operation over the whole window, in milliseconds; more is worse.
    DiskLatencyMs,
}

impl ProfileMetric {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CpuBusyRatio => "cpu_busy_ratio",
            Self::CpuMhz => "cpu_mhz",
            Self::MemoryUsedBytes => "memory_used_bytes",
            Self::DiskBytesPerS => "disk_bytes_per_s",
            Self::NetworkBytesPerS => "network_bytes_per_s",
            Self::DiskLatencyMs => "disk_latency_ms",
        }
    }

    /// Whether more of it is worse for whoever uses the server; else it only says how much there was to do.
    #[must_use]
    pub const fn is_quality(self) -> bool {
        matches!(self, Self::CpuBusyRatio | Self::DiskLatencyMs)
    }
}

/// One metric of a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct BaselineMetric {
    /// Which.
    pub metric: ProfileMetric,
    /// Mean of its five-minute means in each hour of the week, [`BASELINE_HOURS`] of them; empty where a metric is
    /// known of the whole window only.
    pub hours: Vec<Option<f64>>,
    /// Mean over the whole window.
    pub mean: f64,
}

/// How a server behaved in a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Baseline {
    /// The engagement.
    pub engagement: String,
    /// The server.
    pub server: String,
    /// The window.
    pub window: Window,
    /// When it was frozen.
    pub frozen_on: Timestamp,
    /// Who froze it.
    pub by: String,
    /// How much worse than before still counts as kept, agreed beforehand: 0.1 is a tenth.
    pub tolerance_ratio: f64,
    /// How full the CPUs may be in the busiest hour, agreed beforehand: a machine of the right size is fuller than the
    /// one it replaces, so that no share of before could be the limit.
    pub cpu_limit_ratio: f64,
    /// The metrics.
    pub metrics: Vec<BaselineMetric>,
}

/// A baseline with its signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct SignedBaseline {
    /// Number in its engagement, from 1; 0 before it is stored.
    pub id: u64,
    /// What is signed, as compact JSON.
    pub baseline: Baseline,
    /// Ed25519 public key, 64 hexadecimal digits.
    pub public_key: String,
    /// Signature of the JSON, 128 hexadecimal digits.
    pub signature: String,
    /// Whether the signature is that of the baseline as it is kept now.
    pub is_intact: bool,
}

//! What storage the planned servers need: each figure with where it comes from, and `None` where nothing was
//! measured.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Storage of the planned servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct StorageSizing {
    /// Planned servers.
    pub servers: usize,
    /// Bytes in use on file systems.
    pub used_bytes: Amount,
    /// Size of the disks.
    pub allocated_bytes: Amount,
    /// Bytes in use, and of the size of the disks where use is unknown: what is provided for.
    pub basis_bytes: Amount,
    /// Bytes read and written a second.
    pub bytes_per_s: EstatePeak,
    /// Reads and writes a second. The aligned peak adds up the largest five minutes of the same hour, so that it is
    /// never below the true one.
    pub operations_per_s: EstatePeak,
    /// Reads among the operations.
    pub read_operations_ratio: Option<f64>,
    /// Reads among the bytes.
    pub read_bytes_ratio: Option<f64>,
    /// Mean time of an operation, in seconds.
    pub latency_mean_s: Option<f64>,
    /// Longest mean time of a slot on any server, in seconds.
    pub latency_max_s: Option<f64>,
    /// Servers whose latency is known.
    pub latency_servers: usize,
    /// Growth of bytes in use, measured from first to last reading and carried to a year; `None` where fewer than
    /// `growth_days_min` days lie between them.
    pub growth_bytes_per_year: Amount,
    /// Days that must lie between two readings to speak of growth.
    pub growth_days_min: f64,
    /// How much is bought; `None` while the bytes of a planned server are unknown.
    pub required: Option<RequiredStorage>,
    /// Planned servers of unknown size, by name.
    pub unknown: Vec<String>,
}

/// A sum over servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Amount {
    /// Over the servers that are known; `None` when none is.
    pub value: Option<f64>,
    /// How many these are.
    pub servers: usize,
    /// Where it comes from.
    pub source: String,
}

/// The peak of a rate over all servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct EstatePeak {
    /// Largest sum over all servers at one time; `None` when nothing was measured.
    pub aligned: Option<f64>,
    /// When that was: the start of its five minutes or hour.
    pub at: Option<Timestamp>,
    /// Sum of each server's own peak, whenever it was: what adding up peaks would have bought.
    pub sum_of_peaks: Option<f64>,
    /// Servers measured.
    pub servers: usize,
    /// Seconds of the intervals that are added up.
    pub interval_s: i64,
}

/// How much storage is bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct RequiredStorage {
    /// Growth provided for, a ratio.
    pub growth_ratio: f64,
    /// Slack kept free, a ratio on top.
    pub slack_ratio: f64,
    /// Raw bytes a usable byte takes.
    pub protection_factor: f64,
    /// What virtual disks may use: basis, growth and slack.
    pub usable_bytes: f64,
    /// What is bought: usable by protection.
    pub raw_bytes: f64,
    /// Operations a second at the aligned peak, grown; `None` when not measured.
    pub operations_per_s: Option<f64>,
    /// Bytes a second at the aligned peak, grown; `None` when not measured.
    pub bytes_per_s: Option<f64>,
}

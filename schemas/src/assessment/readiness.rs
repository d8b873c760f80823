//! Readiness: the score of each server, its parts, and what must be done or confirmed.
// SPDX-License-Identifier: Apache-2.0

use super::{Confidence, Coverage};
use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// How ready the estate is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Readiness {
    /// Mean over the assessed servers, blocked and unknown ones counting 0; 0 to 100; `None` for no server.
    pub score: Option<f64>,
    /// Servers in each category.
    pub counts: CategoryCounts,
    /// Every assessed server, best first, then by name.
    pub servers: Vec<ServerReadiness>,
}

/// Servers in each category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct CategoryCounts {
    /// All gates known clear and score at least 70.
    pub ready: usize,
    /// Planned, but something must be confirmed or measured.
    pub conditional: usize,
    /// A gate is proven.
    pub blocked: usize,
    /// Neither demand nor capacity of CPU or memory is known.
    pub unknown: usize,
}

/// The category of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// All gates known clear and score at least 70.
    Ready,
    /// Planned, but something must be confirmed or measured.
    Conditional,
    /// A gate is proven.
    Blocked,
    /// Neither demand nor capacity of CPU or memory is known.
    Unknown,
}

/// What is said about one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServerReadiness {
    /// Its key.
    pub server: String,
    /// Whether it comes from the simulated estate.
    pub simulated: bool,
    /// 0 to 100; `None` when blocked or unknown.
    pub score: Option<f64>,
    /// The five parts of the score; `None` with it.
    pub parts: Option<ScoreParts>,
    /// Where it stands.
    pub category: Category,
    /// What the coverage allows us to say.
    pub confidence: Confidence,
    /// Share of the window measured.
    pub coverage_ratio: Option<f64>,
    /// The coverage in full.
    pub coverage: Coverage,
    /// What the rules say, gates first.
    pub findings: Vec<Finding>,
    /// What it has.
    pub capacity: ServerCapacity,
    /// What it used.
    pub utilisation: Utilisation,
    /// What it would get; `None` when it cannot be sized.
    pub size: Option<Size>,
    /// Owner, where known.
    pub owner: Option<String>,
    /// Role, where known.
    pub role: Option<String>,
    /// Operating system, where known.
    pub os: Option<String>,
}

/// The parts of a score (design 7.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ScoreParts {
    /// Of 40: share of the host template its worst resource takes.
    pub fit: f64,
    /// Of 15: distance between its usual and its peak hours.
    pub steadiness: f64,
    /// Of 15: how often its peak fits an empty host.
    pub room: f64,
    /// Of 15: how easily it is moved.
    pub ease: f64,
    /// Of 15: whose consent it needs.
    pub ownership: f64,
}

/// What a server has, CPU on the normalised scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServerCapacity {
    /// Normalised MHz, at the end of the window.
    pub cpu_mhz: Option<f64>,
    /// How the MHz were normalised.
    pub cpu_grade: CpuGrade,
    /// How far the MHz may be off in nine of ten CPU models, measured against public results; `None` where the
    /// grade assumes instead of knowing.
    #[serde(default)]
    pub cpu_error_ratio: Option<f64>,
    /// Installed memory.
    pub memory_bytes: Option<f64>,
    /// What its disks can deliver.
    pub disk_bytes_per_s: Option<f64>,
    /// What its links can carry.
    pub network_bytes_per_s: Option<f64>,
}

/// How a CPU was normalised, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CpuGrade {
    /// From a benchmark table of the user.
    Benchmark,
    /// Cores by clock by what the generation of the CPU does a GHz, with a factor for threads.
    Generation,
    /// A CPU nobody can place: as the fastest known, so that it asks for more, never for less.
    Fastest,
    /// Cores by clock, with a factor for threads.
    CoresByClock,
    /// Cores known, clock not: the policy's default clock.
    CoresOnly,
    /// Not known.
    #[default]
    Unknown,
}

/// What a server used, over its powered-on slots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Utilisation {
    /// CPU busy, of the capacity it had at each moment.
    pub cpu_busy_ratio: Option<Percentiles>,
    /// Memory used.
    pub memory_used_bytes: Option<Percentiles>,
    /// Disk bytes read and written.
    pub disk_bytes_per_s: Option<Percentiles>,
    /// Network bytes, the busier direction.
    pub network_bytes_per_s: Option<Percentiles>,
    /// Largest one-second CPU reading, where the source knows it.
    pub cpu_busy_ratio_max_1s: Option<f64>,
    /// CPU busy by hour of the day (UTC), largest 5-minute mean; empty when unknown.
    pub cpu_by_hour: Vec<Option<f64>>,
    /// Busiest hour of the week (UTC, 0 is Monday 00:00) by CPU.
    pub busiest_hour_of_week: Option<usize>,
}

/// Percentiles of slot means over powered-on, de-duplicated slots, linear interpolation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Percentiles {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest slot mean.
    pub max: f64,
    /// Slots behind them.
    pub samples: u64,
}

/// What a server would get as a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Size {
    /// Virtual CPUs, rounded up.
    pub vcpu: u32,
    /// Before rounding.
    pub vcpu_exact: f64,
    /// Memory, rounded up to the policy's step.
    pub memory_bytes: f64,
    /// Before rounding.
    pub memory_bytes_exact: f64,
    /// Disk; `None` when unknown.
    pub disk_bytes: Option<f64>,
    /// What the memory size rests on.
    pub memory_basis: MemoryBasis,
}

/// What a memory size rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemoryBasis {
    /// Measured peak with swap and a cache allowance.
    MeasuredPeak,
    /// Installed memory, since the role is unknown or keeps what it is given.
    Installed,
    /// The larger of installed and observed, since too little was measured.
    LargerOfInstalledAndObserved,
    /// A percentile of what was measured by a comfort factor, as the policy has it to match another method.
    MatchedPercentile,
}

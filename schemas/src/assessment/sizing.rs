//! How servers were sized: on which CPU scale, by which percentile, and what standard sizes would change.
// SPDX-License-Identifier: Apache-2.0

use super::CpuGrade;
use serde::{Deserialize, Serialize};

/// How servers were sized.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Sizing {
    /// CPUs on one scale, and what that does to the plan.
    pub cpu: CpuNormalisation,
    /// The method of someone else that was matched; `None` for our own.
    pub matched: Option<MatchedMethod>,
    /// What standard sizes would change; `None` when the policy has none or nothing is planned.
    pub standard_sizes: Option<StandardSizes>,
}

/// Unlike CPUs on one scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct CpuNormalisation {
    /// `best` or `cores_by_clock`.
    pub scale: String,
    /// How the host was put on it.
    pub host_grade: CpuGrade,
    /// Servers by how they were put on it, best first; their sum is every assessed server.
    pub grades: Vec<GradeCount>,
    /// CPU models nobody could place, each planned as the fastest known; most servers first.
    pub unplaced: Vec<UnplacedCpu>,
    /// Capacity of a core with two threads over that of one with one.
    pub threads_factor: f64,
    /// Hosts needed with the scale, failover hosts included, by the shorter search of a trial; `None` when not tried.
    pub hosts: Option<usize>,
    /// The same if every GHz counted alike.
    pub hosts_by_clock: Option<usize>,
}

/// Servers of one grade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct GradeCount {
    /// The grade.
    pub grade: CpuGrade,
    /// Servers of it.
    pub servers: usize,
    /// Half of the CPU models measured are nearer than this; `None` where the grade assumes instead of knowing.
    pub error_median_ratio: Option<f64>,
    /// Nine of ten are nearer than this.
    pub error_p90_ratio: Option<f64>,
    /// The median with its sign: above 0 where the scale makes servers too small; `None` in assessments of versions that
    /// did not say.
    #[serde(default)]
    pub error_bias_ratio: Option<f64>,
}

/// A CPU model nobody could place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct UnplacedCpu {
    /// As the server names it; empty when it names none.
    pub cpu_model: String,
    /// Servers that have it.
    pub servers: usize,
}

/// A percentile and a comfort factor in the place of our own method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct MatchedMethod {
    /// Whose method it is.
    pub name: String,
    /// The percentile of five-minute means, 0 to 1.
    pub percentile: f64,
    /// What it is multiplied by, 1.2 for 20 % more.
    pub comfort_factor: f64,
}

/// What standard sizes would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct StandardSizes {
    /// Every size, ascending, with the servers it is the smallest to fit.
    pub sizes: Vec<StandardSizeUse>,
    /// Planned servers larger than the largest; they keep their own size.
    pub beyond: Vec<String>,
    /// Memory the planned servers ask for at their own sizes.
    pub memory_bytes: f64,
    /// Memory at standard sizes.
    pub standard_memory_bytes: f64,
    /// Hosts at their own sizes, failover hosts included, by the shorter search of a trial; `None` when not tried.
    pub hosts: Option<usize>,
    /// Hosts at standard sizes, the same way.
    pub standard_hosts: Option<usize>,
}

/// One standard size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct StandardSizeUse {
    /// Its name.
    pub name: String,
    /// Virtual CPUs.
    pub vcpu: u32,
    /// Memory.
    pub memory_bytes: f64,
    /// Planned servers that get it, ascending by name.
    pub servers: Vec<String>,
}

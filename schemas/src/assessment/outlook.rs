//! The outlook: what may turn out otherwise than planned, and what it would change.
// SPDX-License-Identifier: Apache-2.0

use super::Backtest;
use serde::{Deserialize, Serialize};

/// What stands beside a plan: the limits its own past would bear, how far the measurement carries, and what
/// each assumption moves. Older assessments have none of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Outlook {
    /// Hosts with at least one observed interval, summed over the test weeks.
    pub host_weeks: usize,
    /// Largest share of affected host-weeks that "none seen" is consistent with (95 %, rule of three); `None`
    /// when some were seen or none observed.
    pub affected_host_weeks_max_ratio: Option<f64>,
    /// The highest limits whose back-test passes; `None` when none was found, and a finding says why.
    pub recommendation: Option<Recommendation>,
    /// Every limit tried for it.
    pub trials: Vec<LimitTrial>,
    /// How the estimate grows with the weeks measured; `None` when nothing was planned.
    pub measuring: Option<Measuring>,
    /// Planned servers whose month-end was never seen.
    pub month_end_unseen: usize,
    /// Hosts if it were planned as an ordinary day instead of at their own maximum, failover hosts excluded;
    /// `None` when every month-end was seen, or that is how it is planned.
    pub hosts_if_month_end_ordinary: Option<usize>,
    /// Nightly peaks that servers have together, backups say; `None` when there are none.
    pub nightly_peaks: Option<NightlyPeaks>,
    /// What each assumption moves alone, the widest first.
    pub sensitivity: Vec<Sensitivity>,
    /// Where the host count changes when growth does.
    pub growth_flip_points: Vec<GrowthFlipPoint>,
}

/// How five-minute means become the demand of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CellMethod {
    /// The largest of the cell.
    #[default]
    Maximum,
    /// The 95th percentile of the cell.
    P95,
}

/// Limits that were back-tested.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct LimitTrial {
    /// Cells.
    pub cells: CellMethod,
    /// Limit of CPU, disk and network.
    pub cpu_limit_ratio: f64,
    /// Limit of memory.
    pub memory_limit_ratio: f64,
    /// Hosts of the plans under test, the mean over the folds.
    pub hosts_mean: f64,
    /// Share of observed host intervals above capacity.
    pub violation_ratio: Option<f64>,
    /// The same in the worst fold.
    pub worst_fold_violation_ratio: Option<f64>,
    /// Whether it is within the policy's risk.
    pub passed: bool,
}

/// The limits an estate's own past would bear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Recommendation {
    /// Cells.
    pub cells: CellMethod,
    /// Limit of CPU, disk and network.
    pub cpu_limit_ratio: f64,
    /// Limit of memory.
    pub memory_limit_ratio: f64,
    /// Hosts of the plan at these limits, growth included.
    pub hosts: usize,
    /// Hosts besides.
    pub failover_hosts: usize,
    /// Bound.
    pub lower_bound_hosts: usize,
    /// Most the policy allows of all observed host intervals.
    pub violation_ratio_max: f64,
    /// Most the policy allows in the worst fold.
    pub worst_fold_violation_ratio_max: f64,
    /// The back-test at these limits.
    pub backtest: Backtest,
}

/// How the estimate grows with the weeks measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Measuring {
    /// Whole weeks measured.
    pub weeks: usize,
    /// How near the estimate is to be.
    pub within_ratio: f64,
    /// Days still to measure until it was as near at every origin tested; `None` when the data cannot say.
    pub days_more: Option<u32>,
    /// Why the data cannot say: `too-few-weeks` or `not-reached`.
    pub reason: Option<String>,
    /// What this estate's own weeks say.
    pub learned: Vec<Learned>,
    /// What another estate's weeks say: evidence from outside, no claim about this one.
    pub published: Vec<PublishedInflation>,
    /// Where [`Self::published`] is from.
    pub published_source: String,
}

/// What so many weeks asked for, against what the four weeks after them needed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Learned {
    /// Weeks measured before each origin.
    pub weeks: usize,
    /// Origins; neighbours overlap.
    pub origins: usize,
    /// Mean of planned / needed - 1; negative is too few hosts.
    pub error_mean: f64,
    /// Smallest.
    pub error_min: f64,
    /// Largest.
    pub error_max: f64,
}

/// What so many weeks must be multiplied by, on another estate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PublishedInflation {
    /// Weeks measured.
    pub weeks: usize,
    /// needed / planned.
    pub factor: f64,
}

/// Nightly peaks that servers have at the same hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct NightlyPeaks {
    /// Planned servers with a recurring nightly peak.
    pub servers: usize,
    /// Hours of the day (UTC) in which many of them peak together.
    pub hours: Vec<NightlyHour>,
    /// Hosts of the plan.
    pub hosts: usize,
    /// Hosts if the peaks were spread evenly over the night; failover hosts excluded.
    pub hosts_if_staggered: Option<usize>,
    /// Hosts if the peaks were no part of the demand; failover hosts excluded.
    pub hosts_if_excluded: Option<usize>,
}

/// One hour of the night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct NightlyHour {
    /// Hour of the day, UTC.
    pub hour: usize,
    /// Servers that peak in it.
    pub servers: usize,
}

/// What one assumption moves while the others hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Sensitivity {
    /// `limits`, `growth`, `threads_factor`, `template`, `failures`, `cells`, `month_end`, `cache_allowance`,
    /// `separations` or `cpu_scale`.
    pub assumption: String,
    /// Its careless end.
    pub low: SensitivityEnd,
    /// Its careful end.
    pub high: SensitivityEnd,
    /// Difference of the machines of both ends.
    pub swing: usize,
}

/// One end of an assumption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct SensitivityEnd {
    /// What was assumed, a number, `maximum` or `none` say.
    pub value: String,
    /// Hosts.
    pub hosts: usize,
    /// Hosts besides.
    pub failover_hosts: usize,
    /// hosts + failover hosts + servers that stay.
    pub machines: usize,
}

/// A change of the host count with growth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct GrowthFlipPoint {
    /// Hosts needed from this growth on.
    pub hosts: usize,
    /// Smallest growth tried at which they are.
    pub growth_ratio: f64,
}

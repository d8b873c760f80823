//! How much risk a plan may carry, and whether the plan follows what the risk allows.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Serialize};

/// How much of the tested weeks a host may be above its capacity (*ours*): a tenth of what sums of 95th
/// percentiles at 80 % showed on real traces, where 0.02 to 0.12 % of host intervals were above capacity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskPolicy {
    /// Most of all observed host intervals.
    pub violation_ratio_max: f64,
    /// Most in the worst test week.
    pub worst_fold_violation_ratio_max: f64,
    /// Fewest host-weeks a limit is tested on before it is recommended. None above capacity in 60 is still consistent
    /// with one in twenty (95 %, rule of three); fewer prove less, and a limit chosen by them fails later.
    pub host_weeks_min: usize,
    /// Which limits the plan keeps.
    pub limits: PlanLimits,
}

/// Which limits the plan keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanLimits {
    /// Those of the policy; what the back-test would bear stands beside them.
    #[default]
    Policy,
    /// The highest whose back-test passes; those of the policy where none is found.
    Recommended,
}

/// What a month-end that was never seen is planned at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnseenMonthEnd {
    /// Every server at its own maximum in each of its hours: nobody knows better.
    #[default]
    Maximum,
    /// As the ordinary day of the weekday on which the next month ends: somebody answers for it.
    OrdinaryWeek,
}

impl Default for RiskPolicy {
    fn default() -> Self {
        Self {
            violation_ratio_max: 0.0001,
            worst_fold_violation_ratio_max: 0.001,
            host_weeks_min: 60,
            limits: PlanLimits::Policy,
        }
    }
}

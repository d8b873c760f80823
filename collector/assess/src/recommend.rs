//! The recommended limits: how full hosts might be planned so that this estate's own weeks would have borne it.
//! Every limit and way of making cells is back-tested; the plan keeps the policy's limits unless told otherwise.
// SPDX-License-Identifier: Apache-2.0

use crate::backtest::{Tested, backtest};
use crate::estate::Estate;
use crate::policy::{Limits, PlanLimits, Policy, RiskPolicy};
use cairn_schemas::assessment::{Backtest, CellMethod, LimitTrial};
use std::borrow::Cow;

/// Most servers for which limits are looked for: every limit is a plan a test week.
pub const SERVERS_MAX: usize = 2_000;

/// Limits tried, in hundredths. None above 95: a host without any reserve cannot take what nobody saw yet. Memory
/// goes no further than the rest: what waits for CPU is late, what waits for memory fails.
const RUNGS: [u32; 6] = [70, 75, 80, 85, 90, 95];

/// Observed share of host intervals below which nothing is recommended (*ours*).
const OBSERVED_MIN_RATIO: f64 = 0.5;

/// Every limit tried with its back-test, by cells and ascending limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Trials {
    /// The policy at each of them.
    policies: Vec<Policy>,
    /// Its test.
    tested: Vec<Tested>,
    risk: RiskPolicy,
}

/// Back-tests the limits. `None` with fewer than five whole weeks or too many servers.
#[must_use]
pub fn trials(estate: &Estate, policy: &Policy, planned: &[usize]) -> Option<Trials> {
    if planned.len() > SERVERS_MAX {
        return None;
    }
    let policies = ladder(policy);
    let tested = backtest(estate, planned, &policies.iter().collect::<Vec<_>>())?;
    Some(Trials { policies, tested, risk: policy.risk })
}

/// The policy a plan is made with: with the recommended limits where it asks for them and they are found.
#[must_use]
pub fn settled<'a>(estate: &Estate, policy: &'a Policy, planned: &[usize]) -> Cow<'a, Policy> {
    if policy.risk.limits == PlanLimits::Policy {
        return Cow::Borrowed(policy);
    }
    let found = trials(estate, policy, planned);
    match found.as_ref().and_then(Trials::best) {
        Some((policy, _)) => Cow::Owned(policy.clone()),
        None => Cow::Borrowed(policy),
    }
}

impl Trials {
    /// Of each way of making cells the highest limit that passes with every lower one tried, for risk need not
    /// fall with the limit; of those the one with the fewest hosts, the lower limit of equals.
    #[must_use]
    pub fn best(&self) -> Option<(&Policy, &Tested)> {
        let all: Vec<(&Policy, &Tested)> = self.all().collect();
        let highest = [CellMethod::Maximum, CellMethod::P95].into_iter().filter_map(|cells| {
            let rungs = all.iter().filter(|(policy, _)| policy.sizing.cells == cells);
            rungs.take_while(|(_, tested)| passes(tested, &self.risk)).last().copied()
        });
        highest.min_by(|a, b| hosts_mean(&a.1.backtest).total_cmp(&hosts_mean(&b.1.backtest)))
    }

    /// Every policy tried with its test, by cells and ascending limit.
    pub fn all(&self) -> impl Iterator<Item = (&Policy, &Tested)> {
        self.policies.iter().zip(&self.tested)
    }

    /// The rows of the assessment.
    #[must_use]
    pub fn rows(&self) -> Vec<LimitTrial> {
        let row = |(policy, tested): (&Policy, &Tested)| LimitTrial {
            cells: policy.sizing.cells,
            cpu_limit_ratio: policy.limits.cpu_ratio,
            memory_limit_ratio: policy.limits.memory_ratio,
            hosts_mean: hosts_mean(&tested.backtest),
            violation_ratio: tested.backtest.violation_ratio,
            worst_fold_violation_ratio: tested.backtest.worst_fold_violation_ratio,
            passed: passes(tested, &self.risk),
        };
        self.all().map(row).collect()
    }
}

/// The policy at every limit, whatever its own limits are, so that asking twice finds the same.
fn ladder(policy: &Policy) -> Vec<Policy> {
    let at = |cells: CellMethod, hundredths: u32| {
        let ratio = f64::from(hundredths) / 100.0;
        let mut policy = policy.clone();
        policy.sizing.cells = cells;
        policy.limits = Limits {
            cpu_ratio: ratio,
            memory_ratio: ratio.min(policy.limits.failover_memory_ratio),
            disk_ratio: ratio,
            network_ratio: ratio,
            ..policy.limits
        };
        policy
    };
    let methods = [CellMethod::Maximum, CellMethod::P95].into_iter();
    methods.flat_map(|cells| RUNGS.map(|rung| at(cells, rung))).collect()
}

fn passes(tested: &Tested, risk: &RiskPolicy) -> bool {
    let test = &tested.backtest;
    let observed = test.host_intervals as f64;
    let within = |ratio: Option<f64>, most: f64| ratio.is_some_and(|ratio| ratio <= most);
    observed >= OBSERVED_MIN_RATIO * (observed + test.unobserved as f64)
        && tested.host_weeks >= risk.host_weeks_min
        && within(test.violation_ratio, risk.violation_ratio_max)
        && within(test.worst_fold_violation_ratio, risk.worst_fold_violation_ratio_max)
}

/// Hosts of the plans under test, the mean over the folds.
#[must_use]
pub fn hosts_mean(test: &Backtest) -> f64 {
    let hosts: usize = test.by_fold.iter().map(|fold| fold.hosts).sum();
    if test.by_fold.is_empty() { 0.0 } else { hosts as f64 / test.by_fold.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;

    /// Four servers of `busy` in the training weeks and `later` in the test week.
    fn check(busy: f64, later: f64, expected: Option<(f64, f64)>) {
        let did = move |week, _| Did::Busy(if week == 4 { later } else { busy });
        let servers = ["a", "b", "c", "d"].map(|name| server(name, 5, did)).to_vec();
        let estate = estate(5, servers);
        let trials = trials(&estate, &policy(), &[0, 1, 2, 3]).unwrap();
        let best = trials.best().map(|(p, tested)| (p.limits.cpu_ratio, hosts_mean(&tested.backtest)));
        assert_eq!(best, expected, "{busy} then {later}: {:?}", trials.rows());
    }

    #[test]
    fn the_highest_limit_that_bears_the_test_week_is_recommended() {
        // Three of 30 fit under 0.90, and three of 33 still do under 1.
        check(0.30, 0.33, Some((0.95, 2.0)));
        // Three of 34 do not: two a host, which every limit below 0.90 gives.
        check(0.30, 0.34, Some((0.85, 2.0)));
        // Nothing fits twice what was measured.
        check(0.30, 0.70, None);
    }

    #[test]
    fn few_host_weeks_recommend_nothing() {
        let check = |host_weeks_min: usize, expected: Option<f64>| {
            let servers = ["a", "b", "c", "d"].map(|name| server(name, 6, |_, _| Did::Busy(0.30))).to_vec();
            let mut policy = policy();
            policy.risk.host_weeks_min = host_weeks_min;
            let trials = trials(&estate(6, servers), &policy, &[0, 1, 2, 3]).unwrap();
            assert_eq!(
                trials.best().map(|(policy, _)| policy.limits.cpu_ratio),
                expected,
                "{host_weeks_min}"
            );
        };
        // Two hosts over two test weeks at every limit.
        check(4, Some(0.95));
        check(5, None);
    }

    #[test]
    fn a_plan_follows_the_recommendation_only_when_asked() {
        let did = |_, _| Did::Busy(0.30);
        let estate = estate(5, vec![server("a", 5, did)]);
        let mut policy = policy();
        assert_eq!(settled(&estate, &policy, &[0]).limits.cpu_ratio, 0.80);
        policy.risk.limits = PlanLimits::Recommended;
        assert_eq!(settled(&estate, &policy, &[0]).limits.cpu_ratio, 0.95);
    }
}

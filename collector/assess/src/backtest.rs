//! The walk-forward back-test: plan from four whole weeks, hold the plan against what the next week really
//! asked for. Growth and unseen month-ends are left out, since provision for them would hide the risk; limits are
//! those of the plan.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::estate::{Estate, INTERVAL_S, INTERVALS, Server, Week};
use crate::packing::{self, Axis};
use crate::policy::Policy;
use crate::ratio::over;
use crate::sizing;
use crate::training::{TRAINING_WEEKS, stretch, unprovided, whole_weeks};
use cairn_schemas::assessment::{Backtest, Fold, Resource};
use cairn_schemas::time::{DAY_S, Timestamp};
use std::collections::BTreeMap;

/// Minutes of a year of 365 days.
const YEAR_MINUTES: f64 = 525_600.0;

/// A load is above a capacity from this share on; below it is what floating point costs.
const TOLERANCE: f64 = 1e-9;

/// A back-test, and the host-weeks behind it: the independent-like units that "none seen" must be read by.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// What the assessment carries.
    pub backtest: Backtest,
    /// Hosts with at least one observed interval, summed over the folds.
    pub host_weeks: usize,
}

impl Tested {
    /// Largest share of affected host-weeks that none seen is consistent with (95 %, rule of three): intervals
    /// of one host are no independent trials. `None` when some were seen or none observed.
    #[must_use]
    pub fn affected_max_ratio(&self) -> Option<f64> {
        let none_seen = self.backtest.violation_ratio == Some(0.0) && self.host_weeks > 0;
        none_seen.then(|| (3.0 / self.host_weeks as f64).min(1.0))
    }
}

/// Tests the plan of each policy. They share what the estate is measured by: their normalisation, coverage and
/// sizing, cells aside. `None` with fewer than five whole weeks.
#[must_use]
pub fn backtest(estate: &Estate, planned: &[usize], policies: &[&Policy]) -> Option<Vec<Tested>> {
    let weeks = whole_weeks(estate.window);
    if weeks.len() <= TRAINING_WEEKS {
        return None;
    }
    let mut tallies = vec![Tally::default(); policies.len()];
    for (first, test) in weeks.iter().zip(&weeks[TRAINING_WEEKS..]) {
        test_week(estate, planned, policies, (*first, *test), &mut tallies);
    }
    Some(tallies.into_iter().map(Tally::finish).collect())
}

fn test_week(
    estate: &Estate,
    planned: &[usize],
    policies: &[&Policy],
    (first, test): (Timestamp, Timestamp),
    tallies: &mut [Tally],
) {
    let mut tested: Vec<(usize, TestedPlan)> = Vec::new();
    for (n, policy) in policies.iter().enumerate() {
        // Those that size alike stand for one sizing, which is the dear part.
        if policies[..n].iter().any(|before| sized_alike(before, policy)) {
            continue;
        }
        let candidates = unprovided(estate, policy, planned, stretch(first, TRAINING_WEEKS));
        let alike = (n..policies.len()).filter(|&other| sized_alike(policy, policies[other]));
        tested.extend(alike.map(|n| (n, TestedPlan::new(&candidates, policies[n]))));
    }
    tested.sort_by_key(|&(n, _)| n);
    for &index in planned {
        let load = load_of(&estate.servers[index], test, policies[0]);
        tested.iter_mut().for_each(|(_, plan)| plan.add(index, &load));
    }
    for (tally, (_, plan)) in tallies.iter_mut().zip(&tested) {
        tally.fold(test, plan);
    }
}

/// Whether two policies of one test give the same candidates.
fn sized_alike(a: &Policy, b: &Policy) -> bool {
    a.sizing.cells == b.sizing.cells && a.template.per_vm_memory_bytes == b.template.per_vm_memory_bytes
}

/// Load of a server in a week, interval by interval, NaN where nothing is known. A day that is covered whole
/// has no missing interval: what shows no load in it was switched off, and asks for nothing.
fn load_of(server: &Server, start: Timestamp, policy: &Policy) -> [Vec<f64>; 4] {
    let unknown = || vec![f64::NAN; INTERVALS];
    let Some(week) = server.weeks.iter().find(|week| week.start == start) else {
        return std::array::from_fn(|_| unknown());
    };
    let mut load = sizing::observed(server, week, policy).map(|cells| cells.unwrap_or_else(unknown));
    for interval in 0..INTERVALS {
        if known_off(week, interval) && load.iter().all(|cells| cells[interval].is_nan()) {
            load.iter_mut().for_each(|cells| cells[interval] = 0.0);
        }
    }
    load
}

/// Whether an interval without load can only have been switched-off time.
fn known_off(week: &Week, interval: usize) -> bool {
    let day = interval * INTERVAL_S as usize / DAY_S as usize;
    week.off_s[day] > 0 && i64::from(week.covered_s[day]) >= DAY_S
}

/// A plan with what its hosts carried in the test week.
struct TestedPlan {
    /// Host by place in the estate.
    host_of: BTreeMap<usize, usize>,
    hosts: Vec<HostWeek>,
}

/// Load of a host, one row for each of its axes. NaN is "not observed", and stays so whatever is added.
struct HostWeek {
    axes: Vec<Axis>,
    load: Vec<Vec<f64>>,
}

impl TestedPlan {
    fn new(candidates: &[Candidate], policy: &Policy) -> Self {
        let plan = packing::trial(candidates, policy);
        let mut host_of = BTreeMap::new();
        let mut hosts = Vec::new();
        let hosts_of = |cluster| (plan.kind(cluster), &cluster.hosts);
        for (kind, servers) in
            plan.clusters().map(hosts_of).flat_map(|(kind, hosts)| hosts.iter().map(move |host| (kind, host)))
        {
            host_of.extend(servers.iter().map(|&server| (candidates[server].index, hosts.len())));
            let overhead = servers.len() as f64 * policy.template.per_vm_memory_bytes;
            let base = |axis: &Axis| if axis.resource == Resource::Memory { overhead } else { 0.0 };
            let load = kind.axes.iter().map(|axis| vec![base(axis); INTERVALS]).collect();
            hosts.push(HostWeek { axes: kind.axes.clone(), load });
        }
        Self { host_of, hosts }
    }

    fn add(&mut self, server: usize, load: &[Vec<f64>; 4]) {
        let Some(&host) = self.host_of.get(&server) else { return };
        let HostWeek { axes, load: totals } = &mut self.hosts[host];
        for (total, axis) in totals.iter_mut().zip(axes) {
            let cells = &load[axis.resource as usize];
            total.iter_mut().zip(cells).for_each(|(total, cell)| *total += cell);
        }
    }
}

impl HostWeek {
    /// Observed intervals, and those above full capacity in any dimension.
    fn count(&self) -> (u64, u64) {
        let (mut observed, mut violations) = (0, 0);
        for interval in 0..INTERVALS {
            let mut shares =
                self.load.iter().zip(&self.axes).map(|(load, axis)| load[interval] / axis.capacity);
            if shares.clone().all(|share| !share.is_nan()) {
                observed += 1;
                violations += u64::from(shares.any(|share| share > 1.0 + TOLERANCE));
            }
        }
        (observed, violations)
    }
}

#[derive(Clone, Default)]
struct Tally {
    folds: Vec<Fold>,
    host_weeks: usize,
    affected: usize,
}

impl Tally {
    fn fold(&mut self, week: Timestamp, plan: &TestedPlan) {
        let mut fold =
            Fold { week, hosts: plan.hosts.len(), host_intervals: 0, unobserved: 0, violations: 0 };
        for (observed, violations) in plan.hosts.iter().map(HostWeek::count) {
            fold.host_intervals += observed;
            fold.unobserved += INTERVALS as u64 - observed;
            fold.violations += violations;
            self.host_weeks += usize::from(observed > 0);
            self.affected += usize::from(violations > 0);
        }
        self.folds.push(fold);
    }

    fn finish(self) -> Tested {
        let sum = |count: fn(&Fold) -> u64| self.folds.iter().map(count).sum::<u64>();
        let rate = |violations: u64, of: u64| (of > 0).then(|| violations as f64 / of as f64);
        let host_intervals = sum(|fold| fold.host_intervals);
        let violation_ratio = rate(sum(|fold| fold.violations), host_intervals);
        let by_fold = self.folds.iter().filter_map(|fold| rate(fold.violations, fold.host_intervals));
        let backtest = Backtest {
            folds: self.folds.len(),
            host_intervals,
            unobserved: sum(|fold| fold.unobserved),
            violation_ratio,
            worst_fold_violation_ratio: by_fold.reduce(f64::max),
            hosts_ever_affected_ratio: over(self.affected, self.host_weeks),
            minutes_per_host_year: violation_ratio.map(|ratio| ratio * YEAR_MINUTES),
            by_fold: self.folds,
        };
        Tested { backtest, host_weeks: self.host_weeks }
    }
}

#[cfg(test)]
#[path = "backtest_tests.rs"]
mod tests;

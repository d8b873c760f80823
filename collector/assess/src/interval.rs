//! The interval on hosts: how far four weeks were from what the next four weeks needed, at every origin the
//! window allows. The range of errors seen, no probability; resampled days would look better and be wrong.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::estate::Estate;
use crate::packing::{self, Axis};
use crate::policy::Policy;
use crate::training::{TRAINING_WEEKS, stretch, unprovided, whole_weeks};
use cairn_schemas::assessment::{Interval, IntervalLevel};
use std::collections::{BTreeSet, VecDeque};

/// Fewest origins whose test weeks do not overlap.
pub const ORIGINS_MIN: usize = 2;

/// Whole weeks that give [`ORIGINS_MIN`] independent origins.
pub const WEEKS_MIN: usize = TRAINING_WEEKS * (ORIGINS_MIN + 1);

/// What is corrected.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// Servers on a host of the plan, by their place in the estate.
    pub servers: &'a [usize],
    /// Dimensions the plan kept.
    pub axes: &'a [Axis],
    /// Hosts of the plan.
    pub hosts: usize,
}

/// The hosts of a plan corrected by the smallest and the largest ratio of needed to planned, rounded outward.
/// `None` with fewer than [`ORIGINS_MIN`] independent origins.
#[must_use]
pub fn interval(estate: &Estate, policy: &Policy, planned: Planned<'_>) -> Option<Interval> {
    let weeks = whole_weeks(estate.window);
    let mut ratios: Vec<(usize, f64)> = Vec::new();
    // The stretches before an origin that wait for the one after it, so that each is sized once.
    let mut waiting: VecDeque<Vec<Candidate>> = VecDeque::new();
    for (week, weeks) in weeks.windows(TRAINING_WEEKS).enumerate() {
        let after = unprovided(estate, policy, planned.servers, stretch(weeks[0], TRAINING_WEEKS));
        if waiting.len() == TRAINING_WEEKS
            && let Some(before) = waiting.pop_front()
        {
            let ratio = needed_over_planned(&before, &after, planned.axes);
            ratios.extend(ratio.map(|ratio| (week, ratio)));
        }
        waiting.push_back(after);
    }
    let origins = independent(&ratios);
    let (low, high) = range(&ratios.iter().map(|&(_, ratio)| ratio).collect::<Vec<_>>())?;
    let hosts = planned.hosts as f64;
    (origins >= ORIGINS_MIN).then(|| Interval {
        low: ((hosts * low + ROUNDING).floor() as usize).max(usize::from(planned.hosts > 0)),
        high: (hosts * high - ROUNDING).ceil() as usize,
        level: IntervalLevel::Range,
        origins,
    })
}

/// Smallest and largest error; `None` without any.
#[must_use]
pub fn range(ratios: &[f64]) -> Option<(f64, f64)> {
    let low = ratios.iter().copied().reduce(f64::min)?;
    Some((low, ratios.iter().copied().reduce(f64::max)?))
}

/// Keeps a ratio of exactly one from moving a whole host.
const ROUNDING: f64 = 1e-6;

/// Origins, taken greedily from the first, whose test weeks do not overlap.
fn independent(ratios: &[(usize, f64)]) -> usize {
    let mut free_from = 0;
    let mut count = 0;
    for &(origin, _) in ratios {
        if origin >= free_from {
            count += 1;
            free_from = origin + TRAINING_WEEKS;
        }
    }
    count
}

/// Hosts, as a fraction and without growth, of the weeks after an origin over those of the weeks before it,
/// counted over the servers that can be sized from both.
#[must_use]
pub fn needed_over_planned(before: &[Candidate], after: &[Candidate], axes: &[Axis]) -> Option<f64> {
    let known = |c: &&Candidate| axes.iter().all(|axis| c.demand.cells(axis.resource).is_some());
    let indices = |side: &[Candidate]| side.iter().filter(known).map(|c| c.index).collect::<BTreeSet<_>>();
    let both: BTreeSet<usize> = indices(before).intersection(&indices(after)).copied().collect();
    let [planned, needed] = [before, after].map(|side| {
        let counted: Vec<Candidate> = side.iter().filter(|c| both.contains(&c.index)).cloned().collect();
        packing::fractional_hosts(&counted, axes)
    });
    (planned > 0.0).then_some(needed / planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;
    use crate::training::candidates;

    /// One server, busy to 20 % in its first weeks and to `later` from week `from` on, on a plan of ten hosts.
    fn check(weeks: usize, from: usize, later: f64, expected: Option<(usize, usize, usize)>) {
        let busy = |week, _| Did::Busy(if week < from { 0.20 } else { later });
        let estate = estate(weeks, vec![server("a", weeks, busy)]);
        let policy = policy();
        let axes = packing::plan(&candidates(&estate, &policy, &[0], None, 0.0), &policy).axes;
        let interval = interval(&estate, &policy, Planned { servers: &[0], axes: &axes, hosts: 10 });
        assert_eq!(
            interval.map(|i| (i.low, i.high, i.origins)),
            expected,
            "{weeks} weeks, {later} from {from}"
        );
    }

    #[test]
    fn an_interval_needs_two_independent_origins() {
        check(11, 99, 0.0, None);
        check(12, 99, 0.0, Some((10, 10, 2)));
        check(16, 99, 0.0, Some((10, 10, 3)));
    }

    #[test]
    fn the_range_of_errors_corrects_the_plan() {
        // A rise in the last weeks: no origin looks beyond it, so 20 % became 25 %.
        check(12, 8, 0.25, Some((10, 13, 2)));
        // A fall: what was needed was less than planned.
        check(12, 8, 0.10, Some((5, 10, 2)));
    }
}

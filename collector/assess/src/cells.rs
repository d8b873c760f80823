//! Cells: measured demand by hour of the week and month-end hour, before growth and before what is not known is
//! filled in. The largest five-minute mean of a cell, or its 95th percentile.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::WEEK_CELLS;
use crate::estate::{Server, Week};
use crate::normalize;
use crate::policy::{Policy, UnseenMonthEnd};
use cairn_schemas::assessment::Resource;
use cairn_schemas::time::{DAY_S, Timestamp, WEEK_S, Window};
use serde::{Deserialize, Serialize};

mod by_code;
mod by_value;

/// What was measured of a server over a stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Demand by resource and cell, in the unit of the resource; `None` where nothing was measured. A cell
    /// without data holds the server's own maximum, a month-end one what the policy says.
    pub cells: [Option<Vec<f64>>; 4],
    /// Valid slot seconds over the seconds of the stretch.
    pub coverage_ratio: f64,
    /// Whether load was seen in a month-end hour.
    pub month_end_seen: bool,
}

/// Measures the weeks of a server that lie in a window.
#[must_use]
pub fn measured(server: &Server, weeks: &[Week], window: Window, policy: &Policy) -> Measured {
    let timeline = normalize::timeline(server, &policy.normalisation);
    let next_month_end = next_month_end(window.to);
    let mut month_end_seen = false;
    let cells = Resource::ALL.map(|resource| {
        let raw = match (&policy.sizing.matched, one_scale(resource, weeks, &timeline)) {
            (Some(method), _) => by_value::flat(resource, weeks, &timeline, method),
            (None, Some(scale)) => by_code::raw(policy.sizing.cells, resource, weeks, scale),
            (None, None) => by_value::raw(policy.sizing.cells, resource, weeks, &timeline),
        };
        month_end_seen |= raw.cells[WEEK_CELLS..].iter().any(|cell| !cell.is_nan());
        raw.filled(policy.sizing.unseen_month_end, next_month_end)
    });
    Measured { cells, coverage_ratio: coverage_ratio(weeks, window), month_end_seen }
}

/// Valid slot seconds of the weeks over the seconds of the window.
#[must_use]
pub fn coverage_ratio(weeks: &[Week], window: Window) -> f64 {
    let covered: i64 = weeks.iter().flat_map(|week| week.covered_s).map(i64::from).sum();
    if window.seconds() == 0 { 0.0 } else { covered as f64 / window.seconds() as f64 }
}

/// First moment of the first month-end day from a moment on.
fn next_month_end(from: Timestamp) -> Timestamp {
    let mut day = from.start_of_day();
    while !day.is_month_end() {
        day.0 += DAY_S;
    }
    day
}

/// Capacity of the CPU over time.
pub(crate) type Timeline = [(Timestamp, Option<f64>)];

/// What a decoded code is multiplied with all through the weeks; `None` where the capacity of the CPU changes in
/// them or is not known.
pub(crate) fn one_scale(resource: Resource, weeks: &[Week], timeline: &Timeline) -> Option<f64> {
    if resource != Resource::Cpu {
        return Some(1.0);
    }
    let (first, last) = (weeks.first()?.start, Timestamp(weeks.last()?.start.0 + WEEK_S - 1));
    let changes = timeline.iter().any(|&(from, _)| first < from && from <= last);
    if changes { None } else { normalize::step_at(timeline, first) }
}

/// Cells, NaN where nothing was seen, and the largest value of all.
struct Raw {
    cells: Vec<f64>,
    peak: f64,
}

impl Raw {
    fn filled(self, unseen: UnseenMonthEnd, next_month_end: Timestamp) -> Option<Vec<f64>> {
        let Self { mut cells, peak } = self;
        let fill = |cells: &mut [f64]| {
            cells.iter_mut().filter(|cell| cell.is_nan()).for_each(|cell| *cell = peak);
        };
        fill(&mut cells[..WEEK_CELLS]);
        if unseen == UnseenMonthEnd::OrdinaryWeek {
            let (week, month_end) = cells.split_at_mut(WEEK_CELLS);
            let ordinary = &week[next_month_end.hour_of_week()..][..24];
            let unseen = month_end.iter_mut().zip(ordinary).filter(|(cell, _)| cell.is_nan());
            unseen.for_each(|(cell, ordinary)| *cell = *ordinary);
        }
        fill(&mut cells);
        // `f64::max` ignores NaN, so `peak` is NaN only when nothing was measured.
        (!peak.is_nan()).then_some(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::coding;
    use crate::testing::{ordinary, week, window};
    use cairn_schemas::assessment::{CellMethod, MatchedMethod};
    use proptest::prelude::*;

    #[test]
    fn a_single_five_minute_burst_is_the_maximum_and_not_the_percentile() {
        let mut server = ordinary("a", 4, 0.1, 8e9);
        let code = coding(Resource::Cpu).encode(Some(0.9));
        if let Some(load) = &mut server.weeks[0].loads[0] {
            load.five_minute[0] = code;
        }
        let mut policy = Policy::default();
        let first = |policy: &Policy| {
            measured(&server, &server.weeks, window(4), policy).cells[0].as_ref().unwrap()[0]
        };
        assert!((first(&policy) - 22_500.0).abs() < 1e-6);
        policy.sizing.cells = CellMethod::P95;
        assert!((first(&policy) - 2_500.0).abs() < 1e-6);
    }

    #[test]
    fn a_month_end_never_seen_is_planned_as_the_policy_says() {
        let busy_at = |hour: usize| move |_, h: usize| if h == hour { 0.8 } else { 0.1 };
        let mut server = ordinary("a", 0, 0.0, 0.0);
        // Two weeks from the 2nd; the month ends on a Monday, and on Mondays at nine it is busy.
        server.weeks = (0..2).map(|n| week(n, busy_at(9))).collect();
        let mut policy = Policy::default();
        let at = |policy: &Policy, hour: usize| {
            measured(&server, &server.weeks, window(2), policy).cells[0].as_ref().unwrap()[WEEK_CELLS + hour]
        };
        assert!((at(&policy, 9) - 20_000.0).abs() < 1e-6 && (at(&policy, 10) - 20_000.0).abs() < 1e-6);
        policy.sizing.unseen_month_end = UnseenMonthEnd::OrdinaryWeek;
        assert!((at(&policy, 9) - 20_000.0).abs() < 1e-6 && (at(&policy, 10) - 2_500.0).abs() < 1e-6);
    }

    #[test]
    fn a_matched_method_is_one_percentile_with_comfort_in_every_cell() {
        let mut server = ordinary("a", 0, 0.0, 0.0);
        // One hour a week in 168 is busy: not among the quieter 95 %.
        server.weeks = (0..4).map(|n| week(n, |_, hour| if hour == 9 { 0.8 } else { 0.1 })).collect();
        let mut policy = Policy::default();
        let matched = |percentile| MatchedMethod { name: "other".into(), percentile, comfort_factor: 1.2 };
        let mut check = |percentile: f64, expected: f64| {
            policy.sizing.matched = Some(matched(percentile));
            let cells = measured(&server, &server.weeks, window(4), &policy).cells[0].clone().unwrap();
            assert!(
                cells.iter().all(|cell| (cell - expected).abs() < 1e-6),
                "{} is not {expected}",
                cells[0]
            );
        };
        check(0.95, 0.1 * 25_000.0 * 1.2);
        check(1.00, 0.8 * 25_000.0 * 1.2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn no_percentile_is_above_the_maximum(values in proptest::collection::vec(0.0..1.0_f64, 168), weeks in 1..6_i64) {
            let mut server = ordinary("a", 0, 0.0, 0.0);
            server.weeks = (0..weeks).map(|n| week(n, |resource, hour| {
                values[(hour + n as usize * 31) % 168] * if resource == Resource::Memory { 1e10 } else { 1.0 }
            })).collect();
            let mut policy = Policy::default();
            let maximum = measured(&server, &server.weeks, window(weeks), &policy);
            policy.sizing.cells = CellMethod::P95;
            let p95 = measured(&server, &server.weeks, window(weeks), &policy);
            for (high, low) in maximum.cells.iter().flatten().flatten().zip(p95.cells.iter().flatten().flatten()) {
                prop_assert!(low <= high);
            }
        }
    }
}

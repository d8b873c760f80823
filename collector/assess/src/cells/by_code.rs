//! Cells by code, where a code stands for the same amount all through the weeks: codes are ordered as what they stand
//! for, so they are compared as they are, and only those that are kept are decoded.
// SPDX-License-Identifier: Apache-2.0

use super::Raw;
use crate::demand::{CELLS, WEEK_CELLS};
use crate::estate::{Week, coding};
use cairn_schemas::assessment::{CellMethod, Resource};
use cairn_schemas::time::{DAY_S, Timestamp};
use cairn_schemas::value_code::{Code, MISSING};

/// Five-minute intervals of an hour.
const HOUR: usize = 12;

/// The cells of a resource, and its largest value; a decoded code times `scale` is its amount.
pub(super) fn raw(method: CellMethod, resource: Resource, weeks: &[Week], scale: f64) -> Raw {
    let amount = |code: Code| coding(resource).decode(code).map_or(f64::NAN, |value| value * scale);
    let tops = tops(resource, weeks);
    let peak = tops.iter().copied().max().map_or(f64::NAN, |top| amount(top.wrapping_sub(1)));
    let cells = match method {
        CellMethod::Maximum => tops.into_iter().map(|top| amount(top.wrapping_sub(1))).collect(),
        CellMethod::P95 => {
            let mut samples = samples(resource, weeks);
            samples.iter_mut().map(|codes| percentile_95(codes, amount)).collect()
        }
    };
    Raw { cells, peak }
}

/// Every measured hour of a resource: its cells and its twelve codes. Weeks begin on Monday at midnight.
fn hours(resource: Resource, weeks: &[Week]) -> impl Iterator<Item = (usize, Option<usize>, &[Code])> {
    let loads =
        weeks.iter().filter_map(move |week| Some((week.start, week.loads[resource as usize].as_ref()?)));
    let days = loads.flat_map(|(start, load)| {
        let days = load.five_minute.chunks(24 * HOUR).enumerate();
        days.map(move |(day, codes)| (day, Timestamp(start.0 + day as i64 * DAY_S).is_month_end(), codes))
    });
    days.flat_map(|(day, month_end, codes)| {
        let hours = codes.chunks(HOUR).enumerate();
        hours.map(move |(hour, codes)| (day * 24 + hour, month_end.then_some(WEEK_CELLS + hour), codes))
    })
}

/// The largest code of each cell and one more, so that zero is a cell of which nothing is known.
fn tops(resource: Resource, weeks: &[Week]) -> Vec<Code> {
    let mut tops = vec![0; CELLS];
    for (cell, month_end, codes) in hours(resource, weeks) {
        // MISSING is the largest code: one more is zero.
        let top = codes.iter().fold(0, |top: Code, code| top.max(code.wrapping_add(1)));
        for cell in std::iter::once(cell).chain(month_end) {
            tops[cell] = tops[cell].max(top);
        }
    }
    tops
}

/// The known codes of each cell.
fn samples(resource: Resource, weeks: &[Week]) -> Vec<Vec<Code>> {
    let ordinary = || Vec::with_capacity(HOUR * weeks.len());
    let mut samples: Vec<Vec<Code>> =
        (0..CELLS).map(|cell| if cell < WEEK_CELLS { ordinary() } else { Vec::new() }).collect();
    for (cell, month_end, codes) in hours(resource, weeks) {
        for cell in std::iter::once(cell).chain(month_end) {
            samples[cell].extend(codes.iter().filter(|code| **code != MISSING));
        }
    }
    samples
}

/// The 95th percentile by linear interpolation between the nearest ranks; NaN of nothing.
fn percentile_95(codes: &mut [Code], amount: impl Fn(Code) -> f64) -> f64 {
    let Some(last) = codes.len().checked_sub(1) else { return f64::NAN };
    let rank = 0.95 * last as f64;
    let (_, low, above) = codes.select_nth_unstable(rank.floor() as usize);
    let next = above.iter().copied().min().unwrap_or(*low);
    let (low, next) = (amount(*low), amount(next));
    low + rank.fract() * (next - low)
}

#[cfg(test)]
mod tests {
    use super::super::by_value;
    use super::*;
    use crate::estate::{INTERVALS, Load};
    use cairn_schemas::time::WEEK_S;
    use proptest::prelude::*;

    /// 2026-11-02, a Monday; the month ends on the fifth.
    const MONDAY: i64 = 1_793_577_600;

    /// Weeks of a resource out of a few codes, every `missing`th of which is not known.
    fn weeks(count: i64, codes: &[Code], missing: usize) -> Vec<Week> {
        let code = |week: i64, i: usize| match i % missing {
            0 => MISSING,
            _ => codes[(i * 7 + week as usize * 13) % codes.len()],
        };
        let week = |n: i64| {
            let five_minute = (0..INTERVALS).map(|i| code(n, i)).collect();
            let load = Some(Load { five_minute, ..Load::default() });
            Week {
                start: Timestamp(MONDAY + n * WEEK_S),
                loads: std::array::from_fn(|_| load.clone()),
                ..Week::default()
            }
        };
        (0..count).map(week).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn cells_by_code_are_those_by_value_to_the_last_bit(
            codes in proptest::collection::vec(any::<Code>(), 1..40),
            count in 0..7_i64,
            missing in 1..9_usize,
            capacity in 1.0..100_000.0_f64,
        ) {
            let weeks = weeks(count, &codes, missing);
            let timeline = [(Timestamp(i64::MIN), Some(capacity))];
            for (resource, scale) in [(Resource::Cpu, capacity), (Resource::Memory, 1.0), (Resource::Disk, 1.0)] {
                for method in [CellMethod::Maximum, CellMethod::P95] {
                    let (have, want) = (raw(method, resource, &weeks, scale), by_value::raw(method, resource, &weeks, &timeline));
                    let bits = |raw: &Raw| raw.cells.iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
                    prop_assert_eq!(bits(&have), bits(&want));
                    prop_assert_eq!(have.peak.to_bits(), want.peak.to_bits());
                }
            }
        }
    }
}

//! Cells by value: every five-minute mean in the unit of the resource, whatever capacity it is a share of. The plain
//! way; [`super::by_code`] gives the same sooner where the capacity stays what it is.
// SPDX-License-Identifier: Apache-2.0

use super::{Raw, Timeline};
use crate::demand::{CELLS, WEEK_CELLS, cells_of};
use crate::estate::{INTERVAL_S, Week, coding};
use crate::normalize;
use cairn_schemas::assessment::{CellMethod, MatchedMethod, Resource};
use cairn_schemas::time::Timestamp;
use cairn_schemas::value_code::Code;

/// The cells of a resource, and its largest value.
pub(super) fn raw(method: CellMethod, resource: Resource, weeks: &[Week], timeline: &Timeline) -> Raw {
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); CELLS];
    let mut peak = f64::NAN;
    for (start, codes) in hours(resource, weeks) {
        let (cell, month_end) = cells_of(start);
        for value in demands(resource, codes, start, timeline) {
            samples[cell].push(value);
            if let Some(cell) = month_end {
                samples[cell].push(value);
            }
            peak = peak.max(value);
        }
    }
    let cell = |samples: &mut Vec<f64>| match method {
        CellMethod::Maximum => samples.iter().copied().fold(f64::NAN, f64::max),
        CellMethod::P95 => percentile(samples, 0.95),
    };
    Raw { cells: samples.iter_mut().map(cell).collect(), peak }
}

/// One percentile over all five-minute means, with comfort, in every cell: a method that looks at no hour.
pub(super) fn flat(resource: Resource, weeks: &[Week], timeline: &Timeline, method: &MatchedMethod) -> Raw {
    let mut samples: Vec<f64> = Vec::new();
    let mut month_end_seen = false;
    for (start, codes) in hours(resource, weeks) {
        samples.extend(demands(resource, codes, start, timeline));
        month_end_seen |= cells_of(start).1.is_some();
    }
    let peak = percentile(&mut samples, method.percentile) * method.comfort_factor;
    let mut cells = vec![peak; CELLS];
    if !month_end_seen {
        cells[WEEK_CELLS..].fill(f64::NAN);
    }
    Raw { cells, peak }
}

/// Every measured hour of a resource: its first moment and its twelve five-minute means.
fn hours(resource: Resource, weeks: &[Week]) -> impl Iterator<Item = (Timestamp, &[Code])> {
    weeks.iter().filter_map(move |week| Some((week.start, week.loads[resource as usize].as_ref()?))).flat_map(
        |(start, load)| {
            let hours = load.five_minute.chunks(12).zip(0..);
            hours.map(move |(codes, hour)| (Timestamp(start.0 + hour * 12 * INTERVAL_S), codes))
        },
    )
}

/// The known five-minute means of an hour in the unit of the resource.
fn demands<'a>(
    resource: Resource,
    codes: &'a [Code],
    start: Timestamp,
    timeline: &'a Timeline,
) -> impl Iterator<Item = f64> + 'a {
    codes.iter().zip(0..).filter_map(move |(code, i)| {
        let value = coding(resource).decode(*code)?;
        match resource {
            Resource::Cpu => Some(value * normalize::step_at(timeline, Timestamp(start.0 + i * INTERVAL_S))?),
            _ => Some(value),
        }
    })
}

/// A percentile, 0 to 1, by linear interpolation between the nearest ranks; NaN of nothing.
fn percentile(samples: &mut [f64], q: f64) -> f64 {
    let Some(last) = samples.len().checked_sub(1) else { return f64::NAN };
    let rank = q * last as f64;
    let (_, low, above) = samples.select_nth_unstable_by(rank.floor() as usize, f64::total_cmp);
    let next = above.iter().copied().reduce(f64::min).unwrap_or(*low);
    *low + rank.fract() * (next - *low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_is_that_of_numpy() {
        // numpy.percentile(range(1, 49), 95) = 45.65
        let mut samples: Vec<f64> = (1..49).rev().map(f64::from).collect();
        assert!((percentile(&mut samples, 0.95) - 45.65).abs() < 1e-9);
        assert_eq!(percentile(&mut [7.0], 0.95), 7.0);
        assert!(percentile(&mut [], 0.95).is_nan());
    }
}

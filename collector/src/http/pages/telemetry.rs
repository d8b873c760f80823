//! What was measured of a server or by an agent, hour by hour, out of the store.
// SPDX-License-Identifier: Apache-2.0

use super::internal;
use crate::chart::SeriesPoint;
use crate::http::problem::Refused;
use crate::store::{Source, Store};
use cairn_schemas::metric::Metric;
use cairn_schemas::slot::{SeriesKey, SlotTable};
use cairn_schemas::time::{HOUR_S, Window};

/// One hour under way: sum of value times seconds, seconds, largest.
type Hour = (f64, f64, Option<f64>);

/// Slots of some sources in a window, days after one another.
pub(super) fn tables(
    store: &dyn Store,
    sources: &[Source],
    window: Window,
) -> Result<Vec<SlotTable>, Refused> {
    let mut all = Vec::new();
    for source in sources {
        all.extend(store.day_tables(source.id, window).map_err(internal)?);
    }
    Ok(all)
}

/// A metric by whole hours of a window.
pub(super) fn hourly(tables: &[SlotTable], metric: &Metric, window: Window) -> Vec<SeriesPoint> {
    let hours = usize::try_from(window.seconds() / HOUR_S).unwrap_or(0);
    let mut sums: Vec<Hour> = vec![(0.0, 0.0, None); hours];
    let coding = metric.unit.coding();
    for table in tables {
        let Some(column) = table.column(&SeriesKey::total(metric)) else { continue };
        for (at, slot) in table.slots.iter().enumerate() {
            let hour = usize::try_from((slot.start.0 - window.from.0).div_euclid(HOUR_S)).ok();
            let Some(sum) = hour.and_then(|hour| sums.get_mut(hour)) else { continue };
            let Some(mean) = coding.decode(column.mean[at]) else { continue };
            let largest = column.max.as_ref().and_then(|max| coding.decode(max[at])).unwrap_or(mean);
            sum.0 += mean * f64::from(slot.width_s);
            sum.1 += f64::from(slot.width_s);
            sum.2 = Some(sum.2.map_or(largest, |before: f64| before.max(largest)));
        }
    }
    let point = |(sum, seconds, max): Hour| SeriesPoint { mean: (seconds > 0.0).then(|| sum / seconds), max };
    sums.into_iter().map(point).collect()
}

/// The mean of all hours that were measured.
pub(super) fn mean(points: &[SeriesPoint]) -> Option<f64> {
    let known: Vec<f64> = points.iter().filter_map(|point| point.mean).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::metric::CPU_BUSY;
    use cairn_schemas::slot::{Column, Power, Slot};
    use cairn_schemas::time::Timestamp;

    #[test]
    fn an_hour_is_the_mean_of_its_slots_and_the_largest_of_their_peaks() {
        let slot = |start, width_s| Slot { start: Timestamp(start), width_s, samples: 1, power: Power::On };
        let column = Column {
            key: SeriesKey::total(&CPU_BUSY),
            mean: vec![1_000, 4_000, 500],
            max: Some(vec![2_000, 9_000, 600]),
        };
        let table =
            SlotTable { slots: vec![slot(0, 600), slot(600, 1_200), slot(7_200, 60)], columns: vec![column] };
        let window = Window { from: Timestamp(0), to: Timestamp(10_800) };
        let points = hourly(&[table], &CPU_BUSY, window);
        let expected = [
            SeriesPoint { mean: Some(0.3), max: Some(0.9) },
            SeriesPoint::default(),
            SeriesPoint { mean: Some(0.05), max: Some(0.06) },
        ];
        assert_eq!(points.len(), 3);
        for (found, expected) in points.iter().zip(expected) {
            let near = |a: Option<f64>, b: Option<f64>| {
                a.is_some() == b.is_some() && (a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() < 1e-9
            };
            assert!(near(found.mean, expected.mean) && near(found.max, expected.max), "{found:?}");
        }
        assert!((mean(&points).unwrap() - 0.175).abs() < 1e-9);
    }
}

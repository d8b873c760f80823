//! The rows of one server until they go to the store: compact, in the order of the file; then sorted,
//! deduplicated and given a width where the file has none.
// SPDX-License-Identifier: Apache-2.0

use super::samples::{Row, says_nothing};
use cairn_schemas::metric::Metric;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{DAY_S, Timestamp};
use cairn_schemas::value_code::{Code, MISSING};

/// Width of slots where the file says none and a server has a single one.
pub(super) const FALLBACK_WIDTH_S: u32 = 300;

/// Rows of one server.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    heads: Vec<Head>,
    /// One code a metric and row, row by row.
    pub(super) codes: Vec<Code>,
    last_start: Option<Timestamp>,
    /// Rows older than the one before them.
    pub(super) backwards: u64,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    start: Timestamp,
    /// 0: to be inferred.
    width_s: u32,
    line: u32,
    power: Power,
}

/// A buffer turned into slots.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sorted {
    pub(super) table: SlotTable,
    /// Rows that say again what a row before them said.
    pub(super) repeated: u64,
    /// Rows that contradict the row before them at the same time: their line, that of the one kept, the time.
    pub(super) conflicts: Vec<(u64, u64, Timestamp)>,
    /// Width given to rows without one, if there were any.
    pub(super) inferred_width_s: Option<u32>,
}

impl Buffer {
    /// Takes a row whose codes are at the end of `codes` already.
    pub(super) fn push(&mut self, row: &Row<'_>, line: u64) {
        self.backwards += u64::from(self.last_start.is_some_and(|last| row.start < last));
        self.last_start = Some(row.start);
        self.heads.push(Head {
            start: row.start,
            width_s: row.width_s.unwrap_or(0),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            power: row.power,
        });
    }

    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Empties the buffer into slots. The first of several rows of one time stays.
    pub(super) fn take_sorted(&mut self, metrics: &[&Metric]) -> Sorted {
        let heads = std::mem::take(&mut self.heads);
        let codes = std::mem::take(&mut self.codes);
        let mut order: Vec<u32> = (0..heads.len() as u32).collect();
        order.sort_by_key(|i| heads[*i as usize].start);
        let row = |i: u32| &codes[i as usize * metrics.len()..(i as usize + 1) * metrics.len()];

        let mut sorted = Sorted::default();
        let mut kept: Vec<u32> = Vec::with_capacity(order.len());
        for i in order {
            let head = heads[i as usize];
            let Some(first) = kept.last().copied().filter(|k| heads[*k as usize].start == head.start) else {
                kept.push(i);
                continue;
            };
            let before = heads[first as usize];
            if (before.width_s, before.power) == (head.width_s, head.power) && row(first) == row(i) {
                sorted.repeated += 1;
            } else {
                sorted.conflicts.push((u64::from(head.line), u64::from(before.line), head.start));
            }
        }
        sorted.conflicts.sort_unstable();

        if kept.iter().any(|i| heads[*i as usize].width_s == 0) {
            sorted.inferred_width_s = Some(usual_step(kept.iter().map(|i| heads[*i as usize].start)));
        }
        let slot = |i: &u32| {
            let Head { start, width_s, power, .. } = heads[*i as usize];
            let width_s =
                if width_s == 0 { sorted.inferred_width_s.unwrap_or(FALLBACK_WIDTH_S) } else { width_s };
            let samples = if says_nothing(power, row(*i)) { 0 } else { width_s };
            Slot { start, width_s, samples, power }
        };
        sorted.table.slots = kept.iter().map(slot).collect();
        sorted.table.columns = columns(metrics, &kept, row);
        sorted
    }
}

/// One column a metric; those without any value are left out.
fn columns<'a>(metrics: &[&Metric], kept: &[u32], row: impl Fn(u32) -> &'a [Code]) -> Vec<Column> {
    let column = |(at, metric): (usize, &&Metric)| Column {
        key: SeriesKey::total(metric),
        mean: kept.iter().map(|i| row(*i)[at]).collect(),
        max: None,
    };
    let all = metrics.iter().enumerate().map(column);
    all.filter(|column| column.mean.iter().any(|code| *code != MISSING)).collect()
}

/// The median step between ascending moments, at most a day.
fn usual_step(starts: impl Iterator<Item = Timestamp>) -> u32 {
    let starts: Vec<Timestamp> = starts.collect();
    let mut steps: Vec<i64> = starts.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    steps.sort_unstable();
    let median = steps.get(steps.len() / 2).map(|step| (*step).clamp(1, DAY_S));
    median.and_then(|step| u32::try_from(step).ok()).unwrap_or(FALLBACK_WIDTH_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::metric::CPU_BUSY;

    /// Rows of (start, code), a width of 0 being none.
    fn sorted(width_s: u32, rows: &[(i64, Code)]) -> (Sorted, u64) {
        let mut buffer = Buffer::default();
        for (line, (start, code)) in (2..).zip(rows) {
            buffer.codes.push(*code);
            let width_s = (width_s > 0).then_some(width_s);
            let row = Row { server: "web", start: Timestamp(*start), width_s, power: Power::On };
            buffer.push(&row, line);
        }
        (buffer.take_sorted(&[&CPU_BUSY]), buffer.backwards)
    }

    #[test]
    fn rows_are_sorted_and_the_first_of_a_time_stays() {
        let (sorted, backwards) =
            sorted(60, &[(120, 7), (0, 1), (120, 7), (60, 2), (120, 8), (180, MISSING)]);
        let starts: Vec<i64> = sorted.table.slots.iter().map(|slot| slot.start.0).collect();
        assert_eq!(starts, [0, 60, 120, 180]);
        assert_eq!(sorted.table.columns[0].mean, [1, 2, 7, MISSING]);
        assert_eq!((sorted.repeated, sorted.conflicts.as_slice()), (1, &[(6, 2, Timestamp(120))][..]));
        assert_eq!(backwards, 2);
        let samples: Vec<u32> = sorted.table.slots.iter().map(|slot| slot.samples).collect();
        assert_eq!(samples, [60, 60, 60, 0], "a running server without a value is missing, not idle");
        assert_eq!(sorted.table.check(), Ok(()));
        assert_eq!(sorted.inferred_width_s, None);
    }

    #[test]
    fn a_width_is_the_median_step() {
        let check = |rows: &[(i64, Code)], expected| {
            assert_eq!(sorted(0, rows).0.inferred_width_s, Some(expected), "{rows:?}");
        };
        check(&[(0, 1), (300, 1), (600, 1), (9_000, 1)], 300);
        check(&[(0, 1)], FALLBACK_WIDTH_S);
        check(&[(0, 1), (10_000_000, 1)], 86_400);
    }
}

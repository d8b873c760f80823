//! From slots to weekly summaries: the five-minute means that cells and back-test rest on, and the counts
//! that give exact percentiles.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{INTERVAL_S, INTERVALS, Load, Week, coding};
use cairn_schemas::assessment::Resource;
use cairn_schemas::metric::{
    CPU_BUSY, DISK_READ, DISK_WRITE, MEMORY_USED, Metric, NET_RECEIVE, NET_TRANSMIT, SWAP_USED,
};
use cairn_schemas::slot::{Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{DAY_S, Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::{Code, MISSING};
use std::collections::BTreeMap;

mod storage;

/// Summarises the slots that start in the week from `week_start` (Monday 00:00 UTC) and in `window`. Tables
/// are ascending and do not overlap. `None` when no valid slot is among them.
#[must_use]
pub fn summarise(week_start: Timestamp, tables: &[&SlotTable], window: Window) -> Option<Week> {
    let inside =
        Window { from: week_start.max(window.from), to: Timestamp(week_start.0 + WEEK_S).min(window.to) };
    let mut week = Week { start: week_start, ..Week::default() };
    let mut builders: [LoadBuilder; 4] = std::array::from_fn(|_| LoadBuilder::default());
    let mut storage_builder = storage::Builder::default();
    for table in tables {
        let readers = Resource::ALL.map(|resource| Reader::new(table, resource));
        let storage_reader = storage::Columns::new(table);
        for (i, slot) in table.slots.iter().enumerate() {
            if !inside.contains(slot.start) || !slot.is_valid() {
                continue;
            }
            let next = table.slots.get(i + 1).map_or(Timestamp(i64::MAX), |next| next.start);
            cover(&mut week, slot, slot.end().min(next).min(window.to));
            if slot.power == Power::On {
                storage_builder.add(week_start, slot, &storage_reader, i);
                for (builder, reader) in builders.iter_mut().zip(&readers) {
                    builder.add(week_start, slot, reader, i);
                }
            }
        }
    }
    week.span?;
    let mut builders = builders.into_iter();
    week.loads = Resource::ALL.map(|resource| builders.next().and_then(|builder| builder.finish(resource)));
    week.storage = storage_builder.finish();
    Some(week)
}

/// One summary of the same week out of two that share no day. Intervals that both know, where a long slot reaches
/// past midnight, keep the larger value, as when they are summarised together.
#[must_use]
pub fn merge(a: Option<Week>, b: Option<Week>) -> Option<Week> {
    let (mut week, other) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (a, b) => return a.or(b),
    };
    for day in 0..7 {
        week.covered_s[day] += other.covered_s[day];
        week.off_s[day] += other.off_s[day];
    }
    week.span = match (week.span, other.span) {
        (Some(a), Some(b)) => Some(Window { from: a.from.min(b.from), to: a.to.max(b.to) }),
        (a, b) => a.or(b),
    };
    week.storage = storage::merge(week.storage.take(), other.storage);
    for (load, other) in week.loads.iter_mut().zip(other.loads) {
        *load = match (load.take(), other) {
            (Some(a), Some(b)) => Some(merge_loads(a, &b)),
            (a, b) => a.or(b),
        };
    }
    Some(week)
}

fn merge_loads(mut load: Load, other: &Load) -> Load {
    for (mine, theirs) in load.five_minute.iter_mut().zip(&other.five_minute) {
        *mine = match (*mine, *theirs) {
            (MISSING, code) | (code, MISSING) => code,
            (a, b) => a.max(b),
        };
    }
    let mut counts = Vec::with_capacity(load.counts.len() + other.counts.len());
    let (mut a, mut b) = (load.counts.iter().copied().peekable(), other.counts.iter().copied().peekable());
    while let (Some((left, n)), Some((right, m))) = (a.peek().copied(), b.peek().copied()) {
        counts.push(match left.cmp(&right) {
            std::cmp::Ordering::Equal => (left, n + m),
            std::cmp::Ordering::Less => (left, n),
            std::cmp::Ordering::Greater => (right, m),
        });
        a.next_if(|_| left <= right);
        b.next_if(|_| right <= left);
    }
    counts.extend(a);
    counts.extend(b);
    load.counts = counts;
    load.max_1s = load.max_1s.max(other.max_1s);
    load
}

/// Counts the seconds of a slot up to `end`, where the next one starts or the window ends.
fn cover(week: &mut Week, slot: &Slot, end: Timestamp) {
    let seconds = u32::try_from(end.0 - slot.start.0).unwrap_or(0);
    let day = usize::try_from((slot.start.0 - week.start.0) / DAY_S).unwrap_or(0).min(6);
    week.covered_s[day] += seconds;
    if slot.power == Power::Off {
        week.off_s[day] += seconds;
    }
    let span = week.span.get_or_insert(Window { from: slot.start, to: end });
    span.from = span.from.min(slot.start);
    span.to = span.to.max(end);
}

/// Reads one resource out of a table: a base column and a second one that is added or competes.
struct Reader<'a> {
    resource: Resource,
    first: Option<(&'static Metric, &'a [Code])>,
    second: Option<(&'static Metric, &'a [Code])>,
    max_1s: Option<&'a [Code]>,
}

impl<'a> Reader<'a> {
    fn new(table: &'a SlotTable, resource: Resource) -> Self {
        let column = |metric: &'static Metric| {
            let column = table.column(&SeriesKey::total(metric))?;
            Some((metric, column))
        };
        let single = matches!(resource, Resource::Cpu | Resource::Memory);
        let (first, second) = match resource {
            Resource::Cpu => (column(&CPU_BUSY), None),
            Resource::Memory => (column(&MEMORY_USED), column(&SWAP_USED)),
            Resource::Disk => (column(&DISK_READ), column(&DISK_WRITE)),
            Resource::Network => (column(&NET_RECEIVE), column(&NET_TRANSMIT)),
        };
        Self {
            resource,
            first: first.map(|(metric, column)| (metric, column.mean.as_slice())),
            second: second.map(|(metric, column)| (metric, column.mean.as_slice())),
            // Maxima of two series need not coincide: neither one of them nor their sum is the resource's.
            max_1s: first.filter(|_| single).and_then(|(_, column)| column.max.as_deref()),
        }
    }

    /// Demand in the slot, and what its percentiles are of.
    fn read(&self, slot: usize) -> Option<(f64, f64)> {
        let value = |column: Option<(&Metric, &[Code])>| {
            column.and_then(|(metric, codes)| metric.unit.coding().decode(*codes.get(slot)?))
        };
        let (first, second) = (value(self.first), value(self.second));
        match self.resource {
            Resource::Cpu => first.map(|busy| (busy, busy)),
            Resource::Memory => first.map(|used| (used + second.unwrap_or(0.0), used)),
            // One direction alone understates: without both there is no total.
            Resource::Disk => first.zip(second).map(|(read, write)| (read + write, read + write)),
            Resource::Network => first.zip(second).map(|(rx, tx)| (rx.max(tx), rx.max(tx))),
        }
    }
}

/// Gathers one resource of one week.
#[derive(Default)]
struct LoadBuilder {
    /// Narrow slots: weighted sum and seconds by interval.
    narrow: BTreeMap<usize, (f64, f64)>,
    /// Slots of five minutes and more: the larger one by interval.
    wide: BTreeMap<usize, f64>,
    counts: BTreeMap<Code, u32>,
    max_1s: Option<Code>,
}

impl LoadBuilder {
    fn add(&mut self, week_start: Timestamp, slot: &Slot, reader: &Reader<'_>, i: usize) {
        let max = reader.max_1s.and_then(|codes| codes.get(i)).filter(|code| **code != MISSING);
        self.max_1s = self.max_1s.max(max.copied());
        let Some((demand, of_percentiles)) = reader.read(i) else { return };
        *self.counts.entry(coding(reader.resource).encode(Some(of_percentiles))).or_default() += 1;
        let offset = slot.start.0 - week_start.0;
        let width = i64::from(slot.width_s);
        let own = offset / INTERVAL_S;
        if width < INTERVAL_S {
            let (sum, seconds) = self.narrow.entry(index(own)).or_default();
            *sum += demand * width as f64;
            *seconds += width as f64;
            return;
        }
        // The interval it starts in, and those it covers at least half of.
        let last = (offset + width - INTERVAL_S / 2) / INTERVAL_S;
        for interval in own..=last.min(INTERVALS as i64 - 1) {
            let value = self.wide.entry(index(interval)).or_insert(demand);
            *value = value.max(demand);
        }
    }

    fn finish(self, resource: Resource) -> Option<Load> {
        if self.counts.is_empty() {
            return None;
        }
        let mut five_minute = vec![MISSING; INTERVALS];
        let means = self.narrow.into_iter().map(|(i, (sum, seconds))| (i, sum / seconds));
        for (i, value) in means.chain(self.wide) {
            let code = coding(resource).encode(Some(value));
            let known = five_minute[i] != MISSING;
            five_minute[i] = if known { five_minute[i].max(code) } else { code };
        }
        Some(Load { five_minute, counts: self.counts.into_iter().collect(), max_1s: self.max_1s })
    }
}

fn index(interval: i64) -> usize {
    usize::try_from(interval).unwrap_or(0).min(INTERVALS - 1)
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

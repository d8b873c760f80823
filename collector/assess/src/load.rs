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
use std::borrow::Cow;
use std::ops::Range;

mod counter;
mod storage;

use counter::Counter;
pub use counter::count;

/// Summarises the slots that start in the week from `week_start` (Monday 00:00 UTC) and in `window`. Tables
/// are ascending and do not overlap. `None` when no valid slot is among them.
#[must_use]
pub fn summarise(week_start: Timestamp, tables: &[&SlotTable], window: Window) -> Option<Week> {
    let inside =
        Window { from: week_start.max(window.from), to: Timestamp(week_start.0 + WEEK_S).min(window.to) };
    let mut week = Week { start: week_start, ..Week::default() };
    let mut on: Vec<Vec<Run>> = Vec::with_capacity(tables.len());
    let mut storage_builder = storage::Builder::default();
    for table in tables {
        let mut runs = Vec::new();
        for (i, slot) in table.slots.iter().enumerate() {
            if !inside.contains(slot.start) || !slot.is_valid() {
                continue;
            }
            let next = table.slots.get(i + 1).map_or(Timestamp(i64::MAX), |next| next.start);
            cover(&mut week, slot, slot.end().min(next).min(window.to));
            if slot.power == Power::On {
                Run::of(week_start, slot, i).join(&mut runs);
            }
        }
        storage_builder.add(week_start, table, &runs);
        on.push(runs);
    }
    week.span?;
    week.storage = storage_builder.finish();
    let mut counter = Counter::default();
    week.loads = Resource::ALL.map(|resource| {
        let mut builder = LoadBuilder::new(resource, &mut counter);
        for (table, runs) in tables.iter().zip(&on) {
            builder.add(&Reader::new(table, resource), runs);
        }
        builder.finish()
    });
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
        *mine = larger(*mine, *theirs);
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

/// Slots that count and stand together in their table, of one width: wide ones each in an interval of its own after
/// that of the one before, or narrow ones in one interval, or a single slot.
struct Run {
    at: usize,
    length: usize,
    width_s: u32,
    /// The interval the first starts in.
    interval: u16,
    /// The last one the first covers at least half of; means nothing for slots that are averaged.
    last: u16,
}

impl Run {
    fn of(week_start: Timestamp, slot: &Slot, at: usize) -> Self {
        let offset = slot.start.0 - week_start.0;
        let last = (offset + i64::from(slot.width_s) - INTERVAL_S / 2) / INTERVAL_S;
        let (interval, last) = (index(offset / INTERVAL_S), index(last));
        Self { at, length: 1, width_s: slot.width_s, interval, last }
    }

    /// Adds a run of one slot to the last one, or after it.
    fn join(self, runs: &mut Vec<Self>) {
        match runs.last_mut() {
            Some(before) if before.goes_on_with(&self) => before.length += 1,
            _ => runs.push(self),
        }
    }

    const fn goes_on_with(&self, next: &Self) -> bool {
        let intervals = if self.is_wide() { self.length } else { 0 };
        self.at + self.length == next.at
            && self.width_s == next.width_s
            && self.interval as usize + intervals == next.interval as usize
            && (!self.is_wide() || self.interval == self.last && next.interval == next.last)
    }

    const fn is_wide(&self) -> bool {
        self.width_s as i64 >= INTERVAL_S
    }

    const fn rows(&self) -> Range<usize> {
        self.at..self.at + self.length
    }
}

fn index(interval: i64) -> u16 {
    interval.clamp(0, INTERVALS as i64 - 1) as u16
}

/// Codes of the demand in every slot, and of what its percentiles are of where that is something else.
type Codes<'a> = (Cow<'a, [Code]>, Option<&'a [Code]>);

/// Reads one resource out of a table: a base column and a second one that is added or competes. Codes ascend with
/// their values, so that most of it needs no value.
struct Reader<'a> {
    resource: Resource,
    first: Option<&'a [Code]>,
    second: Option<&'a [Code]>,
    max_1s: Option<&'a [Code]>,
}

impl<'a> Reader<'a> {
    fn new(table: &'a SlotTable, resource: Resource) -> Self {
        let column = |metric: &Metric| table.column(&SeriesKey::total(metric));
        let single = matches!(resource, Resource::Cpu | Resource::Memory);
        let (first, second) = match resource {
            Resource::Cpu => (column(&CPU_BUSY), None),
            Resource::Memory => (column(&MEMORY_USED), column(&SWAP_USED)),
            Resource::Disk => (column(&DISK_READ), column(&DISK_WRITE)),
            Resource::Network => (column(&NET_RECEIVE), column(&NET_TRANSMIT)),
        };
        Self {
            resource,
            first: first.map(|column| column.mean.as_slice()),
            second: second.map(|column| column.mean.as_slice()),
            // Maxima of two series need not coincide: neither one of them nor their sum is the resource's.
            max_1s: first.filter(|_| single).and_then(|column| column.max.as_deref()),
        }
    }

    fn codes(&self) -> Option<Codes<'a>> {
        let coding = coding(self.resource);
        let sum = |a: Code, b: Code| if a == MISSING || b == MISSING { MISSING } else { coding.sum(a, b) };
        match (self.resource, self.first?, self.second) {
            (Resource::Cpu, busy, _) | (Resource::Memory, busy, None) => Some((Cow::Borrowed(busy), None)),
            (Resource::Memory, used, Some(swap)) => {
                let in_use = |used, swap| sum(used, if swap == MISSING { 0 } else { swap });
                Some((both(used, swap, in_use), Some(used)))
            }
            // One direction alone understates: without both there is no total.
            (Resource::Disk | Resource::Network, _, None) => None,
            (Resource::Disk, read, Some(write)) => Some((both(read, write, sum), None)),
            // What is missing is larger than any code.
            (Resource::Network, rx, Some(tx)) => Some((both(rx, tx, Code::max), None)),
        }
    }

    /// The demand in a slot, as it is before it is coded.
    fn demand(&self, at: usize) -> Option<f64> {
        let value = |codes: Option<&[Code]>| coding(self.resource).decode(*codes?.get(at)?);
        let (first, second) = (value(self.first), value(self.second));
        match self.resource {
            Resource::Cpu => first,
            Resource::Memory => first.map(|used| used + second.unwrap_or(0.0)),
            Resource::Disk => first.zip(second).map(|(read, write)| read + write),
            Resource::Network => first.zip(second).map(|(rx, tx)| rx.max(tx)),
        }
    }
}

fn both<'a>(a: &[Code], b: &[Code], combined: impl Fn(Code, Code) -> Code) -> Cow<'a, [Code]> {
    Cow::Owned(a.iter().zip(b).map(|(a, b)| combined(*a, *b)).collect())
}

/// Gathers one resource of one week.
struct LoadBuilder<'a> {
    resource: Resource,
    /// The larger one of the slots of five minutes and more, by interval.
    five_minute: Vec<Code>,
    /// Narrow slots, where there are any: weighted sum and seconds by interval.
    narrow: Vec<(f64, f64)>,
    counter: &'a mut Counter,
    max_1s: Option<Code>,
}

impl<'a> LoadBuilder<'a> {
    fn new(resource: Resource, counter: &'a mut Counter) -> Self {
        Self { resource, five_minute: vec![MISSING; INTERVALS], narrow: Vec::new(), counter, max_1s: None }
    }

    fn add(&mut self, reader: &Reader<'_>, runs: &[Run]) {
        if let Some(codes) = reader.max_1s {
            let of_run = |run: &Run| codes[run.rows()].iter().copied().fold(MISSING, larger);
            let largest = runs.iter().map(of_run).fold(MISSING, larger);
            self.max_1s = self.max_1s.max(Some(largest).filter(|code| *code != MISSING));
        }
        if self.narrow.is_empty() && runs.iter().any(|run| !run.is_wide()) {
            self.narrow = vec![(0.0, 0.0); INTERVALS];
        }
        let Some((demands, of_percentiles)) = reader.codes() else { return };
        let of_percentiles = of_percentiles.unwrap_or(&demands);
        for run in runs {
            self.counter.add(&of_percentiles[run.rows()]);
            let first = usize::from(run.interval);
            if !run.is_wide() {
                self.average(first, run, reader);
            } else if run.length == 1 {
                let held = &mut self.five_minute[first..=usize::from(run.last)];
                held.iter_mut().for_each(|held| *held = larger(*held, demands[run.at]));
            } else {
                let held = &mut self.five_minute[first..first + run.length];
                held.iter_mut()
                    .zip(&demands[run.rows()])
                    .for_each(|(held, code)| *held = larger(*held, *code));
            }
        }
    }

    /// Adds narrow slots to the mean of their interval.
    fn average(&mut self, interval: usize, run: &Run, reader: &Reader<'_>) {
        let (sum, seconds) = &mut self.narrow[interval];
        let width_s = f64::from(run.width_s);
        for demand in run.rows().filter_map(|at| reader.demand(at)) {
            *sum += demand * width_s;
            *seconds += width_s;
        }
    }

    fn finish(mut self) -> Option<Load> {
        let counts = self.counter.take();
        if counts.is_empty() {
            return None;
        }
        let coding = coding(self.resource);
        for (held, (sum, seconds)) in self.five_minute.iter_mut().zip(&self.narrow) {
            if *seconds > 0.0 {
                *held = larger(*held, coding.encode(Some(sum / seconds)));
            }
        }
        Some(Load { five_minute: self.five_minute, counts, max_1s: self.max_1s })
    }
}

/// The larger one of two codes, of which any may be missing: counted from the missing one on, which wraps to zero.
const fn larger(a: Code, b: Code) -> Code {
    let (a, b) = (a.wrapping_sub(MISSING), b.wrapping_sub(MISSING));
    (if a > b { a } else { b }).wrapping_add(MISSING)
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

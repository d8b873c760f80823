//! What storage is sized by, week by week: operations by the hour, shares of reads, time of an operation, bytes in
//! use.
// SPDX-License-Identifier: Apache-2.0

use super::Run;
use crate::estate::{INTERVAL_S, INTERVALS, StorageLoad, Used, WEEK_HOURS, operations_coding};
use cairn_schemas::metric::{
    DISK_READ, DISK_READ_LATENCY, DISK_READ_OPS, DISK_WRITE, DISK_WRITE_LATENCY, DISK_WRITE_OPS, FS_USED,
    Metric,
};
use cairn_schemas::slot::{SeriesKey, Slot, SlotTable};
use cairn_schemas::time::Timestamp;
use cairn_schemas::value_code::{Code, Coding, MISSING};

const INTERVALS_PER_HOUR: usize = INTERVALS / WEEK_HOURS;

/// The codes of a column and how they are read; `None` where a table does not have it.
type Series<'a> = Option<(Coding, &'a [Code])>;

/// The columns of a table that speak of storage; reads first, then writes.
struct Columns<'a> {
    operations: [Series<'a>; 2],
    bytes: [Series<'a>; 2],
    latency: [Series<'a>; 2],
    used: Series<'a>,
}

impl<'a> Columns<'a> {
    fn new(table: &'a SlotTable) -> Self {
        let column = |metric: &Metric| {
            let column = table.column(&SeriesKey::total(metric))?;
            Some((metric.unit.coding(), column.mean.as_slice()))
        };
        Self {
            operations: [column(&DISK_READ_OPS), column(&DISK_WRITE_OPS)],
            bytes: [column(&DISK_READ), column(&DISK_WRITE)],
            latency: [column(&DISK_READ_LATENCY), column(&DISK_WRITE_LATENCY)],
            used: column(&FS_USED),
        }
    }
}

/// Gathers one week. Sums are of floats, so each is taken slot by slot in ascending order, however the columns are
/// read.
#[derive(Default)]
pub(super) struct Builder {
    /// Operations and seconds by five-minute interval, up to the last one known.
    intervals: Vec<(f64, f64)>,
    /// Reads and writes, in operations and in bytes.
    operations: [f64; 2],
    bytes: [f64; 2],
    timed_operations: f64,
    busy_s: f64,
    latency_s_max: f64,
    used: Option<[Used; 2]>,
}

impl Builder {
    /// Adds the slots of a table that count, in ascending order.
    pub(super) fn add(&mut self, week_start: Timestamp, table: &SlotTable, runs: &[Run]) {
        let columns = Columns::new(table);
        if let Some(used) = columns.used {
            self.use_of(used, table, runs);
        }
        // One direction alone has no share and no sum.
        if let [Some(read), Some(written)] = columns.bytes {
            for run in runs {
                self.move_bytes(run, read, written);
            }
        }
        if let [Some(reads), Some(writes)] = columns.operations {
            for run in runs {
                self.operate(week_start, &table.slots, run, [reads, writes], columns.latency);
            }
        }
    }

    fn use_of(&mut self, (coding, codes): (Coding, &[Code]), table: &SlotTable, runs: &[Run]) {
        let used = |i: usize| {
            let bytes = coding.decode(codes[i])? as u64;
            Some(Used { at: table.slots[i].start, bytes })
        };
        let rows = || runs.iter().flat_map(Run::rows);
        let (Some(first), Some(last)) = (rows().find_map(used), rows().rev().find_map(used)) else { return };
        self.used = Some([self.used.map_or(first, |[first, _]| first), last]);
    }

    fn move_bytes(&mut self, run: &Run, read: (Coding, &[Code]), written: (Coding, &[Code])) {
        let seconds = f64::from(run.width_s);
        for (r, w) in read.1[run.rows()].iter().zip(&written.1[run.rows()]) {
            if let (Some(r), Some(w)) = (read.0.decode(*r), written.0.decode(*w)) {
                self.bytes[0] += r * seconds;
                self.bytes[1] += w * seconds;
            }
        }
    }

    fn operate(
        &mut self,
        week_start: Timestamp,
        slots: &[Slot],
        run: &Run,
        [reads, writes]: [(Coding, &[Code]); 2],
        latency: [Series<'_>; 2],
    ) {
        let seconds = f64::from(run.width_s);
        for i in run.rows() {
            let (Some(r), Some(w)) = (reads.0.decode(reads.1[i]), writes.0.decode(writes.1[i])) else {
                continue;
            };
            self.operations[0] += r * seconds;
            self.operations[1] += w * seconds;
            let offset = slots[i].start.0 - week_start.0;
            let first = usize::try_from(offset / INTERVAL_S).unwrap_or(0);
            let last = usize::try_from((offset + i64::from(run.width_s) - 1) / INTERVAL_S).unwrap_or(0);
            if self.intervals.len() <= last {
                self.intervals.resize(last + 1, (0.0, 0.0));
            }
            for (sum, of) in &mut self.intervals[first..=last] {
                *sum += (r + w) * seconds;
                *of += seconds;
            }
            for (operations_per_s, series) in [r, w].into_iter().zip(latency) {
                if operations_per_s > 0.0
                    && let Some(latency_s) = series.and_then(|(coding, codes)| coding.decode(codes[i]))
                {
                    self.time(operations_per_s * seconds, latency_s);
                }
            }
        }
    }

    fn time(&mut self, operations: f64, latency_s: f64) {
        self.timed_operations += operations;
        self.busy_s += operations * latency_s;
        self.latency_s_max = self.latency_s_max.max(latency_s);
    }

    /// `None` when nothing of it was seen.
    pub(super) fn finish(self) -> Option<StorageLoad> {
        if self.intervals.is_empty() && self.used.is_none() {
            return None;
        }
        let operations_by_hour = by_hour(&self.intervals);
        Some(StorageLoad {
            operations_by_hour,
            operations: self.operations.iter().sum::<f64>() as u64,
            read_operations: self.operations[0] as u64,
            bytes: self.bytes.iter().sum::<f64>() as u64,
            read_bytes: self.bytes[0] as u64,
            timed_operations: self.timed_operations as u64,
            busy_us: (self.busy_s * 1e6) as u64,
            latency_us_max: (self.latency_s_max * 1e6) as u64,
            used: self.used,
        })
    }
}

/// The largest mean of the intervals of each hour; what lies past the week counts to its last one. Codes ascend with
/// their values, so only the largest needs a code.
fn by_hour(intervals: &[(f64, f64)]) -> Vec<Code> {
    let mut largest = [None; WEEK_HOURS];
    for (n, of_hour) in intervals.chunks(INTERVALS_PER_HOUR).enumerate() {
        let largest: &mut Option<f64> = &mut largest[n.min(WEEK_HOURS - 1)];
        for (sum, seconds) in of_hour.iter().filter(|(_, seconds)| *seconds > 0.0) {
            let mean = sum / seconds;
            *largest = Some(largest.map_or(mean, |before| before.max(mean)));
        }
    }
    largest.map(|mean| operations_coding().encode(mean)).to_vec()
}

/// The larger of two codes, one that is missing being no value.
fn larger(a: Code, b: Code) -> Code {
    match (a, b) {
        (MISSING, code) | (code, MISSING) => code,
        (a, b) => a.max(b),
    }
}

/// One week out of two parts of it that share no day.
pub(super) fn merge(a: Option<StorageLoad>, b: Option<StorageLoad>) -> Option<StorageLoad> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (a, b) => return a.or(b),
    };
    let hours = a.operations_by_hour.iter().zip(&b.operations_by_hour);
    let used = match (a.used, b.used) {
        (Some(a), Some(b)) => {
            let earliest = if b[0].at < a[0].at { b[0] } else { a[0] };
            let latest = if b[1].at > a[1].at { b[1] } else { a[1] };
            Some([earliest, latest])
        }
        (a, b) => a.or(b),
    };
    Some(StorageLoad {
        operations_by_hour: hours.map(|(a, b)| larger(*a, *b)).collect(),
        operations: a.operations + b.operations,
        read_operations: a.read_operations + b.read_operations,
        bytes: a.bytes + b.bytes,
        read_bytes: a.read_bytes + b.read_bytes,
        timed_operations: a.timed_operations + b.timed_operations,
        busy_us: a.busy_us + b.busy_us,
        latency_us_max: a.latency_us_max.max(b.latency_us_max),
        used,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::summarise;
    use cairn_schemas::slot::{Column, Power};
    use cairn_schemas::time::{DAY_S, WEEK_S, Window};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const MONDAY: Timestamp = Timestamp(1_780_272_000);

    /// A minute a row: reads and writes a second, their latency in seconds, bytes in use.
    fn table(first: i64, rows: &[[Option<f64>; 5]]) -> SlotTable {
        let metrics = [&DISK_READ_OPS, &DISK_WRITE_OPS, &DISK_READ_LATENCY, &DISK_WRITE_LATENCY, &FS_USED];
        let slot = |n: i64| Slot {
            start: Timestamp(MONDAY.0 + first + 60 * n),
            width_s: 60,
            samples: 60,
            power: Power::On,
        };
        let column = |(n, metric): (usize, &&'static Metric)| Column {
            key: SeriesKey::total(metric),
            mean: rows.iter().map(|row| metric.unit.coding().encode(row[n])).collect(),
            max: None,
        };
        let mut columns: Vec<Column> = metrics.iter().enumerate().map(column).collect();
        columns.sort_by(|a, b| a.key.cmp(&b.key));
        SlotTable { slots: (0..rows.len() as i64).map(slot).collect(), columns }
    }

    fn of(tables: &[&SlotTable]) -> Option<StorageLoad> {
        let all = Window { from: MONDAY, to: Timestamp(MONDAY.0 + WEEK_S) };
        summarise(MONDAY, tables, all)?.storage
    }

    #[test]
    fn a_few_minutes_are_followed_by_hand() {
        let busy = [Some(30.0), Some(10.0), Some(0.002), Some(0.010), Some(1_000.0)];
        let idle = [Some(0.0), Some(0.0), None, None, Some(1_020.0)];
        let half = [Some(99.0), None, None, None, None];
        let load = of(&[&table(0, &[busy, idle, half])]).unwrap();
        // Two minutes of the interval are known: 40 and 0 operations a second.
        assert_eq!(operations_coding().decode(load.operations_by_hour[0]), Some(20.0));
        assert_eq!(load.operations_by_hour[1], MISSING);
        assert_eq!((load.operations, load.read_operations), (2_400, 1_800));
        // 1800 reads of 2 ms and 600 writes of 10 ms, coded with ten bits.
        assert_eq!((load.timed_operations, load.latency_us_max), (2_400, 10_000));
        assert!((load.busy_us as f64 / 9_600_000.0 - 1.0).abs() < 0.001, "{}", load.busy_us);
        assert_eq!(load.used.map(|used| used.map(|used| used.bytes)), Some([1_000, 1_020]));
        assert_eq!(of(&[&table(0, &[half])]), None, "one direction alone is no sum");
    }

    #[test]
    fn days_summarised_apart_and_merged_are_the_week() {
        let row = |n: f64| [Some(n), Some(1.0), Some(0.001), None, Some(1_000.0 * n)];
        let (monday, tuesday) = (table(0, &[row(3.0), row(4.0)]), table(DAY_S, &[row(5.0)]));
        let apart = merge(of(&[&tuesday]), of(&[&monday]));
        assert_eq!(apart, of(&[&monday, &tuesday]));
        assert_eq!(apart.unwrap().operations, 60 * (4 + 5 + 6));
    }

    /// The same by its definition: slot by slot, each value decoded by itself, each interval coded by itself.
    fn slowly(table: &SlotTable) -> Option<StorageLoad> {
        let (mut load, mut hours) = (StorageLoad::default(), vec![MISSING; WEEK_HOURS]);
        let (mut operations, mut bytes, mut timed, mut busy_s, mut longest_s) =
            ([0.0; 2], [0.0; 2], 0.0, 0.0, 0.0_f64);
        let mut intervals: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for (i, slot) in table.slots.iter().enumerate() {
            if slot.power == Power::Off || !slot.is_valid() || slot.start >= Timestamp(MONDAY.0 + WEEK_S) {
                continue;
            }
            let (value, seconds) = (|metric| table.value(metric, i), f64::from(slot.width_s));
            if let Some(used) = value(&FS_USED) {
                let now = Used { at: slot.start, bytes: used as u64 };
                load.used = Some([load.used.map_or(now, |[first, _]| first), now]);
            }
            if let (Some(read), Some(written)) = (value(&DISK_READ), value(&DISK_WRITE)) {
                bytes = [bytes[0] + read * seconds, bytes[1] + written * seconds];
            }
            let (Some(reads), Some(writes)) = (value(&DISK_READ_OPS), value(&DISK_WRITE_OPS)) else {
                continue;
            };
            operations = [operations[0] + reads * seconds, operations[1] + writes * seconds];
            let offset = slot.start.0 - MONDAY.0;
            for at in offset / INTERVAL_S..=(offset + i64::from(slot.width_s) - 1) / INTERVAL_S {
                let (sum, of) = intervals.entry(at).or_default();
                (*sum, *of) = (*sum + (reads + writes) * seconds, *of + seconds);
            }
            for (rate, latency) in [(reads, &DISK_READ_LATENCY), (writes, &DISK_WRITE_LATENCY)] {
                if let Some(latency_s) = value(latency).filter(|_| rate > 0.0) {
                    (timed, busy_s) = (timed + rate * seconds, busy_s + rate * seconds * latency_s);
                    longest_s = longest_s.max(latency_s);
                }
            }
        }
        for (at, (sum, seconds)) in &intervals {
            let hour = (*at as usize / 12).min(WEEK_HOURS - 1);
            hours[hour] = larger(hours[hour], operations_coding().encode(Some(sum / seconds)));
        }
        if intervals.is_empty() && load.used.is_none() {
            return None;
        }
        Some(StorageLoad {
            operations_by_hour: hours,
            operations: (operations[0] + operations[1]) as u64,
            read_operations: operations[0] as u64,
            bytes: (bytes[0] + bytes[1]) as u64,
            read_bytes: bytes[0] as u64,
            timed_operations: timed as u64,
            busy_us: (busy_s * 1e6) as u64,
            latency_us_max: (longest_s * 1e6) as u64,
            ..load
        })
    }

    const ALL: [&Metric; 7] = [
        &DISK_READ,
        &DISK_WRITE,
        &DISK_READ_OPS,
        &DISK_WRITE_OPS,
        &DISK_READ_LATENCY,
        &DISK_WRITE_LATENCY,
        &FS_USED,
    ];

    proptest! {
        #[test]
        fn a_week_is_what_its_definition_says(
            columns in proptest::bits::u8::ANY,
            rows in proptest::collection::vec((
                prop_oneof![6 => Just(0_i64), 1 => Just(300), 1 => Just(7), 1 => Just(90_000)],
                prop_oneof![6 => Just(300_u32), 3 => Just(60), 1 => Just(900), 1 => Just(420)],
                any::<[bool; 2]>().prop_map(|[a, b]| a || b),
                proptest::collection::vec(prop_oneof![6 => 0..20_000_u16, 2 => Just(0), 2 => Just(MISSING), 1 => any::<Code>()], 7),
            ), 1..400),
        ) {
            let mut end = MONDAY.0;
            let slot = |(step, width_s, on, _): &(i64, u32, bool, Vec<Code>)| {
                let start = Timestamp(end + step);
                end = start.0 + i64::from(*width_s);
                let power = if *on { Power::On } else { Power::Off };
                Slot { start, width_s: *width_s, samples: width_s / 2 + u32::from(*step == 7) * 20, power }
            };
            let slots = rows.iter().map(slot).collect();
            let column = |(n, metric): (usize, &&'static Metric)| Column {
                key: SeriesKey::total(metric),
                mean: rows.iter().map(|row| row.3[n]).collect(),
                max: None,
            };
            let present = ALL.iter().enumerate().filter(|(n, _)| columns == 0 || columns >> n & 1 == 1);
            let mut columns: Vec<Column> = present.map(column).collect();
            columns.sort_by(|a, b| a.key.cmp(&b.key));
            let table = SlotTable { slots, columns };
            prop_assert_eq!(of(&[&table]), slowly(&table));
        }
    }
}

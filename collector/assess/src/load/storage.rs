//! What storage is sized by, week by week: operations by the hour, shares of reads, time of an operation, bytes in
//! use.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{INTERVAL_S, StorageLoad, Used, WEEK_HOURS, operations_coding};
use cairn_schemas::metric::{
    DISK_READ, DISK_READ_LATENCY, DISK_READ_OPS, DISK_WRITE, DISK_WRITE_LATENCY, DISK_WRITE_OPS, FS_USED,
    Metric,
};
use cairn_schemas::slot::{SeriesKey, Slot, SlotTable};
use cairn_schemas::time::Timestamp;
use cairn_schemas::value_code::{Code, MISSING};

/// A column of a table, and how its codes are read.
type Series<'a> = Option<(&'static Metric, &'a [Code])>;

/// The columns of a table that speak of storage; reads first, then writes.
pub(super) struct Columns<'a> {
    operations: [Series<'a>; 2],
    bytes: [Series<'a>; 2],
    latency: [Series<'a>; 2],
    used: Series<'a>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(table: &'a SlotTable) -> Self {
        let column = |metric: &'static Metric| {
            let column = table.column(&SeriesKey::total(metric))?;
            Some((metric, column.mean.as_slice()))
        };
        Self {
            operations: [column(&DISK_READ_OPS), column(&DISK_WRITE_OPS)],
            bytes: [column(&DISK_READ), column(&DISK_WRITE)],
            latency: [column(&DISK_READ_LATENCY), column(&DISK_WRITE_LATENCY)],
            used: column(&FS_USED),
        }
    }
}

fn value(series: Series<'_>, slot: usize) -> Option<f64> {
    series.and_then(|(metric, codes)| metric.unit.coding().decode(*codes.get(slot)?))
}

/// Gathers one week.
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
    pub(super) fn add(&mut self, week_start: Timestamp, slot: &Slot, columns: &Columns<'_>, i: usize) {
        if let Some(bytes) = value(columns.used, i) {
            let now = Used { at: slot.start, bytes: bytes as u64 };
            self.used = Some([self.used.map_or(now, |[first, _]| first), now]);
        }
        let seconds = f64::from(slot.width_s);
        let bytes = columns.bytes.map(|series| value(series, i));
        // One direction alone has no share and no sum.
        if let [Some(read), Some(written)] = bytes {
            self.bytes[0] += read * seconds;
            self.bytes[1] += written * seconds;
        }
        let [Some(reads), Some(writes)] = columns.operations.map(|series| value(series, i)) else { return };
        self.operations[0] += reads * seconds;
        self.operations[1] += writes * seconds;
        let first = (slot.start.0 - week_start.0) / INTERVAL_S;
        let last = (slot.start.0 - week_start.0 + i64::from(slot.width_s) - 1) / INTERVAL_S;
        let (first, last) = (usize::try_from(first).unwrap_or(0), usize::try_from(last).unwrap_or(0));
        if self.intervals.len() <= last {
            self.intervals.resize(last + 1, (0.0, 0.0));
        }
        for (sum, of) in &mut self.intervals[first..=last] {
            *sum += (reads + writes) * seconds;
            *of += seconds;
        }
        self.time(reads, value(columns.latency[0], i), seconds);
        self.time(writes, value(columns.latency[1], i), seconds);
    }

    fn time(&mut self, operations_per_s: f64, latency_s: Option<f64>, seconds: f64) {
        let Some(latency_s) = latency_s.filter(|_| operations_per_s > 0.0) else { return };
        self.timed_operations += operations_per_s * seconds;
        self.busy_s += operations_per_s * seconds * latency_s;
        self.latency_s_max = self.latency_s_max.max(latency_s);
    }

    /// `None` when nothing of it was seen.
    pub(super) fn finish(self) -> Option<StorageLoad> {
        if self.intervals.is_empty() && self.used.is_none() {
            return None;
        }
        let mut operations_by_hour = vec![MISSING; WEEK_HOURS];
        for (interval, (sum, seconds)) in
            self.intervals.into_iter().enumerate().filter(|(_, (_, s))| *s > 0.0)
        {
            let hour = (interval / 12).min(WEEK_HOURS - 1);
            let code = operations_coding().encode(Some(sum / seconds));
            operations_by_hour[hour] = larger(operations_by_hour[hour], code);
        }
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
}

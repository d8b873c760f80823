//! Disks: throughput, operations, latency, queue and busy time of each whole disk and of all together.
//!
//! Over all disks, rates and queues are sums, latencies are weighted by operations, and busy is that of the
//! busiest disk, the only bound of "some disk was busy" that one reading gives.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod linux;

use super::reading::{EVENTS_PER_S_MAX, and, growth};
use super::roster::Roster;
use super::{Board, Missing, Reading, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{
    DISK_BUSY, DISK_QUEUE, DISK_READ, DISK_READ_LATENCY, DISK_READ_OPS, DISK_WRITE, DISK_WRITE_LATENCY,
    DISK_WRITE_OPS, Metric,
};

const NO_DISK: Missing = Missing::NoDevice("no whole disk is visible here");
const MS_PER_S: f64 = 1e3;
/// Milliseconds are counted with 32 bits, which a busy array overruns in days. Requests that were stuck
/// for long bring all their time at once, hence half the range; a replaced disk shows in its other counters.
const MS_MOST: u64 = 1 << 31;

/// Counters of one disk since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counters {
    reads: u64,
    read_sectors: u64,
    read_ms: u64,
    writes: u64,
    write_sectors: u64,
    write_ms: u64,
    busy_ms: u64,
    /// Milliseconds times requests in flight.
    weighted_ms: u64,
}

/// The series of a disk, in the order in which [`Work::readings`] gives them.
const SERIES: [Metric; 8] = [
    DISK_READ,
    DISK_WRITE,
    DISK_READ_OPS,
    DISK_WRITE_OPS,
    DISK_READ_LATENCY,
    DISK_WRITE_LATENCY,
    DISK_QUEUE,
    DISK_BUSY,
];

/// What was done between two readings, of one disk or summed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Work {
    counted: Counters,
    busiest_ms: u64,
}

impl Work {
    fn between(before: Counters, now: Counters, elapsed_s: f64) -> Result<Self, Missing> {
        let most = (EVENTS_PER_S_MAX * elapsed_s) as u64;
        let more = |field: fn(&Counters) -> u64| growth(field(&before), field(&now), most);
        let more_ms = |field: fn(&Counters) -> u64| growth(field(&before), field(&now), MS_MOST);
        let counted = Counters {
            reads: more(|c| c.reads)?,
            read_sectors: more(|c| c.read_sectors)?,
            writes: more(|c| c.writes)?,
            write_sectors: more(|c| c.write_sectors)?,
            read_ms: more_ms(|c| c.read_ms)?,
            write_ms: more_ms(|c| c.write_ms)?,
            busy_ms: more_ms(|c| c.busy_ms)?,
            weighted_ms: more_ms(|c| c.weighted_ms)?,
        };
        Ok(Self { counted, busiest_ms: counted.busy_ms })
    }

    /// Both together; a few thousand numbers of [`growth`] do not overflow.
    fn and(mut self, other: Self) -> Self {
        let (sum, more) = (&mut self.counted, &other.counted);
        sum.reads += more.reads;
        sum.read_sectors += more.read_sectors;
        sum.read_ms += more.read_ms;
        sum.writes += more.writes;
        sum.write_sectors += more.write_sectors;
        sum.write_ms += more.write_ms;
        sum.weighted_ms += more.weighted_ms;
        self.busiest_ms = self.busiest_ms.max(other.busiest_ms);
        self
    }

    fn readings(&self, elapsed_s: f64) -> [Reading; 8] {
        let c = &self.counted;
        let per_s = |count: u64| count as f64 / elapsed_s;
        let latency = |ms: u64, operations: u64| {
            if operations == 0 {
                return Err(Missing::NothingCompleted);
            }
            Ok(ms as f64 / MS_PER_S / operations as f64)
        };
        [
            Ok(per_s(c.read_sectors * linux::SECTOR_BYTES)),
            Ok(per_s(c.write_sectors * linux::SECTOR_BYTES)),
            Ok(per_s(c.reads)),
            Ok(per_s(c.writes)),
            latency(c.read_ms, c.reads),
            latency(c.write_ms, c.writes),
            Ok(per_s(c.weighted_ms) / MS_PER_S),
            // Some drivers report more busy time than there was.
            Ok((per_s(self.busiest_ms) / MS_PER_S).min(1.0)),
        ]
    }
}

struct Device {
    series: [Option<SeriesIndex>; 8],
    last: Counters,
    is_new: bool,
}

struct Disk {
    source: linux::Source,
    devices: Roster<Device>,
    total: [Option<SeriesIndex>; 8],
}

/// The disk sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Disk {
        source: linux::Source::new(root),
        devices: Roster::new(),
        total: SERIES.map(|metric| board.total(&metric)),
    })
}

impl Sampler for Disk {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let mut sum = None;
        self.devices.start();
        let devices = &mut self.devices;
        let read = self.source.read(&mut |name, now| {
            let make = || Device { series: board.device(&SERIES, name), last: now, is_new: true };
            let Some(device) = devices.meet(name.as_bytes(), make) else { return };
            let elapsed_s = elapsed_s.filter(|_| !device.is_new).ok_or(Missing::FirstReading);
            let work = elapsed_s.and_then(|elapsed_s| Work::between(device.last, now, elapsed_s));
            (device.last, device.is_new) = (now, false);
            show(board, device.series, work, elapsed_s);
            sum = and(sum, work, Work::and);
        });
        match read {
            Ok(()) => self.devices.finish(),
            Err(_) => self.devices.clear(),
        }
        let sum = read.and_then(|()| sum.unwrap_or(Err(NO_DISK)));
        show(board, self.total, sum, elapsed_s.ok_or(Missing::FirstReading));
        read
    }
}

fn show(
    board: &mut Board,
    series: [Option<SeriesIndex>; 8],
    work: Result<Work, Missing>,
    elapsed_s: Result<f64, Missing>,
) {
    let readings = match work.and_then(|work| Ok(work.readings(elapsed_s?))) {
        Ok(readings) => readings,
        Err(why) => [Err(why); 8],
    };
    for (series, reading) in series.into_iter().zip(readings) {
        board.set(series, reading);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(reads: u64, read_ms: u64, busy_ms: u64) -> Counters {
        Counters {
            reads,
            read_sectors: reads * 8,
            read_ms,
            busy_ms,
            weighted_ms: read_ms,
            ..Counters::default()
        }
    }

    #[test]
    fn latency_is_time_by_operations_and_busy_is_capped() {
        let work = Work::between(counters(10, 100, 1_000), counters(20, 150, 3_500), 2.0).unwrap();
        let [read, _, reads, writes, latency, write_latency, queue, busy] = work.readings(2.0);
        assert_eq!((read, reads, writes), (Ok(20_480.0), Ok(5.0), Ok(0.0)));
        assert_eq!((latency, write_latency), (Ok(0.005), Err(Missing::NothingCompleted)));
        assert_eq!((queue, busy), (Ok(0.025), Ok(1.0)));
    }

    #[test]
    fn a_replaced_disk_is_missing_and_a_full_counter_is_not() {
        let between = |before, now| Work::between(before, now, 1.0);
        let full = between(counters(10, u64::from(u32::MAX) - 9, 0), counters(20, 90, 0)).unwrap();
        assert_eq!(full.counted.read_ms, 100);
        assert_eq!(between(counters(1_000, 0, 0), counters(3, 0, 0)), Err(Missing::WentBack));
        // Almost full milliseconds do not hide that the operations went back.
        let replaced = between(counters(1_000, u64::from(u32::MAX), 0), counters(3, 5, 0));
        assert_eq!(replaced, Err(Missing::WentBack));
        assert_eq!(between(counters(0, 0, 0), counters(1 << 40, 0, 0)), Err(Missing::Implausible));
    }

    #[test]
    fn the_sum_weighs_latency_by_operations() {
        let between = |now| Work::between(Counters::default(), now, 1.0).unwrap();
        let readings = between(counters(10, 100, 400)).and(between(counters(30, 900, 700))).readings(1.0);
        assert_eq!((readings[2], readings[4], readings[7]), (Ok(40.0), Ok(0.025), Ok(0.7)));
    }
}

//! Disks: throughput, operations, latency, queue and busy time of each whole disk and of all together.
//!
//! Over all disks, rates and queues are sums, latencies are weighted by operations, and busy is that of the
//! busiest disk, the only bound of "some disk was busy" that one reading gives.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod linux;

use super::reading::{growth, rate};
use super::{Board, Missing, Reading, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{
    DISK_BUSY, DISK_QUEUE, DISK_READ, DISK_READ_LATENCY, DISK_READ_OPS, DISK_WRITE, DISK_WRITE_LATENCY,
    DISK_WRITE_OPS, Metric,
};

const NO_DISK: Missing = Missing::NoDevice("no whole disk is visible here");
const MS_PER_S: f64 = 1e3;

/// Counters of one disk since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counters {
    reads: u64,
    read_bytes: u64,
    read_ms: u64,
    writes: u64,
    write_bytes: u64,
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
    fn between(before: Option<Counters>, now: Counters) -> Result<Self, Missing> {
        let before = before.ok_or(Missing::FirstReading)?;
        let more = |field: fn(&Counters) -> u64| growth(Some(field(&before)), field(&now));
        let more_ms = |field: fn(&Counters) -> u64| growth_ms(field(&before), field(&now));
        let counted = Counters {
            reads: more(|c| c.reads)?,
            read_bytes: more(|c| c.read_bytes)?,
            writes: more(|c| c.writes)?,
            write_bytes: more(|c| c.write_bytes)?,
            read_ms: more_ms(|c| c.read_ms)?,
            write_ms: more_ms(|c| c.write_ms)?,
            busy_ms: more_ms(|c| c.busy_ms)?,
            weighted_ms: more_ms(|c| c.weighted_ms)?,
        };
        Ok(Self { counted, busiest_ms: counted.busy_ms })
    }

    fn add(&mut self, other: &Self) {
        let (sum, more) = (&mut self.counted, &other.counted);
        sum.reads += more.reads;
        sum.read_bytes += more.read_bytes;
        sum.read_ms += more.read_ms;
        sum.writes += more.writes;
        sum.write_bytes += more.write_bytes;
        sum.write_ms += more.write_ms;
        sum.weighted_ms += more.weighted_ms;
        self.busiest_ms = self.busiest_ms.max(other.busiest_ms);
    }

    fn readings(&self, elapsed_s: Option<f64>) -> [Reading; 8] {
        let c = &self.counted;
        let per_s = |count: u64| rate(Some(0), count, 1.0, elapsed_s);
        let latency = |ms: u64, operations: u64| {
            elapsed_s.ok_or(Missing::FirstReading)?;
            if operations == 0 {
                return Err(Missing::NothingCompleted);
            }
            Ok(ms as f64 / MS_PER_S / operations as f64)
        };
        [
            per_s(c.read_bytes),
            per_s(c.write_bytes),
            per_s(c.reads),
            per_s(c.writes),
            latency(c.read_ms, c.reads),
            latency(c.write_ms, c.writes),
            per_s(c.weighted_ms).map(|ms| ms / MS_PER_S),
            // Some drivers report more busy time than there was.
            per_s(self.busiest_ms).map(|ms| (ms / MS_PER_S).min(1.0)),
        ]
    }
}

/// Growth of a millisecond counter. The kernel prints these with 32 bits, which a busy array overruns in days.
fn growth_ms(before: u64, now: u64) -> Result<u64, Missing> {
    const WRAP: u64 = 1 << 32;
    match now.checked_sub(before) {
        Some(more) => Ok(more),
        None if before < WRAP && now + WRAP - before < WRAP / 2 => Ok(now + WRAP - before),
        None => Err(Missing::WentBack),
    }
}

struct Device {
    name: String,
    series: [Option<SeriesIndex>; 8],
    before: Option<Counters>,
    now: Option<Counters>,
}

struct Disk {
    source: linux::Source,
    devices: Vec<Device>,
    total: [Option<SeriesIndex>; 8],
}

/// The disk sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Disk {
        source: linux::Source::new(root),
        devices: Vec::new(),
        total: SERIES.map(|metric| board.total(&metric)),
    })
}

impl Sampler for Disk {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        for device in &mut self.devices {
            device.before = device.now.take();
        }
        let devices = &mut self.devices;
        let read = self.source.read(&mut |name, counters| {
            let at = devices.iter().position(|device| device.name == name).unwrap_or_else(|| {
                let series = SERIES.map(|metric| board.series(&metric, name));
                devices.push(Device { name: name.to_owned(), series, before: None, now: None });
                devices.len() - 1
            });
            devices[at].now = Some(counters);
        });
        let mut sum = Err(read.err().unwrap_or(NO_DISK));
        for device in &self.devices {
            let Some(now) = device.now else { continue };
            let work = Work::between(device.before, now);
            sum = match (sum, work) {
                (Ok(sum), Err(_)) => Ok(sum),
                (Ok(mut sum), Ok(work)) => {
                    Work::add(&mut sum, &work);
                    Ok(sum)
                }
                (Err(_), work) => work,
            };
            show(board, device.series, work, elapsed_s);
        }
        show(board, self.total, sum, elapsed_s);
        read
    }
}

fn show(
    board: &mut Board,
    series: [Option<SeriesIndex>; 8],
    work: Result<Work, Missing>,
    elapsed_s: Option<f64>,
) {
    let readings = work.map_or_else(|why| [Err(why); 8], |work| work.readings(elapsed_s));
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
            read_bytes: reads * 4_096,
            read_ms,
            busy_ms,
            weighted_ms: read_ms,
            ..Counters::default()
        }
    }

    #[test]
    fn latency_is_time_by_operations_and_busy_is_capped() {
        let work = Work::between(Some(counters(10, 100, 1_000)), counters(20, 150, 3_500)).unwrap();
        let [read, _, reads, writes, latency, write_latency, queue, busy] = work.readings(Some(2.0));
        assert_eq!((read, reads, writes), (Ok(20_480.0), Ok(5.0), Ok(0.0)));
        assert_eq!((latency, write_latency), (Ok(0.005), Err(Missing::NothingCompleted)));
        assert_eq!((queue, busy), (Ok(0.025), Ok(1.0)));
    }

    #[test]
    fn a_replaced_disk_is_missing_and_a_full_counter_is_not() {
        let check = |before, now, expected| assert_eq!(growth_ms(before, now), expected);
        check(u64::from(u32::MAX) - 9, 90, Ok(100));
        check(1_000, 5, Err(Missing::WentBack));
        let replaced = Work::between(Some(counters(1_000, 0, 0)), counters(3, 0, 0));
        assert_eq!(replaced, Err(Missing::WentBack));
    }

    #[test]
    fn the_sum_weighs_latency_by_operations() {
        let mut sum = Work::between(Some(Counters::default()), counters(10, 100, 400)).unwrap();
        sum.add(&Work::between(Some(Counters::default()), counters(30, 900, 700)).unwrap());
        let readings = sum.readings(Some(1.0));
        assert_eq!((readings[2], readings[4], readings[7]), (Ok(40.0), Ok(0.025), Ok(0.7)));
    }
}

//! What a simulated server measures: sixty series a minute with means and one-second maxima, each of a shape that
//! series of its kind have: nearly always nothing, nearly constant, or noisy about a level that moves.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::metric::{self, METRICS, Metric, Scope, Unit};
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{DAY_S, MINUTE_S, Timestamp};
use cairn_schemas::value_code::Code;

/// Series of each server.
pub(crate) const SERIES: usize = 60;

/// How a series behaves.
#[derive(Clone, Copy)]
enum Shape {
    /// Zero but for one minute in `1 / share`.
    Rare,
    /// A level that hardly moves.
    Still,
    /// Noise about a level that follows the day.
    Noisy,
}

struct Series {
    key: SeriesKey,
    metric: &'static Metric,
    shape: Shape,
    level: f64,
    /// Deviation from the level, as its logarithm: an autoregressive walk.
    drift: f64,
}

/// A recorded trace: names of metrics, and of each server its moments and its values by metric. Little endian:
/// servers (4), bytes of the names (4), names with commas between; of each server its slots (4), their starts (8
/// each), and metric by metric its values (8 each).
pub(crate) fn read_trace(bytes: &[u8], width_s: u32) -> Option<Vec<SlotTable>> {
    let mut rest = bytes;
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at_checked(n)?;
        rest = tail;
        Some(head)
    };
    let number = |bytes: &[u8]| bytes.try_into().ok().map(|four| u32::from_le_bytes(four) as usize);
    let servers = number(take(4)?)?;
    let length = number(take(4)?)?;
    let names: Vec<&Metric> =
        std::str::from_utf8(take(length)?).ok()?.split(',').map(metric::by_name).collect::<Option<_>>()?;
    let mut tables = Vec::with_capacity(servers);
    for _ in 0..servers {
        let count = number(take(4)?)?;
        let eights = |bytes: &[u8]| bytes.as_chunks::<8>().0.to_vec();
        let starts = eights(take(8 * count)?).into_iter().map(i64::from_le_bytes);
        let slot = |start| Slot { start: Timestamp(start), width_s, samples: width_s, power: Power::On };
        let mut table = SlotTable { slots: starts.map(slot).collect(), columns: Vec::new() };
        for metric in &names {
            let values = eights(take(8 * count)?).into_iter().map(f64::from_le_bytes);
            let mean = values.map(|value| metric.unit.coding().encode(Some(value))).collect();
            table.columns.push(Column { key: SeriesKey::total(metric), mean, max: None });
        }
        table.columns.sort_by(|a, b| a.key.cmp(&b.key));
        tables.push(table);
    }
    Some(tables)
}

/// One server's series and where they stand.
pub(crate) struct Server {
    series: Vec<Series>,
    random: u64,
}

impl Server {
    /// The server of a number: the same number, the same values.
    #[must_use]
    pub(crate) fn new(number: u64) -> Self {
        let mut server = Self { series: Vec::new(), random: number.wrapping_mul(0x9e37_79b9_7f4a_7c15) };
        let mut keys: Vec<(&'static Metric, String)> = METRICS
            .iter()
            .filter(|metric| metric.scope != Scope::FileSystem)
            .map(|metric| (metric, String::new()))
            .collect();
        for (scope, names) in [
            (Scope::Disk, &["sda", "sdb", "sdc"][..]),
            (Scope::FileSystem, &["/", "/var"]),
            (Scope::Interface, &["eno1"]),
        ] {
            for name in names {
                let of_scope = METRICS.iter().filter(|metric| metric.scope == scope);
                keys.extend(of_scope.map(|metric| (metric, (*name).to_owned())));
            }
        }
        keys.sort_by_key(|(metric, instance)| (metric.id, instance.clone()));
        keys.truncate(SERIES);
        for (metric, instance) in keys {
            let level = level(metric, server.uniform());
            let key = SeriesKey { metric: metric.id, instance };
            server.series.push(Series { key, metric, shape: shape(metric), level, drift: 0.0 });
        }
        server
    }

    /// Values of a minute's slots from `start` on.
    pub(crate) fn minutes(&mut self, start: Timestamp, count: usize) -> SlotTable {
        let slots: Vec<Slot> = (0..count as i64)
            .map(|i| Slot {
                start: Timestamp(start.0 + i * MINUTE_S),
                width_s: 60,
                samples: 60,
                power: Power::On,
            })
            .collect();
        let mut columns = Vec::with_capacity(self.series.len());
        for i in 0..self.series.len() {
            let (mut mean, mut max) = (Vec::with_capacity(count), Vec::with_capacity(count));
            for slot in &slots {
                let (m, x) = self.minute(i, slot.start);
                mean.push(m);
                max.push(x);
            }
            columns.push(Column { key: self.series[i].key.clone(), mean, max: Some(max) });
        }
        SlotTable { slots, columns }
    }

    fn minute(&mut self, i: usize, at: Timestamp) -> (Code, Code) {
        let (shape, level) = (self.series[i].shape, self.series[i].level);
        let coding = self.series[i].metric.unit.coding();
        let (value, above) = match shape {
            Shape::Rare if self.uniform() > 0.01 => (0.0, 1.0),
            Shape::Rare => (level * self.uniform(), 2.0 + 20.0 * self.uniform()),
            Shape::Still => {
                if self.uniform() < 0.05 {
                    self.series[i].level = level * (1.0 + 0.002 * self.normal());
                }
                (level, 1.0)
            }
            Shape::Noisy => {
                let drift = 0.95 * self.series[i].drift + 0.08 * self.normal();
                self.series[i].drift = drift;
                let of_day = std::f64::consts::TAU * (at.0 % DAY_S) as f64 / DAY_S as f64;
                let value = level * (1.0 - 0.4 * of_day.cos()) * (drift + 0.15 * self.normal()).exp();
                (value, 1.0 + self.normal().abs())
            }
        };
        (coding.encode(Some(value)), coding.encode(Some(value * above)))
    }

    fn uniform(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: three uniform numbers are near enough for noise.
    fn normal(&mut self) -> f64 {
        2.0 * (self.uniform() + self.uniform() + self.uniform() - 1.5)
    }
}

fn shape(metric: &Metric) -> Shape {
    let rare = [
        metric::CPU_STEAL.id,
        metric::SWAP_RATE.id,
        metric::MAJOR_FAULTS.id,
        metric::NET_DROPS.id,
        metric::PRESSURE_MEMORY.id,
        metric::TCP_RETRANSMITS.id,
    ];
    match metric.unit {
        _ if rare.contains(&metric.id) => Shape::Rare,
        Unit::Bytes => Shape::Still,
        _ => Shape::Noisy,
    }
}

fn level(metric: &Metric, share: f64) -> f64 {
    match metric.unit {
        Unit::Ratio => 0.02 + 0.3 * share,
        Unit::Bytes => 1e9 * (1.0 + 60.0 * share),
        Unit::BytesPerSecond => 1e4 * (1.0 + 1e3 * share * share),
        Unit::PerSecond => 1.0 + 400.0 * share * share,
        Unit::Seconds => 0.000_2 + 0.01 * share,
        Unit::Count => 0.1 + 8.0 * share,
    }
}

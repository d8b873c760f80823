//! A simulated estate, so that anybody can see a whole assessment without a server to measure: seeded,
//! marked as simulated in every name, fact and source, and with planted cases an assessment must find.
//!
//! A server depends on the seed and on its place only, and its load on the date besides: a small estate is
//! the beginning of a large one, and a longer window repeats the load of a shorter one.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::fact::Fact;
use cairn_schemas::gap::Gap;
use cairn_schemas::metric::{self, Metric};
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use cairn_schemas::value_code::{Code, MISSING};

mod absence;
mod facts;
mod kind;
mod load;
mod machine;
mod stream;

use absence::Absences;
use facts::Place;
use kind::{Card, deal};
pub use kind::{KINDS, Kind, Plant};
use load::{Day, Levels, Moment, Reading, is_closing};
use machine::Machine;
use stream::{Stream, Topic};

/// Width of its slots: five minutes, as a collector keeps them.
pub const WIDTH_S: i64 = 300;
/// Source named by every simulated fact.
pub const SOURCE: &str = "simulated";
/// How much memory a server with an upgrade has afterwards, relative to before.
const MEMORY_UPGRADE_FACTOR: f64 = 2.0;
/// Windows of at least this many days are made to hold the last day of a month.
const MONTH_DAYS: u32 = 28;

/// A simulated estate: which servers, when, from which seed.
#[derive(Clone, Debug)]
pub struct Population {
    window: Window,
    seed: u64,
    cards: Vec<Card>,
}

/// One simulated server.
#[derive(Clone, Debug)]
pub struct SimulatedServer {
    /// Its name; begins with `sim-`.
    pub name: String,
    /// What is known of it, source [`SOURCE`].
    pub facts: Vec<(String, Fact)>,
    /// Its load, in slots of [`WIDTH_S`].
    pub table: SlotTable,
    /// Stretches without slots, ascending, with their reasons.
    pub gaps: Vec<Gap>,
    /// What it is in truth, for tests of what an assessment says of it.
    pub truth: &'static Kind,
}

impl Population {
    /// An estate of so many servers, measured for so many days up to the start of the day `now` is in.
    /// From four weeks on the window begins up to three days earlier where that brings in a month-end.
    #[must_use]
    pub fn new(servers: usize, days: u32, now: Timestamp, seed: u64) -> Self {
        let to = now.start_of_day();
        let from = Timestamp(to.0 - i64::from(days) * DAY_S);
        let has_month_end =
            |from: i64| (from..to.0).step_by(DAY_S as usize).any(|day| Timestamp(day).is_month_end());
        let earlier = (0..=3).map(|more| from.0 - more * DAY_S).find(|from| has_month_end(*from));
        let from = earlier.filter(|_| days >= MONTH_DAYS).map_or(from, Timestamp);
        Self { window: Window { from, to }, seed, cards: deal(servers) }
    }

    /// The stretch of time it was measured.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Number of servers.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cards.len()
    }

    /// Whether it has no server.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// Every server, one made at a time.
    pub fn servers(&self) -> impl ExactSizeIterator<Item = SimulatedServer> + '_ {
        self.cards.iter().enumerate().map(|(index, card)| self.server(index, card))
    }

    fn server(&self, index: usize, card: &Card) -> SimulatedServer {
        let mut shared = Stream::new(self.seed, Topic::Machine, card.lead, 0);
        let place = Place::draw(card, &mut shared);
        let machine = Machine::draw(card.kind.class, &mut shared);
        let absences = Absences::draw(self, index, card.kind.plant);
        SimulatedServer {
            name: format!("sim-{}-{:04}", card.kind.prefix, index + 1),
            facts: facts::of(self, index, card, (&place, &machine), &absences),
            table: self.table(index, card.kind, &machine, &absences),
            gaps: absences.gaps,
            truth: card.kind,
        }
    }

    fn table(&self, index: usize, kind: &Kind, machine: &Machine, absences: &Absences) -> SlotTable {
        let levels = Levels::draw(&kind.load, machine, &mut Stream::new(self.seed, Topic::Levels, index, 0));
        let mut table = Recorder::default();
        for day in self.window.from.day()..self.window.to.day() {
            let estate_factor = 1.0 + 0.07 * Stream::new(self.seed, Topic::EstateDay, 0, day).normal();
            let closing = is_closing(Timestamp(day * DAY_S));
            let mut of_day = Day::new(Stream::new(self.seed, Topic::Load, index, day), estate_factor);
            for start in (day * DAY_S..(day + 1) * DAY_S).step_by(WIDTH_S as usize).map(Timestamp) {
                let reading = of_day.next(&levels, Moment::of(start, closing));
                if absences.gaps.iter().any(|gap| gap.window.contains(start)) {
                    continue;
                }
                table.record(start, (!absences.is_off(start)).then_some(reading));
            }
        }
        table.finish()
    }
}

/// A series of the simulated estate, and where its values stand in a reading.
struct Series {
    metric: Metric,
    mean: fn(&Reading) -> f64,
    max: Option<fn(&Reading) -> f64>,
}

const fn series(metric: Metric, mean: fn(&Reading) -> f64) -> Series {
    Series { metric, mean, max: None }
}

/// Bytes of an ordinary request to a disk, by which operations follow from throughput.
const REQUEST_BYTES: f64 = 32_768.0;

/// Every series, ascending by metric.
const SERIES: &[Series] = &[
    Series { metric: metric::CPU_BUSY, mean: |r| r.cpu_busy, max: Some(|r| r.cpu_busy_max) },
    series(metric::MEMORY_USED, |r| r.memory_used),
    series(metric::SWAP_USED, |r| r.swap_used),
    series(metric::DISK_READ, |r| r.disk_read),
    series(metric::DISK_WRITE, |r| r.disk_write),
    series(metric::DISK_READ_OPS, |r| r.disk_read / REQUEST_BYTES),
    series(metric::DISK_WRITE_OPS, |r| r.disk_write / REQUEST_BYTES),
    series(metric::NET_RECEIVE, |r| r.network_receive),
    series(metric::NET_TRANSMIT, |r| r.network_transmit),
];

/// Slots and codes as they come.
#[derive(Default)]
struct Recorder {
    slots: Vec<Slot>,
    means: [Vec<Code>; SERIES.len()],
    maxima: [Vec<Code>; SERIES.len()],
}

impl Recorder {
    /// Adds a slot; without a reading the server was off.
    fn record(&mut self, start: Timestamp, reading: Option<Reading>) {
        let power = if reading.is_some() { Power::On } else { Power::Off };
        self.slots.push(Slot { start, width_s: WIDTH_S as u32, samples: WIDTH_S as u32, power });
        for (i, series) in SERIES.iter().enumerate() {
            let coding = series.metric.unit.coding();
            let code = |read: fn(&Reading) -> f64| {
                reading.as_ref().map_or(MISSING, |reading| coding.encode(Some(read(reading))))
            };
            self.means[i].push(code(series.mean));
            self.maxima[i].extend(series.max.map(code));
        }
    }

    fn finish(self) -> SlotTable {
        let columns = SERIES.iter().zip(self.means.into_iter().zip(self.maxima));
        let columns = columns.map(|(series, (mean, max))| Column {
            key: SeriesKey::total(&series.metric),
            mean,
            max: series.max.is_some().then_some(max),
        });
        SlotTable { columns: columns.collect(), slots: self.slots }
    }
}

#[cfg(test)]
#[path = "simulate/simulate_tests.rs"]
mod tests;

//! Sampling: an ordered list of samplers, each of which writes its series on the board once a second.
//!
//! A counter is only ever compared with the one this process read before it; nothing is carried over a
//! restart, so no difference ever spans two boots.
//!
//! The seam between operating systems: a sampler `x.rs` says what its series mean and how they follow from
//! counters; `x/linux.rs` beside it alone knows where they stand. Another system is another file there, with the
//! same few functions. `kept_file`, `roster` and `text` serve the Linux files.
// SPDX-License-Identifier: Apache-2.0

mod board;
mod reading;

mod cpu;
mod memory;
mod paging;
mod pressure;

mod disk;
mod filesystem;

mod network;
mod tcp;

mod own_cost;

mod kept_file;
mod roster;
mod text;

#[cfg(test)]
mod generated_tree;
#[cfg(test)]
mod staged;

pub use board::{Board, SeriesIndex};
pub(crate) use disk::linux::is_whole_disk;
pub(crate) use filesystem::used_bytes as local_file_systems;
pub(crate) use network::linux::is_physical as is_physical_interface;
pub(crate) use own_cost::linux::cpu_time_s;
pub use reading::{Missing, Reading};

use crate::clock::{Clock, Instants};
use crate::root::Root;
use serde::Serialize;

/// Readings further apart than was meant by this say nothing about a second: the host slept, or the agent was
/// starved.
const LATE_S_MAX: f64 = 4.0;

/// Reads one source once a second.
pub trait Sampler: Send {
    /// Writes the series of this sampler. `elapsed_s` is the time since the call before; `None`: only take
    /// the counters down, since there is nothing to compare them with.
    ///
    /// # Errors
    /// What could not be read as a whole; each series of it says so on the board as well.
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing>;
}

/// Makes a sampler and registers its series.
type Make = fn(&Root, &mut Board) -> Box<dyn Sampler>;

/// Every sampler, in order of reading, with the seconds between its readings: what is dear to read and moves
/// slowly is read less often, and its mean is over those seconds. A new one is a file, and a line here.
const SAMPLERS: &[(&str, u64, Make)] = &[
    ("cpu", 1, cpu::make),
    ("memory", 1, memory::make),
    ("paging", 5, paging::make),
    ("pressure", 1, pressure::make),
    ("disk", 1, disk::make),
    ("filesystem", 1, filesystem::make),
    ("network", 1, network::make),
    ("tcp", 5, tcp::make),
    ("own_cost", 5, own_cost::make),
];
/// The first two readings are of everything: they show which series there are, and which rates can be had.
const FIRST_READINGS: u64 = 2;

/// How a sampler is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Its name.
    pub sampler: &'static str,
    /// How long its last reading took.
    pub duration_ns: i64,
    /// Readings so far.
    pub readings: u64,
    /// Readings that failed as a whole.
    pub failures: u64,
    /// Why the last reading failed; `None` when it succeeded.
    pub failure: Option<String>,
}

/// One sampler, and when it last read.
struct Entry {
    sampler: Box<dyn Sampler>,
    every: u64,
    before: Option<Instants>,
    health: Health,
    failure: Option<Missing>,
}

impl Entry {
    fn sample(&mut self, now: Instants, board: &mut Board) {
        let elapsed_s = self.before.replace(now).map(|before| (now.boot_ns - before.boot_ns) as f64 / 1e9);
        let elapsed_s = elapsed_s.filter(|s| *s > 0.0 && *s <= self.every as f64 + LATE_S_MAX);
        self.failure = self.sampler.sample(elapsed_s, board).err();
        self.health.readings += 1;
        self.health.failures += u64::from(self.failure.is_some());
    }
}

/// All samplers of one host, and the board they write on.
pub struct Samplers {
    entries: Vec<Entry>,
    board: Board,
    readings: u64,
}

impl Samplers {
    /// Every sampler of [`SAMPLERS`] on the host under `root`.
    #[must_use]
    pub fn new(root: &Root) -> Self {
        let mut board = Board::default();
        let entry = |(name, every, make): &(&'static str, u64, Make)| Entry {
            sampler: make(root, &mut board),
            every: *every,
            before: None,
            health: Health { sampler: name, ..Health::default() },
            failure: None,
        };
        let entries = SAMPLERS.iter().map(entry).collect();
        Self { entries, board, readings: 0 }
    }

    /// Takes one reading of everything that is due.
    pub fn sample(&mut self, clock: &dyn Clock) -> &Board {
        let now = clock.now();
        self.board.clear();
        self.readings += 1;
        let mut began = now.mono_ns;
        for entry in &mut self.entries {
            if self.readings <= FIRST_READINGS || self.readings.is_multiple_of(entry.every) {
                entry.sample(now, &mut self.board);
                let ended = clock.now().mono_ns;
                entry.health.duration_ns = ended - began;
                began = ended;
            }
        }
        &self.board
    }

    /// The board as the last reading left it.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// How each sampler is doing.
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        let failure = |entry: &Entry| entry.failure.map(|why| why.to_string());
        self.entries.iter().map(|entry| Health { failure: failure(entry), ..entry.health.clone() }).collect()
    }
}

#[cfg(test)]
#[path = "sampler/cost_tests.rs"]
mod cost_tests;
#[cfg(test)]
#[path = "sampler/garbage_tests.rs"]
mod garbage_tests;
#[cfg(test)]
#[path = "sampler/hostile_tests.rs"]
mod hostile_tests;
#[cfg(test)]
#[path = "sampler/recorded_tests.rs"]
mod recorded_tests;
#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;

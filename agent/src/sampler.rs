//! Sampling: an ordered list of samplers, each of which writes its series on the board once a second.
//!
//! A counter is only ever compared with the one this process read before it; nothing is carried over a
//! restart, so no difference ever spans two boots.
// SPDX-License-Identifier: Apache-2.0

mod board;
mod reading;

mod cpu;
mod memory;
mod pressure;

mod disk;
mod filesystem;

mod network;
mod tcp;

mod own_cost;

mod kept_file;
mod text;

#[cfg(test)]
mod generated_tree;

pub use board::{Board, SeriesIndex};
pub(crate) use disk::linux::is_whole_disk;
pub(crate) use network::linux::is_physical as is_physical_interface;
pub(crate) use own_cost::linux::cpu_time_s;
pub use reading::{Missing, Reading};

use crate::clock::{Clock, Instants};
use crate::root::Root;
use serde::Serialize;

/// Above this distance two readings say nothing about a second: the host slept, or the agent was starved.
const INTERVAL_S_MAX: f64 = 5.0;

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

/// Every sampler, in order of reading. A new one is a file, and a line here.
const SAMPLERS: &[(&str, Make)] = &[
    ("cpu", cpu::make),
    ("memory", memory::make),
    ("pressure", pressure::make),
    ("disk", disk::make),
    ("filesystem", filesystem::make),
    ("network", network::make),
    ("tcp", tcp::make),
    ("own_cost", own_cost::make),
];

/// Bytes in use on all local file systems.
pub(crate) fn local_file_systems(root: &Root) -> Result<f64, String> {
    let usages = filesystem::linux::poll(root).map_err(|why| why.to_string())?;
    if usages.is_empty() {
        return Err("no local file system is mounted here".to_owned());
    }
    Ok(usages.iter().map(|usage| usage.used_bytes as f64).sum())
}

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

/// All samplers of one host, and the board they write on.
pub struct Samplers {
    samplers: Vec<Box<dyn Sampler>>,
    health: Vec<Health>,
    failing: Vec<Option<Missing>>,
    board: Board,
    before: Option<Instants>,
}

impl Samplers {
    /// Every sampler of [`SAMPLERS`] on the host under `root`.
    #[must_use]
    pub fn new(root: &Root) -> Self {
        let mut board = Board::default();
        let samplers: Vec<_> = SAMPLERS.iter().map(|(_, make)| make(root, &mut board)).collect();
        let health = SAMPLERS.iter().map(|(name, _)| Health { sampler: name, ..Health::default() }).collect();
        Self { failing: vec![None; samplers.len()], samplers, health, board, before: None }
    }

    /// Takes one reading of everything.
    pub fn sample(&mut self, clock: &dyn Clock) -> &Board {
        let now = clock.now();
        let elapsed_s = self.before.replace(now).map(|before| (now.boot_ns - before.boot_ns) as f64 / 1e9);
        let elapsed_s = elapsed_s.filter(|s| *s > 0.0 && *s <= INTERVAL_S_MAX);
        self.board.clear();
        let mut began = now.mono_ns;
        for (at, sampler) in self.samplers.iter_mut().enumerate() {
            let result = sampler.sample(elapsed_s, &mut self.board);
            let ended = clock.now().mono_ns;
            let health = &mut self.health[at];
            health.readings += 1;
            health.duration_ns = ended - began;
            health.failures += u64::from(result.is_err());
            self.failing[at] = result.err();
            began = ended;
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
        let mut health = self.health.clone();
        for (health, failing) in health.iter_mut().zip(&self.failing) {
            health.failure = failing.map(|why| why.to_string());
        }
        health
    }
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;

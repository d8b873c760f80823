//! What a simulation is made of: everything follows from the seed, and everything can be printed, so that a
//! failure names all it needs to happen again.
// SPDX-License-Identifier: Apache-2.0

use super::fault::Kind;
use super::random::Random;

/// Milliseconds of a second, a minute and an hour.
pub const SECOND_MS: i64 = 1_000;
/// A minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// An hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A bug put into the simulator's own adapters, to show that an invariant can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The collector answers before it commits.
    AcknowledgesFirst,
    /// After a restart the collector takes its agents for new ones, and counts what they send under both.
    ForgetsSources,
    /// The proxy before the collector loses the gaps of every batch.
    DropsGaps,
    /// The disk says that it synced and did not.
    DiskLies,
    /// The agent gives up after five failures.
    GivesUp,
    /// What cannot be decoded is answered like what may be sent again.
    RetriesPoison,
    /// Another batch of the same number is taken for the same.
    MergesForks,
    /// Beside a batch that was damaged, the proxy loses what another one holds and tells it as the first would be.
    MistellsBesideDamage,
    /// Beside one that was damaged while the clock was set back, it loses another one's time without a word.
    HidesBesideDamage,
}

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where all chance comes from.
    pub seed: u64,
    /// Machines with an agent at the beginning.
    pub machines: usize,
    /// How long faults happen: safety is what is asked for.
    pub faults_ms: i64,
    /// How long none happens after that: liveness is asked for too.
    pub calm_ms: i64,
    /// Width of a slot, in seconds.
    pub slot_width_s: u32,
    /// Milliseconds from one reading to the next.
    pub reading_every_ms: i64,
    /// Seconds of slots in a batch.
    pub batch_every_s: u64,
    /// Which faults may happen.
    pub faults: Vec<Kind>,
    /// Mean time from one fault to the next.
    pub fault_every_ms: i64,
    /// Probability that a request, or its answer, is lost.
    pub loss: f64,
    /// Probability that a request arrives a second time, up to an hour later.
    pub duplicates: f64,
    /// Longest way of a request or an answer.
    pub delay_ms_max: i64,
    /// Batches that may wait for a commit; beyond it agents are asked to come again.
    pub queue_max: usize,
    /// Milliseconds from the first batch that waits to the commit.
    pub commit_ms: i64,
    /// Bytes an agent's spool may hold.
    pub spool_bytes_max: u64,
    /// The bug that is planted.
    pub bug: Option<Bug>,
}

impl Options {
    /// What a seed stands for. Each kind of fault is left out of half of the seeds: a run with everything hides
    /// what only shows when something else does not happen.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let faults: Vec<Kind> = Kind::ALL.into_iter().filter(|_| random.chance(0.5)).collect();
        Self {
            seed,
            machines: random.pick(&[1, 2, 2, 3, 4]),
            faults_ms: random.between(30, 150) * MINUTE_MS,
            calm_ms: 150 * MINUTE_MS,
            slot_width_s: random.pick(&[60, 60, 60, 30]),
            reading_every_ms: SECOND_MS,
            batch_every_s: random.pick(&[900, 900, 300, 120]),
            faults,
            fault_every_ms: random.pick(&[1, 3, 10, 30]) * MINUTE_MS,
            loss: random.pick(&[0.0, 0.02, 0.3]),
            duplicates: random.pick(&[0.0, 0.1]),
            delay_ms_max: random.pick(&[50, 2_000, 70_000]),
            queue_max: random.pick(&[1, 2, 1_024]),
            commit_ms: random.pick(&[5, 50, 5_000]),
            spool_bytes_max: random.pick(&[256 << 20, 256 << 20, 6_000]),
            bug: None,
        }
    }

    /// The same with a bug planted.
    #[must_use]
    pub fn with(self, bug: Bug) -> Self {
        Self { bug: Some(bug), ..self }
    }
}

//! The uplink decides which batch goes next and when, from replies and the time alone; it does no input or
//! output itself. `http` carries out what it decides.
// SPDX-License-Identifier: Apache-2.0

pub mod http;
mod tls;

use cairn_schemas::enrolment::Ack;
use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::SpoolId;
use std::collections::BTreeSet;

/// Retries spread over at most this; they never end.
const BACKOFF_MS_MAX: i64 = 15 * 60 * 1_000;
const BACKOFF_MS_FIRST: i64 = 1_000;
/// Bounds on what a collector may ask for, so that a mistaken one cannot silence an agent for ever.
const ASKED_S_MAX: u64 = 3_600;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 200.
    Acknowledged(Ack),
    /// Any other status; `detail` is what the collector says of it.
    Refused {
        /// The status.
        status: u16,
        /// Seconds of `Retry-After`.
        retry_after_s: Option<u64>,
        /// For people.
        detail: String,
    },
    /// No answer, and why.
    Unreachable(String),
}

/// What is to be done with the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything up to this number is safe at the collector.
    Forget(u64),
    /// It will never be taken: put it aside and go on.
    PutAside(GapReason),
    /// Keep it, try again later.
    Keep,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this batch now.
    Send(u64),
    /// Nothing before this moment.
    Wait(i64),
    /// Nothing until something is sealed.
    Idle,
}

/// The uplink of one agent. Moments are milliseconds of the monotonic clock.
#[derive(Debug)]
pub struct Uplink {
    spool_id: SpoolId,
    unsent: BTreeSet<u64>,
    /// A person's own rhythm; it outweighs the collector's wish.
    every_s: Option<u64>,
    failures: u32,
    not_before_ms: i64,
}

impl Uplink {
    /// An uplink for the batches of a spool.
    #[must_use]
    pub fn new(spool_id: SpoolId, sealed: impl IntoIterator<Item = u64>, every_s: Option<u64>) -> Self {
        Self { spool_id, unsent: sealed.into_iter().collect(), every_s, failures: 0, not_before_ms: i64::MIN }
    }

    /// A batch has been sealed.
    pub fn add(&mut self, seq: u64) {
        self.unsent.insert(seq);
    }

    /// A batch is no longer there.
    pub fn remove(&mut self, seq: u64) {
        self.unsent.remove(&seq);
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self, now_ms: i64) -> Step {
        match self.unsent.first() {
            None => Step::Idle,
            Some(_) if now_ms < self.not_before_ms => Step::Wait(self.not_before_ms),
            Some(seq) => Step::Send(*seq),
        }
    }

    /// Nothing goes before this moment.
    pub const fn wait_until(&mut self, moment_ms: i64) {
        self.not_before_ms = moment_ms;
    }

    /// Lets the next round begin at once: the last chance before stopping.
    pub const fn hurry(&mut self) {
        self.not_before_ms = i64::MIN;
    }

    /// Takes in what became of batch `seq`. `in_spool` tells whether a number can still be sent, `has_slots`
    /// whether this one carries data; `random` is uniform over all of `u64`.
    pub fn settle(
        &mut self,
        seq: u64,
        outcome: &Outcome,
        now_ms: i64,
        random: u64,
        in_spool: impl Fn(u64) -> bool,
        has_slots: bool,
    ) -> Verdict {
        match outcome {
            Outcome::Acknowledged(ack) if ack.spool_id != self.spool_id => {
                self.back_off(now_ms, random, None)
            }
            // The collector says that it has it and that it lacks it: believe the latter, but not at full speed.
            Outcome::Acknowledged(ack) if ack.missing.contains(&seq) => self.back_off(now_ms, random, None),
            Outcome::Acknowledged(ack) => {
                self.failures = 0;
                self.unsent.remove(&seq);
                self.unsent.extend(ack.missing.iter().copied().filter(|missing| in_spool(*missing)));
                if self.unsent.is_empty() {
                    let pause_s = self.every_s.unwrap_or(u64::from(ack.next_upload_in_s)).min(ASKED_S_MAX);
                    self.not_before_ms = now_ms + pause_s as i64 * 1_000;
                }
                // A copy of this disk, or its own past before a snapshot was brought back, may have used numbers
                // whose batches are still here: each is sent, and its content compared, before it is forgotten.
                let before_unsent = self.unsent.first().map_or(u64::MAX, |first| first - 1);
                Verdict::Forget(ack.ack_through.min(before_unsent))
            }
            Outcome::Refused { status: 400 | 413 | 422, .. } => {
                self.failures = 0;
                self.unsent.remove(&seq);
                Verdict::PutAside(GapReason::CollectorRejected)
            }
            // The collector holds another batch of this number. If ours has no slots it stands for one that had
            // arrived after all; otherwise two machines use one identity, and a person must decide.
            Outcome::Refused { status: 409, .. } if !has_slots => {
                self.unsent.remove(&seq);
                Verdict::PutAside(GapReason::CollectorRejected)
            }
            Outcome::Refused { retry_after_s, .. } => self.back_off(now_ms, random, *retry_after_s),
            Outcome::Unreachable(_) => self.back_off(now_ms, random, None),
        }
    }

    /// Full jitter: anywhere between now and a bound that doubles, so that a thousand agents do not return at
    /// the same moment. A wish of the collector is honoured in full, with the jitter on top.
    fn back_off(&mut self, now_ms: i64, random: u64, retry_after_s: Option<u64>) -> Verdict {
        let bound = BACKOFF_MS_FIRST.saturating_mul(1 << self.failures.min(20)).min(BACKOFF_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        let asked_ms = retry_after_s.unwrap_or(0).min(ASKED_S_MAX) as i64 * 1_000;
        let jitter_ms = (random % (bound as u64 + 1)) as i64;
        self.not_before_ms = now_ms + asked_ms + jitter_ms;
        Verdict::Keep
    }
}

#[cfg(test)]
#[path = "uplink_tests.rs"]
mod tests;

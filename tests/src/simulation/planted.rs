//! Bugs planted into the simulator's own adapters: each breaks one invariant, and shows that its checker can fail.
//! The programs under test know nothing of them.
// SPDX-License-Identifier: Apache-2.0

use super::collector::outcome;
use super::options::Bug;
use super::world::{Request, World};
use cairn_agent::spool::Signer as _;
use cairn_agent::uplink::Outcome;
use cairn_collector::ingest::Rejection;
use cairn_collector::store::{SourceKind, Store as _};
use cairn_schemas::batch;
use cairn_schemas::digest::sha256;
use cairn_schemas::enrolment::Ack;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::BatchKey;
use cairn_schemas::slot::{Slot, SlotTable};
use cairn_schemas::time::Window;

/// Failures after which the bug [`Bug::GivesUp`] stops.
const PATIENCE: u32 = 5;

impl World {
    /// What a broken collector answers before anything was done.
    pub(super) fn planted_answer(&mut self, id: u64, request: &Request) -> Option<Outcome> {
        let bug = self.options.bug?;
        let key = batch::open(&request.sealed).ok()?.key;
        match bug {
            Bug::AcknowledgesFirst => {
                let is_first = self.collector.take(id, &request.sealed, usize::MAX, self.now_ms).ok()?;
                if is_first {
                    self.commit_later();
                }
                Some(Outcome::Acknowledged(self.ack_of(key)))
            }
            Bug::MergesForks => {
                let hash = sha256(&request.sealed);
                let held =
                    *self.history.committed.entry((key.agent_id, key.spool_id, key.seq)).or_insert(hash);
                (held != hash).then(|| Outcome::Acknowledged(self.ack_of(key)))
            }
            _ => None,
        }
    }

    const fn ack_of(&self, key: BatchKey) -> Ack {
        Ack {
            spool_id: key.spool_id,
            ack_through: key.seq,
            missing: Vec::new(),
            duplicate: false,
            server_time: self.collector.now(self.now_ms),
            next_upload_in_s: 900,
            directives_version: 0,
            directives: None,
        }
    }

    /// What a broken proxy makes of a batch.
    pub(super) fn planted_change(&self, request: &Request) -> Vec<u8> {
        let key = &self.machines[request.machine].keys;
        let decoded = batch::open(&request.sealed).and_then(|envelope| envelope.decode());
        let (Some(bug), Ok(mut batch)) = (self.options.bug, decoded) else { return request.sealed.to_vec() };
        match bug {
            Bug::DropsGaps => batch.gaps.clear(),
            Bug::MistellsBesideDamage if self.history.damaged.contains_key(&request.machine) => {
                let gap = |slot: &Slot| Gap {
                    window: Window { from: slot.start, to: slot.end() },
                    reason: GapReason::AgentDown,
                };
                batch.gaps.extend(batch.table.slots.iter().map(gap));
                batch.table = SlotTable::default();
            }
            Bug::HidesBesideDamage if self.history.unaccountable(request.machine).next().is_some() => {
                (batch.gaps, batch.table) = (Vec::new(), SlotTable::default());
            }
            _ => return request.sealed.to_vec(),
        }
        batch::seal(&batch, |signed| key.sign(signed)).unwrap_or_default()
    }

    /// What a broken collector does once a batch is committed.
    pub(super) fn planted_after_commit(&self, id: u64, answer: &Result<Ack, Rejection>) {
        if self.options.bug == Some(Bug::ForgetsSources)
            && self.collector.was_restarted
            && answer.is_ok()
            && let Some(request) = self.requests.get(&id)
            && let Ok(batch) = batch::open(&request.sealed).and_then(|envelope| envelope.decode())
        {
            let host = format!("host-{}", request.machine);
            let source = self.collector.store.source(SourceKind::Import, "again", &host);
            let merged =
                source.and_then(|source| self.collector.store.merge(source.id, &batch.table, &batch.gaps));
            assert!(merged.is_ok(), "{merged:?}");
        }
    }

    /// What an agent is told of an answer.
    pub(super) fn outcome(&self, answer: Result<Ack, Rejection>) -> Outcome {
        if self.options.bug == Some(Bug::RetriesPoison) && matches!(answer, Err(Rejection::Undecodable(_))) {
            return Outcome::Refused { status: 503, retry_after_s: Some(60), detail: String::new() };
        }
        outcome(answer)
    }

    /// Whether a broken agent has stopped listening.
    pub(super) fn planted_deafness(&mut self, machine: usize, outcome: &Outcome) -> bool {
        if self.options.bug != Some(Bug::GivesUp) {
            return false;
        }
        let failures = self.failures.entry(machine).or_default();
        *failures = if matches!(outcome, Outcome::Acknowledged(_)) { 0 } else { *failures + 1 };
        *failures >= PATIENCE
    }
}

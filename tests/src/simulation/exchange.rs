//! The way of a batch from one machine to the collector, and of what is said to it: losses, delays, repetitions.
// SPDX-License-Identifier: Apache-2.0

use super::machine::DATA;
use super::options::{HOUR_MS, MINUTE_MS, SECOND_MS};
use super::world::{Event, HEALED_AFTER_MS, INHERITS, Request, World};
use cairn_agent::uplink::Outcome;
use cairn_schemas::batch::Batch;
use std::path::Path;
use std::rc::Rc;

impl World {
    /// Delivers what a copy inherited, one batch after the other, each until the collector has said something to it.
    pub(super) fn inherit(&mut self, at: usize) {
        let Some(sealed) = self.machines[at].inherited.first().cloned() else { return };
        self.requests_made += 1;
        let request = self.requests_made;
        self.requests.insert(request, Request { machine: at, run: INHERITS, seq: 0, sealed, is_open: true });
        self.later(SECOND_MS, Event::Arrive { request });
        let again_ms = self.random.between(1, 15) * MINUTE_MS;
        self.later(again_ms, Event::Inherit { machine: at });
    }

    pub(super) fn send(&mut self, at: usize, seq: u64, sealed: Vec<u8>) {
        self.write_corpus(&sealed);
        self.requests_made += 1;
        let request = self.requests_made;
        self.note("sends", [at as u64, seq, sealed.len() as u64]);
        let run = self.machines[at].run;
        let sealed = Rc::new(sealed);
        self.requests.insert(request, Request { machine: at, run, seq, sealed, is_open: true });
        self.later(MINUTE_MS, Event::Timeout { request });
        if self.random.chance(self.loss) {
            self.history.count("request lost");
        } else {
            let delay_ms = self.delay_ms();
            self.later(delay_ms, Event::Arrive { request });
        }
        if self.calm_since_ms.is_none() && self.random.chance(self.options.duplicates) {
            self.history.count("request duplicated");
            let delay_ms = self.random.between(0, HOUR_MS);
            self.later(delay_ms, Event::Arrive { request });
        }
    }

    pub(super) fn delay_ms(&mut self) -> i64 {
        let max = if self.calm_since_ms.is_some() { 100 } else { self.options.delay_ms_max };
        self.random.between(1, max)
    }

    pub(super) fn arrive(&mut self, id: u64) {
        let Some(request) = self.requests.get(&id).cloned() else { return };
        if self.machines[request.machine].is_cut_off {
            return;
        }
        if !self.collector.is_up {
            return self.answer(id, Outcome::Unreachable("connection refused".into()));
        }
        self.arrivals.push((self.now_ms, request.machine));
        if let Some(outcome) = self.planted_answer(id, &request) {
            return self.answer(id, outcome);
        }
        let sealed = self.planted_change(&request);
        let queue_max = if self.calm_since_ms.is_some() { usize::MAX } else { self.options.queue_max };
        match self.collector.take(id, &sealed, queue_max, self.now_ms) {
            Ok(is_first) => {
                if is_first {
                    self.later(self.options.commit_ms, Event::Commit);
                }
            }
            Err(rejection) => {
                let outcome = self.outcome(Err(rejection));
                self.answer(id, outcome);
            }
        }
    }

    pub(super) fn commit(&mut self) {
        if !self.collector.is_up {
            return;
        }
        let answers = self.collector.commit();
        if self.collector.is_waiting() {
            self.later(self.options.commit_ms, Event::Commit);
        }
        for (id, answer) in &answers {
            self.planted_after_commit(*id, answer);
        }
        if std::mem::take(&mut self.crashes_after_commit) {
            return self.crash_collector();
        }
        for (id, answer) in answers {
            let outcome = self.outcome(answer);
            self.answer(id, outcome);
        }
    }

    fn answer(&mut self, request: u64, outcome: Outcome) {
        let status = match &outcome {
            Outcome::Acknowledged(ack) => 200 + (ack.ack_through << 16),
            Outcome::Refused { status, .. } => u64::from(*status),
            Outcome::Unreachable(_) => 0,
        };
        self.note("answers", [request, status & 0xffff, status >> 16]);
        if self.random.chance(self.loss) {
            self.history.count("answer lost");
            return;
        }
        let delay_ms = self.delay_ms();
        self.later(delay_ms, Event::Answer { request, outcome });
    }

    /// Nobody answered. A sleeping machine notices when it wakes.
    pub(super) fn time_out(&mut self, request: u64) {
        if self.requests.get(&request).is_some_and(|request| self.machines[request.machine].is_asleep) {
            return self.later(MINUTE_MS, Event::Timeout { request });
        }
        self.settle(request, &Outcome::Unreachable("timeout".into()));
    }

    /// An agent hears what became of its batch, or that nobody answered in time.
    pub(super) fn settle(&mut self, id: u64, outcome: &Outcome) {
        let Some(request) = self.requests.get_mut(&id).filter(|request| request.is_open) else { return };
        if request.run == INHERITS {
            let heir = &mut self.machines[request.machine];
            let is_settled = match outcome {
                Outcome::Acknowledged(_) => true,
                Outcome::Refused { status, .. } => matches!(status, 400 | 409 | 413 | 422),
                Outcome::Unreachable(_) => false,
            };
            heir.inherited.retain(|sealed| !is_settled || !Rc::ptr_eq(sealed, &request.sealed));
            return;
        }
        let (at, run, seq) = (request.machine, request.run, request.seq);
        let cut_off = self.machines[at].is_cut_off && !matches!(outcome, Outcome::Unreachable(_));
        let machine = &mut self.machines[at];
        if machine.run != run || machine.is_asleep || cut_off {
            return;
        }
        request.is_open = false;
        if self.planted_deafness(at, outcome) {
            return;
        }
        let waiting = self.note_outcome(at, outcome);
        let random = self.random.next();
        let machine = &mut self.machines[at];
        let instants = machine.instants(self.now_ms);
        let (mut disk, now) = (machine.disk.clone(), instants.timestamp());
        let Some(agent) = &mut machine.agent else { return };
        let since_ms = agent.since_began_ms(instants);
        if let Some(heard) = agent.delivery.settle(seq, outcome, since_ms, now, random) {
            cairn_agent::run::heard::store(&mut disk, Path::new(DATA), &heard);
        }
        machine.pump_due_ms = i64::MIN;
        let spool = agent.delivery.spool();
        let forgotten = waiting.into_iter().filter(|batch| spool.sealed().all(|seq| seq != batch.key.seq));
        let forgotten: Vec<Batch> = forgotten.collect();
        self.note_forgotten(at, &forgotten);
        self.follow(at, outcome);
        self.pump(at);
    }

    /// What an answer may let the agent forget.
    fn note_outcome(&mut self, at: usize, outcome: &Outcome) -> Vec<Batch> {
        let machine = &self.machines[at];
        let Some(agent) = &machine.agent else { return Vec::new() };
        let Outcome::Acknowledged(ack) = outcome else {
            if let Outcome::Refused { status, .. } = outcome {
                self.history.count(status_name(*status));
                self.machines[at].last_status = *status;
            }
            return Vec::new();
        };
        let spool = agent.delivery.spool();
        if ack.spool_id != spool.id() {
            return Vec::new();
        }
        self.history.count("acknowledged");
        let acknowledged = spool.sealed().take_while(|seq| *seq <= ack.ack_through);
        let waiting = acknowledged.filter_map(|seq| machine.batch(seq)).collect();
        self.machines[at].last_status = 200;
        waiting
    }

    /// What the agent has forgotten, and how long it took.
    fn note_forgotten(&mut self, at: usize, forgotten: &[Batch]) {
        let healed = self.calm_since_ms.is_some_and(|since| self.now_ms > since + HEALED_AFTER_MS);
        for batch in forgotten {
            self.history.acknowledged.extend(batch.table.slots.iter().map(|slot| (at, slot.start)));
            let took_s = self.now_ms / 1_000 - batch.sealed_at.0;
            if healed {
                let slowest_s = self.history.slowest_s.entry(at).or_default();
                *slowest_s = took_s.max(*slowest_s);
            }
        }
    }

    /// One batch more that fuzzing may begin from.
    fn write_corpus(&self, sealed: &[u8]) {
        if let Some(folder) = &self.corpus {
            let name = cairn_schemas::digest::sha256_hex(sealed);
            let written = std::fs::write(folder.join(format!("{}.batch", &name[..16])), sealed);
            assert!(written.is_ok(), "{}: {written:?}", folder.display());
        }
    }
}

fn status_name(status: u16) -> &'static str {
    match status {
        400 => "400 damaged",
        409 => "409 forked",
        413 => "413 too large",
        422 => "422 unreadable or wrong clock",
        429 => "429 busy",
        503 => "503 store refuses",
        _ => "other status",
    }
}

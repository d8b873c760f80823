//! The keeper: owns the spool, decides when to seal, carries out what the uplink wants, and writes the status.
// SPDX-License-Identifier: Apache-2.0

use super::destination::Destination;
use super::heard;
use super::pulse::{Message, Vitals};
use crate::clock::Clock;
use crate::config::{BATCH_EVERY_S, Config};
use crate::identity::random_bytes;
use crate::sampler::cpu_time_s;
use crate::slot::Event;
use crate::spool::Spool;
use crate::status::Status;
use crate::uplink::{Outcome, Step, Uplink, Verdict};
use cairn_schemas::directives::Directives;
use cairn_schemas::identity::AgentId;
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::Timestamp;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;

type Sending = Pin<Box<dyn Future<Output = Outcome>>>;

/// The way of a batch: kept, chosen, sent.
pub(super) struct Delivery {
    pub(super) spool: Spool,
    pub(super) uplink: Uplink,
    pub(super) destination: Destination,
}

pub(super) struct Keeper {
    clock: Arc<dyn Clock>,
    data: PathBuf,
    spool: Spool,
    uplink: Uplink,
    destination: Destination,
    sending: Option<(u64, Sending)>,
    began: Instant,
    status: Status,
    vitals: Option<Vitals>,
    inventory: Option<Inventory>,
    inventory_sealed: Option<Inventory>,
    /// A person's own rhythm; it outweighs the collector's wish.
    batch_every_s: Option<u64>,
    /// Where in each interval this agent seals, as a share of it in 1 / 2^32, so that not all do at once.
    phase: u32,
    directives: watch::Sender<Directives>,
    /// Uploads wait for the host's sake.
    eases: bool,
}

impl Keeper {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        data: &Path,
        delivery: Delivery,
        agent_id: AgentId,
        config: &Config,
        directives: watch::Sender<Directives>,
    ) -> Self {
        let Delivery { spool, uplink, destination } = delivery;
        let [.., a, b, c, d] = agent_id.0;
        let now = clock.now().timestamp();
        Self {
            clock,
            data: data.to_owned(),
            spool,
            uplink,
            destination,
            sending: None,
            began: Instant::now(),
            status: Status {
                agent_version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at: now,
                ..Status::default()
            },
            vitals: None,
            inventory: None,
            inventory_sealed: None,
            batch_every_s: config.batch_every_s,
            phase: u32::from_be_bytes([a, b, c, d]),
            directives,
            eases: false,
        }
    }

    pub(super) fn take(&mut self, message: Message) {
        match message {
            Message::Time(Event::Slot(closed)) => {
                let (start, end) = (closed.slot.start, closed.slot.end());
                self.spool.append(closed);
                if self.interval(start) != self.interval(end) {
                    self.seal();
                }
            }
            Message::Time(Event::Gap(gap)) => {
                tracing::info!(reason = gap.reason.name(), from = %gap.window.from, to = %gap.window.to, "gap");
                self.spool.note(gap);
            }
            Message::Time(Event::Restart) => {
                self.seal();
            }
            Message::Vitals(vitals) => {
                self.vitals = Some(*vitals);
                self.announce();
                self.write_status();
            }
            Message::Inventory(inventory) => {
                self.inventory = Some(*inventory);
                self.announce();
            }
            Message::Rests => {
                self.vitals.get_or_insert_default();
                self.seal();
                self.write_status();
            }
            Message::Ease(eases) => {
                tracing::info!(eases, "uploads wait while the host is short of memory");
                self.eases = eases;
            }
            Message::Open(open) => {
                if let Err(error) = open.leave(&self.data) {
                    tracing::warn!(%error, "the open minute could not be kept; it will be a gap");
                }
            }
        }
    }

    fn interval(&self, moment: Timestamp) -> i64 {
        let asked = || self.directives.borrow().batch_every_s.map(u64::from);
        let every_s = self.batch_every_s.or_else(asked).unwrap_or(BATCH_EVERY_S) as i64;
        let phase_s = (i64::from(self.phase) * every_s) >> 32;
        (moment.0 + phase_s).div_euclid(every_s)
    }

    /// The first batch of a run goes at once: the collector hears that the server is there, and what it is.
    fn announce(&mut self) {
        if self.inventory_sealed.is_none() && self.inventory.is_some() && self.vitals.is_some() {
            self.seal();
        }
    }

    pub(super) fn seal(&mut self) {
        let now = self.clock.now().timestamp();
        let inventory = self.inventory.as_ref().map(|read| complete(read, self.vitals.as_ref()));
        let known = |read: &Inventory| {
            self.inventory_sealed.as_ref().is_some_and(|sealed| {
                (&sealed.facts, &sealed.unknown, &sealed.hostname)
                    == (&read.facts, &read.unknown, &read.hostname)
            })
        };
        let news = inventory.filter(|read| self.spool.inventory_due() || !known(read));
        if let Some(seq) = self.spool.seal(now, news.as_ref()) {
            self.inventory_sealed = news.or(self.inventory_sealed.take());
            self.uplink.add(seq);
        }
    }

    /// Begins the next upload if one is due and none is under way.
    pub(super) fn send_next(&mut self) {
        if self.sending.is_some() || self.eases {
            return;
        }
        while let Step::Send(seq) = self.uplink.next(self.now_ms()) {
            if let Some(bytes) = self.spool.read(seq, self.clock.now().timestamp()) {
                let destination = self.destination.clone();
                self.sending = Some((seq, Box::pin(async move { destination.send(bytes).await })));
                return;
            }
            // Given up or damaged: its batch of gaps, if there is one, waits under the same number.
            if !self.spool.sealed().any(|known| known == seq) {
                self.uplink.remove(seq);
            }
        }
    }

    /// Resolves when the upload under way has ended; never when there is none.
    pub(super) async fn sent(&mut self) -> (u64, Outcome) {
        match &mut self.sending {
            None => std::future::pending().await,
            Some((seq, sending)) => {
                let (seq, outcome) = (*seq, sending.await);
                self.sending = None;
                (seq, outcome)
            }
        }
    }

    /// When the uplink wants to be asked again.
    pub(super) fn next_due(&self) -> Option<Instant> {
        match self.uplink.next(self.now_ms()) {
            Step::Wait(ms) if self.sending.is_none() && !self.eases => {
                Some(self.began + std::time::Duration::from_millis(ms.max(0) as u64))
            }
            _ => None,
        }
    }

    pub(super) fn settle(&mut self, seq: u64, outcome: &Outcome) {
        let now = self.clock.now().timestamp();
        let random = random_bytes()
            .map_or(0, |b| u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]));
        let (now_ms, spool) = (self.now_ms(), &self.spool);
        let in_spool = |seq| spool.sealed().any(|known| known == seq);
        match self.uplink.settle(seq, outcome, now_ms, random, in_spool, spool.has_slots(seq)) {
            Verdict::Forget(through) => self.spool.forget(through),
            Verdict::PutAside(reason) => {
                self.spool.reject(seq, reason, now);
                if self.spool.sealed().any(|known| known == seq) {
                    self.uplink.add(seq);
                }
            }
            Verdict::Keep => {}
        }
        self.note_outcome(seq, outcome, now);
        self.write_status();
    }

    fn note_outcome(&mut self, seq: u64, outcome: &Outcome, now: Timestamp) {
        let error = match outcome {
            Outcome::Acknowledged(ack) => {
                if self.status.failing {
                    tracing::info!(seq, "the collector answers again");
                }
                self.status.failing = false;
                self.status.last_ack_at = Some(now);
                self.status.clock_behind_s = Some(ack.server_time.0 - now.0);
                self.hear(ack.directives.as_ref());
                return;
            }
            Outcome::Refused { status: 409, detail, .. } => {
                format!("409, another machine uses this identity, or this one was restored: {detail}")
            }
            Outcome::Refused { status, detail, .. } => format!("refused with {status}: {detail}"),
            Outcome::Unreachable(why) => why.clone(),
        };
        if !self.status.failing || self.status.last_error.as_ref() != Some(&error) {
            tracing::warn!(seq, error, "batch not taken; it is kept");
        }
        (self.status.failing, self.status.last_error) = (true, Some(error));
        self.status.last_error_at = Some(now);
    }

    /// Heeds what the collector asks for, within bounds.
    fn hear(&mut self, directives: Option<&Directives>) {
        let Some(asked) = directives.filter(|asked| asked.version != self.directives.borrow().version) else {
            return;
        };
        let heeded = asked.clone().bounded();
        tracing::info!(directives = ?heeded, "the collector asks for something new");
        heard::store(&self.data, &heeded);
        self.directives.send_replace(heeded);
    }

    /// Sends what is left, each batch once.
    pub(super) async fn farewell(&mut self) {
        self.eases = false;
        loop {
            if self.sending.is_none() {
                self.uplink.hurry();
                self.send_next();
            }
            if self.sending.is_none() {
                return;
            }
            let (seq, outcome) = self.sent().await;
            self.settle(seq, &outcome);
            if !matches!(outcome, Outcome::Acknowledged(_)) {
                return;
            }
        }
    }

    pub(super) fn is_delivered(&self) -> bool {
        self.spool.sealed().all(|seq| self.destination.holds(seq)) && self.spool.pending_slots() == 0
    }

    pub(super) fn write_status(&mut self) {
        self.status.updated_at = self.clock.now().timestamp();
        self.status.spool = self.spool.state();
        self.status.bundle = self.destination.bundle_state();
        self.status.directives = self.directives.borrow().clone();
        self.status.cpu_ratio = Some(cpu_time_s() / self.began.elapsed().as_secs_f64().max(1.0));
        if let Some(vitals) = &self.vitals {
            self.status.resident_bytes = vitals.resident_bytes;
            let failing =
                vitals.health.iter().filter_map(|h| Some((h.sampler.to_owned(), h.failure.clone()?)));
            self.status.failing_samplers = failing.collect();
            let durations = vitals.health.iter().map(|h| (h.sampler.to_owned(), h.duration_ns));
            self.status.sampler_ns = durations.collect();
            self.status.remarks.clone_from(&vitals.remarks);
        }
        // On a full disk the old file stays; the log has said what is wrong.
        let _ = self.status.store(&self.data);
    }

    fn now_ms(&self) -> i64 {
        self.began.elapsed().as_millis() as i64
    }
}

/// The inventory with the metrics this host cannot give.
fn complete(read: &Inventory, vitals: Option<&Vitals>) -> Inventory {
    let mut inventory = read.clone();
    inventory.unknown.extend(vitals.into_iter().flat_map(|vitals| vitals.unavailable.clone()));
    inventory
}

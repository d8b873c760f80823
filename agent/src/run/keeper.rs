//! The keeper: passes on what the sampling thread says, carries out what [`Delivery`] decides, and writes the status.
// SPDX-License-Identifier: Apache-2.0

use super::destination::Destination;
use super::heard;
use super::pulse::{Message, Vitals};
use crate::clock::Clock;
use crate::delivery::Delivery;
use crate::identity::random_bytes;
use crate::sampler::cpu_time_s;
use crate::spool::SystemDisk;
use crate::status::Status;
use crate::uplink::Outcome;
use cairn_schemas::directives::Directives;
use cairn_schemas::time::Timestamp;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;

type Sending = Pin<Box<dyn Future<Output = Outcome>>>;

pub(super) struct Keeper {
    clock: Arc<dyn Clock>,
    data: PathBuf,
    delivery: Delivery,
    destination: Destination,
    sending: Option<(u64, Sending)>,
    began: Instant,
    status: Status,
    vitals: Option<Vitals>,
    directives: watch::Sender<Directives>,
}

impl Keeper {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        data: &Path,
        delivery: Delivery,
        destination: Destination,
        directives: watch::Sender<Directives>,
    ) -> Self {
        let started_at = clock.now().timestamp();
        let agent_version = env!("CARGO_PKG_VERSION").to_owned();
        Self {
            clock,
            data: data.to_owned(),
            delivery,
            destination,
            sending: None,
            began: Instant::now(),
            status: Status { agent_version, started_at, ..Status::default() },
            vitals: None,
            directives,
        }
    }

    pub(super) fn take(&mut self, message: Message) {
        let now = self.now();
        match message {
            Message::Time(event) => self.delivery.take(event, now),
            Message::Vitals(vitals) => {
                self.delivery.lacks(vitals.unavailable.clone(), now);
                self.vitals = Some(*vitals);
                self.write_status();
            }
            Message::Inventory(inventory) => self.delivery.learn(*inventory, now),
            Message::Rests => {
                self.delivery.rests(now);
                self.write_status();
            }
            Message::Ease(eases) => {
                tracing::info!(eases, "uploads wait while the host is short of memory");
                self.delivery.ease(eases);
            }
            Message::Open(open) => {
                if let Err(error) = open.leave(&mut SystemDisk, &self.data) {
                    tracing::warn!(%error, "the open minute could not be kept; it will be a gap");
                }
            }
        }
    }

    pub(super) fn seal(&mut self) {
        self.delivery.seal(self.now());
    }

    /// Begins the next upload if one is due and none is under way.
    pub(super) fn send_next(&mut self) {
        if let Some((seq, bytes)) = self.delivery.next(self.now_ms(), self.now()) {
            let destination = self.destination.clone();
            self.sending = Some((seq, Box::pin(async move { destination.send(bytes).await })));
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

    /// When the delivery wants to be asked again.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let ms = self.delivery.next_due_ms(self.now_ms())?;
        Some(self.began + std::time::Duration::from_millis(ms.max(0) as u64))
    }

    pub(super) fn settle(&mut self, seq: u64, outcome: &Outcome) {
        let now = self.now();
        let random = random_bytes()
            .map_or(0, |b| u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]));
        if let Some(heard) = self.delivery.settle(seq, outcome, self.now_ms(), now, random) {
            heard::store(&mut SystemDisk, &self.data, &heard);
            self.directives.send_replace(heard);
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

    /// Sends what is left, each batch once.
    pub(super) async fn farewell(&mut self) {
        loop {
            if self.sending.is_none() {
                self.delivery.hurry();
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
        let spool = self.delivery.spool();
        spool.sealed().all(|seq| self.destination.holds(seq)) && spool.pending_slots() == 0
    }

    pub(super) fn write_status(&mut self) {
        self.status.updated_at = self.now();
        self.status.spool = self.delivery.spool().state();
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

    fn now(&self) -> Timestamp {
        self.clock.now().timestamp()
    }

    fn now_ms(&self) -> i64 {
        self.began.elapsed().as_millis() as i64
    }
}

//! Delivery decides what happens to what was measured: when it is sealed, which batch goes out and when, what an
//! answer changes. It reads no clock and knows no network: a run carries out what it decides, a simulation likewise.
// SPDX-License-Identifier: Apache-2.0

use crate::config::BATCH_EVERY_S;
use crate::slot::Event;
use crate::spool::Spool;
use crate::uplink::{Outcome, Step, Uplink, Verdict};
use cairn_schemas::directives::Directives;
use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::AgentId;
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// Over how long the first uploads of many agents that begin together are spread: a site's power may return.
const FIRST_UPLOAD_S_MAX: u64 = 60;

/// How often to seal and to send, where a person says so; that outweighs the collector's wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// Seconds of slots in a batch.
    pub batch_every_s: Option<u64>,
    /// Seconds between uploads.
    pub upload_every_s: Option<u64>,
}

/// The way of a batch: kept, sealed, chosen, sent, forgotten.
pub struct Delivery {
    spool: Spool,
    uplink: Uplink,
    inventory: Option<Inventory>,
    inventory_sealed: Option<Inventory>,
    /// Metrics this host cannot give, with the reason; none before the first readings have shown it.
    unavailable: Option<BTreeMap<String, String>>,
    batch_every_s: Option<u64>,
    /// Where in each interval this agent seals, as a share of it in 1 / 2^32, so that not all do at once.
    phase: u32,
    directives: Directives,
    /// Uploads wait for the host's sake.
    eases: bool,
    is_under_way: bool,
}

impl Delivery {
    /// Goes on with a spool; of its batches those are sent that no bundle `holds`.
    #[must_use]
    pub fn new(
        spool: Spool,
        agent_id: AgentId,
        rhythm: Rhythm,
        directives: Directives,
        holds: impl Fn(u64) -> bool,
    ) -> Self {
        let [.., a, b, c, d] = agent_id.0;
        let unsent = spool.sealed().filter(|seq| !holds(*seq));
        Self {
            uplink: Uplink::new(spool.id(), unsent, rhythm.upload_every_s),
            spool,
            inventory: None,
            inventory_sealed: None,
            unavailable: None,
            batch_every_s: rhythm.batch_every_s,
            phase: u32::from_be_bytes([a, b, c, d]),
            directives,
            eases: false,
            is_under_way: false,
        }
    }

    /// Lets the first upload of a run wait, for a collector that many may return to at once; `random` is uniform
    /// over all of `u16`. A new agent is heard at once.
    pub fn spread_first_upload(&mut self, upload_every_s: Option<u64>, random: u16) {
        if self.spool.state().ack_through > 0 {
            let spread_s = upload_every_s.unwrap_or(FIRST_UPLOAD_S_MAX).min(FIRST_UPLOAD_S_MAX);
            self.uplink.wait_until(spread_s as i64 * 1_000 * i64::from(random) / 65_536);
        }
    }

    /// What is kept.
    #[must_use]
    pub const fn spool(&self) -> &Spool {
        &self.spool
    }

    /// What the collector asks for.
    #[must_use]
    pub const fn directives(&self) -> &Directives {
        &self.directives
    }

    /// Takes in what the passing of time brought.
    pub fn take(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Slot(closed) => {
                let (start, end) = (closed.slot.start, closed.slot.end());
                self.spool.append(closed);
                if self.interval(start) != self.interval(end) {
                    self.seal(now);
                }
            }
            Event::Gap(gap) => {
                // What a wrong clock dates is refused as a whole: what was measured before goes apart from it.
                if gap.reason == GapReason::ClockInvalid {
                    self.seal(now);
                }
                tracing::info!(reason = gap.reason.name(), from = %gap.window.from, to = %gap.window.to, "gap");
                self.spool.note(gap);
            }
            Event::Restart(since) => {
                self.spool.begin_again(since);
                self.seal(now);
                self.spool.begin_again(since);
            }
        }
    }

    /// Takes in what is known of the host.
    pub fn learn(&mut self, inventory: Inventory, now: Timestamp) {
        self.inventory = Some(inventory);
        self.announce(now);
    }

    /// Takes in which metrics the host cannot give, with the reasons.
    pub fn lacks(&mut self, unavailable: BTreeMap<String, String>, now: Timestamp) {
        self.unavailable = Some(unavailable);
        self.announce(now);
    }

    /// Nothing is measured for now: what there is may go out.
    pub fn rests(&mut self, now: Timestamp) {
        self.unavailable.get_or_insert_default();
        self.seal(now);
    }

    /// Uploads wait, or no longer, for the host's sake.
    pub const fn ease(&mut self, eases: bool) {
        self.eases = eases;
    }

    fn interval(&self, moment: Timestamp) -> i64 {
        let asked = || self.directives.batch_every_s.map(u64::from);
        let every_s = self.batch_every_s.or_else(asked).unwrap_or(BATCH_EVERY_S) as i64;
        let phase_s = (i64::from(self.phase) * every_s) >> 32;
        (moment.0 + phase_s).div_euclid(every_s)
    }

    /// The first batch of a run goes at once: the collector hears that the server is there, and what it is.
    fn announce(&mut self, now: Timestamp) {
        if self.inventory_sealed.is_none() && self.inventory.is_some() && self.unavailable.is_some() {
            self.seal(now);
        }
    }

    /// Seals what there is into a batch, with the inventory where it is news.
    pub fn seal(&mut self, now: Timestamp) {
        if let Some(seq) = self.spool.seal_apart(now) {
            self.uplink.add(seq);
        }
        let inventory = self.inventory.as_ref().map(|read| complete(read, self.unavailable.as_ref()));
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

    /// The batch to send at this moment of the monotonic clock, if one is due and none is under way. Whoever gets
    /// one owes a [`Delivery::settle`].
    pub fn next(&mut self, now_ms: i64, now: Timestamp) -> Option<(u64, Vec<u8>)> {
        if self.is_under_way || self.eases {
            return None;
        }
        while let Step::Send(seq) = self.uplink.next(now_ms) {
            if let Some(bytes) = self.spool.read(seq, now) {
                self.is_under_way = true;
                return Some((seq, bytes));
            }
            // Given up or damaged: its batch of gaps, if there is one, waits under the same number.
            if !self.holds(seq) {
                self.uplink.remove(seq);
            }
        }
        None
    }

    /// When to ask again; `None`: when something has happened.
    #[must_use]
    pub fn next_due_ms(&self, now_ms: i64) -> Option<i64> {
        match self.uplink.next(now_ms) {
            Step::Wait(ms) if !self.is_under_way && !self.eases => Some(ms),
            _ => None,
        }
    }

    /// Whether a batch is on its way.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.is_under_way
    }

    /// Lets the next round begin at once: the last chance before stopping.
    pub const fn hurry(&mut self) {
        self.eases = false;
        self.uplink.hurry();
    }

    /// Takes in what became of a batch; `random` is uniform over all of `u64`. Gives what the collector asks for,
    /// within bounds, where that is new.
    pub fn settle(
        &mut self,
        seq: u64,
        outcome: &Outcome,
        now_ms: i64,
        now: Timestamp,
        random: u64,
    ) -> Option<Directives> {
        self.is_under_way = false;
        if let Outcome::Acknowledged(ack) = outcome
            && ack.spool_id == self.spool.id()
        {
            // Before the uplink looks for them: it goes on with them at once.
            for missing in &ack.missing {
                self.spool.fill(*missing, now);
            }
        }
        let spool = &self.spool;
        let in_spool = |seq| spool.sealed().any(|known| known == seq);
        match self.uplink.settle(seq, outcome, now_ms, random, in_spool, spool.has_slots(seq)) {
            Verdict::Forget(through) => self.spool.forget(through),
            Verdict::PutAside(reason) => {
                self.spool.reject(seq, reason, now);
                if self.holds(seq) {
                    self.uplink.add(seq);
                }
            }
            Verdict::Keep => {}
        }
        let Outcome::Acknowledged(ack) = outcome else { return None };
        let asked = ack.directives.as_ref().filter(|asked| asked.version != self.directives.version)?;
        self.directives = asked.clone().bounded();
        tracing::info!(directives = ?self.directives, "the collector asks for something new");
        Some(self.directives.clone())
    }

    fn holds(&self, seq: u64) -> bool {
        self.spool.sealed().any(|known| known == seq)
    }
}

/// The inventory with the metrics this host cannot give.
fn complete(read: &Inventory, unavailable: Option<&BTreeMap<String, String>>) -> Inventory {
    let mut inventory = read.clone();
    inventory
        .unknown
        .extend(unavailable.into_iter().flatten().map(|(name, why)| (name.clone(), why.clone())));
    inventory
}

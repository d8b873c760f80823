//! The pulse: a plain thread that takes a reading at each whole second and passes on what the minutes bring. Where
//! nothing is to be measured it sleeps, and leaves a word now and again.
// SPDX-License-Identifier: Apache-2.0

use super::governor::{Governor, Strain};
use crate::clock::{Clock, Instants};
use crate::root::Root;
use crate::sampler::{Health, Samplers};
use crate::slot::{Event, OpenMinute, Timeline};
use cairn_schemas::directives::Directives;
use cairn_schemas::gap::GapReason;
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric::{AGENT_CPU, AGENT_RESIDENT, PRESSURE_MEMORY};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

const SECOND_NS: i64 = 1_000_000_000;
const VITALS_EVERY: u64 = 60;
/// The first two readings show which series there are and which rates can be had.
const FIRST_VITALS: u64 = 2;
/// How long a resting pulse sleeps at most: a set clock or a resumed host is noticed within this. It wakes as minutes
/// begin, which is when measuring windows do: the first minute of one is measured whole.
const REST_MS: i64 = 60_000;

/// What the other threads tell the keeper.
#[derive(Debug)]
pub(super) enum Message {
    Time(Event),
    Vitals(Box<Vitals>),
    Inventory(Box<Inventory>),
    /// It rests: what there is may go out.
    Rests,
    /// Whether uploads should wait for the host's sake.
    Ease(bool),
    /// The minute a stopped run was in.
    Open(Box<OpenMinute>),
}

/// How the sampling itself is doing.
#[derive(Clone, Debug, Default)]
pub(super) struct Vitals {
    pub(super) health: Vec<Health>,
    pub(super) resident_bytes: Option<f64>,
    /// Metrics this host cannot give, with the reason.
    pub(super) unavailable: BTreeMap<String, String>,
    /// Of which devices some have no series of their own.
    pub(super) remarks: Vec<String>,
}

pub(super) struct Pulse {
    root: Root,
    /// None while it rests.
    samplers: Option<Samplers>,
    timeline: Timeline,
    sender: mpsc::UnboundedSender<Message>,
    control: Control,
    governor: Governor,
    readings: u64,
    eases: bool,
    /// When a resting pulse last left a word.
    last_word_s: Option<i64>,
}

/// What the rest of the run tells the pulse, and hears of it.
#[derive(Clone)]
pub(super) struct Control {
    pub(super) stop: Arc<AtomicBool>,
    pub(super) directives: watch::Receiver<Directives>,
    /// Monotonic time of the last beat.
    pub(super) last_beat_ns: Arc<AtomicI64>,
}

impl Pulse {
    pub(super) fn new(
        root: &Root,
        timeline: Timeline,
        sender: mpsc::UnboundedSender<Message>,
        control: Control,
    ) -> Self {
        Self {
            root: root.clone(),
            samplers: None,
            timeline,
            sender,
            control,
            governor: Governor::default(),
            readings: 0,
            eases: false,
            last_word_s: None,
        }
    }

    /// Reads once a second, or rests, until told to stop.
    pub(super) fn beat(mut self, clock: &dyn Clock) {
        let mut due_ns = next_whole_second(clock);
        while !self.control.stop.load(Ordering::Relaxed) {
            due_ns = match self.turn(due_ns, clock) {
                None => next_due(due_ns, clock),
                Some(nap) => {
                    std::thread::park_timeout(nap);
                    next_whole_second(clock)
                }
            };
        }
        if let Some(reason) = self.rests(clock.now()).filter(|_| self.last_word_s.is_some()) {
            self.tell_rest(clock.now(), reason);
        }
        if let Some(open) = self.timeline.stop() {
            drop(self.sender.send(Message::Open(Box::new(open))));
        }
    }

    /// Waits for the moment that is due and reads; or, where nothing is to be measured, gives how long to sleep.
    fn turn(&mut self, due_ns: i64, clock: &dyn Clock) -> Option<Duration> {
        let now = clock.now();
        self.control.last_beat_ns.store(now.mono_ns, Ordering::Relaxed);
        if let Some(reason) = self.rests(now) {
            self.rest(now, reason);
            let until_minute_ms = REST_MS - now.wall_ms.rem_euclid(REST_MS);
            return Some(Duration::from_millis(until_minute_ms.unsigned_abs()));
        }
        clock.sleep_until(due_ns);
        self.read(clock);
        self.readings += 1;
        if self.readings == FIRST_VITALS || self.readings.is_multiple_of(VITALS_EVERY) {
            let vitals = self.samplers.as_ref().map(vitals).unwrap_or_default();
            drop(self.sender.send(Message::Vitals(Box::new(vitals))));
        }
        None
    }

    /// Why nothing is to be measured now, if so.
    fn rests(&self, now: Instants) -> Option<GapReason> {
        if !self.control.directives.borrow().measures(now.timestamp()) {
            return Some(GapReason::Paused);
        }
        self.governor.holds(now.mono_ns).then_some(GapReason::HeldBack)
    }

    /// Leaves a word when the rest begins and at each check-in: the time up to here, and why it was not measured.
    fn rest(&mut self, now: Instants, reason: GapReason) {
        let now_s = now.timestamp().0;
        let check_in_s = i64::from(self.control.directives.borrow().check_in_s());
        if self.last_word_s.is_some_and(|word_s| (word_s..word_s + check_in_s).contains(&now_s)) {
            return;
        }
        // Descriptors and buffers of the samplers are given back for as long as it rests.
        self.samplers = None;
        self.last_word_s = Some(now_s);
        self.tell_rest(now, reason);
        drop(self.sender.send(Message::Rests));
    }

    fn tell_rest(&mut self, now: Instants, reason: GapReason) {
        self.timeline.rest(now, reason, &mut |event| drop(self.sender.send(Message::Time(event))));
    }

    fn read(&mut self, clock: &dyn Clock) {
        self.last_word_s = None;
        let samplers = self.samplers.get_or_insert_with(|| Samplers::new(&self.root));
        let began_ns = clock.now().mono_ns;
        let board = samplers.sample(clock);
        let now = clock.now();
        self.timeline.read(now, board, &mut |event| drop(self.sender.send(Message::Time(event))));
        let strain = Strain {
            own_cpu_ratio: board.reading(&AGENT_CPU, "").ok(),
            took_ns: now.mono_ns - began_ns,
            memory_pressure_ratio: board.reading(&PRESSURE_MEMORY, "").ok(),
        };
        if let Some(why) = self.governor.observe(now.mono_ns, strain) {
            tracing::warn!(why, "sampling is held back for some minutes; coverage will say so");
        }
        if self.governor.eases() != self.eases {
            self.eases = self.governor.eases();
            drop(self.sender.send(Message::Ease(self.eases)));
        }
    }
}

fn vitals(samplers: &Samplers) -> Vitals {
    Vitals {
        health: samplers.health(),
        resident_bytes: samplers.board().reading(&AGENT_RESIDENT, "").ok(),
        unavailable: samplers.board().lasting_gaps(),
        remarks: samplers.board().remarks(),
    }
}

/// The next due moment: a second after the last, or, after a delay or a set clock, the next whole second.
fn next_due(due_ns: i64, clock: &dyn Clock) -> i64 {
    let now = clock.now();
    let next = due_ns + SECOND_NS;
    // Where the wall clock will stand at that moment: readings stay within a quarter of its whole seconds.
    let wall_ms = now.wall_ms + (next - now.mono_ns) / 1_000_000;
    let off_beat = (wall_ms + 250).rem_euclid(1_000) > 500;
    if next <= now.mono_ns || off_beat { next_whole_second(clock) } else { next }
}

fn next_whole_second(clock: &dyn Clock) -> i64 {
    let now = clock.now();
    now.mono_ns + (1_000 - now.wall_ms.rem_euclid(1_000)) * 1_000_000
}

#[cfg(test)]
#[path = "pulse_tests.rs"]
mod tests;

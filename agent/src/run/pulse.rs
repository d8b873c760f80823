//! The pulse: a plain thread that takes a reading at each whole second and passes on what the minutes bring.
// SPDX-License-Identifier: Apache-2.0

use crate::clock::Clock;
use crate::root::Root;
use crate::sampler::{Health, Samplers};
use crate::slot::{Event, Timeline};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric::AGENT_RESIDENT;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

const SECOND_NS: i64 = 1_000_000_000;
const VITALS_EVERY: u64 = 60;
/// The first two readings show which series there are and which rates can be had.
const FIRST_VITALS: u64 = 2;

/// What the other threads tell the keeper.
#[derive(Debug)]
pub(super) enum Message {
    Time(Event),
    Vitals(Box<Vitals>),
    Inventory(Box<Inventory>),
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
    samplers: Samplers,
    timeline: Timeline,
    sender: mpsc::UnboundedSender<Message>,
    stop: Arc<AtomicBool>,
}

impl Pulse {
    pub(super) fn new(
        root: &Root,
        timeline: Timeline,
        sender: mpsc::UnboundedSender<Message>,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self { samplers: Samplers::new(root), timeline, sender, stop }
    }

    /// Reads once a second until told to stop.
    pub(super) fn beat(mut self, clock: &dyn Clock) {
        let mut emit = |event| drop(self.sender.send(Message::Time(event)));
        let mut due_ns = next_whole_second(clock);
        let mut readings = 0;
        while !self.stop.load(Ordering::Relaxed) {
            clock.sleep_until(due_ns);
            let board = self.samplers.sample(clock);
            self.timeline.read(clock.now(), board, &mut emit);
            readings += 1;
            if readings == FIRST_VITALS || readings % VITALS_EVERY == 0 {
                drop(self.sender.send(Message::Vitals(Box::new(vitals(&self.samplers)))));
            }
            due_ns = next_due(due_ns, clock);
        }
        self.timeline.stop(&mut emit);
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

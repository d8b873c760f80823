//! The scheduler: one queue of events in the order of the true time, and nothing else that decides what happens
//! when. It carries out what machines, network and collector want.
// SPDX-License-Identifier: Apache-2.0

use super::collector::Collector;
use super::disk::{Death, SimulatedDisk};
use super::history::History;
use super::keyring::{Key, Keyring};
use super::machine::Machine;
use super::options::{Bug, HOUR_MS, MINUTE_MS, Options, SECOND_MS};
use super::random::Random;
use super::rotation::Rotating;
use cairn_agent::slot;
use cairn_agent::uplink::Outcome;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::Id128;
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::rc::Rc;

/// 2026-11-23T00:00:00Z, a Monday.
const BEGINNING_MS: i64 = 1_795_392_000_000;
/// After this long without faults all that is wrong must have healed.
pub const HEALED_AFTER_MS: i64 = 75 * MINUTE_MS;
/// The run of a request that no run waits for.
pub(super) const INHERITS: u64 = u64::MAX;
const COMPACT_EVERY_MS: i64 = 20 * MINUTE_MS;
/// What happens at a moment.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Beat {
        machine: usize,
        run: u64,
    },
    Pump {
        machine: usize,
        run: u64,
    },
    Start {
        machine: usize,
    },
    Arrive {
        request: u64,
    },
    Answer {
        request: u64,
        outcome: Outcome,
    },
    Timeout {
        request: u64,
    },
    Commit,
    Compact,
    CollectorStart,
    Fault,
    Heal(Heal),
    Calm,
    Poison,
    Inherit {
        machine: usize,
    },
    Rotation(Rotating),
    /// The collector is away for so long.
    Outage {
        lasts_ms: i64,
    },
}

/// A fault that lasts ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Heal {
    DiskFull(usize),
    Partition(usize),
    Loss,
    CollectorFull,
    Pause,
    Wake(usize, i64),
}

/// A batch on its way.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) machine: usize,
    pub(super) run: u64,
    pub(super) seq: u64,
    pub(super) sealed: Rc<Vec<u8>>,
    pub(super) is_open: bool,
}

/// All there is.
pub struct World {
    /// What it is made of.
    pub options: Options,
    pub(super) random: Random,
    /// When it began, in true time.
    pub began_ms: i64,
    /// The true time.
    pub now_ms: i64,
    events: BTreeMap<(i64, u64), Event>,
    events_made: u64,
    /// The machines.
    pub machines: Vec<Machine>,
    /// The collector.
    pub collector: Collector,
    pub(super) requests: BTreeMap<u64, Request>,
    pub(super) requests_made: u64,
    /// What happened.
    pub history: History,
    /// Data directories as they once were.
    pub(super) snapshots: Vec<(usize, SimulatedDisk, Keyring)>,
    pub(super) loss: f64,
    pub(super) crashes_after_commit: bool,
    /// Since when no fault happens.
    pub calm_since_ms: Option<i64>,
    pub(super) failures: BTreeMap<usize, u32>,
    /// When requests reached the collector, and from which machine.
    pub arrivals: Vec<(i64, usize)>,
    trace: u64,
    /// Where sealed batches are written as they are sent.
    pub corpus: Option<PathBuf>,
    /// Whether each thing that happens is told.
    pub is_loud: bool,
}

impl World {
    /// A world at its beginning.
    ///
    /// # Panics
    /// SQLite cannot make a store in memory.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let mut random = Random::new(options.seed ^ 0x5eed);
        let now_ms = BEGINNING_MS + random.between(0, 6 * 24) * HOUR_MS + random.between(0, HOUR_MS);
        let collector = Collector::new(Timestamp(now_ms / 1_000));
        let mut world = Self {
            random,
            began_ms: now_ms,
            now_ms,
            events: BTreeMap::new(),
            events_made: 0,
            machines: Vec::new(),
            collector: collector.unwrap_or_else(|error| panic!("a store in memory: {error}")),
            requests: BTreeMap::new(),
            requests_made: 0,
            history: History::default(),
            snapshots: Vec::new(),
            loss: options.loss,
            crashes_after_commit: false,
            calm_since_ms: None,
            failures: BTreeMap::new(),
            arrivals: Vec::new(),
            trace: 0xcbf2_9ce4_8422_2325,
            corpus: None,
            is_loud: false,
            options,
        };
        (0..world.options.machines).for_each(|_| world.add_machine());
        world.later(COMPACT_EVERY_MS, Event::Compact);
        world.later(world.options.fault_every_ms, Event::Fault);
        world.later(world.options.faults_ms, Event::Calm);
        world
    }

    fn add_machine(&mut self) {
        let number = self.machines.len();
        let key = Key::new(number as u64 + 1);
        let agent_id = Id128::v4([number as u8 + 1; 16]);
        let host = format!("host-{number}");
        let enrolled = self.collector.enrol(agent_id, key.public(), &host, self.collector.now(self.now_ms));
        assert!(enrolled.is_ok(), "{enrolled:?}");
        let disk = SimulatedDisk::new(self.random.next(), self.options.bug == Some(Bug::DiskLies));
        let booted_ms = self.now_ms - self.random.between(0, 48) * HOUR_MS;
        self.may_fill_up(number);
        self.machines.push(Machine::new(number, agent_id, Keyring::new(key), disk, booted_ms));
        let soon = self.random.between(0, MINUTE_MS);
        self.later(soon, Event::Start { machine: number });
    }

    /// A small spool may overflow.
    pub(super) fn may_fill_up(&mut self, machine: usize) {
        if self.options.spool_bytes_max < 1 << 20 {
            self.history.may_lose.insert((machine, GapReason::SpoolFull));
        }
    }

    /// Lets everything happen until the end.
    pub fn run(&mut self) {
        self.run_until(self.began_ms + self.options.faults_ms + self.options.calm_ms);
    }

    /// Lets everything happen that happens until a moment.
    pub fn run_until(&mut self, end_ms: i64) {
        while let Some(next) = self.events.first_entry().filter(|next| next.key().0 <= end_ms) {
            self.now_ms = next.key().0;
            let event = next.remove();
            self.happen(event);
        }
        self.now_ms = end_ms;
    }

    /// One number for all that happened, in its order: equal runs have the same.
    #[must_use]
    pub const fn trace(&self) -> u64 {
        self.trace
    }

    pub(super) fn note(&mut self, what: &'static str, words: [u64; 3]) {
        if self.is_loud {
            let at = Timestamp(self.now_ms / 1_000);
            let _ = writeln!(std::io::stderr(), "{at} {what} {words:?}");
        }
        let what = what.bytes().fold(0, |all: u64, byte| all.rotate_left(8) ^ u64::from(byte));
        for word in [self.now_ms as u64, what].into_iter().chain(words) {
            self.trace = (self.trace ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
        }
    }

    pub(super) fn later(&mut self, after_ms: i64, event: Event) {
        self.events_made += 1;
        self.events.insert((self.now_ms + after_ms.max(0), self.events_made), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Beat { machine, run } => self.beat(machine, run),
            Event::Pump { machine, run } => {
                if self.machines[machine].run == run {
                    self.pump(machine);
                }
            }
            Event::Start { machine } => self.start(machine),
            Event::Arrive { request } => self.arrive(request),
            Event::Answer { request, outcome } => self.settle(request, &outcome),
            Event::Timeout { request } => self.time_out(request),
            Event::Commit => self.commit(),
            Event::Compact => {
                if self.collector.is_up {
                    let _ = self.collector.compact_due(self.now_ms);
                }
                self.later(COMPACT_EVERY_MS, Event::Compact);
            }
            Event::CollectorStart => {
                if !self.collector.is_up {
                    self.collector.restart();
                }
            }
            Event::Fault => self.fault(),
            Event::Heal(heal) => self.heal(heal),
            Event::Calm => self.calm_down(),
            Event::Poison => {
                self.poison(0);
            }
            Event::Inherit { machine } => self.inherit(machine),
            Event::Rotation(rotating) => self.rotate(rotating),
            Event::Outage { lasts_ms } => {
                self.collector.crash();
                self.later(lasts_ms, Event::CollectorStart);
            }
        }
    }

    pub(super) fn start(&mut self, at: usize) {
        let machine = &mut self.machines[at];
        if machine.agent.is_some() || machine.is_asleep {
            return;
        }
        let started = machine.start(self.now_ms, &self.options, &mut self.random);
        let (run, dead) = (machine.run, machine.disk.dead());
        let batches = machine.agent.as_ref().map_or(0, |agent| agent.delivery.spool().sealed().count());
        let now = machine.instants(self.now_ms).timestamp();
        let is_amnesic =
            machine.agent.as_ref().is_some_and(|agent| agent.delivery.spool().covered().is_none());
        if is_amnesic
            && self.history.measured.range((at, Timestamp(0))..(at + 1, Timestamp(0))).next().is_some()
        {
            self.history.amnesic.insert(at, now);
        }
        let last = self.history.measured.range((at, Timestamp(0))..(at + 1, Timestamp(0))).next_back();
        if last.is_some_and(|((_, start), _)| now < *start) {
            // It was set back between two runs, which no agent can notice.
            self.history.set_back.insert(at);
        }
        self.note("starts", [at as u64, run, batches as u64]);
        match (dead, started) {
            (Some(death), _) => self.bury(at, death),
            // As a service manager does.
            (None, Err(_)) => self.later(5 * SECOND_MS, Event::Start { machine: at }),
            (None, Ok(())) => {
                self.later(self.machines[at].to_next_second(self.now_ms), Event::Beat { machine: at, run })
            }
        }
    }

    fn beat(&mut self, at: usize, run: u64) {
        let (now_ms, width_s) = (self.now_ms, self.options.slot_width_s);
        let machine = &mut self.machines[at];
        if machine.run != run || machine.is_asleep {
            return;
        }
        let instants = machine.instants(now_ms);
        let Some(agent) = &mut machine.agent else { return };
        if now_ms >= machine.starved_until_ms {
            let events = agent.beat(instants, machine.number, width_s);
            self.remember(at, &events);
            self.pump(at);
        }
        let next_ms = self.options.reading_every_ms - SECOND_MS + self.machines[at].to_next_second(now_ms);
        self.later(next_ms, Event::Beat { machine: at, run });
    }

    /// Notes what was measured, and what of it is safe on the disk.
    pub(super) fn remember(&mut self, at: usize, events: &[slot::Event]) {
        for event in events {
            match event {
                slot::Event::Slot(closed) => {
                    self.history.measured.insert((at, closed.slot.start), self.now_ms);
                    self.history.in_memory.insert((at, closed.slot.start));
                    self.note("slot", [at as u64, closed.slot.start.0 as u64, u64::from(closed.mean[0])]);
                }
                slot::Event::Gap(Gap { window, reason }) => {
                    self.note(reason.name(), [at as u64, window.from.0 as u64, window.to.0 as u64]);
                }
                slot::Event::Restart(_) => {
                    self.history.set_back.insert(at);
                    self.note("clock set far back", [at as u64, 0, 0]);
                }
            }
        }
        let machine = &self.machines[at];
        let Some(agent) =
            machine.agent.as_ref().filter(|_| !events.is_empty() && machine.disk.dead().is_none())
        else {
            return;
        };
        let spool = agent.delivery.spool();
        if spool.state().trouble.is_none() {
            self.history.in_memory.retain(|slot| slot.0 != at);
        }
        let newest = spool.sealed().last().filter(|seq| *seq > machine.newest_sealed);
        if let Some(seq) = newest {
            let batch = machine.batch(seq);
            self.machines[at].newest_sealed = seq;
            let starts = batch.iter().flat_map(|batch| &batch.table.slots).map(|slot| (at, slot.start));
            self.history.sealed.extend(starts);
        }
    }

    /// Sends what is due, if anything; a process that has died on the way is buried.
    pub(super) fn pump(&mut self, at: usize) {
        let now_ms = self.now_ms;
        let machine = &mut self.machines[at];
        let instants = machine.instants(now_ms);
        let (run, mut sent) = (machine.run, None);
        if let Some(agent) = &mut machine.agent {
            let since_ms = agent.since_began_ms(instants);
            sent = agent.delivery.next(since_ms, instants.timestamp());
            if let Some(due_ms) = agent.delivery.next_due_ms(since_ms)
                && due_ms > machine.pump_due_ms
            {
                machine.pump_due_ms = due_ms;
                self.later(due_ms - since_ms, Event::Pump { machine: at, run });
            }
        }
        match self.machines[at].disk.dead() {
            Some(death) => self.bury(at, death),
            None => sent.into_iter().for_each(|(seq, sealed)| self.send(at, seq, sealed)),
        }
    }

    /// The process is gone, and with a power cut the machine; both come back.
    pub(super) fn bury(&mut self, at: usize, death: Death) {
        let power_was_cut = death == Death::PowerCut;
        self.history.died(at, power_was_cut);
        let back_ms = if power_was_cut { self.random.between(1, 20) * MINUTE_MS } else { 5 * SECOND_MS };
        let machine = &mut self.machines[at];
        machine.end_run();
        machine.disk.revive(power_was_cut, &mut self.random);
        if power_was_cut {
            machine.boot(self.now_ms + back_ms - self.random.between(5, 60) * SECOND_MS);
        }
        self.note("dies", [at as u64, u64::from(power_was_cut), back_ms as u64]);
        self.later(back_ms, Event::Start { machine: at });
    }

    pub(super) fn crash_collector(&mut self) {
        self.collector.crash();
        self.note("collector dies", [0, 0, 0]);
        let down_ms = self.random.between(1, 1_200) * SECOND_MS;
        self.later(down_ms, Event::CollectorStart);
    }

    pub(super) fn commit_later(&mut self) {
        self.later(self.options.commit_ms, Event::Commit);
    }
}

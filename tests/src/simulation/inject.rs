//! What each kind of fault does, and what it takes to end them all.
// SPDX-License-Identifier: Apache-2.0

use super::disk::{Death, DiskFault};
use super::fault::Kind;
use super::keyring::{Key, Keyring};
use super::machine::Machine;
use super::options::{HOUR_MS, MINUTE_MS, SECOND_MS};
use super::world::{Event, HEALED_AFTER_MS, Heal, World};
use cairn_agent::spool::Signer as _;
use cairn_collector::store::Store as _;
use cairn_schemas::batch::{self, SIGNATURE_BYTES};
use cairn_schemas::directives::Directives;
use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::Id128;

/// Most machines that faults add to.
const CROWD: usize = 10;
/// First byte of a batch that is not its header.
const HEADER_BYTES: usize = 64;

impl World {
    /// The next fault, and when the one after it comes.
    pub(super) fn fault(&mut self) {
        if self.calm_since_ms.is_some() {
            return;
        }
        let again_ms = self.random.between(1, 2 * self.options.fault_every_ms);
        self.later(again_ms, Event::Fault);
        if self.random.chance(0.3) {
            let at = self.random.below(self.machines.len());
            let machine = &self.machines[at];
            self.snapshots.push((at, machine.disk.copy(), machine.keys.copy()));
        }
        if self.options.faults.is_empty() {
            return;
        }
        let kind = self.options.faults[self.random.below(self.options.faults.len())];
        let at = self.random.below(self.machines.len());
        self.note(kind.name(), [at as u64, 0, 0]);
        if self.inject(kind, at) {
            self.history.count(kind.name());
        }
    }

    /// Does it. Says whether it could be done.
    fn inject(&mut self, kind: Kind, at: usize) -> bool {
        match kind {
            Kind::Kill | Kind::PowerCut | Kind::Reboot | Kind::Upgrade | Kind::Suspend | Kind::Starve => {
                self.stop_machine(kind, at)
            }
            Kind::ClockJump => self.set_clock(at),
            Kind::DiskFull | Kind::DiskRefuses | Kind::TornWrite | Kind::FailedSync | Kind::FlippedBit => {
                self.hurt_disk(kind, at)
            }
            Kind::Restore => self.restore(),
            Kind::Clone => self.clone_machine(at),
            Kind::Move => self.move_machine(at),
            Kind::Poison => self.poison(at),
            Kind::Partition | Kind::Loss => self.hurt_network(kind, at),
            Kind::CollectorCrash
            | Kind::CrashAfterCommit
            | Kind::CollectorFull
            | Kind::CommitFails
            | Kind::CollectorClock => self.hurt_collector(kind),
            Kind::Pause | Kind::Rhythm => self.direct(kind),
            Kind::Rotate => self.ask_rotation(at),
        }
    }

    fn stop_machine(&mut self, kind: Kind, at: usize) -> bool {
        let operations = self.random.below(40) as u32;
        let (seconds, minutes) = (self.random.between(1, 90), self.random.between(1, 40));
        let machine = &mut self.machines[at];
        if machine.agent.is_none() || machine.is_asleep {
            return false;
        }
        match kind {
            Kind::Kill => machine.disk.die_after(operations, Death::Kill),
            Kind::PowerCut => machine.disk.die_after(operations, Death::PowerCut),
            Kind::Starve => machine.starved_until_ms = self.now_ms + seconds * SECOND_MS,
            Kind::Suspend => {
                machine.is_asleep = true;
                let slept_ms = minutes * MINUTE_MS + seconds;
                self.later(slept_ms, Event::Heal(Heal::Wake(at, slept_ms)));
            }
            Kind::Upgrade => {
                self.stop_agent(at);
                self.later(seconds * SECOND_MS / 4, Event::Start { machine: at });
            }
            _ => {
                self.stop_agent(at);
                self.machines[at].boot(self.now_ms + minutes * MINUTE_MS - seconds * SECOND_MS);
                self.later(minutes * MINUTE_MS, Event::Start { machine: at });
            }
        }
        true
    }

    /// Stops an agent in order; what it sends at the end it sends without waiting for the answer.
    pub(super) fn stop_agent(&mut self, at: usize) {
        let now_ms = self.now_ms;
        let machine = &mut self.machines[at];
        let (instants, mut disk) = (machine.instants(now_ms), machine.disk.clone());
        let Some(agent) = &mut machine.agent else { return };
        let events = agent.stop(instants, &mut disk);
        self.remember(at, &events);
        self.pump(at);
        // It died while stopping, and is to come back already.
        if self.machines[at].agent.is_none() {
            return;
        }
        self.history.died(at, false);
        self.machines[at].end_run();
    }

    fn set_clock(&mut self, at: usize) -> bool {
        let far = self.random.pick(&[5 * SECOND_MS, 10 * MINUTE_MS, 5 * HOUR_MS, 60 * HOUR_MS]);
        let machine = &mut self.machines[at];
        let by_ms = self.random.between(-far, far);
        machine.ahead_ms = if machine.ahead_ms.abs() > HOUR_MS { 0 } else { machine.ahead_ms + by_ms };
        self.history.may_lose.insert((at, GapReason::CollectorRejected));
        true
    }

    fn hurt_disk(&mut self, kind: Kind, at: usize) -> bool {
        let skip = self.random.below(3);
        let disk = self.machines[at].disk.clone();
        let fault = match kind {
            Kind::DiskFull => {
                disk.set_full(true);
                let full_ms = self.random.between(1, 60) * MINUTE_MS;
                self.later(full_ms, Event::Heal(Heal::DiskFull(at)));
                return true;
            }
            Kind::FlippedBit => {
                let batches = disk.ending(".batch");
                if batches.is_empty() {
                    return false;
                }
                let path = &batches[self.random.below(batches.len())];
                self.history.damage(at, self.machines[at].batch_in(path).as_ref());
                return disk.flip_bit(path, self.random.next());
            }
            Kind::DiskRefuses => DiskFault::Refuse,
            Kind::TornWrite => DiskFault::Tear,
            _ => DiskFault::FailSync,
        };
        (0..=skip).for_each(|_| disk.plan(fault));
        true
    }

    /// A snapshot of a machine is brought back: its data directory is as it was.
    fn restore(&mut self) -> bool {
        if self.snapshots.is_empty() {
            return false;
        }
        let (at, snapshot, keys) = self.snapshots[self.random.below(self.snapshots.len())].clone();
        if self.machines[at].is_asleep {
            return false;
        }
        self.machines[at].end_run();
        self.machines[at].disk.restore(&snapshot);
        self.machines[at].keys = keys.copy();
        self.history.died(at, true);
        self.history.forked.insert(self.machines[at].agent_id);
        self.later(MINUTE_MS, Event::Start { machine: at });
        true
    }

    fn clone_machine(&mut self, at: usize) -> bool {
        let number = self.machines.len();
        if number >= CROWD {
            return false;
        }
        let source = &self.machines[at];
        if source.disk.ending("/spool_id").is_empty() {
            self.history.count("clone of an agent that never ran");
        }
        let source = &self.machines[at];
        let (agent_id, keys, disk) = (source.agent_id, source.keys.copy(), source.disk.copy());
        self.history.forked.insert(agent_id);
        self.machines.push(Machine::new(number, agent_id, keys, disk, self.now_ms));
        self.later(MINUTE_MS, Event::Start { machine: number });
        true
    }

    /// A copy comes up on another make of machine, beside its source: it takes an identity of its own, and delivers
    /// what it inherited as its source's.
    fn move_machine(&mut self, at: usize) -> bool {
        let number = self.machines.len();
        if number >= CROWD {
            return false;
        }
        let source = &self.machines[at];
        let (from, copy) = (source.agent_id, source.disk.copy());
        let (agent_id, key) = (Id128::v4([number as u8 + 1; 16]), Key::new(number as u64 + 1));
        let now = self.collector.now(self.now_ms);
        if self.collector.register(agent_id, key.public(), &format!("host-{number}"), from, now).is_err() {
            return false;
        }
        let mut machine = Machine::new(number, from, source.keys.copy(), copy, self.now_ms);
        machine.becomes(agent_id, Keyring::new(key));
        self.machines.push(machine);
        self.may_fill_up(number);
        self.later(MINUTE_MS, Event::Start { machine: number });
        self.later(2 * MINUTE_MS, Event::Inherit { machine: number });
        true
    }

    /// A batch of the spool turns into one that is well signed and says nothing.
    pub(super) fn poison_batch(&mut self, at: usize) -> bool {
        let machine = &self.machines[at];
        let is_under_way = machine.agent.as_ref().is_some_and(|agent| agent.delivery.is_under_way());
        let Some(path) = machine.disk.ending(".batch").pop().filter(|_| !is_under_way) else { return false };
        let Some(mut sealed) = machine.disk.look(&path) else { return false };
        let Some(end) = sealed.len().checked_sub(SIGNATURE_BYTES).filter(|end| *end > HEADER_BYTES) else {
            return false;
        };
        sealed[HEADER_BYTES..end].fill(0xa5);
        let signature = machine.keys.sign(&sealed[..end]);
        sealed[end..].copy_from_slice(&signature);
        // One whose header was damaged before is no batch at all any more.
        if !batch::open(&sealed).is_ok_and(|envelope| envelope.decode().is_err()) {
            return false;
        }
        self.history.damage(at, machine.batch_in(&path).as_ref());
        machine.disk.put(&path, &sealed);
        self.history.may_lose.insert((at, GapReason::CollectorRejected));
        true
    }

    /// Poisons the next batch of a machine: now, or in calm as soon as there is one that waits.
    pub(super) fn poison(&mut self, at: usize) -> bool {
        let done = self.poison_batch(at);
        if !done && self.calm_since_ms.is_some() {
            self.later(SECOND_MS, Event::Poison);
        }
        done
    }

    fn hurt_network(&mut self, kind: Kind, at: usize) -> bool {
        let lasts_ms = self.random.between(1, 60) * MINUTE_MS;
        if kind == Kind::Partition {
            self.machines[at].is_cut_off = true;
            self.later(lasts_ms, Event::Heal(Heal::Partition(at)));
        } else {
            self.loss = 0.7;
            self.later(lasts_ms, Event::Heal(Heal::Loss));
        }
        true
    }

    fn hurt_collector(&mut self, kind: Kind) -> bool {
        if !self.collector.is_up {
            return false;
        }
        match kind {
            Kind::CollectorCrash => self.crash_collector(),
            Kind::CrashAfterCommit => self.crashes_after_commit = true,
            Kind::CommitFails => self.collector.fails_next = true,
            Kind::CollectorClock => self.collector.ahead_s = self.random.between(-20, 20) * 3_600,
            _ => {
                let limited = self.collector.store.limit_pages(self.collector.store.page_count());
                assert!(limited.is_ok(), "{limited:?}");
                let full_ms = self.random.between(1, 40) * MINUTE_MS;
                self.later(full_ms, Event::Heal(Heal::CollectorFull));
            }
        }
        true
    }

    fn direct(&mut self, kind: Kind) -> bool {
        let mut asked = Directives { check_in_every_s: Some(300), ..Directives::default() };
        if kind == Kind::Pause {
            asked.paused = true;
            let paused_ms = self.random.between(1, 60) * MINUTE_MS;
            self.later(paused_ms, Event::Heal(Heal::Pause));
        } else {
            asked.batch_every_s = Some(self.random.between(60, 1_800) as u32);
        }
        let now = self.collector.now(self.now_ms);
        self.collector.store.put_directives("", Some(&asked), "A. Person", now).is_ok()
    }

    pub(super) fn heal(&mut self, heal: Heal) {
        match heal {
            Heal::DiskFull(at) => self.machines[at].disk.set_full(false),
            Heal::Partition(at) => self.machines[at].is_cut_off = false,
            Heal::Loss if self.calm_since_ms.is_some() => {}
            Heal::Loss => self.loss = self.options.loss,
            Heal::CollectorFull => self.give_room(),
            Heal::Pause => self.take_back_directives(),
            Heal::Wake(at, slept_ms) => self.wake(at, slept_ms),
        }
    }

    fn wake(&mut self, at: usize, slept_ms: i64) {
        let machine = &mut self.machines[at];
        if machine.is_asleep {
            machine.is_asleep = false;
            machine.asleep_ms += slept_ms;
            if machine.agent.is_none() {
                // Its agent was to be started while it slept.
                return self.later(SECOND_MS, Event::Start { machine: at });
            }
            let run = machine.run;
            self.later(self.machines[at].to_next_second(self.now_ms), Event::Beat { machine: at, run });
        }
    }

    fn give_room(&self) {
        let unlimited = self.collector.store.limit_pages(1 << 30);
        assert!(unlimited.is_ok(), "{unlimited:?}");
    }

    fn take_back_directives(&self) {
        let taken_back =
            self.collector.store.put_directives("", None, "A. Person", self.collector.now(self.now_ms));
        // On a full disk it stays; the calm to come has room.
        drop(taken_back);
    }

    /// From now on nothing fails any more; only one batch is poisoned once all has healed.
    pub(super) fn calm_down(&mut self) {
        self.note("calm", [0; 3]);
        self.calm_since_ms = Some(self.now_ms);
        (self.loss, self.crashes_after_commit) = (0.0, false);
        (self.collector.ahead_s, self.collector.fails_next) = (0, false);
        self.give_room();
        self.take_back_directives();
        if !self.collector.is_up {
            self.collector.restart();
        }
        for at in 0..self.machines.len() {
            let machine = &mut self.machines[at];
            machine.disk.heal();
            (machine.is_cut_off, machine.ahead_ms) = (false, 0);
        }
        let probe_ms = HEALED_AFTER_MS + self.random.between(0, 10) * MINUTE_MS;
        self.later(probe_ms, Event::Poison);
    }
}

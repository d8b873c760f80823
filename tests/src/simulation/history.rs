//! What a simulation remembers beside the programs under test: what was measured, what could be lost and why.
//! Invariants hold the store against it.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::batch::Batch;
use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::time::{Timestamp, Window};
use std::collections::{BTreeMap, BTreeSet};

/// A slot of a machine.
pub type MachineSlot = (usize, Timestamp);

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Slots that an agent closed, with the true time of it.
    pub measured: BTreeMap<MachineSlot, i64>,
    /// Slots that were closed and are in the spool's hands, not yet known to be on its disk.
    pub in_memory: BTreeSet<MachineSlot>,
    /// Slots that were in a sealed batch.
    pub sealed: BTreeSet<MachineSlot>,
    /// Slots an agent forgot because they were acknowledged.
    pub acknowledged: BTreeSet<MachineSlot>,
    /// Slots that had not been sealed and went with a power cut, or with a process whose disk refused.
    pub excused: BTreeSet<MachineSlot>,
    /// Faults that let a machine lose sealed slots, by the reason they must be told with.
    pub may_lose: BTreeSet<(usize, GapReason)>,
    /// What the batches of a machine spoke of that were damaged on its disk: of no other time may the loss be told
    /// as that of a damaged batch is.
    pub damaged: BTreeMap<usize, Vec<Window>>,
    /// Machines whose clock was set so far back that their batches are no longer in the order of their time.
    pub set_back: BTreeSet<usize>,
    /// Machines whose agent began again knowing of no time it had told, since the one batch it had was damaged; and
    /// when that was.
    pub amnesic: BTreeMap<usize, Timestamp>,
    /// Identities that more than one machine used, or one from two pasts.
    pub forked: BTreeSet<AgentId>,
    /// What each batch number was first committed with, for a planted bug.
    pub committed: BTreeMap<(AgentId, SpoolId, u64), [u8; 32]>,
    /// How long the slowest batch took from its sealing to its acknowledgement, where no fault happened, in
    /// seconds, by machine.
    pub slowest_s: BTreeMap<usize, i64>,
    /// How often each thing happened.
    pub counts: BTreeMap<&'static str, u64>,
}

impl History {
    /// Counts something.
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// A batch of a machine is about to be damaged; none: it can be read no more already.
    pub fn damage(&mut self, machine: usize, batch: Option<&Batch>) {
        let Some(batch) = batch else { return };
        let slots = batch.table.slots.iter().map(|slot| Window { from: slot.start, to: slot.end() });
        let windows = slots.chain(batch.gaps.iter().map(|gap| gap.window));
        self.damaged.entry(machine).or_default().extend(windows);
    }

    /// Whether the loss of a slot may be told with this reason, if with any. Nobody can say how far a damaged batch
    /// went that was the newest, or from when on the first one: the time of the one passes for an absence, that of the
    /// other for the time before the agent came. Where its neighbours are not in order, nobody can say that it was.
    #[must_use]
    pub fn may_be_lost(&self, slot: MachineSlot, told: Option<GapReason>) -> bool {
        use GapReason::{AgentDown, ClockInvalid, Corrupt, HostDown, NeverEnrolled, OpenMinute, Paused};
        let (machine, start) = slot;
        let mut damaged = self.damaged.get(&machine).into_iter().flatten();
        let was_damaged = damaged.any(|window| window.from <= start && start < window.to);
        match told {
            Some(reason) if self.may_lose.contains(&(machine, reason)) => true,
            Some(Corrupt | OpenMinute | AgentDown | HostDown | ClockInvalid | NeverEnrolled | Paused) => {
                was_damaged
            }
            _ => was_damaged && self.is_unordered(machine),
        }
    }

    /// The time nobody can account for: that of batches which were damaged while batches were not in the order of their
    /// time, and all before a start that knew of no time. Neither the agent nor anybody else can say from its
    /// neighbours which time a lost one spoke of.
    pub fn unaccountable(&self, machine: usize) -> impl Iterator<Item = Window> {
        let damaged = self.damaged.get(&machine).filter(|_| self.is_unordered(machine));
        let began = self.amnesic.get(&machine).filter(|_| damaged.is_some());
        let before = began.map(|to| Window { from: Timestamp(0), to: *to });
        damaged.into_iter().flatten().copied().chain(before)
    }

    fn is_unordered(&self, machine: usize) -> bool {
        self.set_back.contains(&machine) || self.amnesic.contains_key(&machine)
    }

    /// The process of a machine died: what was not on its disk may be gone.
    pub fn died(&mut self, machine: usize, power_was_cut: bool) {
        let of = |slot: &&MachineSlot| slot.0 == machine;
        if power_was_cut {
            let unsealed = self.measured.keys().filter(of).filter(|slot| !self.sealed.contains(slot));
            self.excused.extend(unsealed);
        }
        self.excused.extend(self.in_memory.iter().filter(of));
        self.in_memory.retain(|slot| slot.0 != machine);
    }
}

//! What a simulation remembers beside the programs under test: what was measured, what could be lost and why.
//! Invariants hold the store against it.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::time::Timestamp;
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
    /// Machines whose clock was set so far back that their batches are no longer in the order of their time.
    pub set_back: BTreeSet<usize>,
    /// Machines whose agent began again knowing of no time it had told: the one batch it had was damaged.
    pub amnesic: BTreeSet<usize>,
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

    /// Whether a machine may have lost a batch while batches were not in the order of their time, or its only one. Then
    /// neither the agent nor anybody else can say from its neighbours which time the lost one spoke of.
    #[must_use]
    pub fn is_blurred(&self, machine: usize) -> bool {
        let is_unordered = self.set_back.contains(&machine) || self.amnesic.contains(&machine);
        is_unordered && self.may_lose.contains(&(machine, GapReason::Corrupt))
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

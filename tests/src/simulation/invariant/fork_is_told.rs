//! Where two machines, or two pasts of one, speak under one identity and number, somebody is told; their slots are
//! never merged in silence. A copy on another make of machine is told apart from the beginning.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};
use std::collections::BTreeSet;

pub(super) static INVARIANT: Invariant = Invariant { id: "forks are told", check, bug: Bug::MergesForks };

fn check(world: &World, evidence: &Evidence) -> Result<(), String> {
    // A copy that has an identity of its own is another source: under the first one there is only the first.
    for machine in world.machines.iter().filter(|machine| !world.history.forked.contains(&machine.agent_id)) {
        let stored = evidence.of_agent.get(&machine.agent_id).map(|at| &evidence.sources[*at]);
        let mut slots = stored.iter().flat_map(|stored| &stored.slots);
        if let Some(slot) = slots.find(|slot| slot.machine != Some(machine.number)) {
            return Err(format!("machine {}: slot {:?} is not its own", machine.number, slot));
        }
    }
    for agent in world.history.forked.iter().filter(|agent| !evidence.tells_fork(**agent)) {
        let Some(stored) = evidence.of_agent.get(agent).map(|at| &evidence.sources[*at]) else { continue };
        let machines: BTreeSet<_> = stored.slots.iter().filter_map(|slot| slot.machine).collect();
        if machines.len() > 1 {
            return Err(format!("{}: slots of machines {machines:?}, told to nobody", stored.source.server));
        }
        let theirs = |slot: &&(usize, _)| world.machines[slot.0].agent_id == *agent;
        let mut forgotten = world.history.acknowledged.iter().filter(theirs);
        if let Some((machine, start)) = forgotten.find(|slot| !evidence.readable.contains(slot)) {
            return Err(format!("machine {machine} forgot {start} for another's sake, told to nobody"));
        }
    }
    Ok(())
}

//! Once faults have stopped every queue drains: what waits in a spool at the end has been sealed a moment ago. Only
//! an identity that was refused as forked waits for a person.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};

/// What a batch may wait for: the next upload, and the tries of a bad moment before it.
const WAITS_S_MAX: i64 = 20 * 60;

pub(super) static INVARIANT: Invariant = Invariant { id: "queues drain", check, bug: Bug::GivesUp };

fn check(world: &World, evidence: &Evidence) -> Result<(), String> {
    for machine in &world.machines {
        let at = machine.number;
        let Some(agent) = &machine.agent else {
            return Err(format!("machine {at} has no agent any more"));
        };
        if world.history.forked.contains(&machine.agent_id) && evidence.tells_fork(machine.agent_id) {
            continue;
        }
        let Some(oldest) = agent.delivery.spool().sealed().next() else { continue };
        let sealed_at = machine.batch(oldest).map_or(0, |batch| batch.sealed_at.0);
        let waits_s = world.now_ms / 1_000 - sealed_at;
        if waits_s > WAITS_S_MAX {
            let waiting = agent.delivery.spool().sealed().count();
            return Err(format!(
                "machine {at}: batch {oldest} of {waiting} waits for {waits_s} s, {}",
                machine.last_status
            ));
        }
    }
    Ok(())
}

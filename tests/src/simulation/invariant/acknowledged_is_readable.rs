//! What an agent forgot because it was acknowledged can be read, whatever crashed since, and reads the same whether
//! it waits or is packed.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};

pub(super) static INVARIANT: Invariant =
    Invariant { id: "acknowledged is readable", check, bug: Bug::AcknowledgesFirst };

fn check(world: &World, evidence: &Evidence) -> Result<(), String> {
    if let Some(server) = &evidence.changed_by_packing {
        return Err(format!("{server}: what waits reads otherwise than what is packed"));
    }
    for slot in &world.history.acknowledged {
        let agent = world.machines[slot.0].agent_id;
        // Of two machines under one identity, or two pasts of one, the other invariant speaks.
        if !evidence.readable.contains(slot) && !world.history.forked.contains(&agent) {
            return Err(format!("slot {} of machine {} was acknowledged and is not there", slot.1, slot.0));
        }
    }
    Ok(())
}

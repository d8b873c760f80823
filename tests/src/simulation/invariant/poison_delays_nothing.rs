//! A batch that nobody can read delays no other: with nothing else amiss, each batch is acknowledged within one
//! upload interval and the time a try takes.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};

/// The upload interval the collector asks for, and two minutes.
const SLOWEST_S_MAX: i64 = 900 + 120;

pub(super) static INVARIANT: Invariant =
    Invariant { id: "poison delays nothing", check, bug: Bug::RetriesPoison };

fn check(world: &World, _evidence: &Evidence) -> Result<(), String> {
    for (machine, slowest_s) in &world.history.slowest_s {
        if *slowest_s > SLOWEST_S_MAX && world.machines[*machine].last_status != 409 {
            return Err(format!("machine {machine}: a batch took {slowest_s} s to be acknowledged"));
        }
    }
    let poisoned = &world.machines[0];
    let waits = poisoned.agent.as_ref().map_or(0, |agent| agent.delivery.spool().sealed().count());
    if waits > 20 && poisoned.last_status != 409 {
        return Err(format!("machine 0: {waits} batches wait behind a bad one"));
    }
    Ok(())
}

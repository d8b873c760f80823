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
        let is_forked = world.history.forked.contains(&world.machines[*machine].agent_id);
        if *slowest_s > SLOWEST_S_MAX && !is_forked {
            return Err(format!("machine {machine}: a batch took {slowest_s} s to be acknowledged"));
        }
    }
    Ok(())
}

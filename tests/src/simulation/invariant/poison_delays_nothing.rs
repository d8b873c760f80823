//! A batch that nobody can read delays no other: with nothing else amiss, each batch is acknowledged within one
//! upload interval and the time a try takes.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};

/// The upload interval the collector asks for, and two minutes.
const SLOWEST_S_MAX: i64 = 900 + 120;

pub(super) static INVARIANT: Invariant =
    Invariant { id: "poison delays nothing", check, bug: Bug::RetriesPoison };

fn check(world: &World, _evidence: &Evidence) -> Result<(), String> {
    let is_forked = |machine: usize| world.history.forked.contains(&world.machines[machine].agent_id);
    for (machine, slowest_s) in &world.history.slowest_s {
        if *slowest_s > SLOWEST_S_MAX && !is_forked(*machine) {
            return Err(format!("machine {machine}: a batch took {slowest_s} s to be acknowledged"));
        }
    }
    for machine in world.machines.iter().filter(|machine| !is_forked(machine.number)) {
        let spool = machine.agent.as_ref().map(|agent| agent.delivery.spool());
        let good = spool.into_iter().flat_map(|spool| spool.sealed()).filter_map(|seq| machine.batch(seq));
        let waits_s = good.map(|batch| world.now_ms / 1_000 - batch.sealed_at.0).max().unwrap_or(0);
        if waits_s > SLOWEST_S_MAX {
            return Err(format!("machine {}: a good batch waits for {waits_s} s", machine.number));
        }
    }
    Ok(())
}

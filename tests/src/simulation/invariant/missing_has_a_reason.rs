//! Slots and gaps of a source add up to all the time that was due, from its first moment to one after the last
//! fault, and no gap is without a reason.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};
use crate::simulation::evidence::StoredSource;
use crate::simulation::world::HEALED_AFTER_MS;
use cairn_schemas::gap::GapReason;
use cairn_schemas::time::{Timestamp, Window};

pub(super) static INVARIANT: Invariant =
    Invariant { id: "every missing slot has a reason", check, bug: Bug::DropsGaps };

fn check(world: &World, evidence: &Evidence) -> Result<(), String> {
    let Some(calm_since_ms) = world.calm_since_ms else { return Ok(()) };
    let until = Timestamp((calm_since_ms + HEALED_AFTER_MS) / 1_000);
    for (agent, at) in &evidence.of_agent {
        let theirs = || world.machines.iter().filter(|machine| machine.agent_id == *agent);
        if world.history.forked.contains(agent) {
            continue;
        }
        let unaccountable = theirs().flat_map(|machine| world.history.unaccountable(machine.number));
        let stored = &evidence.sources[*at];
        let since_ms = theirs().map(|machine| machine.since_ms).min().unwrap_or(world.began_ms);
        let server = &stored.source.server;
        if let Some(gap) = stored.gaps.iter().find(|gap| gap.reason == GapReason::NotReported) {
            return Err(format!("{server}: nobody said why {:?} is missing", gap.window));
        }
        let began = Timestamp(since_ms.max(world.began_ms) / 1_000);
        if let Some(hole) = hole(stored, unaccountable, began, until) {
            return Err(format!("{server}: neither slots nor a gap in {} to {}", hole.from, hole.to));
        }
    }
    Ok(())
}

/// The first stretch before `until` that neither slots nor gaps account for. A clock that is set far back dates slots
/// to before the agent was there: nothing is due around those.
fn hole(
    stored: &StoredSource,
    unaccountable: impl Iterator<Item = Window>,
    began: Timestamp,
    until: Timestamp,
) -> Option<Window> {
    let slots = stored.slots.iter().map(|slot| slot.window);
    let mut told: Vec<Window> = slots.chain(stored.gaps.iter().map(|gap| gap.window)).collect();
    told.retain(|window| window.to > began);
    let mut accounted = told.iter().map(|window| window.from).min()?;
    told.extend(unaccountable);
    told.sort_by_key(|window| window.from);
    for window in told {
        if window.from > accounted {
            break;
        }
        accounted = accounted.max(window.to);
    }
    (accounted < until).then_some(Window { from: accounted, to: until })
}

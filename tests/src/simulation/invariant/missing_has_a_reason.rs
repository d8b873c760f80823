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
        if world.history.forked.contains(agent) {
            continue;
        }
        let stored = &evidence.sources[*at];
        let server = &stored.source.server;
        if let Some(gap) = stored.gaps.iter().find(|gap| gap.reason == GapReason::NotReported) {
            return Err(format!("{server}: nobody said why {:?} is missing", gap.window));
        }
        if let Some(hole) = hole(stored, until) {
            return Err(format!("{server}: neither slots nor a gap in {} to {}", hole.from, hole.to));
        }
    }
    Ok(())
}

/// The first stretch before `until` that neither slots nor gaps account for.
fn hole(stored: &StoredSource, until: Timestamp) -> Option<Window> {
    let slots = stored.slots.iter().map(|slot| slot.window);
    let mut told: Vec<Window> = slots.chain(stored.gaps.iter().map(|gap| gap.window)).collect();
    told.sort_by_key(|window| window.from);
    let mut accounted = told.first()?.from;
    for window in told {
        if window.from > accounted {
            break;
        }
        accounted = accounted.max(window.to);
    }
    (accounted < until).then_some(Window { from: accounted, to: until })
}

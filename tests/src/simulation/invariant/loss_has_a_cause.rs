//! What was measured is stored, unless a fault took it that may: a power cut what was not sealed, a flipped bit or
//! a full spool or a refusal a batch, and that is told with its reason.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};
use crate::simulation::evidence::StoredSource;
use cairn_schemas::gap::GapReason;
use cairn_schemas::time::Timestamp;

pub(super) static INVARIANT: Invariant =
    Invariant { id: "every loss has a cause", check, bug: Bug::DiskLies };

fn check(world: &World, evidence: &Evidence) -> Result<(), String> {
    let history = &world.history;
    let before_ms = world.calm_since_ms.unwrap_or(world.now_ms);
    let due = history.measured.iter().filter(|(_, at_ms)| **at_ms < before_ms).map(|(slot, _)| slot);
    for slot in due.filter(|slot| !evidence.readable.contains(slot) && !history.excused.contains(slot)) {
        let (machine, start) = *slot;
        let agent = world.machines[machine].agent_id;
        if history.forked.contains(&agent) {
            continue;
        }
        let stored = evidence.of_agent.get(&agent).map(|at| &evidence.sources[*at]);
        let told = stored.and_then(|stored| reason(stored, start));
        if !history.may_be_lost(*slot, told) {
            let told = told.map_or("nothing", GapReason::name);
            return Err(format!(
                "machine {machine} measured {start}, nothing took it, and it is lost; told: {told}"
            ));
        }
    }
    Ok(())
}

/// Why a moment is missing; before the first that is known the agent counts as not there yet.
fn reason(stored: &StoredSource, moment: Timestamp) -> Option<GapReason> {
    if stored.source.first_seen.is_none_or(|first| moment < first) {
        return Some(GapReason::NeverEnrolled);
    }
    let mut gaps = stored.gaps.iter();
    gaps.find(|gap| gap.window.from <= moment && moment < gap.window.to).map(|gap| gap.reason)
}

//! No slot is there twice: not in a source, not in two sources, not in what the weeks add up to.
// SPDX-License-Identifier: Apache-2.0

use super::{Bug, Evidence, Invariant, World};
use std::collections::BTreeSet;

pub(super) static INVARIANT: Invariant = Invariant { id: "no slot twice", check, bug: Bug::ForgetsSources };

fn check(_world: &World, evidence: &Evidence) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for stored in &evidence.sources {
        let server = &stored.source.server;
        if let Some(pair) = stored.slots.windows(2).find(|pair| pair[1].window.from < pair[0].window.to) {
            return Err(format!("{server}: {:?} overlaps {:?}", pair[1].window, pair[0].window));
        }
        for slot in &stored.slots {
            let Some(machine) = slot.machine else {
                return Err(format!("{server}: the slot at {} is none that was measured", slot.window.from));
            };
            if !seen.insert((machine, slot.window.from)) {
                return Err(format!("{server}: the slot at {} counts in two sources", slot.window.from));
            }
        }
        let covered_s: i64 = stored.slots.iter().map(|slot| slot.window.seconds()).sum();
        if covered_s != stored.summarised_s {
            return Err(format!("{server}: {covered_s} s of slots, {} s in its weeks", stored.summarised_s));
        }
    }
    Ok(())
}

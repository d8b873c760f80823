//! A collector that was away for two days: many agents come back to it with all they have kept, and must neither
//! trample it nor each other.
// SPDX-License-Identifier: Apache-2.0

use super::options::{HOUR_MS, Options, SECOND_MS};
use super::world::{Event, World};
use std::collections::{BTreeMap, BTreeSet};

/// How an estate came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// Batches that had waited, all agents together.
    pub backlog: usize,
    /// Most requests in one second after the return.
    pub peak_per_s: usize,
    /// Most agents whose first request came in the same second.
    pub first_peak_per_s: usize,
    /// Seconds from the return to the last agent's first request.
    pub last_came_after_s: i64,
    /// Seconds from the return until no agent had more than its latest batch.
    pub drained_after_s: i64,
    /// How often an agent was asked to come again later.
    pub busy: u64,
}

/// Lets agents run for an hour, takes the collector away, brings it back, and looks how they return. Gives the world
/// at its end as well, for the invariants.
#[must_use]
pub fn outage(machines: usize, hours: i64, queue_max: usize) -> (World, Return) {
    let lasts_ms = hours * HOUR_MS;
    let options = Options {
        machines,
        faults_ms: lasts_ms + 3 * HOUR_MS,
        slot_width_s: 60,
        reading_every_ms: 2 * SECOND_MS,
        batch_every_s: 900,
        faults: Vec::new(),
        fault_every_ms: lasts_ms,
        loss: 0.0,
        duplicates: 0.0,
        delay_ms_max: 50,
        queue_max,
        commit_ms: 50,
        spool_bytes_max: 256 << 20,
        ..Options::from_seed(48)
    };
    let mut world = World::new(options);
    let returns_ms = world.began_ms + HOUR_MS + lasts_ms;
    world.later(HOUR_MS, Event::Outage { lasts_ms });
    world.run_until(returns_ms);
    let sealed = |world: &World| -> Vec<usize> {
        let agents = world.machines.iter().filter_map(|machine| machine.agent.as_ref());
        agents.map(|agent| agent.delivery.spool().sealed().count()).collect()
    };
    let backlog = sealed(&world).iter().sum();
    let mut drained_after_s = 0;
    while sealed(&world).iter().any(|waiting| *waiting > 1) && drained_after_s < 2 * 3_600 {
        drained_after_s += 10;
        world.run_until(returns_ms + drained_after_s * SECOND_MS);
    }
    world.run();
    let came = world.arrivals.iter().filter(|(at_ms, _)| *at_ms >= returns_ms);
    let after_s = |at_ms: i64| (at_ms - returns_ms) / SECOND_MS;
    let (mut seen, mut first, mut all) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
    for (at_ms, machine) in came {
        *all.entry(after_s(*at_ms)).or_insert(0_usize) += 1;
        if seen.insert(*machine) {
            *first.entry(after_s(*at_ms)).or_insert(0_usize) += 1;
        }
    }
    let told = Return {
        backlog,
        peak_per_s: all.values().copied().max().unwrap_or(0),
        first_peak_per_s: first.values().copied().max().unwrap_or(0),
        last_came_after_s: first.last_key_value().map_or(0, |(after_s, _)| *after_s),
        drained_after_s,
        busy: world.history.counts.get("429 busy").copied().unwrap_or(0),
    };
    (world, told)
}

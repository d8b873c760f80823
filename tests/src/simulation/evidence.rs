//! What the store says at the end, laid out for the invariants: of each identity the slots with the machine that
//! measured them, the gaps, and what the weekly summaries count.
// SPDX-License-Identifier: Apache-2.0

use super::history::MachineSlot;
use super::machine::{code, machine_of};
use super::world::World;
use cairn_collector::store::{Source, Store as _, StoreError};
use cairn_schemas::gap::Gap;
use cairn_schemas::identity::AgentId;
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::SeriesKey;
use cairn_schemas::time::{Timestamp, Window};
use std::collections::{BTreeMap, BTreeSet};

/// Everything there can be.
pub const EVER: Window = Window { from: Timestamp(0), to: Timestamp(1 << 40) };

/// One stored slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSlot {
    /// When.
    pub window: Window,
    /// Which machine measured it; none: its value is not one that any machine measured then.
    pub machine: Option<usize>,
}

/// One source of the store.
#[derive(Clone, Debug)]
pub struct StoredSource {
    /// The source.
    pub source: Source,
    /// Its slots as stored, one after the other.
    pub slots: Vec<StoredSlot>,
    /// Its gaps.
    pub gaps: Vec<Gap>,
    /// Seconds the weekly summaries count as covered.
    pub summarised_s: i64,
}

/// What the store holds.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Every source.
    pub sources: Vec<StoredSource>,
    /// Which of them belongs to an identity.
    pub of_agent: BTreeMap<AgentId, usize>,
    /// Every slot of a machine that can be read.
    pub readable: BTreeSet<MachineSlot>,
    /// The audit log.
    pub audit: Vec<String>,
    /// A server of which something else is read once what waited is packed.
    pub changed_by_packing: Option<String>,
}

impl StoredSource {
    fn reads_like(&self, other: &Self) -> bool {
        (&self.slots, &self.gaps, self.summarised_s) == (&other.slots, &other.gaps, other.summarised_s)
    }
}

impl Evidence {
    /// Asks the store while much of it waits in the inbox, and again once everything has become day blocks.
    ///
    /// # Errors
    /// The store refuses.
    pub fn gather(world: &World) -> Result<Self, StoreError> {
        let store = &world.collector.store;
        let all = || -> Result<Vec<StoredSource>, StoreError> {
            store.sources()?.into_iter().map(|source| stored(world, source)).collect()
        };
        let waiting = all()?;
        world.collector.compact(world.now_ms)?;
        let sources = all()?;
        let differs = |(waiting, packed): &(&StoredSource, &StoredSource)| !waiting.reads_like(packed);
        let changed =
            waiting.iter().zip(&sources).find(differs).map(|(_, packed)| packed.source.server.clone());
        let position = |id: i64| sources.iter().position(|stored| stored.source.id == id);
        let agents = store.agents()?;
        let of_agent = agents.iter().filter_map(|agent| Some((agent.id, position(agent.source)?))).collect();
        let slots = sources.iter().flat_map(|stored| &stored.slots);
        let readable = slots.filter_map(|slot| Some((slot.machine?, slot.window.from))).collect();
        let audit = store.audit_log()?.into_iter().map(|(.., what)| what).collect();
        Ok(Self { sources, of_agent, readable, audit, changed_by_packing: changed })
    }

    /// Whether somebody was told that an identity is used by two machines, or from two pasts.
    #[must_use]
    pub fn tells_fork(&self, agent: AgentId) -> bool {
        let told = format!("forked identity: agent {agent}");
        self.audit.iter().any(|line| line.contains(&told))
    }
}

fn stored(world: &World, source: Source) -> Result<StoredSource, StoreError> {
    let store = &world.collector.store;
    let mut slots = Vec::new();
    for table in store.day_tables(source.id, EVER)? {
        let column = table.column(&SeriesKey::total(&CPU_BUSY));
        for (at, slot) in table.slots.iter().enumerate() {
            let machine = column.map(|column| column.mean[at]).and_then(|mean| {
                let machine = machine_of(mean);
                (code(machine, slot.start) == mean).then_some(machine)
            });
            slots.push(StoredSlot { window: Window { from: slot.start, to: slot.end() }, machine });
        }
    }
    let weeks = store.weeks(source.id, EVER)?;
    let summarised_s = weeks.iter().flat_map(|week| week.covered_s).map(i64::from).sum();
    Ok(StoredSource { gaps: store.gaps(source.id, EVER)?, source, slots, summarised_s })
}

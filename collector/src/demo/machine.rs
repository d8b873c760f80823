//! What the real agent of a demonstration saw of this machine, read back from the store.
// SPDX-License-Identifier: Apache-2.0

use crate::store::{Result, Source, SourceKind, Store};
use cairn_schemas::metric::{AGENT_CPU, AGENT_RESIDENT, CPU_BUSY, MEMORY_USED, Metric};
use cairn_schemas::slot::{SeriesKey, SlotTable};
use cairn_schemas::time::Window;

/// What the real agent saw of this machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    /// Its name.
    pub server: String,
    /// Seconds measured.
    pub measured_s: i64,
    /// Share of CPU time busy: the mean, and the largest second.
    pub cpu_busy_ratio: Option<f64>,
    /// The largest second.
    pub cpu_busy_ratio_max: Option<f64>,
    /// Most memory used.
    pub memory_used_bytes_max: Option<f64>,
    /// What the agent itself took: share of one core, and resident memory.
    pub agent_cpu_ratio: Option<f64>,
    /// Resident memory of the agent.
    pub agent_resident_bytes: Option<f64>,
}

impl Machine {
    /// What agents delivered in a window; `None` when no agent did.
    ///
    /// # Errors
    /// The store fails.
    pub fn measured(store: &dyn Store, window: Window) -> Result<Option<Self>> {
        let is_agent = |source: &Source| source.kind == SourceKind::Agent;
        let Some(source) = store.sources()?.into_iter().find(is_agent) else { return Ok(None) };
        let tables = store.day_tables(source.id, window)?;
        let slots = || tables.iter().flat_map(|table| &table.slots);
        let cpu = values(&tables, &CPU_BUSY, false);
        Ok(Some(Self {
            measured_s: slots().map(|slot| i64::from(slot.samples)).sum(),
            cpu_busy_ratio: mean(&cpu),
            cpu_busy_ratio_max: largest(&values(&tables, &CPU_BUSY, true)),
            memory_used_bytes_max: largest(&values(&tables, &MEMORY_USED, true)),
            agent_cpu_ratio: mean(&values(&tables, &AGENT_CPU, false)),
            agent_resident_bytes: largest(&values(&tables, &AGENT_RESIDENT, false)),
            server: source.server,
        }))
    }
}

/// Means of the slots, or their largest seconds.
fn values(tables: &[SlotTable], metric: &Metric, largest: bool) -> Vec<f64> {
    let key = SeriesKey::total(metric);
    let codes = |table: &SlotTable| {
        let column = table.column(&key)?;
        Some(if largest { column.max.clone().unwrap_or_default() } else { column.mean.clone() })
    };
    let coding = metric.unit.coding();
    tables.iter().filter_map(codes).flatten().filter_map(|code| coding.decode(code)).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn largest(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}

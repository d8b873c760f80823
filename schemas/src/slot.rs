//! Slots and their columns: what an agent seals, an import reads and a day block holds.
// SPDX-License-Identifier: Apache-2.0

use crate::metric::{self, MetricId};
use crate::time::Timestamp;
use crate::value_code::{Code, MISSING};
use serde::{Deserialize, Serialize};

/// Whether a server was on during a slot. Off is neither idle nor missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Running; also what is assumed of a source that does not say.
    #[default]
    On,
    /// Switched off: covered, but outside every demand percentile.
    Off,
}

/// One stored interval: when, how long, on how many readings it rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First moment, UTC.
    pub start: Timestamp,
    /// Length in seconds; 60 for agents, the import's own otherwise. Never 0.
    pub width_s: u32,
    /// Readings it holds; an agent's full slot has one a second, an import's counts as `width_s`.
    pub samples: u32,
    /// On or off.
    pub power: Power,
}

impl Slot {
    /// A slot is valid from half its samples on (design 7.1).
    #[must_use]
    #[inline]
    pub const fn is_valid(&self) -> bool {
        self.samples.saturating_mul(2) >= self.width_s
    }

    /// First moment after the slot.
    #[must_use]
    #[inline]
    pub const fn end(&self) -> Timestamp {
        Timestamp(self.start.0 + self.width_s as i64)
    }
}

/// Which series: a metric of the catalogue, and the device it is about (empty: the whole server).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// The metric.
    pub metric: MetricId,
    /// Disk, interface or mount point; at most [`INSTANCE_BYTES_MAX`] bytes.
    pub instance: String,
}

/// Longest instance name kept.
pub const INSTANCE_BYTES_MAX: usize = 128;

impl SeriesKey {
    /// The series of the whole server.
    #[must_use]
    pub fn total(metric: &metric::Metric) -> Self {
        Self { metric: metric.id, instance: String::new() }
    }
}

/// The values of one series, one code a slot; `max` only where one-second maxima are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which series.
    pub key: SeriesKey,
    /// Mean of each slot.
    pub mean: Vec<Code>,
    /// Largest one-second reading of each slot, where the source knows it.
    pub max: Option<Vec<Code>>,
}

/// Slots in ascending order of start, and the columns over them, all of the same length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotTable {
    /// When; strictly ascending by start.
    pub slots: Vec<Slot>,
    /// What; ascending by key, no key twice.
    pub columns: Vec<Column>,
}

impl SlotTable {
    /// The column of a series.
    #[must_use]
    pub fn column(&self, key: &SeriesKey) -> Option<&Column> {
        self.columns.binary_search_by(|column| column.key.cmp(key)).ok().map(|i| &self.columns[i])
    }

    /// The mean of a server-wide metric in a slot, decoded; `None` when missing.
    #[must_use]
    pub fn value(&self, metric: &metric::Metric, slot: usize) -> Option<f64> {
        let code = *self.column(&SeriesKey::total(metric))?.mean.get(slot)?;
        metric.unit.coding().decode(code)
    }

    /// Number of values that are not missing, means and maxima.
    #[must_use]
    pub fn values_known(&self) -> usize {
        let known = |codes: &[Code]| codes.iter().filter(|code| **code != MISSING).count();
        self.columns.iter().map(|c| known(&c.mean) + c.max.as_deref().map_or(0, known)).sum()
    }

    /// Says what is wrong with the shape, if anything: lengths, order, widths.
    ///
    /// # Errors
    /// The first fault found, as a lower-case fragment.
    pub fn check(&self) -> Result<(), String> {
        for pair in self.slots.windows(2) {
            if pair[0].start >= pair[1].start {
                return Err(format!("slots not in ascending order at {}", pair[1].start));
            }
        }
        if let Some(slot) = self.slots.iter().find(|slot| slot.width_s == 0 || slot.samples > slot.width_s) {
            return Err(format!(
                "slot at {} has width {} and {} samples",
                slot.start, slot.width_s, slot.samples
            ));
        }
        for pair in self.columns.windows(2) {
            if pair[0].key >= pair[1].key {
                return Err(format!("series {} out of order", pair[1].key.metric));
            }
        }
        for column in &self.columns {
            let lengths = [column.mean.len(), column.max.as_ref().map_or(self.slots.len(), Vec::len)];
            if lengths.iter().any(|n| *n != self.slots.len()) {
                return Err(format!(
                    "series {} has {} values for {} slots",
                    column.key.metric,
                    lengths[0],
                    self.slots.len()
                ));
            }
        }
        Ok(())
    }
}

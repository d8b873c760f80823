//! The board: the current reading of every series. Samplers register series once and write by index, so an
//! ordinary second allocates nothing.
// SPDX-License-Identifier: Apache-2.0

use super::reading::{Missing, Reading};
use cairn_schemas::metric::{self, Metric, Scope};
use cairn_schemas::slot::{INSTANCE_BYTES_MAX, SeriesKey};
use std::collections::BTreeMap;

/// Most series one host may have; beyond it devices are left out, and the log says so.
const SERIES_MAX: usize = 4_096;

/// Where a series stands on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesIndex(usize);

/// The current reading of every series.
#[derive(Debug, Default)]
pub struct Board {
    keys: Vec<SeriesKey>,
    readings: Vec<Reading>,
}

impl Board {
    /// The place of a series, made on first asking. `None` when the board is full or the name too long.
    pub fn series(&mut self, metric: &Metric, instance: &str) -> Option<SeriesIndex> {
        let key = SeriesKey { metric: metric.id, instance: instance.to_owned() };
        if let Some(at) = self.keys.iter().position(|known| *known == key) {
            return Some(SeriesIndex(at));
        }
        if self.keys.len() == SERIES_MAX || instance.len() > INSTANCE_BYTES_MAX {
            tracing::warn!(metric = metric.name, instance, "series left out: too many, or its name too long");
            return None;
        }
        self.keys.push(key);
        self.readings.push(Err(Missing::Absent));
        Some(SeriesIndex(self.keys.len() - 1))
    }

    /// The place of the series of the whole server.
    pub fn total(&mut self, metric: &Metric) -> Option<SeriesIndex> {
        self.series(metric, "")
    }

    /// Writes a reading; a series without a place is passed over.
    pub fn set(&mut self, index: Option<SeriesIndex>, reading: Reading) {
        if let Some(SeriesIndex(at)) = index {
            self.readings[at] =
                reading.and_then(|v| if v.is_finite() { Ok(v) } else { Err(Missing::Absent) });
        }
    }

    /// Forgets all readings before the next second.
    pub fn clear(&mut self) {
        self.readings.fill(Err(Missing::Absent));
    }

    /// Every series, in order of registration. Grows, never shrinks or reorders.
    #[must_use]
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The readings, parallel to [`Board::keys`].
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// One reading.
    pub fn reading(&self, metric: &Metric, instance: &str) -> Reading {
        let found = self.keys.iter().position(|key| key.metric == metric.id && key.instance == instance);
        found.map_or(Err(Missing::Absent), |at| self.readings[at])
    }

    /// The metrics this host cannot give, by name, with the reason.
    #[must_use]
    pub fn lasting_gaps(&self) -> BTreeMap<String, String> {
        let missing = self.keys.iter().zip(&self.readings).filter(|(key, _)| key.instance.is_empty());
        let mut gaps = BTreeMap::new();
        for (key, reading) in missing {
            if let (Some(metric), Err(why)) = (metric::by_id(key.metric), reading)
                && why.is_lasting()
                && metric.scope != Scope::FileSystem
            {
                gaps.insert(metric.name.to_owned(), why.to_string());
            }
        }
        gaps
    }
}

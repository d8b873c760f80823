//! The minute an agent was in when it was stopped, so that the next run goes on with it: an upgrade costs the
//! seconds it takes, not a slot.
// SPDX-License-Identifier: Apache-2.0

use super::Cell;
use crate::spool::Disk;
use cairn_schemas::metric::MetricId;
use cairn_schemas::slot::SeriesKey;
use cairn_schemas::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

const FILE: &str = "open_minute.json";

/// A slot that is not full yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenMinute {
    pub(super) start: Timestamp,
    pub(super) samples: u32,
    pub(super) width_s: i64,
    /// When the machine was switched on, by its wall clock.
    #[serde(default)]
    pub(super) boot_ms: Option<i64>,
    pub(super) series: Vec<OpenSeries>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OpenSeries {
    metric: MetricId,
    instance: String,
    sum: f64,
    max: f64,
    readings: u32,
}

impl OpenMinute {
    pub(super) fn new(
        start: Timestamp,
        samples: u32,
        width_s: i64,
        boot_ms: Option<i64>,
        keys: &[SeriesKey],
        cells: &[Cell],
    ) -> Self {
        let series = keys.iter().zip(cells).map(|(key, cell)| OpenSeries {
            metric: key.metric,
            instance: key.instance.clone(),
            sum: cell.sum,
            max: cell.max,
            readings: cell.readings,
        });
        Self { start, samples, width_s, boot_ms, series: series.collect() }
    }

    /// The series with what has been read of them.
    pub(super) fn into_cells(self) -> impl Iterator<Item = (SeriesKey, Cell)> {
        self.series.into_iter().map(|series| {
            let OpenSeries { metric, instance, sum, max, readings } = series;
            (SeriesKey { metric, instance }, Cell { sum, max, readings })
        })
    }

    /// What an earlier run left, taken away: it holds once. What cannot be read is as if it were not there, and
    /// the minute becomes a gap.
    #[must_use]
    pub fn take(disk: &mut dyn Disk, data: &Path) -> Option<Self> {
        let path = data.join(FILE);
        let bytes = disk.read(&path).ok()?;
        disk.remove(&path).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Leaves it for the next run.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn leave(&self, disk: &mut dyn Disk, data: &Path) -> io::Result<()> {
        let temporary = data.join("open_minute.json.tmp");
        disk.write_synced(&temporary, &serde_json::to_vec(self).map_err(io::Error::other)?)?;
        disk.rename(&temporary, &data.join(FILE))
    }
}

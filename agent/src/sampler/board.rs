//! The board: the current reading of every series. Samplers register series once and write by index, so an
//! ordinary second allocates nothing.
// SPDX-License-Identifier: Apache-2.0

use super::reading::{Missing, Reading};
use cairn_schemas::metric::{self, Metric, Scope};
use cairn_schemas::slot::{INSTANCE_BYTES_MAX, SeriesKey};
use std::collections::BTreeMap;

/// Most devices of a kind that have series of their own. A bigger host is sized by its sums, which hold all
/// devices; its single disks would fill the spool.
const DEVICES_MAX: &[(Scope, &str, usize)] = &[
    (Scope::Disk, "disks", 128),
    (Scope::Interface, "interfaces", 64),
    (Scope::FileSystem, "file systems", 64),
];

/// Where a series stands on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesIndex(usize);

/// The current reading of every series.
#[derive(Debug, Default)]
pub struct Board {
    keys: Vec<SeriesKey>,
    readings: Vec<Reading>,
    /// Devices with series of their own, and whether some have none, in the order of [`DEVICES_MAX`].
    devices: [(usize, bool); DEVICES_MAX.len()],
}

impl Board {
    /// The place of the series of the whole server.
    pub fn total(&mut self, metric: &Metric) -> Option<SeriesIndex> {
        Some(self.series(metric, ""))
    }

    /// The places of the series of one device, all of one scope; made on first asking. `None` when there are
    /// too many such devices or the name is too long.
    pub fn device<const N: usize>(
        &mut self,
        metrics: &[Metric; N],
        instance: &str,
    ) -> [Option<SeriesIndex>; N] {
        let known = self.keys.iter().any(|key| key.metric == metrics[0].id && key.instance == instance);
        if !known && !self.admit(metrics[0].scope, instance) {
            return [None; N];
        }
        std::array::from_fn(|at| Some(self.series(&metrics[at], instance)))
    }

    fn admit(&mut self, scope: Scope, instance: &str) -> bool {
        let Some(kind) = DEVICES_MAX.iter().position(|(known, ..)| *known == scope) else { return false };
        let (count, left_out) = &mut self.devices[kind];
        if *count < DEVICES_MAX[kind].2 && instance.len() <= INSTANCE_BYTES_MAX {
            *count += 1;
            return true;
        }
        if !std::mem::replace(left_out, true) {
            tracing::warn!("{}", remark(kind));
        }
        false
    }

    fn series(&mut self, metric: &Metric, instance: &str) -> SeriesIndex {
        let found = self.keys.iter().position(|key| key.metric == metric.id && key.instance == instance);
        SeriesIndex(found.unwrap_or_else(|| {
            self.keys.push(SeriesKey { metric: metric.id, instance: instance.to_owned() });
            self.readings.push(Err(Missing::Absent));
            self.keys.len() - 1
        }))
    }

    /// What a reader of the series should know: of which devices some have none of their own.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let crowded = self.devices.iter().enumerate().filter(|(_, (_, left_out))| *left_out);
        crowded.map(|(kind, _)| remark(kind)).collect()
    }

    /// Writes a reading; a series without a place is passed over.
    pub fn set(&mut self, index: Option<SeriesIndex>, reading: Reading) {
        if let Some(SeriesIndex(at)) = index {
            self.readings[at] =
                reading.and_then(|v| if v.is_finite() { Ok(v) } else { Err(Missing::Absent) });
        }
    }

    /// Forgets all readings before the next second; what the host does not offer stays said, since not every
    /// source is asked every second.
    pub fn clear(&mut self) {
        for reading in &mut self.readings {
            if !matches!(reading, Err(why) if why.is_lasting()) {
                *reading = Err(Missing::Absent);
            }
        }
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

fn remark(kind: usize) -> String {
    let (_, devices, most) = DEVICES_MAX[kind];
    format!(
        "some {devices} have no series of their own, since there are more than {most} or their names are too \
         long; the sums hold all of them"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::metric::{DISK_BUSY, DISK_READ, NET_DROPS};

    #[test]
    fn devices_beyond_the_bound_have_no_series_and_that_is_said_once() {
        let mut board = Board::default();
        let disk = |board: &mut Board, name: &str| board.device(&[DISK_READ, DISK_BUSY], name)[1].is_some();
        assert!((0..128).all(|n| disk(&mut board, &format!("sd{n}"))));
        assert_eq!(board.remarks(), Vec::<String>::new());
        assert!(!disk(&mut board, "sd128") && !disk(&mut board, "sd129") && disk(&mut board, "sd0"));
        assert_eq!(board.remarks().len(), 1);
        assert!(board.remarks()[0].starts_with("some disks have no series"));
        assert_eq!(board.keys().len(), 256);
        assert!(board.device(&[NET_DROPS], "eno1")[0].is_some());
        assert!(board.device(&[NET_DROPS], &"n".repeat(INSTANCE_BYTES_MAX + 1))[0].is_none());
        assert_eq!(board.remarks().len(), 2);
    }

    #[test]
    fn what_the_host_lacks_stays_said_and_all_else_is_forgotten() {
        let mut board = Board::default();
        let (read, busy) = (board.total(&DISK_READ), board.total(&DISK_BUSY));
        board.set(read, Ok(1.0));
        board.set(busy, Err(Missing::NoDevice("none")));
        board.clear();
        assert_eq!(board.readings(), [Err(Missing::Absent), Err(Missing::NoDevice("none"))]);
        board.set(busy, Ok(f64::NAN));
        assert_eq!(board.reading(&DISK_BUSY, ""), Err(Missing::Absent));
    }
}

//! How servers are moved: how fast a copy runs, how long a switch takes, when nothing may be changed.
// SPDX-License-Identifier: Apache-2.0

use super::ValueConstant;
use cairn_schemas::assessment::{Constant, Range};
use cairn_schemas::time::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// How servers are moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MigrationPolicy {
    /// Share of the slower link that a copy fills.
    pub link_utilisation: ValueConstant,
    /// Bytes a second that one copy reads and writes at most, however fast the link.
    pub stream_bytes_per_s: ValueConstant,
    /// Hours of every outage besides copying: drivers, addresses, start, checks.
    pub cutover_hours: ValueConstant,
    /// Seconds that a replica is behind at the moment of the switch.
    pub replication_lag_s: ValueConstant,
    /// Bytes a second of the network set aside for the move; unset: the host's links.
    pub link_bytes_per_s: Option<f64>,
    /// Days the old server is kept, off and untouched, after it was moved or rebuilt (*ours*: over a month-end).
    pub way_back_days: f64,
    /// Days an image of the disks of a retired server is kept (*ours*: over a quarter's end).
    pub retired_image_days: f64,
    /// When nothing may be changed.
    pub freezes: Vec<Freeze>,
}

/// A stretch of time in which nothing may be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// What it is called.
    pub name: String,
    /// First moment of it.
    pub from: Timestamp,
    /// First moment after it.
    pub to: Timestamp,
    /// Whose servers it is for; with `applications` empty too, everybody's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Whose systems it is for, by application.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<String>,
}

impl Freeze {
    /// Whether any of a stretch of time is in it.
    #[must_use]
    pub fn touches(&self, stretch: Window) -> bool {
        self.from <= stretch.to && stretch.from < self.to
    }

    /// Whether it is for a server. Of whom neither the owner nor the application it asks for is known, it may be.
    #[must_use]
    pub fn is_for(&self, owner: Option<&str>, application: Option<&str>) -> bool {
        let among = |named: &[String], known: Option<&str>| {
            let known = known.map(str::trim);
            !named.is_empty()
                && known.is_none_or(|known| named.iter().any(|name| name.eq_ignore_ascii_case(known)))
        };
        (self.owners.is_empty() && self.applications.is_empty())
            || among(&self.owners, owner)
            || among(&self.applications, application)
    }
}

const PLANNER: &str = "kubev2v/migration-planner";

impl Default for MigrationPolicy {
    fn default() -> Self {
        let constant = |[low, base, high]: [f64; 3], unit: &str, source: String| ValueConstant {
            value: Range { low, base, high },
            unit: unit.to_owned(),
            source,
            date: "2026-11".to_owned(),
        };
        Self {
            link_utilisation: constant(
                [0.4, 0.62, 0.9],
                "1",
                format!("{PLANNER}: 620 Mbit/s, of a link of 1 Gbit/s; low and high ours"),
            ),
            stream_bytes_per_s: constant(
                [77.5e6, 200e6, 400e6],
                "bytes/s",
                "ours; measure one copy".to_owned(),
            ),
            cutover_hours: constant(
                [0.5, 1.0, 2.0],
                "h",
                format!("{PLANNER}: 60 min of checks a server; low and high ours"),
            ),
            replication_lag_s: constant([60.0, 300.0, 900.0], "s", "ours".to_owned()),
            link_bytes_per_s: None,
            way_back_days: 35.0,
            retired_image_days: 100.0,
            freezes: Vec::new(),
        }
    }
}

impl MigrationPolicy {
    /// The constants, as figures print them.
    #[must_use]
    pub fn published(&self) -> [Constant; 4] {
        self.constants().map(|(id, constant)| constant.printed(id))
    }

    /// The constants by name; each low <= base <= high.
    #[must_use]
    pub const fn constants(&self) -> [(&'static str, &ValueConstant); 4] {
        [
            ("migration.link_utilisation", &self.link_utilisation),
            ("migration.stream_bytes_per_s", &self.stream_bytes_per_s),
            ("migration.cutover_hours", &self.cutover_hours),
            ("migration.replication_lag_s", &self.replication_lag_s),
        ]
    }
}

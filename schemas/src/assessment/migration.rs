//! How servers move: what becomes of each and how long it takes, and what moves together.
// SPDX-License-Identifier: Apache-2.0

use super::{Constant, Range};
use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// What becomes of a server, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Disposition {
    /// Its name.
    pub server: String,
    /// What becomes of it.
    pub path: Path,
    /// How it is moved; `None` of what is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// What has to be copied; `None` where neither use nor size of its disks is known, or nothing is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<f64>,
    /// What `bytes` is: `filesystem_used_bytes`, `disk_used_bytes` or, the larger, `disk_bytes`; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bytes_source: String,
    /// Bytes written a second at its quiet, its mean and its busy times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_bytes_per_s: Option<Range>,
    /// Bytes a second between it and a host: the slowest of their links and of the network set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_bytes_per_s: Option<f64>,
    /// Hours until every byte has been copied once; here and below low is the shortest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_hours: Option<Range>,
    /// Hours until what was written meanwhile has been copied too, while it runs; `None` where it never catches up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_hours: Option<Range>,
    /// Hours it serves nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage_hours: Option<Range>,
    /// Longest change window it has, in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_hours: Option<f64>,
    /// Whether the outage fits the window and no freeze is in the way; `None` of what does not move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// What is kept to go back; `None` of what stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_back: Option<WayBack>,
    /// Why this, why so, and what to know first.
    pub why: Vec<Finding>,
}

/// What becomes of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// It is switched off: its owner has confirmed it.
    Retire,
    /// It becomes a virtual machine as it is.
    Virtualise,
    /// Its service is set up anew and its data are brought over.
    Rebuild,
    /// It stays as it is.
    Stay,
}

impl Path {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retire => "retire",
            Self::Virtualise => "virtualise",
            Self::Rebuild => "rebuild",
            Self::Stay => "stay",
        }
    }
}

/// How a server is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Copied while it runs, stopped once, what was written meanwhile copied after.
    Hot,
    /// Switched off, copied, started.
    Cold,
    /// Kept in step until the moment of the switch.
    Replication,
    /// Set up anew, its data brought over.
    Rebuild,
}

impl Method {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Cold => "cold",
            Self::Replication => "replication",
            Self::Rebuild => "rebuild",
        }
    }
}

/// Whether a move fits into the time there is for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Even the longest outage does.
    Fits,
    /// The window or the outage is not known, or only the longest outage does not.
    Unknown,
    /// It does not.
    DoesNotFit,
}

impl Fit {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Unknown => "unknown",
            Self::DoesNotFit => "does_not_fit",
        }
    }
}

/// What is kept to go back, and how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct WayBack {
    /// `old-server-off`, `old-server-running` or `disk-image`.
    pub keep: String,
    /// Days it is kept.
    pub days: f64,
}

/// Servers of one wave that nothing may part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct MoveGroup {
    /// Its members, ascending by name.
    pub members: Vec<MovingServer>,
    /// What ties them together; empty of a single server.
    pub ties: Vec<Tie>,
    /// Servers tied to them that do not move: they stay physical.
    pub left_behind: Vec<String>,
    /// Points of its hardest member.
    pub ease: f64,
}

/// A server of a wave, and why it is in this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct MovingServer {
    /// Its name.
    pub server: String,
    /// What it is on its own: one of the reasons of a wave. Its group waits for the last of its members.
    pub reason: String,
    /// 0 to 100: the weighted sum of the three parts below.
    pub ease: f64,
    /// 0 to 1: its readiness score.
    pub readiness: f64,
    /// 0 to 1: whose consent it needs; 1 is nobody's but IT's.
    pub ownership: f64,
    /// 0 to 1: how little is at risk; what is not known counts as at risk.
    pub safety: f64,
}

/// Something servers have in common that makes them move together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Tie {
    /// The fact.
    pub fact: String,
    /// Its value.
    pub value: String,
}

/// Hours of a wave; low is the shortest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct WaveHours {
    /// Copying all of it, one server after the other; `None` while it is known of none.
    pub copy: Option<Range>,
    /// Servers whose copying time is not known, and not in `copy`.
    pub copy_unknown: usize,
    /// Work of people: `migration_hours` of the value's constants, for every server.
    pub work: Range,
}

/// How waves were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct WaveMethod {
    /// Facts that tie servers together.
    pub ties: Vec<String>,
    /// Most servers of a wave; a larger group is a wave of its own.
    pub servers_max: usize,
    /// Weights of readiness, ownership and safety, each with its source.
    pub weights: Vec<Constant>,
    /// What else must be said.
    pub findings: Vec<Finding>,
}

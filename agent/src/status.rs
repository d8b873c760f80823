//! The state of a running agent, in a file beside its data, for `cairn-agent status` and whoever looks after it.
// SPDX-License-Identifier: Apache-2.0

use crate::bundle::BundleState;
use crate::spool::SpoolState;
use cairn_schemas::directives::Directives;
use cairn_schemas::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const FILE: &str = "status.json";

/// What a run last said of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// Version of the running agent.
    pub agent_version: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// When this was written.
    pub updated_at: Timestamp,
    /// The spool.
    pub spool: SpoolState,
    /// The bundle it is written into, for a collection.
    pub bundle: Option<BundleState>,
    /// What the collector asks for.
    pub directives: Directives,
    /// When the collector last acknowledged something.
    pub last_ack_at: Option<Timestamp>,
    /// What last went wrong on the way to the collector, and when; kept after it has healed.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
    /// Whether the last attempt failed.
    pub failing: bool,
    /// The collector's clock less ours, in seconds, at the last acknowledgement.
    pub clock_behind_s: Option<i64>,
    /// CPU of the agent over its whole run, as a share of one core.
    pub cpu_ratio: Option<f64>,
    /// Resident memory of the agent.
    pub resident_bytes: Option<f64>,
    /// Samplers that fail, each with the reason.
    pub failing_samplers: BTreeMap<String, String>,
    /// How long each sampler took last, in nanoseconds.
    pub sampler_ns: BTreeMap<String, i64>,
    /// What a reader of the series should know, such as that some disks have none of their own.
    pub remarks: Vec<String>,
}

impl Status {
    /// What the last run in a data directory said; `None` when there has been none.
    ///
    /// # Errors
    /// The file is unreadable or damaged.
    pub fn load(data: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(data.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
        }
    }

    /// Replaces the file. It is a view, not a record: it need not survive a power cut.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn store(&self, data: &Path) -> io::Result<()> {
        let temporary = data.join("status.json.tmp");
        std::fs::write(&temporary, serde_json::to_vec_pretty(self).map_err(io::Error::other)?)?;
        std::fs::rename(temporary, data.join(FILE))
    }
}

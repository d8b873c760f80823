//! The messages that leave when a phase of the journey opens or a scheduled run ends: CloudEvents 1.0, structured JSON.
// SPDX-License-Identifier: Apache-2.0

use crate::change::Verdict;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A phase of the journey has opened.
pub const PHASE_OPENED: &str = "cairn.journey.phase.opened";

/// A run of a schedule has made an assessment.
pub const RUN_COMPLETED: &str = "cairn.schedule.run.completed";

/// A run of a schedule has made none.
pub const RUN_FAILED: &str = "cairn.schedule.run.failed";

/// A message somebody sends to see whether the receiver takes it; nothing has happened.
pub const TEST: &str = "cairn.journey.test";

/// A CloudEvents 1.0 envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema), schemars(rename = "CloudEvent"))]
pub struct CloudEvent<Data = PhaseOpened> {
    /// `1.0`.
    pub specversion: String,
    /// Identity: the same phase of the same engagement, or the same run, always has the same, so receivers can
    /// deduplicate.
    pub id: String,
    /// `/cairn/engagements/<name>`.
    pub source: String,
    /// [`PHASE_OPENED`], [`RUN_COMPLETED`], [`RUN_FAILED`] or [`TEST`].
    #[serde(rename = "type")]
    pub kind: String,
    /// When the evidence sufficed.
    pub time: Timestamp,
    /// `application/json`.
    pub datacontenttype: String,
    /// What happened, on which evidence.
    pub data: Data,
}

/// What the event says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PhaseOpened {
    /// The engagement.
    pub engagement: String,
    /// Number of the phase, 0 to 3.
    pub phase: u8,
    /// Its id, `it-production` say.
    pub phase_id: String,
    /// The assessment that carries the evidence.
    pub assessment: u64,
    /// `inputs_sha256` of that assessment.
    pub inputs_sha256: String,
    /// The servers of the first wave.
    pub first_wave: Vec<String>,
    /// Net consolidation ratio of the first wave.
    pub net_consolidation_ratio: Option<f64>,
}

/// A test message.
pub type TestEvent = CloudEvent<TestMessage>;

/// What a test message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct TestMessage {
    /// The engagement.
    pub engagement: String,
    /// Always: nothing has happened, and nothing is to be done.
    pub test: bool,
}

/// The event of a run that has ended.
pub type RunEvent = CloudEvent<ScheduledRun>;

/// What it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ScheduledRun {
    /// The engagement.
    pub engagement: String,
    /// Name of the schedule.
    pub schedule: String,
    /// When the run was due.
    pub due: Timestamp,
    /// Runs due before it that nobody did; it stands for them.
    pub missed: u32,
    /// What it found; `None` when it made no assessment.
    pub figures: Option<RunFigures>,
    /// What the run before it found, as far as that is kept.
    pub previous: Option<RunFigures>,
    /// Whether what changed since the run before matters; `None` without one. `cairn diff` says what and why.
    #[serde(default)]
    pub change: Option<Verdict>,
    /// Why it made no assessment.
    pub failure: Option<String>,
}

/// The figures by which a reader decides whether to open an assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct RunFigures {
    /// Number of the assessment.
    pub assessment: u64,
    /// Servers assessed.
    pub servers: usize,
    /// Hosts of the plan; `None` without one.
    pub hosts: Option<usize>,
    /// Hosts for failover besides.
    pub failover_hosts: Option<usize>,
    /// Physical servers for each machine that remains.
    pub net_consolidation_ratio: Option<f64>,
    /// Readiness, 0 to 100.
    pub score: Option<f64>,
    /// Covered share of the time that was due, 0 to 1.
    pub coverage_ratio: Option<f64>,
}

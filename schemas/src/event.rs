//! The message that leaves when a phase of the journey opens: CloudEvents 1.0, structured JSON.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A phase of the journey has opened.
pub const PHASE_OPENED: &str = "cairn.journey.phase.opened";

/// A message somebody sends to see whether the receiver takes it; nothing has happened.
pub const TEST: &str = "cairn.journey.test";

/// A CloudEvents 1.0 envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema), schemars(rename = "CloudEvent"))]
pub struct CloudEvent<Data = PhaseOpened> {
    /// `1.0`.
    pub specversion: String,
    /// Identity: the same phase of the same engagement always has the same, so receivers can deduplicate.
    pub id: String,
    /// `/cairn/engagements/<name>`.
    pub source: String,
    /// [`PHASE_OPENED`] or [`TEST`].
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

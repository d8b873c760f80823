//! Where on the journey an estate stands, what its phases are, and what opens the next one.
// SPDX-License-Identifier: Apache-2.0

use crate::finding::Finding;
use crate::moment::Moment;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where on the journey an estate stands, and what opens the phases ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Journey {
    /// 0 to 3.
    pub phase: u8,
    /// Its id.
    pub phase_id: String,
    /// Virtual workloads over all workloads, measured, never planned; `None` when there is none.
    pub virtualised_share_ratio: Option<f64>,
    /// What that stands on.
    pub evidence: Vec<Finding>,
    /// Conditions of phases 1 to 3, in order.
    pub triggers: Vec<Trigger>,
    /// Phases whose conditions are all met at this assessment.
    pub opened: Vec<OpenedPhase>,
    /// Every phase as data, in order; absent in assessments of before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<PhaseSheet>,
    /// Who is to be won, in this order; the customer's to change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sponsors: Vec<String>,
    /// What has happened for the first time, in the order of the phases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moments: Vec<Moment>,
}

/// A phase as data. Its wording is in the message file: `phase.ID.capability` and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PhaseSheet {
    /// 0 to 3.
    pub number: u8,
    /// Its id.
    pub id: String,
    /// Business triggers a person may record, typical ones.
    pub business_triggers: Vec<String>,
    /// Share of workloads that is virtual when a phase is typical, from and to.
    pub typical_share_ratio: [f64; 2],
    /// Servers a host that are typical, from and to; `None` where none is known.
    pub typical_consolidation_ratio: Option<[f64; 2]>,
    /// What stands in the way, each worded as `obstacle.ID`.
    pub obstacles: Vec<String>,
    /// What shows that the phase is behind the estate.
    pub exit: Vec<Trigger>,
    /// Who says so.
    pub source: String,
}

/// A condition of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Trigger {
    /// Phase it belongs to.
    pub phase: u8,
    /// Its id, `ready-servers` say; its wording is in the message file.
    pub condition: String,
    /// Met, unmet or unknown.
    pub state: TriggerState,
    /// What there is.
    pub have: Option<f64>,
    /// What is needed; `None` when the condition is no number.
    pub need: Option<f64>,
    /// What would meet it.
    pub missing: Vec<Finding>,
}

impl Trigger {
    /// Whether nothing is left to do for it.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self.state, TriggerState::Met | TriggerState::NotRequired)
    }
}

/// State of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TriggerState {
    /// Holds.
    Met,
    /// Does not hold.
    Unmet,
    /// Cannot be said; never counts as met.
    Unknown,
    /// The policy does not ask for it, and the report says so.
    NotRequired,
}

/// A phase that opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct OpenedPhase {
    /// Number.
    pub phase: u8,
    /// Id.
    pub phase_id: String,
    /// The assessment's moment.
    pub at: Timestamp,
    /// Servers it begins with.
    pub first_wave: Vec<String>,
}

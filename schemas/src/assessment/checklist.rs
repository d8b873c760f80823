//! The checklist: sixty points in ten areas, what each stands on, and the steps that come next.
// SPDX-License-Identifier: Apache-2.0

use super::TriggerState;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The answered checklist.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Checklist {
    /// Areas, in order.
    pub areas: Vec<ChecklistArea>,
    /// Ids of the points to work on next: of the areas that are furthest behind.
    pub next: Vec<String>,
    /// Who made the list.
    pub source: String,
}

/// One area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ChecklistArea {
    /// Its id, equal to its file name with hyphens.
    pub id: String,
    /// The highest level all of whose points hold, and those of every level below: 0 (not even begun) to 5.
    pub level: u8,
    /// Its points, ascending by level.
    pub points: Vec<ChecklistPoint>,
}

/// One point. Its question and the evidence it asks for are worded as `checklist.ID.question` and `.evidence`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ChecklistPoint {
    /// `operations.3`, say.
    pub id: String,
    /// The level it proves, 1 to 5.
    pub level: u8,
    /// Met, unmet or unknown; never not required.
    pub state: TriggerState,
    /// What telemetry has, where it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<f64>,
    /// What it would need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<f64>,
    /// Who answered, where no telemetry does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// As of when they answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Timestamp>,
    /// The evidence they named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

//! Moments: what happened for the first time and no telemetry sees, dated, with its figures, its evidence and the words
//! of whoever it was done for. People remember them and tell them.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment as it was recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Moment {
    /// `first-recovery-test` and so on: one of those the journey knows.
    pub moment: String,
    /// Who recorded it.
    pub by: String,
    /// When it happened.
    pub on: Timestamp,
    /// What was seen, in the words of whoever it was done for; may be empty, hostile until escaped.
    pub words: String,
    /// Whose words they are; empty: those of whoever recorded it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Ticket, protocol or measurement that shows it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// What was counted, in the order the journey asks for it; what nobody counted is not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<MomentFigure>,
}

/// A figure of a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct MomentFigure {
    /// `downtime_minutes_before` and so on; its unit is in the name.
    pub figure: String,
    /// How much; not below 0.
    pub amount: f64,
}

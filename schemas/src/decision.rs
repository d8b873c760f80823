//! Decisions of people about a server: what they confirm, what they let pass, what they forbid. Each names who, when
//! and why; an assessment says of each what came of it.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Somebody who may answers what a rule could not know.
    Confirmation,
    /// Somebody takes the risk that a rule names.
    Exception,
    /// Somebody forbids the move.
    Veto,
}

impl DecisionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Confirmation, Self::Exception, Self::Veto];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Exception => "exception",
            Self::Veto => "veto",
        }
    }
}

/// One decision about one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Number in its engagement, from 1; 0 before it is stored.
    pub id: u64,
    /// What kind.
    pub kind: DecisionKind,
    /// The server.
    pub server: String,
    /// Id of the rule it is about; `None` only for a veto of the whole move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Who decided.
    pub by: String,
    /// When they did.
    pub on: Timestamp,
    /// First moment at which it no longer counts; `None`: until it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Where it was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Why, in their words; hostile until escaped.
    pub words: String,
    /// How it came in: `cairn decide`, `owner sheet finance.xlsx, row 4` say.
    pub source: String,
    /// Of an exception: that it was made knowing that the gate is proven.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub despite_proof: bool,
}

impl Decision {
    /// Whether it counts at a moment: made by then, and not run out.
    #[must_use]
    pub fn counts_at(&self, moment: Timestamp) -> bool {
        self.on <= moment && !self.has_expired(moment)
    }

    /// Whether it has run out by a moment.
    #[must_use]
    pub fn has_expired(&self, moment: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= moment)
    }
}

/// What came of a decision in an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecisionEffect {
    /// It is followed.
    Followed,
    /// An exception that opened a gate although it is proven closed.
    ProofOverruled,
    /// The gate is proven closed and stays so.
    StoppedByProof,
    /// There was nothing it could change: the rule had nothing to ask, is off, or asks for a measurement.
    NothingToDo,
    /// It has run out and no longer counts.
    Expired,
}

/// A decision and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct WeighedDecision {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// What came of it.
    pub effect: DecisionEffect,
}

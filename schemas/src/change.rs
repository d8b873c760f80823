//! What changed between two assessments of one engagement, and why: every change of a figure in parts, one a cause,
//! that add up to it exactly.
// SPDX-License-Identifier: Apache-2.0

use crate::assessment::{Category, PolicyRef, Resource, TriggerState};
use crate::time::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// Name and version of this schema.
pub const SCHEMA: &str = "cairn.change/1";

/// What changed from one assessment to a later one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct AssessmentChange {
    /// [`SCHEMA`].
    pub schema: String,
    /// The engagement of the later one.
    pub engagement: String,
    /// The earlier one.
    pub before: AssessmentRef,
    /// The later one.
    pub after: AssessmentRef,
    /// What the parts rest on.
    pub basis: ChangeBasis,
    /// Whether it matters.
    pub verdict: Verdict,
    /// Every figure that is followed, changed or not, in reading order.
    pub figures: Vec<FigureChange>,
    /// Servers by what became of them; one line a cause that changed any.
    pub causes: Vec<CauseCount>,
    /// Servers that changed, by name and cause. Those that grew or shrank by little are counted in `causes` only.
    pub servers: Vec<ServerChange>,
}

/// Which assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct AssessmentRef {
    /// Its number.
    pub id: u64,
    /// The moment it was made for.
    pub created: Timestamp,
    /// The stretch of time it looks at.
    pub window: Window,
    /// SHA-256 of its canonical estate.
    pub inputs_sha256: String,
    /// Version of the program.
    pub tool_version: String,
    /// Version of the method.
    pub method_version: String,
    /// SHA-256 over the readiness rules.
    pub rules_sha256: String,
    /// Its policy.
    pub policy: PolicyRef,
}

/// What the parts of a change rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeBasis {
    /// Both assessments were computed again from their own inputs, one cause after the other.
    Recomputed,
    /// The same, but what is known has changed since one of them: its window was taken as the store knows it today, and
    /// what that explains otherwise is the remainder.
    RecomputedSince,
    /// Inputs are missing: the assessments themselves were compared, and what they cannot tell is the remainder.
    Compared,
}

/// A cause of a change, in the order in which causes are changed one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Servers that are no longer known.
    Gone,
    /// Servers that are virtual, or hosts of virtual machines, by now.
    BecameVirtual,
    /// Servers whose retirement was confirmed.
    Retired,
    /// Servers that were outside the count and are in it again.
    Returned,
    /// Facts, confirmations and decisions about servers, and records about the estate.
    Knowledge,
    /// Longer, shorter or fuller measuring of the same load, and the moment of the assessment.
    DataQuality,
    /// Servers that use more.
    Grown,
    /// Servers that use less.
    Shrunk,
    /// Servers that use as much at other hours.
    Rhythm,
    /// Servers that were not known before.
    New,
    /// Readiness rules: thresholds, rules switched off, or the catalogue of rules.
    Rules,
    /// Every other setting of the policy.
    Policy,
    /// The version of the method or the program.
    Method,
    /// What cannot be told apart.
    Remainder,
}

impl Cause {
    /// Every cause, in order.
    pub const ALL: [Self; 14] = [
        Self::Gone,
        Self::BecameVirtual,
        Self::Retired,
        Self::Returned,
        Self::Knowledge,
        Self::DataQuality,
        Self::Grown,
        Self::Shrunk,
        Self::Rhythm,
        Self::New,
        Self::Rules,
        Self::Policy,
        Self::Method,
        Self::Remainder,
    ];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::BecameVirtual => "became_virtual",
            Self::Retired => "retired",
            Self::Returned => "returned",
            Self::Knowledge => "knowledge",
            Self::DataQuality => "data_quality",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Rhythm => "rhythm",
            Self::New => "new",
            Self::Rules => "rules",
            Self::Policy => "policy",
            Self::Method => "method",
            Self::Remainder => "remainder",
        }
    }
}

/// The change of one figure. All numbers are whole steps of 10^-`decimals`, so that they add up without rounding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct FigureChange {
    /// Its id.
    pub id: String,
    /// Its unit.
    pub unit: String,
    /// A value is its number times 10^-`decimals`.
    pub decimals: u8,
    /// In the earlier assessment; `None` where it says none.
    pub before: Option<i64>,
    /// In the later one.
    pub after: Option<i64>,
    /// `after - before`; `None` where one of them is.
    pub change: Option<i64>,
    /// What makes up the change, by cause; causes without effect are left out. They sum to `change`.
    pub parts: Vec<ChangePart>,
}

impl FigureChange {
    /// A number of steps as a value.
    #[must_use]
    pub fn value(&self, steps: i64) -> f64 {
        steps as f64 / 10_f64.powi(i32::from(self.decimals))
    }
}

/// What one cause adds to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ChangePart {
    /// The cause.
    pub cause: Cause,
    /// Steps of the figure, never 0.
    pub change: i64,
}

/// How many servers a cause concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct CauseCount {
    /// The cause.
    pub cause: Cause,
    /// Servers.
    pub servers: usize,
}

/// One server, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServerChange {
    /// Its name.
    pub server: String,
    /// What became of it.
    pub cause: Cause,
    /// Where it stood; `None` outside the count.
    pub category_before: Option<Category>,
    /// Where it stands.
    pub category_after: Option<Category>,
    /// Its score then.
    pub score_before: Option<f64>,
    /// Its score now.
    pub score_after: Option<f64>,
    /// Of a server that grew or shrank: its 95th percentile that changed most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadChange>,
}

/// How the load of a server changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct LoadChange {
    /// Which resource.
    pub resource: Resource,
    /// 95th percentile before: normalised MHz, bytes, or bytes a second.
    pub before: f64,
    /// 95th percentile after.
    pub after: f64,
}

impl LoadChange {
    /// The change relative to what there was before; what comes from nothing is taken as 1.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.before > 0.0 { self.after / self.before - 1.0 } else { f64::from(self.after > 0.0) }
    }
}

/// Whether a change matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// How much.
    pub level: VerdictLevel,
    /// Every threshold that was passed, the gravest kind first.
    pub reasons: Vec<VerdictReason>,
}

/// How much a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerdictLevel {
    /// No threshold was passed.
    Nothing,
    /// The estate or its plan has drifted.
    Drift,
    /// A condition of a phase changed its state.
    TriggerChanged,
}

/// A threshold that was passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VerdictReason {
    /// A condition of a phase changed its state.
    Trigger {
        /// The phase.
        phase: u8,
        /// The condition.
        condition: String,
        /// Its state before; `None` where it was not asked.
        before: Option<TriggerState>,
        /// Its state now; `None` where it is no longer asked.
        after: Option<TriggerState>,
    },
    /// A figure moved by its threshold or more.
    Figure {
        /// Its id.
        figure: String,
        /// Its value before; `None` where there was none.
        before: Option<f64>,
        /// Its value now.
        after: Option<f64>,
        /// From which change on it matters, in the figure's unit.
        threshold: f64,
    },
}

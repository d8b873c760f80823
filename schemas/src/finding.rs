//! Findings: what an assessment says, without a word of English. Wording is added when rendered, from the
//! message file, by `message_id`.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Costs points, or somebody must confirm something.
    Attention,
    /// A gate: proven, or open.
    Gate,
}

/// A value in a message: a number with its unit named by the finding, or text shown as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Arg {
    /// A number.
    Number(f64),
    /// Text; hostile until escaped.
    Text(String),
}

impl From<f64> for Arg {
    fn from(n: f64) -> Self {
        Self::Number(n)
    }
}

impl From<&str> for Arg {
    fn from(t: &str) -> Self {
        Self::Text(t.to_owned())
    }
}

impl From<String> for Arg {
    fn from(t: String) -> Self {
        Self::Text(t)
    }
}

/// One thing an assessment says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule or step that says it, `special-hardware` say; equal to the rule's file name.
    pub id: String,
    /// Which sentence of the message file, `special-hardware.proven` say.
    pub message_id: String,
    /// How much it matters.
    pub severity: Severity,
    /// What the sentence is about, by placeholder name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Arg>,
    /// Unit of the numbers among the arguments; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Where it was seen: a fact with its source, or a figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Which sentence says what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Points it gave, of how many, for a rule of the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
}

/// Points of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Points {
    /// Given.
    pub given: f64,
    /// At most.
    pub of: f64,
}

impl Finding {
    /// A finding with an id and a message, to be filled further.
    #[must_use]
    pub fn new(id: &str, message: &str, severity: Severity) -> Self {
        Self {
            id: id.to_owned(),
            message_id: format!("{id}.{message}"),
            severity,
            args: BTreeMap::new(),
            unit: String::new(),
            evidence: None,
            remedy: None,
            points: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// Names the unit of the numbers.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        unit.clone_into(&mut self.unit);
        self
    }

    /// Says where it was seen.
    #[must_use]
    pub fn evidence(mut self, evidence: impl Into<String>) -> Self {
        self.evidence = Some(evidence.into());
        self
    }

    /// Names the sentence that says what to do: `<id>.remedy` by convention.
    #[must_use]
    pub fn remedy(mut self) -> Self {
        self.remedy = Some(format!("{}.remedy", self.id));
        self
    }

    /// Adds points.
    #[must_use]
    pub const fn points(mut self, given: f64, of: f64) -> Self {
        self.points = Some(Points { given, of });
        self
    }
}

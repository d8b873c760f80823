//! The assessment: what `cairn assess --json` prints, what is stored, and what every report is made of.
//! Fields may be added; none is renamed or removed without a new schema version.
// SPDX-License-Identifier: Apache-2.0

use crate::decision::WeighedDecision;
use crate::difference::Difference;
use crate::finding::Finding;
use crate::gap::GapReason;
use crate::time::{Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod checklist;
mod consolidation;
mod constraint;
mod explanation;
mod journey;
mod migration;
mod outcome;
mod outlook;
mod readiness;
mod realised;
mod service;
mod sizing;
mod storage;
pub use checklist::*;
pub use consolidation::*;
pub use constraint::*;
pub use explanation::*;
pub use journey::*;
pub use migration::*;
pub use outcome::*;
pub use outlook::*;
pub use readiness::*;
pub use realised::*;
pub use service::*;
pub use sizing::*;
pub use storage::*;

/// Name and version of this schema.
pub const SCHEMA: &str = "cairn.assessment/1";

/// Everything one run says about an estate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Assessment {
    /// [`SCHEMA`].
    pub schema: String,
    /// Number in its engagement, from 1; 0 before it is stored.
    pub id: u64,
    /// The engagement.
    pub engagement: String,
    /// The moment it was made for.
    pub created: Timestamp,
    /// The stretch of time asked about.
    pub window: Window,
    /// Version of the program.
    pub tool_version: String,
    /// Version of the method, raised whenever the same input would give other figures.
    pub method_version: String,
    /// SHA-256 over ids, titles and sources of the readiness rules.
    pub rules_sha256: String,
    /// The policy it was made with.
    pub policy: PolicyRef,
    /// SHA-256 of the canonical estate.
    pub inputs_sha256: String,
    /// Who is in it.
    pub estate: EstateSummary,
    /// How much was measured.
    pub coverage: Coverage,
    /// How ready each server is.
    pub readiness: Readiness,
    /// On how few hosts they fit; `None` when nothing could be planned.
    pub consolidation: Option<Consolidation>,
    /// Decisions of people about its servers, by server and number, each with what came of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<WeighedDecision>,
    /// Where the CMDB, agents and imports differ about its servers, by server and reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// How servers were sized: CPU scale, percentile, standard sizes; older assessments have none.
    #[serde(default)]
    pub sizing: Option<Sizing>,
    /// What storage the planned servers need; older assessments have none.
    #[serde(default)]
    pub storage: Option<StorageSizing>,
    /// What it is worth.
    pub value: Value,
    /// What the pool offers and at which rates; `None` where nothing is assessed, and in older assessments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_catalogue: Option<ServiceCatalogue>,
    /// What every owner's servers cost today and at those rates; `None` likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub showback: Option<Showback>,
    /// What moves together, easiest first.
    pub waves: Vec<Wave>,
    /// How the waves were made; older assessments do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave_method: Option<WaveMethod>,
    /// What becomes of each server that is assessed or retires, ascending by name; older assessments do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispositions: Vec<Disposition>,
    /// Where on the journey the estate stands.
    pub journey: Journey,
    /// How ready the organisation is; empty in assessments of before it was asked.
    #[serde(default)]
    pub checklist: Checklist,
    /// What was promised and what of it has arrived; `None` where nobody keeps a register of outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised: Option<Realised>,
    /// Every figure with its why, by id.
    pub figures: BTreeMap<String, Figure>,
    /// What else must be said about the whole.
    pub findings: Vec<Finding>,
    /// Who has read it and who has signed it; kept beside it, and no part of what is computed. `None` of a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// Whose names stand under an assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Review {
    /// Who has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Signature>,
    /// Who has signed it; it cannot be changed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Signature>,
}

/// A name under an assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Signature {
    /// Who.
    pub by: String,
    /// When; `None` where a store of an earlier version did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Which policy, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PolicyRef {
    /// Its name, `standard` say.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its canonical JSON.
    pub sha256: String,
}

/// Who is in the estate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct EstateSummary {
    /// Servers known.
    pub servers: usize,
    /// Servers assessed: B of design 7.8.
    pub assessed: usize,
    /// Servers outside B, each with why.
    pub excluded: Vec<Excluded>,
    /// Servers of the simulated estate among them; more than none is marked wherever figures stand.
    pub simulated: usize,
}

/// A server outside the count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Excluded {
    /// Its name.
    pub server: String,
    /// Why.
    pub reason: ExclusionReason,
    /// Proof.
    pub evidence: String,
    /// What was measured of it all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// What is known of a server whatever its category.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Measured {
    /// Whether it comes from the simulated estate.
    pub simulated: bool,
    /// Share of the window measured.
    pub coverage_ratio: Option<f64>,
    /// The coverage in full.
    pub coverage: Coverage,
    /// What it has.
    pub capacity: ServerCapacity,
    /// What it used.
    pub utilisation: Utilisation,
    /// What it would get as a virtual machine; `None` when it cannot be sized.
    pub size: Option<Size>,
}

/// Why a server is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExclusionReason {
    /// It is a virtual machine or a container already.
    AlreadyVirtual,
    /// It is a hypervisor host.
    Hypervisor,
    /// Its owner has confirmed that it will be switched off.
    Retiring,
    /// Its workload has moved to a virtual machine, as the register of outcomes says; what is left of it is a cost.
    Moved,
}

/// How much was measured, of the estate or of one server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// Valid slot seconds over seconds due in the window; `None` when nothing was due.
    pub ratio: Option<f64>,
    /// Valid slot seconds, switched-off time included.
    pub covered_s: i64,
    /// Seconds due.
    pub due_s: i64,
    /// Seconds switched off, part of the covered ones.
    pub off_s: i64,
    /// Missing seconds by reason; together with `covered_s` they make `due_s`.
    pub missing_s: BTreeMap<GapReason, i64>,
    /// Days between the first and the last valid slot.
    pub span_days: f64,
    /// Different weekdays seen, 0 to 7.
    pub weekdays: u8,
    /// Whether a month-end was seen.
    pub month_end_seen: bool,
    /// What that allows us to say.
    pub confidence: Confidence,
    /// Days of measuring that would raise the confidence to high.
    pub days_still_to_measure: u32,
}

/// What the coverage allows us to say. Shown beside a score, never folded into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Nothing to stand on.
    #[default]
    None,
    /// Less than a week, or many holes.
    Low,
    /// A week or more of every weekday.
    Medium,
    /// Four weeks with a month-end and few holes.
    High,
}

//! Promised and arrived: what the register of outcomes promised, what of it telemetry and people have seen arrive, what
//! is late and why.
// SPDX-License-Identifier: Apache-2.0

use super::{Constant, Range};
use crate::finding::Finding;
use crate::outcome::{Cause, Outcome, ProfileMetric, StepKind};
use crate::time::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// What was promised and what has arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Realised {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The servers promised, counted and added up.
    pub totals: Arrivals,
    /// What has arrived less what the new hosts cost; `None` where no server is promised, and in assessments of versions
    /// that did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<NetCash>,
    /// Server by server: late ones first, those due first among them.
    pub servers: Vec<ServerProgress>,
    /// How much of the estate runs virtual, as seen.
    pub estate: SeenVirtual,
    /// Outcomes, by number.
    pub outcomes: Vec<OutcomeState>,
    /// Servers before and after their move, by name.
    pub before_after: Vec<BeforeAfter>,
    /// Forecast and actual by class of workload, by class.
    pub prediction: Vec<Prediction>,
    /// Every constant used.
    pub constants: Vec<Constant>,
    /// What else must be said.
    pub findings: Vec<Finding>,
}

/// Servers promised, counted and added up. `promised` = `arrived` + `late` + `under_way`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Arrivals {
    /// Servers promised to go.
    pub promised: usize,
    /// Those that have made their last step, and no agent says otherwise.
    pub arrived: usize,
    /// Those due by now that have not.
    pub late: usize,
    /// Those that have not, and are not due yet.
    pub under_way: usize,
    /// Those moved that still run: not powered off, or an agent on them says otherwise.
    pub still_running: usize,
    /// Those switched off whose last step has not been made.
    pub still_paid: usize,
    /// Those of which an agent contradicts the register.
    pub contradicted: usize,
    /// A year's cost of all that were promised.
    pub promised_annual_cash: Range,
    /// Of those that were due by now.
    pub due_annual_cash: Range,
    /// Of those that have arrived: the only cash there is.
    pub realised_annual_cash: Range,
    /// What a year of those moved and not arrived still costs.
    pub still_paid_annual_cash: Range,
    /// What they have cost since they were moved.
    pub paid_since_move: Range,
}

/// What has arrived, less what the new hosts cost as they were promised with the servers: bought on the day of the
/// promise, and paid for in full from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct NetCash {
    /// What has arrived until now, hosts aside: a year's cash of each server from its last step on.
    pub gross_cash: Range,
    /// Servers promised of which nobody knows what their share of the hosts costs: the rest is `None` where there are any.
    pub hosts_unknown: usize,
    /// What the hosts have cost until now: their price, and what they cost a year since.
    pub hosts_cash: Option<Range>,
    /// The one less the other.
    pub net_cash: Option<Range>,
    /// What a year of the hosts costs, their price aside.
    pub hosts_annual_cash: Option<Range>,
    /// A year's cash of those that have arrived, less that.
    pub net_annual_cash: Option<Range>,
}

/// Where a promised server is on its way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServerProgress {
    /// Its name.
    pub server: String,
    /// Its wave, where an assessment promised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<u32>,
    /// The last step it has made, as the register has it.
    pub step: StepKind,
    /// When.
    pub since: Timestamp,
    /// When its last step was due.
    pub due: Timestamp,
    /// The steps that end what it costs, from what is known of its contracts: the last that apply.
    pub last_steps: Vec<StepKind>,
    /// What has become of it.
    pub state: ProgressState,
    /// Days it is late; `None` where it has arrived or is not due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_late: Option<u32>,
    /// Last day an agent reported from it although it is said to be off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_on: Option<Timestamp>,
    /// Where its workload was seen to run virtual: the server that is its copy, or itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_as: Option<String>,
    /// What it costs a year; `None` where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised_annual_cash: Option<Range>,
    /// What of that is no longer paid: all of it after its last step, nothing before.
    pub realised_annual_cash: Range,
    /// What of that is still paid since it was moved.
    pub still_paid_annual_cash: Range,
    /// What it has cost since it was moved, until now.
    pub paid_since_move: Range,
    /// Whose doing the delay is; `None`: nobody has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Where it is, and why it is late.
    pub why: Vec<Finding>,
}

/// What has become of a promised server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProgressState {
    /// Due by now, and its last step has not been made.
    Late,
    /// Not due yet.
    UnderWay,
    /// It has made its last step, and no agent says otherwise.
    Arrived,
}

/// How much of the estate runs virtual, as seen by agents and imports; the register is not believed here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct SeenVirtual {
    /// Workloads that run virtual.
    pub virtual_workloads: usize,
    /// Workloads that do not: physical servers that are no hypervisor and whose workload was not seen elsewhere.
    pub physical_workloads: usize,
    /// The one over both; `None` for no workload.
    pub virtualised_share_ratio: Option<f64>,
    /// Hypervisor hosts seen.
    pub hosts: usize,
    /// Virtual workloads over hosts; `None` where no host was seen.
    pub consolidation_ratio: Option<f64>,
    /// Promised servers whose workload was seen to run virtual.
    pub reappeared: Vec<String>,
    /// Virtual machines that no server became and nobody had before the first promise: growth, no failure.
    pub grown: Vec<String>,
}

/// An outcome and what has come of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct OutcomeState {
    /// The outcome, with all that was said of it.
    pub outcome: Outcome,
    /// What has become of it: arrived where the target is reached, by a measurement or its owner's word.
    pub state: ProgressState,
    /// Share of the way from baseline to target; `None` where nothing is realised, or there is no way to go.
    pub reached_ratio: Option<f64>,
    /// Realised value that counts; `None` where there is none or it is only estimated.
    pub realised: Option<f64>,
    /// Realised less planned value; `None` where one of them is not known.
    pub variance: Option<f64>,
    /// What must be said of it.
    pub findings: Vec<Finding>,
}

/// A server before and after its move, in the same hours of the week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct BeforeAfter {
    /// The server.
    pub server: String,
    /// What it has become.
    pub seen_as: Option<String>,
    /// Number of the frozen baseline.
    pub baseline: u64,
    /// Who froze it.
    pub frozen_by: String,
    /// When.
    pub frozen_on: Timestamp,
    /// The window before.
    pub before: Window,
    /// The window after, within which the machine it became was measured; `None` where it was not.
    pub after: Option<Window>,
    /// How much longer a disk operation may take and still count as kept.
    pub tolerance_ratio: f64,
    /// How full the CPUs may be in the busiest hour.
    pub cpu_limit_ratio: f64,
    /// What comes out.
    pub verdict: Verdict,
    /// Metric by metric.
    pub metrics: Vec<MetricChange>,
    /// Why nothing can be said, or what must be known.
    pub findings: Vec<Finding>,
}

/// What comes out of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Worse than the tolerance agreed.
    Worse,
    /// As before, within the tolerance.
    Kept,
    /// Better than the tolerance.
    Better,
    /// It cannot be said.
    Unknown,
}

impl Verdict {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Kept => "kept",
            Self::Better => "better",
            Self::Unknown => "unknown",
        }
    }
}

/// One metric before and after.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct MetricChange {
    /// Which.
    pub metric: ProfileMetric,
    /// Hours of the week measured before and after; 0 of what is known of the whole window only.
    pub hours: usize,
    /// Mean over those hours before.
    pub before: f64,
    /// Mean over the same hours after.
    pub after: f64,
    /// The largest hourly mean among those hours before.
    pub peak_before: Option<f64>,
    /// And after.
    pub peak_after: Option<f64>,
    /// after / before - 1; `None` where there was nothing before.
    pub change_ratio: Option<f64>,
    /// Of a metric of quality: what comes out; `Unknown` of those that only say how much there was to do.
    pub verdict: Verdict,
}

/// Forecast and actual of a class of workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    /// The class: the role of its servers; empty where it is not known.
    pub class: String,
    /// `cpu_mhz` or `memory_bytes`.
    pub resource: String,
    /// Servers compared.
    pub servers: usize,
    /// Sum of the 95th percentiles forecast.
    pub forecast: f64,
    /// Sum of those measured.
    pub actual: f64,
    /// Actual over forecast, server by server: the median; `None` where no forecast was above zero.
    pub error_median_ratio: Option<f64>,
    /// The largest.
    pub error_max_ratio: Option<f64>,
    /// By what to multiply the next forecast of the class; `None` while too few servers were compared.
    pub comfort_factor: Option<f64>,
}

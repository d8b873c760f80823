//! The register of outcomes: what was promised, to whom, and each step by which it arrives. Entered by people or taken
//! from files; nothing in it is ever changed, only added or withdrawn.
// SPDX-License-Identifier: Apache-2.0

use crate::time::{Timestamp, Window};
use serde::{Deserialize, Serialize};

mod baseline;
mod cost;
pub use cost::{HostsCost, RunningCost};

pub use baseline::{BASELINE_HOURS, Baseline, BaselineMetric, ProfileMetric, SignedBaseline};

/// What somebody is promised, as a figure with a date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// Number in its engagement, from 1; 0 before it is stored.
    pub id: u64,
    /// What shall be better, in words; hostile until escaped.
    pub outcome: String,
    /// Who wants it and says whether it has arrived.
    pub owner: String,
    /// What the indicator is counted in: `servers`, `hours a month`.
    pub unit: String,
    /// The indicator before anything was done.
    pub baseline: f64,
    /// When that was.
    pub baseline_on: Timestamp,
    /// Where that is written; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub baseline_source: String,
    /// What the indicator shall be.
    pub target: f64,
    /// By when.
    pub due: Timestamp,
    /// What reaching it is worth, in `value_unit`; `None`: nobody put a value to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<f64>,
    /// What `planned` and `realised` are counted in: `EUR a year`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value_unit: String,
    /// Who entered it.
    pub by: String,
    /// When.
    pub on: Timestamp,
    /// How it came in: `cairn outcome add`, `file register.csv:3`.
    pub source: String,
    /// What has been realised of it, oldest first; the last one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub realised: Vec<Realisation>,
}

/// What has been realised of an outcome on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Realisation {
    /// The indicator then.
    pub indicator: f64,
    /// What of the planned value has arrived by then; `None` where none was planned or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// What both rest on.
    pub basis: Basis,
    /// Why they are not what was planned; `None`: as planned, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The same in words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// Who says so.
    pub by: String,
    /// When it was so.
    pub on: Timestamp,
    /// How it came in.
    pub source: String,
}

/// What a realised value rests on. An estimate is shown and never counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A measurement or an invoice.
    Measured,
    /// The owner's word.
    OwnerConfirmed,
    /// Somebody's guess.
    Estimated,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 3] = [Self::Measured, Self::OwnerConfirmed, Self::Estimated];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::OwnerConfirmed => "owner_confirmed",
            Self::Estimated => "estimated",
        }
    }

    /// Whether it counts as realised.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Estimated)
    }
}

/// Whose doing it is that something is late or other than planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Whoever made the plan or carries it out.
    Ours,
    /// The customer.
    Customer,
    /// Neither: a supplier, a law, the weather.
    Environment,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Customer, Self::Environment];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Customer => "customer",
            Self::Environment => "environment",
        }
    }
}

/// The steps of a server on its way out, in their order; the last two follow the decommissioning in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Somebody was promised that it goes.
    Planned,
    /// Its workload runs in a virtual machine.
    Moved,
    /// It draws no power any more.
    PoweredOff,
    /// It is out of the rack and the books.
    Decommissioned,
    /// Maintenance or lease is no longer paid.
    ContractEnded,
    /// The licences bound to it are given back.
    LicenceReturned,
}

impl StepKind {
    /// Every step, in order.
    pub const ALL: [Self; 6] = [
        Self::Planned,
        Self::Moved,
        Self::PoweredOff,
        Self::Decommissioned,
        Self::ContractEnded,
        Self::LicenceReturned,
    ];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Moved => "moved",
            Self::PoweredOff => "powered_off",
            Self::Decommissioned => "decommissioned",
            Self::ContractEnded => "contract_ended",
            Self::LicenceReturned => "licence_returned",
        }
    }

    /// The step that must have been made before; `None` of the first.
    #[must_use]
    pub const fn before(self) -> Option<Self> {
        match self {
            Self::Planned => None,
            Self::Moved => Some(Self::Planned),
            Self::PoweredOff => Some(Self::Moved),
            Self::Decommissioned => Some(Self::PoweredOff),
            Self::ContractEnded | Self::LicenceReturned => Some(Self::Decommissioned),
        }
    }
}

/// Who stands for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// A person who was there, or has the paper.
    Person,
    /// An agent that saw it.
    Agent,
    /// A file of another system.
    Import,
}

impl Witness {
    /// Every witness.
    pub const ALL: [Self; 3] = [Self::Person, Self::Agent, Self::Import];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Agent => "agent",
            Self::Import => "import",
        }
    }
}

/// One step of a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// Number in its engagement, from 1; 0 before it is stored.
    pub id: u64,
    /// The server.
    pub server: String,
    /// Which step.
    pub step: StepKind,
    /// When it was made.
    pub on: Timestamp,
    /// Who says so.
    pub by: String,
    /// What kind of witness that is.
    pub witness: Witness,
    /// Ticket, invoice or certificate that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Evidence in words; may be empty, hostile until escaped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// How it came in: `cairn outcome step`, `file register.csv:3`.
    pub source: String,
    /// Of a planned one: what was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
}

/// What was promised of a server, kept as it was when it was promised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Promise {
    /// When its last step shall have been made.
    pub due: Timestamp,
    /// Number of the issued assessment that promised it; `None`: a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<u64>,
    /// Its wave there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<u32>,
    /// What it costs a year to run, which ends with its last step; `None`: nobody put a figure to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<RunningCost>,
    /// What its share of the new hosts costs; `None`: nobody put a figure to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<HostsCost>,
    /// What its workload was forecast to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
}

/// What a workload was forecast to use at its busiest, as measured on the old machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Forecast {
    /// Class of workload: its role; empty where it is not known.
    pub class: String,
    /// 95th percentile, normalised MHz.
    pub cpu_mhz_p95: Option<f64>,
    /// 95th percentile.
    pub memory_bytes_p95: Option<f64>,
}

/// Why the steps of a server are late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Delay {
    /// The server.
    pub server: String,
    /// Whose doing it is.
    pub cause: Cause,
    /// Why, in words.
    pub words: String,
    /// Who says so.
    pub by: String,
    /// When they said it.
    pub on: Timestamp,
    /// How it came in.
    pub source: String,
}

/// All that counts of a register.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Outcomes, by number.
    pub outcomes: Vec<Outcome>,
    /// Steps that nobody withdrew, by number.
    pub steps: Vec<Step>,
    /// Reasons for delays, oldest first; the last one of a server counts.
    pub delays: Vec<Delay>,
    /// Profiles frozen before a move, oldest first.
    pub baselines: Vec<SignedBaseline>,
}

impl Register {
    /// Whether nothing was ever promised.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.outcomes.is_empty() && self.steps.is_empty() && self.baselines.is_empty()
    }

    /// Every moment in it, for whoever must know that they are times.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let outcomes = self.outcomes.iter().flat_map(|outcome| {
            let realised = outcome.realised.iter().map(|realised| realised.on);
            [outcome.baseline_on, outcome.due, outcome.on].into_iter().chain(realised)
        });
        let steps = self
            .steps
            .iter()
            .flat_map(|step| std::iter::once(step.on).chain(step.promise.iter().map(|promise| promise.due)));
        let delays = self.delays.iter().map(|delay| delay.on);
        let frozen = self.baselines.iter().flat_map(|signed| {
            let Window { from, to } = signed.baseline.window;
            [from, to, signed.baseline.frozen_on]
        });
        outcomes.chain(steps).chain(delays).chain(frozen)
    }
}

//! What follows from a plan: value and waves.
// SPDX-License-Identifier: Apache-2.0

use super::{MoveGroup, WaveHours};
use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// Low, base and high.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Range {
    /// The careful end.
    pub low: f64,
    /// What we would plan with.
    pub base: f64,
    /// The hopeful end.
    pub high: f64,
}

impl Range {
    /// The same amount at every end.
    #[must_use]
    pub const fn of(amount: f64) -> Self {
        Self { low: amount, base: amount, high: amount }
    }

    /// The sum, end by end.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, base: self.base + other.base, high: self.high + other.high }
    }

    /// So many times as much; a factor below 0 would turn the ends around.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, base: self.base * factor, high: self.high * factor }
    }

    /// What is left of it after a cost, its ends the other way round: the careful end pays the most.
    #[must_use]
    pub fn less(self, cost: Self) -> Self {
        Self { low: self.low - cost.high, base: self.base - cost.base, high: self.high - cost.low }
    }
}

/// What a plan is worth. Cash and soft savings are never added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Value {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Years looked at.
    pub years: u32,
    /// Country whose grid feeds the estate, as the policy names it.
    #[serde(default)]
    pub country: Option<String>,
    /// What the customer's money must earn a year; `None` when nobody has said, and nothing is discounted.
    #[serde(default)]
    pub hurdle_ratio: Option<f64>,
    /// One row a line.
    pub lines: Vec<ValueLine>,
    /// Cash each year after the move: what is no longer spent, less what is spent anew.
    pub annual_cash: Range,
    /// Cash once: hosts, licences, project, less avoided purchases. Positive is spent.
    pub one_off_cash: Range,
    /// Purchases a year that need not be made: cash only where they were budgeted, never in the cash here.
    pub annual_avoided: Range,
    /// Hours and the like a year, in money, never in the cash.
    pub annual_soft: Range,
    /// Kilograms of CO2 equivalent a year not emitted.
    pub annual_carbon_kg: Range,
    /// Net cash of each year, cumulated from the first.
    pub by_year: Vec<ValueYear>,
    /// Net cash and avoided purchases by month, cumulated; month 0 is what is spent once.
    #[serde(default)]
    pub by_month: Vec<ValueMonth>,
    /// What comes within three years, five, and the years looked at.
    #[serde(default)]
    pub views: Vec<ValueView>,
    /// The first month at whose end the cash is back at low, base and high; `None` where no month of the years is.
    pub payback_months: PaybackMonths,
    /// The same with avoided purchases counted as cash, which they are where they were budgeted.
    pub payback_with_avoided_months: PaybackMonths,
    /// Servers by how what they draw today was found, best way first.
    #[serde(default)]
    pub power: Vec<PowerUse>,
    /// Quality of service and agility: what moves the later phases, from the customer's own answers.
    #[serde(default)]
    pub benefits: Vec<Benefit>,
    /// Every constant used.
    pub constants: Vec<Constant>,
    /// What else must be said.
    pub findings: Vec<Finding>,
}

/// Months until the cash is back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PaybackMonths {
    /// With the careful figures.
    pub low: Option<f64>,
    /// With the base figures.
    pub base: Option<f64>,
    /// With the hopeful figures.
    pub high: Option<f64>,
}

/// Net cash up to the end of a year.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ValueYear {
    /// 1 is the first.
    pub year: u32,
    /// Cumulated net cash.
    pub cumulated_cash: Range,
}

/// Up to the end of a month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ValueMonth {
    /// 0 is before the first.
    pub month: u32,
    /// Cumulated net cash.
    pub cumulated_cash: Range,
    /// Cumulated purchases that need not be made.
    pub cumulated_avoided: Range,
}

/// What comes within some years.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ValueView {
    /// The years.
    pub years: u32,
    /// Net cash.
    pub cash: Range,
    /// Purchases that need not be made.
    pub avoided: Range,
    /// Soft savings.
    pub soft: Range,
    /// Kilograms of CO2 equivalent not emitted.
    pub carbon_kg: Range,
    /// The cash at the customer's hurdle rate, worth today; `None` without one.
    pub present_value: Option<Range>,
}

/// Servers of which what they draw was found one way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PowerUse {
    /// The way.
    pub grade: PowerGrade,
    /// Servers.
    pub servers: usize,
    /// Error at idle on models left out of the fit; `None` where the way has none.
    pub idle: Option<PowerError>,
    /// Error under full load, likewise.
    pub max: Option<PowerError>,
}

/// `actual / predicted - 1` over models that the prediction never saw.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PowerError {
    /// Half of the models are nearer.
    pub median_ratio: f64,
    /// Nine of ten are nearer.
    pub p90_ratio: f64,
    /// The median with its sign: above 0 where the prediction is too low.
    pub bias_ratio: f64,
}

/// A metric of quality of service or agility.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Benefit {
    /// `downtime` and so on.
    pub id: String,
    /// The phase whose value it is.
    pub phase: u8,
    /// The amount; `None` while an input is missing.
    pub amount: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Formula in names of inputs.
    pub formula: String,
    /// What it is computed from.
    pub inputs: Vec<BenefitAnswer>,
}

/// An input of a benefit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct BenefitAnswer {
    /// Its name, as the policy asks for it under `[value.inputs]`.
    pub id: String,
    /// Its unit.
    pub unit: String,
    /// The customer's answer; `None` while nobody has answered.
    pub value: Option<f64>,
    /// Who says so; empty without an answer.
    pub source: String,
    /// As of when; empty without an answer.
    pub date: String,
}

/// One line of the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ValueLine {
    /// `energy`, `hosts` and so on; equal to its file name.
    pub id: String,
    /// What kind of money it is.
    pub kind: ValueKind,
    /// Amount; positive is saved, negative is spent.
    pub amount: Range,
    /// Unit: the currency, currency a year, kg a year.
    pub unit: String,
    /// Formula in names of constants and figures.
    pub formula: String,
}

/// How what a server draws was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PowerGrade {
    /// The customer's own measurement of its model.
    Metered,
    /// The generation of its processors, its sockets, cores, clock and memory.
    Generation,
    /// Its sockets, cores and memory alone.
    Size,
    /// Nothing of it is known: the constants of the policy.
    Assumed,
}

/// What kind of money a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// Cash, each year.
    CashAnnual,
    /// Cash, once.
    CashOnce,
    /// A purchase that need not be made, spread over the years.
    AvoidedAnnual,
    /// Not cash: hours, each year.
    SoftAnnual,
    /// Kilograms of CO2 equivalent, each year.
    CarbonAnnual,
}

/// A constant with where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Constant {
    /// Its name in the policy.
    pub id: String,
    /// Low, base, high.
    pub value: Range,
    /// Unit.
    pub unit: String,
    /// Who says so; `ours` when we do.
    pub source: String,
    /// As of when.
    pub date: String,
}

/// Servers that move together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Wave {
    /// 1 is the first.
    pub number: u32,
    /// Why these: `it-owned-ready`, `agreed`, `business-ready`, `conditional`.
    pub reason: String,
    /// The servers.
    pub servers: Vec<String>,
    /// Hosts they need alone, failover hosts included.
    pub hosts: usize,
    /// servers / hosts; `None` for no host.
    pub net_consolidation_ratio: Option<f64>,
    /// Servers of this and all earlier waves.
    #[serde(default)]
    pub cumulative_servers: usize,
    /// Hosts those need together, failover hosts included; `None` where so many servers are planned once only.
    #[serde(default)]
    pub cumulative_hosts: Option<usize>,
    /// The one over the other; `None` for no host.
    #[serde(default)]
    pub cumulative_net_consolidation_ratio: Option<f64>,
    /// Its servers in groups that are never split, easiest first.
    #[serde(default)]
    pub groups: Vec<MoveGroup>,
    /// How long it takes; older assessments do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WaveHours>,
}

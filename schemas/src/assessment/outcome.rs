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
}

/// What a plan is worth. Cash and soft savings are never added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Value {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Years looked at.
    pub years: u32,
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
    /// Months until the cash is back at low, base and high; `None` where it never is.
    pub payback_months: PaybackMonths,
    /// The same with avoided purchases counted as cash, which they are where they were budgeted.
    pub payback_with_avoided_months: PaybackMonths,
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

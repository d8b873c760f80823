//! Value: what the plan saves and costs, line by line, low, base and high. Cash, avoided purchases, soft
//! savings and carbon are kept apart.
// SPDX-License-Identifier: Apache-2.0

use crate::benefit;
use crate::grid;
use crate::policy::Policy;
use crate::power::error;
use cairn_schemas::assessment::{Consolidation, PaybackMonths, PowerUse, Range, Value, ValueKind, ValueLine};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::HostsCost;
use std::cell::RefCell;
use std::collections::BTreeMap;

mod carbon;
mod cash;
mod context;
mod energy;
mod hosts;
mod labour;
mod lease;
mod maintenance;
mod migration;
mod refresh;
mod space;
mod storage;
mod subscription;
mod training;
use context::{Case, Context};
pub use context::{Ends, Spared};

/// Every line, in reading order.
static LINES: &[Line] = &[
    energy::LINE,
    space::LINE,
    maintenance::LINE,
    lease::LINE,
    subscription::LINE,
    hosts::LINE,
    storage::LINE,
    migration::LINE,
    training::LINE,
    refresh::LINE,
    labour::LINE,
    carbon::LINE,
];

/// One line: positive is saved, negative is spent.
#[derive(Debug)]
struct Line {
    id: &'static str,
    kind: ValueKind,
    unit: &'static str,
    formula: &'static str,
    /// A full year of it, or all of what comes once.
    amount: fn(&Context<'_>, Case) -> f64,
    /// How it comes over the months.
    course: Course,
}

/// How a line comes over the months, of which the first is 1.
#[derive(Debug)]
enum Course {
    /// All of it before the first month.
    Once,
    /// What is saved grows with the servers moved; what is spent is spent from the first month on.
    Ramped,
    /// Its own yearly rate in each month; of avoided purchases those of the month.
    Own(fn(&Context<'_>, Case, u32) -> f64),
}

/// The value of a plan. `placed`: the servers that leave their hardware; `host_mean_ratio`: mean CPU of the
/// hosts they move to.
#[must_use]
pub fn value(
    plan: Option<&Consolidation>,
    placed: &[Spared],
    host_mean_ratio: f64,
    policy: &Policy,
) -> Value {
    let Some(plan) = plan else { return nothing(policy) };
    let context = Context {
        plan,
        placed,
        host_mean_ratio,
        policy,
        constants: context::constants(policy),
        used: RefCell::default(),
    };
    let lines: Vec<ValueLine> = LINES.iter().map(|line| line.computed(&context)).collect();
    let of_kind = |kind: ValueKind| lines.iter().filter(move |line| line.kind == kind);
    let total = |kind| of_kind(kind).fold(Range::default(), |sum, line| sum.plus(line.amount));
    let once = total(ValueKind::CashOnce);
    let months = cash::by_month(&context);
    let views = cash::views(&context, &months);
    let used = context.used.borrow();
    Value {
        annual_cash: total(ValueKind::CashAnnual),
        one_off_cash: Range { low: -once.low, base: -once.base, high: -once.high },
        annual_avoided: total(ValueKind::AvoidedAnnual),
        annual_soft: total(ValueKind::SoftAnnual),
        annual_carbon_kg: total(ValueKind::CarbonAnnual),
        by_year: cash::by_year(&months),
        payback_months: cash::payback(&months, |month| month.cumulated_cash),
        payback_with_avoided_months: cash::payback(&months, |month| {
            month.cumulated_cash.plus(month.cumulated_avoided)
        }),
        views,
        by_month: months,
        power: power_used(placed),
        constants: context
            .constants
            .iter()
            .filter(|(id, _)| used.contains(id.as_str()))
            .map(|(id, c)| c.printed(id))
            .collect(),
        findings: findings(placed, policy),
        lines,
        ..nothing(policy)
    }
}

impl Line {
    fn computed(&self, context: &Context<'_>) -> ValueLine {
        ValueLine {
            id: self.id.to_owned(),
            kind: self.kind,
            amount: Case::each(|case| (self.amount)(context, case)),
            unit: self.unit.replace("currency", &context.policy.value.currency),
            formula: self.formula.to_owned(),
        }
    }

    /// Money of one month, the first being 1; of a line that comes once none.
    fn in_month(&self, context: &Context<'_>, case: Case, month: u32) -> f64 {
        match (&self.course, self.kind) {
            (Course::Once, _) => 0.0,
            (Course::Ramped, _) => context.ramped((self.amount)(context, case), month, case) / 12.0,
            (Course::Own(purchases), ValueKind::AvoidedAnnual) => purchases(context, case, month),
            (Course::Own(rate), _) => rate(context, case, month) / 12.0,
        }
    }
}

/// What the hosts of a plan cost: the lines of a plan to which nobody moves, `low` the least. `host_mean_ratio`: as in
/// [`value`].
#[must_use]
pub fn hosts_cost(plan: &Consolidation, host_mean_ratio: f64, policy: &Policy) -> HostsCost {
    let constants = context::constants(policy);
    let context = Context { plan, placed: &[], host_mean_ratio, policy, constants, used: RefCell::default() };
    let sum = |lines: &[Line]| {
        Case::each(|case| lines.iter().map(|line| -(line.amount)(&context, case.opposite())).sum())
    };
    HostsCost {
        once: sum(&[hosts::LINE]),
        annual: sum(&[energy::LINE, space::LINE, maintenance::LINE, subscription::LINE]),
    }
}

/// Servers by how what they draw was found, best way first.
fn power_used(placed: &[Spared]) -> Vec<PowerUse> {
    let mut counts = BTreeMap::new();
    for server in placed {
        *counts.entry(server.power.grade).or_insert(0) += 1;
    }
    counts.into_iter().map(|(grade, servers)| error::used(grade, servers)).collect()
}

/// What must be said beside the figures: what was assumed, and what nobody has said.
fn findings(placed: &[Spared], policy: &Policy) -> Vec<Finding> {
    let say = |message: &str, severity| {
        let remedy = Some(format!("value.{message}.remedy"));
        Finding { remedy, ..Finding::new("value", message, severity) }
    };
    let mut findings = vec![Finding::new("value", "constants", Severity::Attention).remedy()];
    let leased = |s: &Spared| s.lease.is_some() || s.ends.lease.is_some();
    let dated = |s: &Spared| s.ends.refresh.is_some() || s.ends.age.is_some() || leased(s);
    let undated = placed.iter().filter(|s| !dated(s)).count();
    if undated > 0 {
        let of = placed.len() as f64;
        findings.push(say("undated", Severity::Attention).arg("servers", undated as f64).arg("of", of));
    }
    let endless = placed.iter().filter(|s| s.lease.is_some() && s.ends.lease.is_none()).count();
    if endless > 0 {
        findings.push(say("lease-endless", Severity::Attention).arg("servers", endless as f64));
    }
    let own = policy.value.constants.contains_key("grid_carbon");
    match policy.value.country.as_deref() {
        _ if own => {}
        None => findings.push(say("country-unasked", Severity::Attention)),
        Some(code) if grid::of(code).is_none() => {
            findings.push(say("country-unknown", Severity::Attention).arg("country", code));
        }
        Some(_) => {}
    }
    if policy.value.hurdle_ratio.is_none() {
        findings.push(say("hurdle-unasked", Severity::Info));
    }
    findings
}

fn nothing(policy: &Policy) -> Value {
    Value {
        currency: policy.value.currency.clone(),
        years: policy.value.years,
        country: policy.value.country.clone(),
        hurdle_ratio: policy.value.hurdle_ratio,
        lines: Vec::new(),
        annual_cash: Range::default(),
        one_off_cash: Range::default(),
        annual_avoided: Range::default(),
        annual_soft: Range::default(),
        annual_carbon_kg: Range::default(),
        by_year: Vec::new(),
        by_month: Vec::new(),
        views: Vec::new(),
        payback_months: PaybackMonths::default(),
        payback_with_avoided_months: PaybackMonths::default(),
        power: Vec::new(),
        benefits: benefit::all(policy),
        constants: Vec::new(),
        findings: vec![Finding::new("value", "no-plan", Severity::Attention)],
    }
}

#[cfg(test)]
#[path = "value/value_tests.rs"]
mod tests;

#[cfg(test)]
mod properties;

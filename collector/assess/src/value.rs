//! Value: what the plan saves and costs, line by line, low, base and high. Cash, avoided purchases, soft
//! savings and carbon are kept apart.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::{HostTemplate, Policy, ValueConstant};
use cairn_schemas::assessment::{
    Cluster, Consolidation, PaybackMonths, Range, Value, ValueKind, ValueLine, ValueYear,
};
use cairn_schemas::finding::{Finding, Severity};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

mod carbon;
mod energy;
mod hosts;
mod labour;
mod maintenance;
mod migration;
mod refresh;
mod space;
mod storage;
mod subscription;

/// Every line, in reading order.
static LINES: &[Line] = &[
    energy::LINE,
    space::LINE,
    maintenance::LINE,
    subscription::LINE,
    hosts::LINE,
    storage::LINE,
    migration::LINE,
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
    amount: fn(&Context<'_>, Case) -> f64,
}

/// Which end of the constants a figure is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Low,
    Base,
    High,
}

/// What value needs to know of a placed or staying server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spared {
    /// Mean CPU busy ratio, `None` when not measured.
    pub cpu_mean_ratio: Option<f64>,
    /// Maintenance its contract costs a year, where a fact says so.
    pub maintenance: Option<f64>,
}

/// What the lines are computed from.
struct Context<'a> {
    plan: &'a Consolidation,
    placed: &'a [Spared],
    host_mean_ratio: f64,
    policy: &'a Policy,
    constants: BTreeMap<String, ValueConstant>,
    used: RefCell<BTreeSet<&'static str>>,
}

impl Context<'_> {
    /// A constant of which more saves more.
    fn saving(&self, name: &'static str, case: Case) -> f64 {
        let range = self.constant(name);
        match case {
            Case::Low => range.low,
            Case::Base => range.base,
            Case::High => range.high,
        }
    }

    /// A constant of which more costs more.
    fn cost(&self, name: &'static str, case: Case) -> f64 {
        self.saving(name, case.opposite())
    }

    /// An amount times a constant, taken the careful way whether the amount is saved or spent.
    fn scaled(&self, amount: f64, name: &'static str, case: Case) -> f64 {
        amount * if amount >= 0.0 { self.saving(name, case) } else { self.cost(name, case) }
    }

    fn constant(&self, name: &'static str) -> Range {
        self.used.borrow_mut().insert(name);
        self.constants.get(name).map(|constant| constant.value).unwrap_or_default()
    }

    fn placed(&self) -> f64 {
        self.placed.len() as f64
    }

    /// Hosts of the plan, failover hosts included.
    fn all_hosts(&self) -> f64 {
        (self.plan.hosts + self.plan.failover_hosts) as f64
    }

    /// Something of a host, over all hosts of the plan.
    fn over_hosts(&self, of: impl Fn(&HostTemplate) -> f64) -> f64 {
        let machines = |cluster: &Cluster| (cluster.hosts + cluster.failover_hosts) as f64;
        let clusters = self.plan.clusters.iter();
        clusters.map(|cluster| machines(cluster) * of(self.policy.template_of(&cluster.template))).sum()
    }

    /// What all hosts of the plan cost.
    fn hosts_price(&self, case: Case) -> f64 {
        self.over_hosts(|template| match case {
            Case::Low => template.price.high,
            Case::Base => template.price.base,
            Case::High => template.price.low,
        })
    }
}

impl Case {
    const fn opposite(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::Base => Self::Base,
            Self::High => Self::Low,
        }
    }
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
        constants: policy.value.resolved(),
        used: RefCell::default(),
    };
    let lines: Vec<ValueLine> = LINES.iter().map(|line| line.computed(&context)).collect();
    let total = |kind: ValueKind| {
        lines
            .iter()
            .filter(|line| line.kind == kind)
            .fold(Range::default(), |sum, line| add(sum, line.amount))
    };
    let annual_cash = total(ValueKind::CashAnnual);
    let annual_avoided = total(ValueKind::AvoidedAnnual);
    let once = total(ValueKind::CashOnce);
    let used = context.used.borrow();
    Value {
        currency: policy.value.currency.clone(),
        years: policy.value.years,
        annual_cash,
        one_off_cash: Range { low: -once.low, base: -once.base, high: -once.high },
        annual_avoided,
        annual_soft: total(ValueKind::SoftAnnual),
        annual_carbon_kg: total(ValueKind::CarbonAnnual),
        by_year: (1..=policy.value.years).map(|year| cumulated(year, annual_cash, once)).collect(),
        payback_months: paybacks(annual_cash, once),
        payback_with_avoided_months: paybacks(add(annual_cash, annual_avoided), once),
        constants: context
            .constants
            .iter()
            .filter(|(id, _)| used.contains(id.as_str()))
            .map(|(id, c)| c.printed(id))
            .collect(),
        findings: vec![Finding::new("value", "constants", Severity::Attention).remedy()],
        lines,
    }
}

impl Line {
    fn computed(&self, context: &Context<'_>) -> ValueLine {
        let amount = |case| (self.amount)(context, case);
        ValueLine {
            id: self.id.to_owned(),
            kind: self.kind,
            amount: Range { low: amount(Case::Low), base: amount(Case::Base), high: amount(Case::High) },
            unit: self.unit.replace("currency", &context.policy.value.currency),
            formula: self.formula.to_owned(),
        }
    }
}

fn nothing(policy: &Policy) -> Value {
    Value {
        currency: policy.value.currency.clone(),
        years: policy.value.years,
        lines: Vec::new(),
        annual_cash: Range::default(),
        one_off_cash: Range::default(),
        annual_avoided: Range::default(),
        annual_soft: Range::default(),
        annual_carbon_kg: Range::default(),
        by_year: Vec::new(),
        payback_months: PaybackMonths::default(),
        payback_with_avoided_months: PaybackMonths::default(),
        constants: Vec::new(),
        findings: vec![Finding::new("value", "no-plan", Severity::Attention)],
    }
}

fn add(a: Range, b: Range) -> Range {
    Range { low: a.low + b.low, base: a.base + b.base, high: a.high + b.high }
}

fn cumulated(year: u32, annual: Range, once: Range) -> ValueYear {
    let after = |annual: f64, once: f64| once + annual * f64::from(year);
    let cumulated_cash = Range {
        low: after(annual.low, once.low),
        base: after(annual.base, once.base),
        high: after(annual.high, once.high),
    };
    ValueYear { year, cumulated_cash }
}

fn paybacks(annual: Range, once: Range) -> PaybackMonths {
    PaybackMonths {
        low: payback(annual.low, once.low),
        base: payback(annual.base, once.base),
        high: payback(annual.high, once.high),
    }
}

/// Months until what was spent once is back; `None` where it never is.
fn payback(annual: f64, once: f64) -> Option<f64> {
    (annual > 0.0).then(|| (-once).max(0.0) / annual * 12.0)
}

#[cfg(test)]
#[path = "value/value_tests.rs"]
mod tests;

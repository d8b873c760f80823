//! Quality of service and agility: what the later phases of the journey are worth, as formulas over what only the customer
//! knows. Nothing is assumed: without all of its inputs a benefit has no amount, and says what it asks for.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::Policy;
use cairn_schemas::assessment::{Benefit, BenefitAnswer};

mod agility;
mod quality;

/// Every benefit, by phase. The structure (quality of service drives the second phase, agility the third) is the
/// journey's; the formulas are ours.
static BENEFITS: &[Formula] = &[
    quality::DOWNTIME,
    quality::PLANNED_DOWNTIME,
    quality::RECOVERY,
    agility::REQUEST,
    agility::WAITING,
    agility::SELF_SERVED,
    agility::WORKLOAD_COST,
];

/// Every input: its name, its unit, and the highest value that is no slip of the pen.
pub static INPUTS: &[Input] = &[
    Input { id: "downtime_before", unit: "h/year", max: 1e6 },
    Input { id: "downtime_after", unit: "h/year", max: 1e6 },
    Input { id: "downtime_cost", unit: "currency/h", max: 1e9 },
    Input { id: "planned_downtime_before", unit: "h/year", max: 1e6 },
    Input { id: "planned_downtime_after", unit: "h/year", max: 1e6 },
    Input { id: "recovery_required", unit: "h", max: 1e5 },
    Input { id: "recovery_tested", unit: "h", max: 1e5 },
    Input { id: "request_before", unit: "h/request", max: 1e5 },
    Input { id: "request_after", unit: "h/request", max: 1e5 },
    Input { id: "requests", unit: "requests/month", max: 1e7 },
    Input { id: "requests_self_served", unit: "requests/month", max: 1e7 },
    Input { id: "workload_cost_public", unit: "currency/month", max: 1e9 },
    Input { id: "workload_cost_private", unit: "currency/month", max: 1e9 },
];

/// What a benefit asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Its name under `[value.inputs]`.
    pub id: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// More than this is refused.
    pub max: f64,
}

/// One benefit. `amount` gets the inputs in their order.
#[derive(Debug)]
struct Formula {
    id: &'static str,
    phase: u8,
    unit: &'static str,
    formula: &'static str,
    inputs: &'static [&'static str],
    amount: fn(&[f64]) -> Option<f64>,
}

/// Every benefit with what is known of it.
#[must_use]
pub fn all(policy: &Policy) -> Vec<Benefit> {
    BENEFITS.iter().map(|formula| formula.computed(policy)).collect()
}

impl Formula {
    fn computed(&self, policy: &Policy) -> Benefit {
        let in_money = |unit: &str| unit.replace("currency", &policy.value.currency);
        let answer = |id: &&str| {
            let said = policy.value.inputs.get(*id);
            let unit = INPUTS.iter().find(|input| input.id == *id).map_or("", |input| input.unit);
            BenefitAnswer {
                id: (*id).to_owned(),
                unit: in_money(unit),
                value: said.map(|said| said.value),
                source: said.map(|said| said.source.clone()).unwrap_or_default(),
                date: said.map(|said| said.date.clone()).unwrap_or_default(),
            }
        };
        let inputs: Vec<BenefitAnswer> = self.inputs.iter().map(answer).collect();
        let values: Option<Vec<f64>> = inputs.iter().map(|input| input.value).collect();
        Benefit {
            id: self.id.to_owned(),
            phase: self.phase,
            amount: values.and_then(|values| (self.amount)(&values)),
            unit: in_money(self.unit),
            formula: self.formula.to_owned(),
            inputs,
        }
    }
}

#[cfg(test)]
#[path = "benefit/benefit_tests.rs"]
mod tests;

//! Benefits by hand, and what they ask for.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::policy::BenefitInput;

fn with(inputs: &[(&str, f64)]) -> Policy {
    let mut policy = Policy::default();
    for (id, value) in inputs {
        let input = BenefitInput { value: *value, source: "service desk".into(), date: "2026-11".into() };
        policy.value.inputs.insert((*id).to_owned(), input);
    }
    policy
}

#[test]
fn amounts_by_hand() {
    let check = |id: &str, inputs: &[(&str, f64)], expected: Option<f64>| {
        let all = all(&with(inputs));
        assert_eq!(all.iter().find(|benefit| benefit.id == id).unwrap().amount, expected, "{id} {inputs:?}");
    };
    let downtime = [("downtime_before", 40.0), ("downtime_after", 8.0), ("downtime_cost", 500.0)];
    check("downtime", &downtime, Some(16_000.0));
    check("downtime", &downtime[..2], None);
    check("recovery", &[("recovery_required", 4.0), ("recovery_tested", 6.5)], Some(-2.5));
    check("waiting", &[("requests", 12.0), ("request_before", 80.0), ("request_after", 2.0)], Some(936.0));
    check("self-served", &[("requests", 0.0), ("requests_self_served", 0.0)], None);
    check("self-served", &[("requests", 8.0), ("requests_self_served", 2.0)], Some(0.25));
}

#[test]
fn every_input_is_asked_for_by_some_benefit_and_known() {
    let asked = || BENEFITS.iter().flat_map(|benefit| benefit.inputs);
    assert!(asked().all(|id| INPUTS.iter().any(|input| input.id == *id)));
    assert!(INPUTS.iter().all(|input| asked().any(|id| *id == input.id)));
    let unanswered = all(&Policy::default());
    assert!(unanswered.iter().all(|benefit| benefit.amount.is_none() && !benefit.inputs.is_empty()));
}

//! Triggers: met, unmet, unknown, and what is missing.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::testing::{ordinary, window};

fn states(weeks: i64, servers: usize, policy: &Policy) -> Vec<(String, TriggerState)> {
    let servers = (0..servers).map(|n| ordinary(&format!("web{n}"), weeks, 0.10, 10e9)).collect();
    let estate = Estate { engagement: "test".into(), window: window(weeks), servers, triggers: Vec::new() };
    let assessment = crate::assess(&estate, policy, estate.window.to);
    for trigger in &assessment.journey.triggers {
        assert_eq!(trigger.missing.is_empty(), trigger.state == TriggerState::Met, "{trigger:?}");
    }
    assessment.journey.triggers.into_iter().map(|t| (t.condition, t.state)).collect()
}

fn check(weeks: i64, servers: usize, expected: [TriggerState; 5]) {
    let names = ["business-trigger", "ready-servers", "measured-long-enough", "first-wave-ratio", "payback"];
    let expected: Vec<_> = names.into_iter().map(str::to_owned).zip(expected).collect();
    assert_eq!(states(weeks, servers, &Policy::default()), expected);
}

#[test]
fn each_condition_by_itself() {
    use TriggerState::{Met, NotRequired, Unknown, Unmet};
    // Four weeks from the 2nd of November see no month-end; six do.
    check(4, 10, [Unmet, Met, Unmet, Met, NotRequired]);
    check(6, 10, [Unmet, Met, Met, Met, NotRequired]);
    check(6, 4, [Unmet, Unmet, Unmet, Unmet, NotRequired]);
    check(6, 0, [Unmet, Unmet, Unmet, Unknown, NotRequired]);
}

#[test]
fn a_hurdle_that_is_set_is_asked_for() {
    let mut policy = Policy::default();
    policy.journey.payback_months_max = Some(0.001);
    assert_eq!(states(6, 10, &policy)[4].1, TriggerState::Unmet);
    assert_eq!(states(6, 0, &policy)[4].1, TriggerState::Unknown);
    policy.journey.payback_months_max = Some(1e9);
    let payback = states(6, 100, &policy)[4].1;
    assert_eq!(payback, TriggerState::Met);
}

#[test]
fn a_share_proves_no_phase_without_a_hypervisor_host() {
    let phase = |hypervisors: usize, guests: usize| {
        let kind = |n: usize, name: &str, fact, value| {
            let mut server = ordinary(&format!("{name}{n}"), 4, 0.1, 1e9);
            server.facts.extend(crate::testing::server("", &[(fact, value)]).facts);
            server
        };
        let mut servers: Vec<_> = (0..10).map(|n| ordinary(&format!("web{n}"), 4, 0.1, 1e9)).collect();
        servers.extend((0..hypervisors).map(|n| kind(n, "host", "hypervisor_role", "true")));
        servers.extend((0..guests).map(|n| kind(n, "vm", "virtualization", "kvm")));
        let estate = Estate { engagement: "test".into(), window: window(4), servers, triggers: Vec::new() };
        crate::assess(&estate, &Policy::default(), estate.window.to).journey.phase
    };
    assert_eq!(phase(0, 0), 0);
    assert_eq!(phase(0, 8), 0);
    assert_eq!(phase(1, 0), 0);
    assert_eq!(phase(1, 8), 1);
}

#[test]
fn phases_are_numbered_and_sourced() {
    for (phase, number) in PHASES.iter().zip(0..) {
        assert_eq!(phase.number, number);
        assert!(!phase.source.is_empty() && !phase.sponsor.is_empty());
    }
}

//! The whole method on small estates: contracts that must hold whatever the rooms do.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::RecordedTrigger;
use crate::testing::{MONDAY, ordinary, server, window};

fn estate(weeks: i64, servers: Vec<Server>) -> Estate {
    Estate { engagement: "test".into(), window: window(weeks), servers, ..Estate::default() }
}

fn ten(weeks: i64) -> Vec<Server> {
    (0..10).map(|n| ordinary(&format!("web{n}"), weeks, 0.10, 10e9)).collect()
}

fn at_end(estate: &Estate) -> Assessment {
    assess(estate, &Policy::default(), estate.window.to)
}

#[test]
fn ten_ordinary_servers_by_hand() {
    let assessment = at_end(&estate(6, ten(6)));
    // 10 x 3,000 MHz and 10 x 13.3 GB go on one host of 186,240 MHz and 1,082 GB. A cluster has three hosts.
    let plan = assessment.consolidation.as_ref().unwrap();
    assert_eq!((plan.hosts, plan.failover_hosts, plan.lower_bound_hosts), (1, 2, 1));
    assert_eq!(plan.servers_removed, 7);
    assert!((plan.net_consolidation_ratio.unwrap() - 10.0 / 3.0).abs() < 1e-9);
    assert_eq!(assessment.readiness.counts.ready, 10);
    assert_eq!(assessment.readiness.score, Some(100.0));
    let test = plan.backtest.as_ref().unwrap();
    assert_eq!((test.folds, test.violation_ratio), (2, Some(0.0)));
}

#[test]
fn order_changes_nothing_and_twice_is_the_same() {
    let forward = estate(6, ten(6));
    let mut backward = forward.clone();
    backward.servers.reverse();
    let json = |estate: &Estate| serde_json::to_string(&at_end(estate)).unwrap();
    assert_eq!(json(&forward), json(&backward));
    assert_eq!(json(&forward), json(&forward));
}

#[test]
fn the_population_adds_up() {
    let mut servers = ten(6);
    servers.push(server("unknown", &[]));
    let mut dongle = ordinary("dongle", 6, 0.1, 1e9);
    dongle.facts.extend(server("", &[("special_hardware", "USB dongle")]).facts);
    servers.push(dongle);
    let mut virtual_ = ordinary("vm", 6, 0.1, 1e9);
    virtual_.facts.extend(server("", &[("virtualization", "kvm")]).facts);
    servers.push(virtual_);
    let assessment = at_end(&estate(6, servers));
    let summary = &assessment.estate;
    assert_eq!((summary.servers, summary.assessed, summary.excluded.len()), (13, 12, 1));
    let plan = assessment.consolidation.as_ref().unwrap();
    assert_eq!((plan.population.placed, plan.population.stay), (10, 2));
    let counts = assessment.readiness.counts;
    assert_eq!((counts.ready, counts.conditional, counts.blocked, counts.unknown), (10, 0, 1, 1));
    assert!((assessment.readiness.score.unwrap() - 1_000.0 / 12.0).abs() < 1e-9, "null counts as 0");
    assert!((assessment.journey.virtualised_share_ratio.unwrap() - 1.0 / 13.0).abs() < 1e-9);
}

#[test]
fn nothing_is_an_assessment_too() {
    let assessment = at_end(&estate(4, Vec::new()));
    assert_eq!(assessment.readiness.score, None);
    assert!(assessment.consolidation.is_none());
    assert_eq!(assessment.journey.phase, 0);
    let unassessable = at_end(&estate(4, vec![server("bare", &[])]));
    assert!(unassessable.consolidation.is_none());
    assert_eq!(unassessable.readiness.counts.unknown, 1);
}

#[test]
fn every_figure_says_why() {
    let assessment = at_end(&estate(6, ten(6)));
    for id in
        ["hosts", "net_consolidation_ratio", "violation_ratio", "annual_cash", "coverage_ratio", "score:web0"]
    {
        let figure = &assessment.figures[id];
        assert!(figure.value.is_some() && !figure.formula.is_empty() && !figure.inputs.is_empty(), "{id}");
    }
}

#[test]
fn phase_one_opens_with_evidence_and_a_recorded_trigger() {
    // Six weeks from 2026-11-02 hold the month-end of November.
    let mut estate = estate(6, ten(6));
    let closed = at_end(&estate);
    assert_eq!((closed.journey.phase, closed.journey.opened.len()), (0, 0));
    estate.triggers.push(RecordedTrigger {
        phase: 1,
        trigger: "hardware-refresh".into(),
        by: "A. Person".into(),
        on: MONDAY,
    });
    let open = at_end(&estate);
    assert_eq!(open.journey.phase_id, "it-production");
    assert_eq!(open.journey.opened[0].first_wave.len(), 10);
}

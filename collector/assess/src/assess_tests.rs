//! The whole method on small estates: contracts that must hold whatever the rooms do.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::RecordedTrigger;
use crate::testing::{MONDAY, ordinary, server, window};
use proptest::prelude::*;

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn servers_in_any_order_give_the_same_bytes(order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let unlike = |n: usize| {
            let name = format!("server{n}");
            let mut unlike = ordinary(&name, n as i64 % 6, 0.03 * n as f64, 5e9 * n as f64);
            let facts = [
                ("special_hardware", "USB dongle"),
                ("virtualization", "kvm"),
                ("owner", "Finance"),
                ("retire", "true"),
                ("cluster", "erp"),
            ];
            unlike.facts.extend(server("", &facts[n % 5..=n % 5]).facts);
            unlike
        };
        let forward: Vec<Server> = (0..9).map(unlike).collect();
        let shuffled = order.iter().map(|n| forward[*n].clone()).collect();
        let json = |servers| serde_json::to_string(&at_end(&estate(5, servers))).unwrap();
        prop_assert_eq!(json(forward), json(shuffled));
    }
}

/// Six servers, each with a difficulty of its own, some measured for less time than the window.
fn unlike_six() -> Vec<Server> {
    let facts = [
        ("owner", "Finance"),
        ("special_hardware", "USB dongle"),
        ("role", "database"),
        ("cluster", "erp"),
        ("vendor_support", "ok"),
        ("move_needs", "kernel without drivers for virtual devices"),
    ];
    let unlike = |(n, fact): (usize, &(&str, &str))| {
        let mut unlike = ordinary(&format!("server{n}"), 5 - n as i64 % 2, 0.05 * n as f64, 8e9 * n as f64);
        unlike.facts.extend(server("", &[*fact]).facts);
        unlike
    };
    facts.iter().enumerate().map(unlike).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn forgotten_facts_raise_no_score(forgotten in proptest::collection::vec((0..6_usize, 0..32_usize), 1..10)) {
        let servers = unlike_six();
        let mut less = servers.clone();
        for (server, at) in forgotten {
            let facts = &mut less[server].facts;
            let name = facts.keys().nth(at % facts.len()).cloned();
            name.map(|name| facts.remove(&name));
        }
        let (knowing, forgetful) = (at_end(&estate(5, servers)), at_end(&estate(5, less)));
        for server in &forgetful.readiness.servers {
            // Who was outside the count had a proof that is forgotten; none of these had.
            let before = knowing.readiness.servers.iter().find(|one| one.server == server.server).unwrap();
            if before.category == Category::Blocked {
                prop_assert!(server.category != Category::Ready, "{} was blocked", server.server);
                continue;
            }
            let score = |one: &ServerReadiness| one.score.unwrap_or(0.0);
            prop_assert!(score(server) <= score(before) + 1e-9, "{before:?} then {server:?}");
            prop_assert!(server.category >= before.category);
        }
    }

    #[test]
    fn fewer_samples_raise_no_confidence(
        lost in proptest::collection::vec((0..6_usize, 0..5_usize, 0..7_usize, 0..=86_400_u32), 1..40),
    ) {
        let servers = unlike_six();
        let mut less = servers.clone();
        for (server, week, day, covered_s) in lost {
            let weeks = &mut less[server].weeks;
            if let Some(week) = weeks.get_mut(week) {
                week.covered_s[day] = week.covered_s[day].min(covered_s);
            }
            // What was not measured at all leaves no summary behind.
            weeks.retain(|week| week.covered_s.iter().any(|covered_s| *covered_s > 0));
        }
        let (whole, cut) = (at_end(&estate(5, servers)), at_end(&estate(5, less)));
        prop_assert!(cut.coverage.confidence <= whole.coverage.confidence);
        prop_assert!(cut.coverage.ratio <= whole.coverage.ratio);
        for (before, server) in whole.readiness.servers.iter().zip(&cut.readiness.servers) {
            prop_assert_eq!(&before.server, &server.server);
            prop_assert!(server.confidence <= before.confidence, "{before:?} then {server:?}");
        }
    }
}

#[test]
fn what_a_policy_switches_off_is_said_once() {
    let mut policy = Policy::default();
    policy.rules_off.insert("idle".into(), "not wanted here".into());
    let estate = estate(5, ten(5));
    let assessment = assess(&estate, &policy, estate.window.to);
    let off = |findings: &[Finding]| findings.iter().filter(|f| f.message_id == "rules.off").count();
    assert_eq!(off(&assessment.findings), 1);
    assert_eq!(assessment.readiness.servers.iter().map(|server| off(&server.findings)).sum::<usize>(), 0);
}

#[test]
fn retirements_are_told_apart_from_consolidation() {
    let mut servers = ten(5);
    servers[0].facts.extend(server("", &[("retire", "true")]).facts);
    servers[1].facts.extend(server("", &[("retire", "true")]).facts);
    servers[1].facts.get_mut("retire").unwrap()[0].confirmed_by = None;
    let assessment = at_end(&estate(5, servers));
    let said = assessment.findings.iter().find(|finding| finding.id == "retirements").unwrap();
    let number = |name: &str| said.args[name].clone();
    assert_eq!((number("confirmed"), number("candidates")), (1.0.into(), 1.0.into()));
    assert_eq!(assessment.estate.assessed, 9, "what nobody confirmed stays in the count");
    assert!(at_end(&estate(5, ten(5))).findings.iter().all(|finding| finding.id != "retirements"));
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

//! A mini estate whose every figure can be followed by hand, and what holds for every estate.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::constraint::settle;
use crate::estate::Server;
use crate::estate_testing::{Did, estate, server};
use crate::packing::testing::policy;
use crate::policy::Limits;
use cairn_schemas::fact::FactValue;
use cairn_schemas::finding::Finding;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn day_and_night(name: &str, day: f64, night: f64, weeks: usize) -> Server {
    server(name, weeks, move |_, interval| {
        let hour = interval / 12 % 24;
        Did::Busy(if (8..18).contains(&hour) { day } else { night })
    })
}

fn set(server: &mut Server, name: &str, value: &str) {
    let mut fact = server.facts["cpu_cores"][0].clone();
    fact.value = FactValue::Text(value.into());
    server.facts.insert(name.into(), vec![fact]);
}

/// Six servers on hosts of 100 MHz filled to 80, no growth. `day1` and `day2` ask for 50 by day and 10 by
/// night, `night1` and `night2` the other way round; `wide` asks for 90; `node` is quiet and in another site.
fn mini() -> (Estate, Policy) {
    let mut servers = vec![
        day_and_night("day1", 0.50, 0.10, 6),
        day_and_night("day2", 0.50, 0.10, 6),
        day_and_night("night1", 0.10, 0.50, 6),
        day_and_night("night2", 0.10, 0.50, 6),
        day_and_night("quiet", 0.05, 0.05, 6),
        day_and_night("wide", 0.90, 0.10, 6),
        server("zombie", 0, |_, _| Did::Unknown),
    ];
    set(&mut servers[4], "site", "lab");
    let mut policy = policy();
    policy.sizing.growth_ratio = 0.0;
    (estate(6, servers), policy)
}

fn consolidated() -> Consolidation {
    let (estate, policy) = mini();
    let blocked = Stay { server: "zombie".into(), reason: "blocked".into() };
    consolidate(&estate, &policy, settle(&estate, &policy, &[0, 1, 2, 3, 4, 5], vec![blocked]), 7).unwrap()
}

#[test]
fn the_plan_of_the_mini_estate() {
    let plan = consolidated();
    let placed: Vec<(&str, String, bool)> =
        plan.placement.iter().map(|h| (h.host.as_str(), h.servers.join(" "), h.failover)).collect();
    // By day two day servers ask for 100, above 80; one of each kind asks for 60 at any hour.
    assert_eq!(
        placed,
        [
            ("c01-h01", "day1 night1".to_owned(), false),
            ("c01-h02", "day2 night2".to_owned(), false),
            ("c01-h03", String::new(), true),
            ("lab-c02-h01", "quiet".to_owned(), false),
            ("lab-c02-h02", String::new(), true),
            ("lab-c02-h03", String::new(), true),
        ]
    );
    let peaks: Vec<Option<(usize, f64)>> =
        plan.placement.iter().map(|h| h.peak.map(|p| (p.cell, (p.used * 1e6).round() / 1e6))).collect();
    // The role of `quiet` is not known: its 10 of installed memory are more of a host than its CPU.
    assert_eq!(peaks, [Some((0, 0.6)), Some((0, 0.6)), None, Some((0, 0.1)), None, None]);
}

#[test]
fn the_figures_of_the_mini_estate() {
    let plan = consolidated();
    assert_eq!((plan.hosts, plan.failover_hosts, plan.lower_bound_hosts), (3, 3, 3));
    assert_eq!(plan.proven_gap_ratio, Some(0.0));
    assert_eq!(plan.population, Population { assessed: 7, placed: 5, stay: 2 });
    // 7 servers become 3 + 3 hosts and 2 that stay.
    assert_eq!(plan.net_consolidation_ratio, Some(7.0 / 8.0));
    assert_eq!(plan.servers_removed, -1);
    assert_eq!(plan.source_to_destination_ratio, Some(5.0 / 3.0));
    assert_eq!(plan.vm_density, Some(5.0 / 6.0));
    let stay: Vec<(&str, &str)> = plan.stay.iter().map(|s| (s.server.as_str(), s.reason.as_str())).collect();
    assert_eq!(stay, [("wide", "oversized"), ("zombie", "blocked")]);
    let backtest = plan.backtest.as_ref().unwrap();
    assert_eq!((backtest.folds, backtest.violation_ratio), (2, Some(0.0)));
    assert_eq!(plan.interval, None);
}

#[test]
fn the_scenarios_and_flip_points_of_the_mini_estate() {
    let plan = consolidated();
    let rows: Vec<(&str, f64, usize)> =
        plan.scenarios.iter().map(|s| (s.name.as_str(), s.cpu_limit_ratio, s.hosts)).collect();
    // With 30 % growth one of each kind asks for 78, above 70. With 10 % `wide` asks for 99, above 90; without
    // growth it has a host of its own from 90 on.
    assert_eq!(
        rows,
        [("balanced", 0.80, 3), ("conservative", 0.70, 5), ("aggressive", 0.90, 3), ("recommended", 0.95, 4)]
    );
    assert!(plan.scenarios.iter().all(|s| s.violation_ratio == Some(0.0)));
    let flips: Vec<(usize, f64)> = plan.flip_points.iter().map(|f| (f.hosts, f.cpu_limit_ratio)).collect();
    assert_eq!(flips, [(5, 0.50), (3, 0.60)]);
}

#[test]
fn what_must_be_said_is_said() {
    let ids: Vec<String> = consolidated().findings.into_iter().map(|f| f.message_id).collect();
    assert_eq!(
        ids,
        [
            "oversized.stays",
            "backtest.without-growth",
            "backtest.none-seen",
            "interval.too-few-origins",
            "recommended-limits.found"
        ]
    );
}

#[test]
fn the_outlook_of_the_mini_estate() {
    let outlook = consolidated().outlook;
    // Two test weeks of three hosts: none of 6 seen leaves up to half of them possible.
    assert_eq!((outlook.host_weeks, outlook.affected_host_weeks_max_ratio), (6, Some(0.5)));
    let found = outlook.recommendation.unwrap();
    assert_eq!((found.cpu_limit_ratio, found.memory_limit_ratio, found.hosts), (0.95, 0.95, 4));
    assert_eq!(found.backtest.violation_ratio, Some(0.0));
    assert_eq!((outlook.trials.len(), outlook.trials.iter().filter(|trial| trial.passed).count()), (12, 12));
    assert_eq!((outlook.month_end_unseen, outlook.nightly_peaks), (0, None));
    assert_eq!(outlook.measuring.unwrap().days_more, Some(0));
    // 60 becomes 81 with 35 % more; `wide` is not among those that grow.
    let flips: Vec<(usize, f64)> =
        outlook.growth_flip_points.iter().map(|p| (p.hosts, p.growth_ratio)).collect();
    assert_eq!(flips, [(3, 0.0), (5, 0.35)]);
    assert!(outlook.sensitivity[0].swing > 0);
}

#[test]
fn a_plan_at_the_recommended_limits_is_no_scenario_beside_itself() {
    let (estate, mut policy) = mini();
    policy.limits = Limits {
        cpu_ratio: 0.95,
        memory_ratio: 0.95,
        disk_ratio: 0.95,
        network_ratio: 0.95,
        ..policy.limits
    };
    let plan =
        consolidate(&estate, &policy, settle(&estate, &policy, &[0, 1, 2, 3, 4, 5], Vec::new()), 6).unwrap();
    assert!(plan.scenarios.iter().all(|scenario| scenario.name != "recommended"));
    assert_eq!(plan.outlook.recommendation.unwrap().hosts, plan.hosts);
}

#[test]
fn a_month_end_that_was_not_seen_is_said() {
    let servers = vec![day_and_night("a", 0.5, 0.1, 2), day_and_night("b", 0.5, 0.1, 2)];
    let estate = estate(2, servers);
    let plan = consolidate(&estate, &policy(), settle(&estate, &policy(), &[0, 1], Vec::new()), 2).unwrap();
    let said = plan.findings.iter().find(|finding| finding.message_id == "month-end.unseen").unwrap();
    assert_eq!(said.args["servers"], 2.0.into());
}

#[test]
fn a_node_that_is_not_planned_is_named() {
    let (mut estate, policy) = mini();
    set(&mut estate.servers[0], "cluster", "sql");
    set(&mut estate.servers[1], "cluster", "sql");
    let plan = consolidate(&estate, &policy, settle(&estate, &policy, &[0, 2], Vec::new()), 2).unwrap();
    let node = plan.findings.iter().find(|finding| finding.message_id == "cluster-node.elsewhere").unwrap();
    assert_eq!(node.args["server"], "day2".into());
}

#[test]
fn nothing_planned_is_no_plan() {
    let (estate, policy) = mini();
    assert_eq!(consolidate(&estate, &policy, settle(&estate, &policy, &[], Vec::new()), 0), None);
}

/// Asserts that findings have wording, and what it names.
pub(super) fn assert_worded(findings: &[Finding]) {
    let wording: toml::Table = include_str!("../../../messages/en/plan.toml").parse().unwrap();
    for finding in findings {
        for message in std::iter::once(&finding.message_id).chain(&finding.remedy) {
            let text = wording.get(message).and_then(toml::Value::as_str).unwrap_or_default();
            assert!(!text.is_empty(), "{message} has no wording");
            for placeholder in text.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next()) {
                assert!(finding.args.contains_key(placeholder), "{message} names {placeholder}");
            }
        }
    }
}

#[test]
fn every_message_has_its_wording() {
    assert_worded(&consolidated().findings);
}

#[test]
fn the_order_of_the_planned_servers_does_not_matter() {
    let (estate, policy) = mini();
    let plan = |order: &[usize]| {
        consolidate(&estate, &policy, settle(&estate, &policy, order, Vec::new()), 6).unwrap()
    };
    let expected = plan(&[0, 1, 2, 3, 4, 5]);
    let mut runner = TestRunner::new(Config::with_cases(4));
    let orders = Just((0..6).collect::<Vec<usize>>()).prop_shuffle();
    let same = |order: Vec<usize>| {
        prop_assert_eq!(&plan(&order), &expected);
        Ok(())
    };
    runner.run(&orders, same).unwrap();
}

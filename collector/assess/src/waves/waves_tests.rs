//! What moves together, and in which order.
// SPDX-License-Identifier: Apache-2.0

use crate::assess;
use crate::estate::{Estate, Server};
use crate::policy::Policy;
use crate::testing::{MONDAY, ordinary, server, window};
use cairn_schemas::assessment::{Assessment, Wave};
use cairn_schemas::decision::{Decision, DecisionKind};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Servers named by a letter, each with facts of its own.
fn estate(servers: &[(&str, &[(&str, &str)])]) -> Estate {
    let made = |(name, facts): &(&str, &[(&str, &str)])| {
        let mut made = ordinary(name, 4, 0.10, 10e9);
        made.facts.extend(server("", facts).facts);
        made
    };
    let servers = servers.iter().map(made).collect();
    Estate { engagement: "test".into(), window: window(4), servers, ..Estate::default() }
}

fn assessed(estate: &Estate, policy: &Policy) -> Assessment {
    assess(estate, policy, estate.window.to)
}

/// A wave as `reason: group, group`, a group as its members joined.
fn told(wave: &Wave) -> String {
    let name = |group: &cairn_schemas::assessment::MoveGroup| {
        group.members.iter().map(|member| member.server.as_str()).collect::<Vec<_>>().join("+")
    };
    format!("{}: {}", wave.reason, wave.groups.iter().map(name).collect::<Vec<_>>().join(", "))
}

fn check_of(policy: &Policy, servers: &[(&str, &[(&str, &str)])], expected: &[&str]) -> Assessment {
    let assessment = assessed(&estate(servers), policy);
    let waves: Vec<String> = assessment.waves.iter().map(told).collect();
    assert_eq!(waves, expected);
    assessment
}

fn check(servers: &[(&str, &[(&str, &str)])], expected: &[&str]) -> Assessment {
    check_of(&Policy::default(), servers, expected)
}

#[test]
fn ties_hold_servers_together() {
    let erp: &[_] = &[("application", "erp")];
    check(&[("a", erp), ("b", &[]), ("c", erp)], &["it-owned-ready: a+c, b"]);
    check(&[("a", &[("cluster", "sql")]), ("b", &[("cluster", "sql")])], &["it-owned-ready: a+b"]);
    check(&[("a", &[("dr_pair", "c")]), ("b", &[]), ("c", &[])], &["it-owned-ready: a+c, b"]);
    check(&[("a", &[("dr_pair", "elsewhere")])], &["it-owned-ready: a"]);
    check(&[("a", &[("tag.move_group", "x")]), ("b", &[("tag.move_group", "x")])], &["it-owned-ready: a+b"]);
    check(&[("a", &[("tag.rack", "7")]), ("b", &[("tag.rack", "7")])], &["it-owned-ready: a, b"]);
    check(&[("a", &[("application", "none")]), ("b", &[("application", "none")])], &["it-owned-ready: a, b"]);
}

#[test]
fn ties_reach_through_those_that_move_too() {
    let both: &[_] = &[("application", "erp"), ("dr_pair", "c")];
    let assessment =
        check(&[("a", &[("application", "erp")]), ("b", both), ("c", &[])], &["it-owned-ready: a+b+c"]);
    let ties: Vec<_> =
        assessment.waves[0].groups[0].ties.iter().map(|tie| format!("{} {}", tie.fact, tie.value)).collect();
    assert_eq!(ties, ["application erp", "dr_pair b + c"]);
}

#[test]
fn a_group_waits_for_the_last_of_its_members() {
    let sales: &[_] = &[("owner", "Sales"), ("application", "erp")];
    let agreed: &[_] = &[("owner", "Sales"), ("owner_agreed", "true")];
    check(
        &[("a", &[("application", "erp")]), ("b", sales), ("c", agreed), ("d", &[])],
        &["it-owned-ready: d", "agreed: c", "business-ready: a+b"],
    );
}

#[test]
fn the_easiest_go_first_and_the_points_say_why() {
    let safe: &[_] = &[("criticality", "low"), ("environment", "test")];
    let assessment = check(&[("a", &[("criticality", "high")]), ("b", safe)], &["it-owned-ready: b, a"]);
    let member = |group: usize| &assessment.waves[0].groups[group].members[0];
    // 100 x (0.5 x 1 + 0.3 x 1 + 0.2 x 1); of a only that it is in no cluster is safe: 0.2 / 3.
    assert!((member(0).ease - 100.0).abs() < 1e-9, "{:?}", member(0));
    assert!((member(1).ease - (80.0 + 20.0 / 3.0)).abs() < 1e-9, "{:?}", member(1));
    let weights = &assessment.wave_method.as_ref().unwrap().weights;
    assert_eq!(weights.iter().map(|weight| weight.value.base).collect::<Vec<_>>(), [0.5, 0.3, 0.2]);
    assert!(weights.iter().all(|weight| weight.source.starts_with("ours")));
}

#[test]
fn other_weights_are_the_policys_own() {
    let mut policy = Policy { name: "customer".into(), ..Policy::default() };
    policy.waves.safety_weight = 0.4;
    let weights = policy.waves.published(&policy);
    assert_eq!(weights[2].source, "policy customer");
    assert!(weights[0].source.starts_with("ours"));
}

#[test]
fn a_wave_has_a_maximum_and_a_group_is_larger_than_it() {
    let mut policy = Policy::default();
    policy.waves.servers_max = 2;
    let erp: &[_] = &[("application", "erp")];
    let assessment = check_of(
        &policy,
        &[("a", erp), ("b", &[]), ("c", erp), ("d", erp), ("e", &[]), ("f", &[])],
        &["it-owned-ready: a+c+d", "it-owned-ready: b, e", "it-owned-ready: f"],
    );
    let said: Vec<_> =
        assessment.wave_method.as_ref().unwrap().findings.iter().map(|f| &f.message_id).collect();
    assert_eq!(said, ["waves.peers-not-collected", "waves.above-maximum"]);
    let counts: Vec<_> = assessment.waves.iter().map(|wave| wave.cumulative_servers).collect();
    assert_eq!(counts, [3, 5, 6]);
    let plan = assessment.consolidation.as_ref().unwrap();
    let last = assessment.waves.last().unwrap();
    assert_eq!(last.cumulative_hosts, Some(plan.hosts + plan.failover_hosts));
}

#[test]
fn who_stays_is_in_no_wave_and_is_told_to_those_it_is_tied_to() {
    let erp: &[_] = &[("application", "erp")];
    let mut estate = estate(&[("a", erp), ("b", erp), ("c", &[])]);
    estate.servers[1].decisions.push(Decision {
        id: 1,
        kind: DecisionKind::Veto,
        server: "b".into(),
        rule: None,
        by: "Ada".into(),
        on: MONDAY,
        expires: None,
        ticket: None,
        words: "year-end".into(),
        source: "cairn decide".into(),
        despite_proof: false,
    });
    let assessment = assessed(&estate, &Policy::default());
    assert_eq!(assessment.waves.iter().map(told).collect::<Vec<_>>(), ["it-owned-ready: a, c"]);
    assert_eq!(assessment.waves[0].groups[0].left_behind, ["b"]);
    assert_eq!(assessment.waves[0].groups[1].left_behind, Vec::<String>::new());
}

fn any_estate() -> impl Strategy<Value = Vec<Server>> {
    let facts = (0..4_usize, 0..4_usize, 0..6_usize, any::<bool>());
    prop::collection::vec(facts, 1..9).prop_map(|drawn| {
        let make = |(n, (application, cluster, pair, it)): (usize, (usize, usize, usize, bool))| {
            let mut made = ordinary(&format!("s{n}"), 4, 0.05, 4e9);
            let name = |word: &str, n: usize| if n == 0 { "none".to_owned() } else { format!("{word}{n}") };
            let owner = if it { "IT" } else { "Sales" };
            let (app, cluster, pair) = (name("app", application), name("cl", cluster), name("s", pair));
            let facts =
                [("application", app.as_str()), ("cluster", &cluster), ("dr_pair", &pair), ("owner", owner)];
            made.facts.extend(server("", &facts).facts);
            made
        };
        drawn.into_iter().enumerate().map(make).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn nothing_is_split_lost_or_moved_twice_in_any_order(servers in any_estate(), most in 1_usize..5) {
        let mut policy = Policy::default();
        policy.waves.servers_max = most;
        let mut estate = Estate { window: window(4), servers, ..Estate::default() };
        let assessment = assessed(&estate, &policy);
        estate.servers.reverse();
        prop_assert_eq!(&assessment.waves, &assessed(&estate, &policy).waves);

        let mut wave_of: BTreeMap<&str, u32> = BTreeMap::new();
        for wave in &assessment.waves {
            prop_assert!(wave.servers.len() <= most || wave.groups.len() == 1);
            for server in &wave.servers {
                prop_assert_eq!(wave_of.insert(server, wave.number), None);
            }
        }
        let placed = assessment.consolidation.as_ref().map_or(0, |plan| plan.population.placed);
        prop_assert_eq!(wave_of.len(), placed);
        for fact in ["application", "cluster"] {
            for a in &estate.servers {
                for b in estate.servers.iter().filter(|b| a.text(fact) == b.text(fact)) {
                    let tied = a.text(fact) != Some("none");
                    prop_assert!(!tied || wave_of.get(a.name.as_str()) == wave_of.get(b.name.as_str()));
                }
            }
        }
    }
}

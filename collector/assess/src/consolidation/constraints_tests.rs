//! Constraints from facts to the published plan: whatever is stated of an estate, the placement obeys it, what is
//! said of separations is what planning with and without them gives, and forgetting never makes a plan smaller.
// SPDX-License-Identifier: Apache-2.0

use super::tests::assert_worded;
use super::*;
use crate::constraint::settle;
use crate::estate::Server;
use crate::estate_testing::{Did, estate, server};
use crate::packing::testing::policy;
use crate::testing::{ordinary, window};
use cairn_schemas::fact::FactValue;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn state(server: &mut Server, fact: &str, value: &str) {
    let mut known = server.facts["cpu_cores"][0].clone();
    known.value = FactValue::Text(value.into());
    server.facts.insert(fact.into(), vec![known]);
}

/// What may be stated, and of how many kinds.
const STATEMENTS: [(&str, &[&str]); 7] = [
    ("affinity", &["erp", "web"]),
    ("cluster", &["sql", "none"]),
    ("zone", &["dmz", "inner"]),
    ("site", &["north", "south"]),
    ("pinned_site", &["north"]),
    ("keep_physical", &["its owner says so"]),
    ("dr_pair", &["s0", "s1", "s2"]),
];

/// Up to ten servers, busy at some hour, with random statements.
fn stated() -> impl Strategy<Value = Vec<Server>> {
    let statements = proptest::collection::vec((0..STATEMENTS.len() * 2, 0..3_usize), 0..3);
    let one = (0.02..0.7_f64, 0..24_usize, statements);
    proptest::collection::vec(one, 1..=10).prop_map(|servers| {
        let named = servers.into_iter().enumerate();
        named
            .map(|(n, (busy, hour, statements))| {
                let did = move |_, i| Did::Busy(if i / 12 % 24 == hour { busy } else { 0.02 });
                let mut server = server(&format!("s{n}"), 2, did);
                // Half of what is drawn says nothing.
                for (statement, value) in statements {
                    if let Some((fact, values)) = STATEMENTS.get(statement) {
                        state(&mut server, fact, values[value % values.len()]);
                    }
                }
                server
            })
            .collect()
    })
}

/// `None` where everybody is kept physical.
fn consolidated(estate: &Estate, policy: &Policy) -> Option<Consolidation> {
    let planned: Vec<usize> = (0..estate.servers.len()).collect();
    consolidate(estate, policy, settle(estate, policy, &planned, Vec::new()), planned.len())
}

/// Servers of each value of a fact.
fn by<'a>(servers: &'a [Server], fact: &str) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for server in servers {
        if let Some(value) = server.text(fact).filter(|value| *value != "none") {
            groups.entry(value).or_default().push(&server.name);
        }
    }
    groups
}

/// One more planning, without the trials of a whole consolidation.
fn planning(servers: &[Server], policy: &Policy) -> Planning {
    let variant = Variant { name: OWN.to_owned(), policy: policy.clone() };
    let planned: Vec<usize> = (0..servers.len()).collect();
    Planning::new(&estate(2, servers.to_vec()), &variant, &planned)
}

fn machines(plan: &Plan) -> usize {
    plan.hosts() + plan.failover_hosts()
}

#[test]
fn partners_that_cannot_take_over_are_named() {
    let mut servers = ["s0", "s1", "s2", "s3"].map(|name| server(name, 2, |_, _| Did::Busy(0.1)));
    servers.iter_mut().for_each(|server| state(server, "site", "north"));
    for (server, partner) in [(0, "s1"), (1, "s3"), (2, "s9")] {
        state(&mut servers[server], "dr_pair", partner);
    }
    state(&mut servers[3], "site", "south");
    let plan = consolidated(&estate(2, servers.to_vec()), &policy()).unwrap();
    assert_worded(&plan.findings);
    let said = plan.findings.iter().filter(|finding| finding.id == "dr-pair");
    let said: Vec<_> = said.map(|f| (f.message_id.as_str(), f.args["server"].clone())).collect();
    assert_eq!(said, [("dr-pair.same-site", "s0".into()), ("dr-pair.not-planned", "s2".into())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_placement_obeys_everything_stated(servers in stated(), vms_max in 1..6_usize) {
        let mut policy = policy();
        policy.template.vms_max = vms_max;
        let estate = estate(2, servers.clone());
        let Some(plan) = consolidated(&estate, &policy) else { return Ok(()) };
        assert_worded(&plan.findings);
        let host: BTreeMap<&str, &str> = plan
            .placement
            .iter()
            .flat_map(|host| host.servers.iter().map(|server| (server.as_str(), host.host.as_str())))
            .collect();
        let on = |names: &[&str]| names.iter().filter_map(|name| host.get(name).copied()).collect::<Vec<_>>();
        let different = |hosts: &[&str]| hosts.iter().collect::<std::collections::BTreeSet<_>>().len();
        for names in by(&servers, "affinity").values() {
            let hosts = on(names);
            prop_assert!(hosts.is_empty() || hosts.len() == names.len() && different(&hosts) == 1, "{names:?}");
        }
        for names in by(&servers, "cluster").values() {
            prop_assert_eq!(different(&on(names)), on(names).len());
        }
        for (partner, names) in by(&servers, "dr_pair") {
            for name in names.into_iter().filter(|name| *name != partner) {
                prop_assert!(host.get(name).is_none_or(|at| host.get(partner) != Some(at)), "{name} {partner}");
            }
        }
        prop_assert!(by(&servers, "keep_physical").values().all(|names| on(names).is_empty()));
        for cluster in &plan.clusters {
            for at in plan.placement.iter().filter(|at| at.cluster == cluster.name) {
                prop_assert!(at.servers.len() <= vms_max);
                for server in servers.iter().filter(|server| at.servers.contains(&server.name)) {
                    let site = server.text("pinned_site").or(server.text("site")).unwrap_or_default();
                    prop_assert_eq!(site, cluster.site.as_str());
                    prop_assert_eq!(server.text("zone").unwrap_or_default(), cluster.zone.as_str());
                }
            }
        }
        for conflict in &plan.constraints.conflicts {
            prop_assert!(conflict.statements.len() > 1);
            prop_assert!(on(&conflict.servers.iter().map(String::as_str).collect::<Vec<_>>()).is_empty());
        }
    }

    #[test]
    fn a_separation_costs_what_planning_without_it_saves(servers in stated()) {
        let mut servers: Vec<Server> = servers;
        for server in &mut servers {
            ["site", "pinned_site", "affinity"].iter().for_each(|fact| drop(server.facts.remove(*fact)));
        }
        let with = planning(&servers, &policy());
        let without: Vec<Server> = servers
            .iter()
            .cloned()
            .map(|mut server| {
                server.facts.remove("zone");
                server
            })
            .collect();
        let without = machines(&planning(&without, &policy()).plan);
        let priced = separation::prices(&with, &policy());
        for row in &priced {
            prop_assert!(row.hosts_together <= row.hosts);
        }
        // With two partitions in all, the pair is the plan.
        if let ([row], 2) = (priced.as_slice(), with.plan.partitions.len()) {
            prop_assert_eq!(row.hosts, machines(&with.plan));
            prop_assert_eq!(row.hosts_together, without.min(row.hosts));
        }
    }

    // Of facts that describe a server. One that states a constraint binds: without it the plan is free.
    #[test]
    fn forgetting_what_a_server_is_never_lowers_the_bound(
        servers in stated(),
        forgotten in proptest::collection::vec((0..10_usize, 0..4_usize), 1..6),
    ) {
        let described = ["cpu_mhz", "role", "os", "cpu_threads"];
        let mut less = servers.clone();
        for (server, fact) in forgotten {
            let at = server % less.len();
            less[at].facts.remove(described[fact]);
        }
        let mut policy = policy();
        policy.normalisation.default_mhz = 150.0;
        let (known, unknown) = (planning(&servers, &policy), planning(&less, &policy));
        // Who is too large by now leaves both plans.
        let fits: Vec<usize> = unknown.placed_in_estate();
        let of = |planning: &Planning| -> Vec<Candidate> {
            planning.candidates.iter().filter(|c| fits.contains(&c.index)).cloned().collect()
        };
        let bound = |candidates: &[Candidate]| packing::plan(candidates, &policy).lower_bound_hosts();
        prop_assert!(bound(&of(&unknown)) >= bound(&of(&known)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn the_order_of_an_estate_changes_nothing(servers in stated().prop_flat_map(|servers| {
        (Just(servers.clone()), Just(servers).prop_shuffle())
    })) {
        let assessed = |servers: &[Server]| {
            let ready = |stated: &Server| {
                let mut server = ordinary(&stated.name, 2, 0.3, 10e9);
                let facts = STATEMENTS.iter().filter_map(|(name, _)| stated.facts.get_key_value(*name));
                server.facts.extend(facts.map(|(name, fact)| (name.clone(), fact.clone())));
                server
            };
            let estate = Estate { window: window(2), ..estate(2, servers.iter().map(ready).collect()) };
            crate::assess(&estate, &Policy::default(), estate.window.to)
        };
        let (sorted, shuffled) = servers;
        prop_assert_eq!(assessed(&sorted), assessed(&shuffled));
    }
}

//! Plans on several host templates: examples by hand, and properties over random estates and catalogues.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::packing::testing::{candidate, estate, policy};
use crate::packing::{cost_bound, plan, trial};
use crate::policy::HostTemplate;
use cairn_schemas::assessment::Range;
use proptest::prelude::*;

/// Hosts of so much CPU at a price, so many of them.
fn offer(name: &str, cpu_mhz: f64, base: f64, count_max: Option<usize>) -> HostTemplate {
    let price = Range { low: base, base, high: base };
    HostTemplate { name: name.into(), cpu_mhz, price, count_max, vms_max: 20, ..policy().template }
}

fn offering(offers: &[HostTemplate]) -> Policy {
    let mut policy = policy();
    (policy.cluster.failures, policy.cluster.hosts_min) = (0, 1);
    policy.on_catalogue(offers.to_vec())
}

fn servers(cpu: &[f64]) -> Vec<Candidate> {
    cpu.iter().enumerate().map(|(n, &cpu)| candidate(&format!("s{n:02}"), cpu, 1.0)).collect()
}

/// Hosts of each kind that a plan of servers of so much CPU uses.
fn check(cpu: &[f64], policy: &Policy, expected: &[usize]) -> Plan {
    let plan = plan(&servers(cpu), policy);
    assert_eq!(plan.machines_by_kind(), expected, "{cpu:?}");
    plan
}

#[test]
fn the_objective_decides_between_templates() {
    let small_and_large =
        |price| offering(&[offer("small", 100.0, 10.0, None), offer("large", 400.0, price, None)]);
    // Two of 30 fit a small host of 80; nine fit a large one of 320.
    check(&[30.0; 9], &small_and_large(60.0), &[5, 0]);
    check(&[30.0; 9], &small_and_large(40.0), &[0, 1]);
    let mut fewest = small_and_large(60.0);
    fewest.packing.objective = Objective::FewestHosts;
    check(&[30.0; 9], &fewest, &[0, 1]);
}

#[test]
fn what_one_template_cannot_carry_goes_to_another() {
    let policy = offering(&[offer("small", 100.0, 10.0, None), offer("large", 400.0, 60.0, None)]);
    let plan = check(&[30.0, 30.0, 30.0, 90.0], &policy, &[0, 1]);
    assert!(plan.oversized.is_empty());
    // 500 is too much for either: named, on the one it passes least.
    let plan = check(&[30.0, 500.0], &policy, &[1, 0]);
    assert_eq!(plan.oversized.iter().map(|o| (o.candidate, o.kind)).collect::<Vec<_>>(), [(1, 1)]);
}

#[test]
fn every_partition_has_the_template_that_is_best_for_it() {
    let mut servers = servers(&[30.0; 10]);
    servers[9].partition.site = "branch".into();
    let policy = offering(&[offer("small", 100.0, 10.0, None), offer("large", 400.0, 40.0, None)]);
    let plan = plan(&servers, &policy);
    let kinds: Vec<(&str, usize)> =
        plan.partitions.iter().map(|part| (part.partition.site.as_str(), part.clusters[0].kind)).collect();
    assert_eq!(kinds, [("", 1), ("branch", 0)]);
}

#[test]
fn there_are_no_more_hosts_than_there_are() {
    let owned = offering(&[offer("owned", 100.0, 0.0, Some(2)), offer("new", 100.0, 10.0, None)]);
    let plan = check(&[30.0; 9], &owned, &[2, 3]);
    // 270 fill 3.4 hosts of 80, whichever they are.
    assert_eq!((plan.hosts(), plan.lower_bound_hosts()), (5, 4));
    // Who is left when all are gone cannot be placed.
    let few = offering(&[offer("owned", 100.0, 0.0, Some(2))]);
    let plan = check(&[30.0; 9], &few, &[2]);
    assert_eq!((plan.placed(), plan.unplaceable.len()), (4, 5));
}

#[test]
fn failover_hosts_count_as_hosts_there_are() {
    let mut owned = offering(&[offer("owned", 100.0, 0.0, Some(3)), offer("new", 100.0, 10.0, None)]);
    owned.cluster.failures = 1;
    // Two of 40 fill a host, and nobody takes in a failed one: two hosts and a spare are owned, the rest is bought.
    let plan = check(&[40.0; 6], &owned, &[3, 2]);
    assert!(plan.clusters().all(|cluster| cluster.failures_survived == 1));
}

#[test]
fn a_group_stays_together_whatever_it_is_on() {
    let mut servers = servers(&[30.0, 30.0, 30.0, 30.0]);
    for server in [0, 3] {
        servers[server].affinity = Some("erp".into());
    }
    let owned = offering(&[offer("owned", 100.0, 0.0, Some(1)), offer("new", 100.0, 10.0, None)]);
    let plan = plan(&servers, &owned);
    let hosts: Vec<_> = plan.clusters().flat_map(|cluster| cluster.hosts.clone()).collect();
    assert!(hosts.contains(&vec![0, 3]), "{hosts:?}");
}

/// One to three templates of random size, price and number.
fn catalogue() -> impl Strategy<Value = Vec<HostTemplate>> {
    let template = (80.0..300.0_f64, 0.0..50.0_f64, proptest::option::of(0..6_usize));
    proptest::collection::vec(template, 1..=3).prop_map(|templates| {
        let named = templates.into_iter().enumerate();
        named.map(|(n, (mhz, price, most))| offer(&format!("t{n}"), mhz, price.round(), most)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // `plan` itself asserts cells, groups, machines and the hosts there are, kind by kind; see `verify`.
    #[test]
    fn plans_on_a_catalogue_keep_their_promises(servers in estate(24), offers in catalogue(), failures in 0..2_usize) {
        let mut policy = offering(&offers);
        policy.cluster.failures = failures;
        for plan in [plan(&servers, &policy), trial(&servers, &policy)] {
            let everyone = plan.placed() + plan.oversized.len() + plan.unplaceable.len();
            prop_assert_eq!(everyone, servers.len());
            prop_assert!(plan.lower_bound_hosts() <= plan.hosts());
            let machines = plan.machines_by_kind();
            let paid: f64 = plan.kinds.iter().zip(&machines).map(|(k, &n)| k.template.price.base * n as f64).sum();
            prop_assert!(cost_bound(&plan, &servers) <= paid + 1e-6);
        }
    }

    #[test]
    fn one_template_of_a_catalogue_is_as_good_as_the_policys_own(servers in estate(24)) {
        let own = policy();
        let offered = own.clone().on_catalogue(vec![own.template.clone()]);
        prop_assert_eq!(plan(&servers, &own), plan(&servers, &offered));
    }

    #[test]
    fn another_offer_never_costs_more(servers in estate(16), offers in catalogue()) {
        let unlimited = |offer: &HostTemplate| HostTemplate { count_max: None, ..offer.clone() };
        let offers: Vec<HostTemplate> = offers.iter().map(unlimited).collect();
        let cost = |offers: &[HostTemplate]| {
            let plan = trial(&servers, &offering(offers));
            let machines = plan.machines_by_kind();
            let paid = plan.kinds.iter().zip(machines).map(|(k, n)| k.template.price.base * n as f64);
            (servers.len() - plan.placed(), paid.sum::<f64>())
        };
        let (left, paid) = cost(&offers);
        for offer in &offers {
            let (left_alone, paid_alone) = cost(std::slice::from_ref(offer));
            prop_assert!(left < left_alone || left == left_alone && paid <= paid_alone + 1e-6);
        }
    }
}

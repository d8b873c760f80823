//! The plan as a whole: examples a reader can follow, and properties over random estates.
// SPDX-License-Identifier: Apache-2.0

use super::testing::{candidate, estate, policy};
use super::*;
use crate::demand::CELLS;
use proptest::prelude::*;

fn named(plan: &Plan, candidates: &[Candidate]) -> Vec<Vec<String>> {
    let name = |&server: &usize| candidates[server].server.clone();
    plan.clusters().flat_map(|cluster| &cluster.hosts).map(|host| host.iter().map(name).collect()).collect()
}

#[test]
fn exact_fits_are_found_in_spite_of_rounding() {
    // Shares that divide the units of a host evenly lose nothing; 80 / 3 and 80 / 48 are no binary fractions.
    for parts in [3_u32, 10, 48] {
        let share = 80.0 / f64::from(parts);
        let servers: Vec<Candidate> =
            (0..parts).map(|i| candidate(&format!("s{i:02}"), share, 1.0)).collect();
        let mut roomy = policy();
        roomy.template.vms_max = 100;
        let plan = plan(&servers, &roomy);
        assert_eq!((plan.hosts(), plan.lower_bound_hosts()), (1, 1));
    }
}

#[test]
fn servers_busy_at_different_hours_share_a_host() {
    let busy_at = |name: &str, cell: usize| {
        let mut server = candidate(name, 10.0, 5.0);
        server.demand.by_resource[0].as_mut().unwrap()[cell] = 60.0;
        server
    };
    let apart = [busy_at("a", 9), busy_at("b", 22), busy_at("c", 170)];
    let together = [busy_at("a", 9), busy_at("b", 9), busy_at("c", 9)];
    assert_eq!(named(&plan(&apart, &policy()), &apart), [["a", "b", "c"]]);
    assert_eq!(plan(&together, &policy()).hosts(), 3);
    assert_eq!(plan(&together, &policy()).lower_bound_hosts(), 3);
}

#[test]
fn a_bound_says_what_proves_it() {
    let check = |servers: &[Candidate], vms_max: usize, expected: (usize, BoundBasis)| {
        let mut policy = policy();
        policy.template.vms_max = vms_max;
        let plan = plan(servers, &policy);
        assert_eq!((plan.lower_bound_hosts(), plan.partitions[0].bound_basis), expected);
    };
    let of = |cpu: f64, memory: f64| [0, 1, 2].map(|n| candidate(&format!("s{n}"), cpu, memory));
    check(&of(20.0, 50.0), 9, (3, BoundBasis::LargeServers));
    check(&of(20.0, 40.0), 9, (2, BoundBasis::Load));
    check(&of(1.0, 1.0), 2, (2, BoundBasis::VmsMax));
    let nodes = of(1.0, 1.0).map(|node| Candidate { anti_affinity: Some("sql".into()), ..node });
    check(&nodes, 9, (3, BoundBasis::KeptApart));
    // No two fit together, each pair for another reason, where every dimension alone says two.
    let mut odd = of(1.0, 1.0);
    for (server, [cpu, memory, disk]) in
        odd.iter_mut().zip([[45.0, 45.0, 0.0], [40.0, 0.0, 45.0], [0.0, 40.0, 40.0]])
    {
        server.demand.by_resource = [cpu, memory, disk, 0.0].map(|value| Some(vec![value; CELLS]));
    }
    check(&odd, 9, (3, BoundBasis::SetsOfServers));
}

#[test]
fn oversized_servers_are_named_and_not_placed() {
    let servers =
        [candidate("huge", 10.0, 500.0), candidate("small", 10.0, 10.0), candidate("wide", 81.0, 10.0)];
    let plan = plan(&servers, &policy());
    let oversized: Vec<(usize, &str, f64)> =
        plan.oversized.iter().map(|o| (o.candidate, o.peak.resource.name(), o.peak.used)).collect();
    assert_eq!(oversized, [(0, "memory", 5.0), (2, "cpu", 0.81)]);
    assert_eq!((plan.placed(), plan.hosts(), plan.lower_bound_hosts()), (1, 1, 1));
    assert_eq!(host_count(&servers, &policy()), None);
}

#[test]
fn an_unknown_dimension_is_dropped_and_counted() {
    let mut servers = [candidate("a", 1.0, 1.0), candidate("b", 1.0, 1.0)];
    servers[1].demand.by_resource[2] = None;
    let mut policy = policy();
    policy.template.network_bytes_per_s = 0.0;
    let plan = plan(&servers, &policy);
    let dropped: Vec<_> = plan.dropped.iter().map(|d| (d.resource.name(), d.servers_without_data)).collect();
    assert_eq!(dropped, [("disk", 1), ("network", 2)]);
    assert_eq!(plan.axes.iter().map(|axis| axis.resource.name()).collect::<Vec<_>>(), ["cpu", "memory"]);
}

#[test]
fn partitions_clusters_and_groups_are_kept_apart() {
    let mut servers = [
        candidate("dmz", 1.0, 1.0),
        candidate("node1", 1.0, 1.0),
        candidate("node2", 1.0, 1.0),
        candidate("plain", 1.0, 1.0),
    ];
    servers[0].partition.zone = "dmz".into();
    servers[1].anti_affinity = Some("sql".into());
    servers[2].anti_affinity = Some("sql".into());
    let plan = plan(&servers, &policy());
    assert_eq!(named(&plan, &servers), [vec!["node1", "plain"], vec!["node2"], vec!["dmz"]]);
    assert_eq!((plan.lower_bound_hosts(), plan.failover_hosts()), (3, 3));
    assert!(plan.clusters().all(|cluster| cluster.failures_survived == 1));
}

#[test]
fn failover_hosts_are_added_only_where_the_replay_asks_for_them() {
    let check = |cpu: f64, hosts: usize, failover: usize| {
        let servers: Vec<Candidate> = (0..4).map(|i| candidate(&format!("s{i}"), cpu, 1.0)).collect();
        let mut policy = policy();
        policy.cluster.hosts_min = 1;
        let plan = plan(&servers, &policy);
        assert_eq!((plan.hosts(), plan.failover_hosts()), (hosts, failover), "at {cpu}");
    };
    // A failed host's 45 fit beside another 45 at 100 % but not at 80 %; 55 fit nowhere, and go to a spare.
    check(45.0, 4, 0);
    check(55.0, 4, 1);
    // One host alone: nobody is left.
    check(10.0, 1, 1);
}

#[test]
fn no_virtual_machines_allowed_means_unplaceable() {
    let mut policy = policy();
    policy.template.vms_max = 0;
    let plan = plan(&[candidate("a", 1.0, 1.0)], &policy);
    assert_eq!((plan.unplaceable.as_slice(), plan.hosts(), plan.lower_bound_hosts()), ([0].as_slice(), 0, 0));
}

#[test]
fn nothing_to_plan_is_an_empty_plan() {
    let plan = plan(&[], &policy());
    assert_eq!((plan.hosts(), plan.failover_hosts(), plan.lower_bound_hosts()), (0, 0, 0));
}

/// The fewest hosts by trying every assignment.
fn optimum(candidates: &[Candidate], policy: &Policy) -> usize {
    fn assign(
        next: usize,
        hosts: &mut Vec<Vec<usize>>,
        best: &mut usize,
        fits: &dyn Fn(&[usize], usize) -> bool,
        n: usize,
    ) {
        if hosts.len() >= *best {
            return;
        }
        if next == n {
            *best = hosts.len();
            return;
        }
        for host in 0..hosts.len() {
            if fits(&hosts[host], next) {
                hosts[host].push(next);
                assign(next + 1, hosts, best, fits, n);
                hosts[host].pop();
            }
        }
        hosts.push(vec![next]);
        assign(next + 1, hosts, best, fits, n);
        hosts.pop();
    }
    let fits = |host: &[usize], next: usize| {
        let cells_fit = (0..CELLS).all(|cell| {
            [Resource::Cpu, Resource::Memory].into_iter().all(|resource| {
                let of = |server: usize| candidates[server].demand.cells(resource).unwrap()[cell];
                host.iter().map(|&server| of(server)).sum::<f64>() + of(next) <= 80.0 * (1.0 + 1e-9)
            })
        });
        let apart = host.iter().all(|&server| {
            let group = &candidates[server].anti_affinity;
            group.is_none() || *group != candidates[next].anti_affinity
        });
        let same = host.iter().all(|&server| candidates[server].partition == candidates[next].partition);
        cells_fit && apart && same && host.len() < policy.template.vms_max
    };
    let mut best = candidates.len() + 1;
    assign(0, &mut Vec::new(), &mut best, &fits, candidates.len());
    best
}

fn without_oversized(candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.into_iter().filter(|server| server.demand.peak(Resource::Cpu).unwrap() <= 80.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_the_items_does_not_matter(
        (given, shuffled) in proptest::collection::vec((1..60_u64, 1..60_u64), 1..40)
            .prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
    ) {
        let packed = |sizes: &[(u64, u64)]| {
            let items: Vec<Vec<u64>> = sizes.iter().map(|&(a, b)| vec![a, b]).collect();
            let (items, order) = vector::Items::of(&vbp::Instance { capacities: vec![60, 60], items });
            let packing = vector::pack(&items, 20_000);
            let size = |item: &usize| sizes[order[*item]];
            let bins: Vec<Vec<(u64, u64)>> =
                packing.bins.iter().map(|bin| bin.iter().map(size).collect()).collect();
            (bins, packing.lower_bound, packing.bound_basis)
        };
        prop_assert_eq!(packed(&given), packed(&shuffled));
    }

    // `plan` itself asserts every cell, constraint and placement in exact demand; see `verify`.
    #[test]
    fn no_host_carries_more_machines_than_allowed(
        busy in proptest::collection::vec(0.2..12.0_f64, 40..120),
        vms_max in 5..30_usize,
    ) {
        let one = |(n, &busy): (usize, &f64)| {
            let mut server = candidate(&format!("s{n:03}"), busy / 4.0, 0.2);
            server.demand.by_resource[0].as_mut().unwrap()[n % 24] = busy * 2.0;
            server
        };
        let servers: Vec<Candidate> = busy.iter().enumerate().map(one).collect();
        let mut policy = policy();
        policy.template.vms_max = vms_max;
        for plan in [plan(&servers, &policy), trial(&servers, &policy)] {
            prop_assert_eq!(plan.placed(), servers.len());
            prop_assert!(plan.clusters().flat_map(|c| &c.hosts).all(|host| host.len() <= vms_max));
        }
    }

    #[test]
    fn plans_keep_their_promises(candidates in estate(60)) {
        let plan = plan(&candidates, &policy());
        prop_assert!(plan.lower_bound_hosts() <= plan.hosts());
        prop_assert_eq!(plan.placed() + plan.oversized.len(), candidates.len());
        for oversized in &plan.oversized {
            prop_assert!(oversized.peak.used > 0.8);
        }
        for cluster in plan.clusters() {
            let total = cluster.hosts.len() + cluster.failover_hosts;
            prop_assert!((3..=16).contains(&total));
            prop_assert_eq!(cluster.failures_survived, 1 + usize::from(total > 12));
        }
    }

    #[test]
    fn the_bound_is_below_the_optimum_and_the_plan_above(candidates in estate(7)) {
        let candidates = without_oversized(candidates);
        let policy = policy();
        let plan = plan(&candidates, &policy);
        let optimum = optimum(&candidates, &policy);
        prop_assert!(plan.lower_bound_hosts() <= optimum, "{} > {optimum}", plan.lower_bound_hosts());
        prop_assert!(optimum <= plan.hosts());
    }

    #[test]
    fn counting_hosts_comes_close_to_planning_them(candidates in estate(30)) {
        let candidates = without_oversized(candidates);
        let (counted, plan) = (host_count(&candidates, &policy()).unwrap(), plan(&candidates, &policy()));
        prop_assert!((plan.lower_bound_hosts()..=plan.hosts() + 1).contains(&counted), "{counted}");
    }

    #[test]
    fn the_search_costs_no_host_and_repeats_itself(candidates in estate(40)) {
        let mut unsearched = policy();
        unsearched.packing.search_steps_per_server = 0;
        let plan = plan(&candidates, &policy());
        prop_assert!(plan.hosts() <= super::plan(&candidates, &unsearched).hosts());
        prop_assert_eq!(&plan, &super::plan(&candidates, &policy()));
    }

    #[test]
    fn one_lost_host_is_survived_by_an_independent_replay(candidates in estate(24)) {
        let candidates = without_oversized(candidates);
        let mut policy = policy();
        policy.cluster.hosts_min = 1;
        let plan = plan(&candidates, &policy);
        for cluster in plan.clusters().filter(|cluster| cluster.failover_hosts == 0) {
            for lost in 0..cluster.hosts.len() {
                // Not how the servers are placed again, but that the survivors have the room in every cell.
                for axis in &plan.axes {
                    let load = load(&cluster.hosts.concat(), &candidates, axis);
                    let room = axis.capacity * axis.failover_limit_ratio * (cluster.hosts.len() - 1) as f64;
                    prop_assert!(load.iter().all(|&cell| cell <= room * (1.0 + 1e-9)), "host {lost}");
                }
            }
        }
    }
}

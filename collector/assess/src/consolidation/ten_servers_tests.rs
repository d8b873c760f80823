//! Ten servers on paper: every figure of `collector/assess/ten-servers.md`.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::constraint::settle;
use crate::estate::Server;
use crate::estate_testing::{Did, estate, server};
use crate::packing::testing::policy;
use cairn_schemas::fact::FactValue;

fn busy(name: &str, day: f64, night: f64, facts: &[(&str, &str)]) -> Server {
    let mut server = server(name, 6, move |_, interval| {
        let hour = interval / 12 % 24;
        Did::Busy(if (8..18).contains(&hour) { day } else { night })
    });
    for (name, value) in facts {
        let mut fact = server.facts["cpu_cores"][0].clone();
        fact.value = FactValue::Text((*value).into());
        server.facts.insert((*name).into(), vec![fact]);
    }
    server
}

const ERP: &[(&str, &str)] = &[("affinity", "erp")];

/// The ten servers, with what is stated of erp1 and erp2.
fn ten(erp1: &[(&str, &str)], erp2: &[(&str, &str)]) -> Consolidation {
    let servers = vec![
        busy("day1", 0.50, 0.10, &[]),
        busy("day2", 0.50, 0.10, &[]),
        busy("day3", 0.50, 0.10, &[]),
        busy("dmz1", 0.05, 0.05, &[("zone", "dmz")]),
        busy("erp1", 0.20, 0.20, erp1),
        busy("erp2", 0.20, 0.20, erp2),
        busy("night1", 0.10, 0.50, &[]),
        busy("night2", 0.10, 0.50, &[]),
        busy("night3", 0.10, 0.50, &[]),
        busy("wide", 0.90, 0.10, &[]),
    ];
    let mut policy = policy();
    (policy.sizing.growth_ratio, policy.cluster.hosts_min) = (0.0, 1);
    let planned: Vec<usize> = (0..10).collect();
    let estate = estate(6, servers);
    consolidate(&estate, &policy, settle(&estate, &policy, &planned, Vec::new()), 10).unwrap()
}

#[test]
fn every_figure_of_the_page() {
    let plan = ten(ERP, ERP);
    let hosts: Vec<Vec<&str>> =
        plan.placement.iter().map(|host| host.servers.iter().map(String::as_str).collect()).collect();
    let day_and_night = hosts.iter().filter(|host| host.len() == 2 && host[0].starts_with("day"));
    assert_eq!(day_and_night.filter(|host| host[1].starts_with("night")).count(), 3);
    assert!(hosts.contains(&vec!["erp1", "erp2"]) && hosts.contains(&vec!["dmz1"]));
    assert_eq!((plan.hosts, plan.failover_hosts), (5, 1));
    assert_eq!((plan.lower_bound_hosts, plan.proven_gap_ratio), (5, Some(0.0)));
    assert_eq!(plan.stay, [Stay { server: "wide".into(), reason: "oversized".into() }]);
    assert_eq!((plan.population.assessed, plan.population.placed), (10, 9));
    assert_eq!(plan.source_to_destination_ratio, Some(9.0 / 5.0));
    assert_eq!(plan.vm_density, Some(9.0 / 6.0));
    assert_eq!(plan.net_consolidation_ratio, Some(10.0 / 7.0));
    assert_eq!(plan.servers_removed, 3);
    let peaks: Vec<f64> = plan.placement.iter().filter_map(|h| h.peak).map(|peak| peak.used).collect();
    for used in [0.60, 0.40] {
        assert!(peaks.iter().any(|peak| (peak - used).abs() < 1e-9), "{peaks:?}");
    }
    let [dmz] = plan.constraints.separations.as_slice() else { panic!("one separation") };
    assert_eq!((dmz.apart.as_str(), dmz.servers, dmz.hosts), ("dmz", 1, 6));
    assert!((4..=5).contains(&dmz.hosts_together), "{dmz:?}");
}

#[test]
fn the_group_costs_one_host() {
    let free = ten(&[], &[]);
    assert_eq!((free.hosts, free.lower_bound_hosts), (4, 4));
}

#[test]
fn a_group_that_cannot_share_a_host_stays_and_says_why() {
    let plan = ten(&[("affinity", "erp"), ("zone", "dmz")], ERP);
    let [conflict] = plan.constraints.conflicts.as_slice() else { panic!("one conflict") };
    let said: Vec<_> = conflict
        .statements
        .iter()
        .map(|s| (s.server.as_str(), s.constraint.as_str(), s.value.as_str()))
        .filter(|(.., value)| !value.is_empty())
        .collect();
    let expected = [("erp1", "affinity", "erp"), ("erp2", "affinity", "erp"), ("erp1", "zone", "dmz")];
    assert_eq!((conflict.id.as_str(), said), ("affinity-partition", expected.to_vec()));
    let stay: Vec<_> = plan.stay.iter().map(|s| (s.server.as_str(), s.reason.as_str())).collect();
    assert_eq!(stay, [("erp1", "conflict"), ("erp2", "conflict"), ("wide", "oversized")]);
    assert_eq!((plan.hosts, plan.failover_hosts), (4, 2));
    assert_eq!(plan.net_consolidation_ratio, Some(10.0 / 9.0));
}

//! The last word on a plan: every promise checked again in exact demand, independent of fixed point and of how
//! the plan was found. A broken promise is a bug and stops the assessment.
// SPDX-License-Identifier: Apache-2.0

use super::Plan;
use super::profile::{Axis, TOLERANCE};
use crate::demand::{CELLS, Candidate, Partition};
use std::collections::{BTreeMap, BTreeSet};

/// Asserts that every candidate is placed once or left out with a reason, that no host passes a limit in any
/// cell, that constraints hold, and that no bound exceeds its hosts.
pub(super) fn verify(plan: &Plan, candidates: &[Candidate]) {
    let mut seen = vec![0_usize; candidates.len()];
    plan.oversized.iter().for_each(|oversized| seen[oversized.candidate] += 1);
    plan.unplaceable.iter().for_each(|&candidate| seen[candidate] += 1);
    for part in &plan.partitions {
        let hosts: usize = part.clusters.iter().map(|cluster| cluster.hosts.len()).sum();
        assert!(part.lower_bound_hosts <= hosts, "a bound above its plan");
        for (host, kind) in part.clusters.iter().flat_map(|c| c.hosts.iter().map(|host| (host, plan.kind(c))))
        {
            host.iter().for_each(|&candidate| seen[candidate] += 1);
            let most = kind.template.vms_max;
            assert!((1..=most).contains(&host.len()), "a host without servers, or with too many");
            assert!(host.iter().all(|&candidate| candidates[candidate].partition == part.partition));
            verify_host(host, candidates, &kind.axes);
        }
    }
    for (kind, machines) in plan.kinds.iter().zip(plan.machines_by_kind()) {
        assert!(kind.template.count_max.is_none_or(|most| machines <= most), "more hosts than there are");
    }
    assert!(seen.iter().all(|&times| times == 1), "a server placed twice or lost");
    verify_affinity(plan, candidates);
}

/// Every affinity group of a partition is on one host, or all of it is left out.
fn verify_affinity(plan: &Plan, candidates: &[Candidate]) {
    let mut host_of: Vec<Option<usize>> = vec![None; candidates.len()];
    for (number, host) in plan.clusters().flat_map(|cluster| &cluster.hosts).enumerate() {
        host.iter().for_each(|&server| host_of[server] = Some(number));
    }
    let mut groups: BTreeMap<(&str, &Partition), Option<usize>> = BTreeMap::new();
    for (candidate, &host) in candidates.iter().zip(&host_of) {
        let Some(group) = candidate.affinity.as_deref() else { continue };
        let first = *groups.entry((group, &candidate.partition)).or_insert(host);
        assert_eq!(first, host, "servers that must share a host do not");
    }
}

fn verify_host(host: &[usize], candidates: &[Candidate], axes: &[Axis]) {
    let groups: Vec<&str> =
        host.iter().filter_map(|&server| candidates[server].anti_affinity.as_deref()).collect();
    assert_eq!(
        groups.iter().collect::<BTreeSet<_>>().len(),
        groups.len(),
        "two nodes of a cluster on a host"
    );
    let pairs: Vec<&String> = host.iter().flat_map(|&server| &candidates[server].pairs).collect();
    assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), pairs.len(), "a server beside its partner");
    for axis in axes {
        let load = load(host, candidates, axis);
        let over = load.iter().position(|&cell| cell > axis.room() * (1.0 + TOLERANCE));
        assert!(over.is_none(), "{} above its limit in cell {over:?}", axis.resource.name());
    }
}

/// Demand of servers together, cell by cell.
pub fn load(servers: &[usize], candidates: &[Candidate], axis: &Axis) -> [f64; CELLS] {
    let mut total = [0.0; CELLS];
    for &server in servers {
        let cells = candidates[server].demand.cells(axis.resource).unwrap_or_default();
        total.iter_mut().zip(cells).for_each(|(total, cell)| *total += cell);
    }
    total
}

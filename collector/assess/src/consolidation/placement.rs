//! The plan as rows: host clusters and hosts with their names, their fullest cells, and who is on them.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{Candidate, Partition};
use crate::packing::{self, Axis, ClusterPlan, HostKind, PartitionPlan, Plan, label, load, peak_of};
use crate::policy::Policy;
use cairn_schemas::assessment::{Cluster, HostPlacement, Peak};

/// Clusters are numbered through the whole plan, so that no two share a name whatever their partitions are
/// called; failover hosts come last in their cluster.
pub(super) fn place(
    plan: &Plan,
    candidates: &[Candidate],
    policy: &Policy,
) -> (Vec<Cluster>, Vec<HostPlacement>) {
    let each =
        plan.partitions.iter().flat_map(|part| part.clusters.iter().map(move |cluster| (part, cluster)));
    let mut clusters = Vec::new();
    let mut placement = Vec::new();
    for (part, cluster) in each {
        let name = cluster_name(&part.partition, clusters.len() + 1);
        let kind = plan.kind(cluster);
        placement.extend(hosts(&name, cluster, candidates, kind, policy));
        clusters.push(row(name, part, cluster, candidates, kind));
    }
    (clusters, placement)
}

fn cluster_name(partition: &Partition, number: usize) -> String {
    match label(partition) {
        label if label.is_empty() => format!("c{number:02}"),
        label => format!("{label}-c{number:02}"),
    }
}

fn row(
    name: String,
    part: &PartitionPlan,
    cluster: &ClusterPlan,
    candidates: &[Candidate],
    kind: &HostKind,
) -> Cluster {
    Cluster {
        name,
        site: part.partition.site.clone(),
        zone: part.partition.zone.clone(),
        licence_pool: part.partition.licence_pool.clone(),
        template: kind.template.name.clone(),
        servers: cluster.hosts.iter().map(Vec::len).sum(),
        hosts: cluster.hosts.len(),
        failover_hosts: cluster.failover_hosts,
        failures_survived: cluster.failures_survived,
        partition_lower_bound_hosts: part.lower_bound_hosts,
        partition_bound_basis: Some(part.bound_basis),
        limiting: limiting(cluster, candidates, &kind.axes),
    }
}

fn hosts(
    cluster_name: &str,
    cluster: &ClusterPlan,
    candidates: &[Candidate],
    kind: &HostKind,
    policy: &Policy,
) -> Vec<HostPlacement> {
    let capacity = kind.template.capacity(&policy.normalisation);
    let empty: &[usize] = &[];
    let filled = cluster.hosts.iter().map(|servers| (servers.as_slice(), false));
    let failover = std::iter::repeat_n((empty, true), cluster.failover_hosts);
    let host = |(n, (servers, failover)): (usize, (&[usize], bool))| HostPlacement {
        host: format!("{cluster_name}-h{:02}", n + 1),
        cluster: cluster_name.to_owned(),
        template: kind.template.name.clone(),
        capacity,
        servers: servers.iter().map(|&server| candidates[server].server.clone()).collect(),
        peak: if failover { None } else { fullest(servers, candidates, &kind.axes) },
        failover,
    };
    filled.chain(failover).enumerate().map(host).collect()
}

/// The fullest cell of the resource a host uses the largest share of.
fn fullest(servers: &[usize], candidates: &[Candidate], axes: &[Axis]) -> Option<Peak> {
    let peaks = axes.iter().filter_map(|axis| peak_of(&load(servers, candidates, axis), axis));
    // Of equals the first, in the order of the resources.
    peaks.reduce(|most, peak| if peak.used > most.used { peak } else { most })
}

/// What fills a cluster first: the cell that is nearest to its limit over all hosts of the plan together.
fn limiting(cluster: &ClusterPlan, candidates: &[Candidate], axes: &[Axis]) -> Option<Peak> {
    let servers = cluster.hosts.concat();
    let nearest = axes.iter().filter_map(|axis| {
        let mut peak = packing::peak_of(&load(&servers, candidates, axis), axis)?;
        peak.used /= cluster.hosts.len() as f64;
        Some((peak.used / axis.limit_ratio, peak))
    });
    nearest.reduce(|most, next| if next.0 > most.0 { next } else { most }).map(|(_, peak)| peak)
}

//! The price of each separation: a hard partition is planned together with the largest one it could join, and
//! the hosts that saves are what keeping them apart costs.
// SPDX-License-Identifier: Apache-2.0

use super::Planning;
use crate::demand::{Candidate, Partition};
use crate::packing::{self, ClusterPlan, PartitionPlan, label};
use crate::policy::Policy;
use cairn_schemas::assessment::{Separation, SeparationKind};
use std::cmp::Reverse;

/// Separations priced, the ones of most servers first (*ours*): each is one more plan.
const PRICED_MAX: usize = 16;

const KINDS: [SeparationKind; 3] = [SeparationKind::Site, SeparationKind::Zone, SeparationKind::LicencePool];

/// One row for every partition that a larger one differs from in a single respect.
pub(super) fn prices(own: &Planning, policy: &Policy) -> Vec<Separation> {
    let parts = &own.plan.partitions;
    let mut pairs: Vec<(SeparationKind, usize, usize)> = Vec::new();
    for kind in KINDS {
        for apart in 0..parts.len() {
            pairs.extend(joins(parts, kind, apart).map(|joins| (kind, apart, joins)));
        }
    }
    pairs.sort_by_key(|&(kind, apart, _)| (Reverse(servers(&parts[apart])), kind, apart));
    pairs.truncate(PRICED_MAX);
    pairs.into_iter().map(|(kind, a, b)| price(own, policy, kind, &parts[a], &parts[b])).collect()
}

fn servers(part: &PartitionPlan) -> usize {
    part.clusters.iter().flat_map(|cluster| &cluster.hosts).map(Vec::len).sum()
}

fn hosts(part: &PartitionPlan) -> usize {
    part.clusters.iter().map(ClusterPlan::machines).sum()
}

/// The largest partition that differs in `kind` alone and is larger; of equals the first.
fn joins(parts: &[PartitionPlan], kind: SeparationKind, apart: usize) -> Option<usize> {
    let size = |part: usize| (servers(&parts[part]), Reverse(part));
    let others = (0..parts.len()).filter(|&other| {
        other != apart && without(&parts[other].partition, kind) == without(&parts[apart].partition, kind)
    });
    others.max_by_key(|&other| size(other)).filter(|&other| size(other) > size(apart))
}

fn without(partition: &Partition, kind: SeparationKind) -> Partition {
    let mut partition = partition.clone();
    match kind {
        SeparationKind::Site => partition.site.clear(),
        SeparationKind::Zone => partition.zone.clear(),
        SeparationKind::LicencePool => partition.licence_pool.clear(),
    }
    partition
}

fn price(
    own: &Planning,
    policy: &Policy,
    kind: SeparationKind,
    apart: &PartitionPlan,
    joins: &PartitionPlan,
) -> Separation {
    let both = [apart, joins].into_iter().flat_map(|part| &part.clusters);
    let mut both: Vec<usize> = both.flat_map(|cluster| &cluster.hosts).flatten().copied().collect();
    both.sort_unstable();
    let moved = |server: usize| {
        let candidate = own.candidates[server].clone();
        Candidate { partition: without(&candidate.partition, kind), ..candidate }
    };
    let together: Vec<Candidate> = both.into_iter().map(moved).collect();
    let plan = packing::plan(&together, policy);
    let planned = hosts(apart) + hosts(joins);
    Separation {
        kind,
        apart: label(&apart.partition),
        joins: label(&joins.partition),
        servers: servers(apart),
        hosts: planned,
        // Hosts kept apart may always be called one partition, so together never costs more.
        hosts_together: planned.min(plan.hosts() + plan.failover_hosts()),
    }
}

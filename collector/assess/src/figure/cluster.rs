//! Figures of each host cluster: why it has as many failover hosts as it has, or none.
// SPDX-License-Identifier: Apache-2.0

use super::{Figure, Figures, Input as _, figure};
use cairn_schemas::assessment::{Cluster, Constant};

pub(super) fn figures(clusters: &[Cluster], assumptions: &[Constant], figures: &mut Figures) {
    for cluster in clusters {
        figures.insert(format!("failover_hosts:{}", cluster.name), failover(cluster).constants(assumptions));
    }
}

fn failover(cluster: &Cluster) -> Figure {
    let formula = if cluster.failover_hosts == 0 {
        "fewest empty hosts with which every choice of failures_survived failed hosts is replayed; none here: in every \
         hour what a failed host carries fits on the others, from limits.cpu_ratio up to limits.failover_ratio, from \
         limits.memory_ratio up to limits.failover_memory_ratio"
    } else {
        "fewest empty hosts with which every choice of failures_survived failed hosts is replayed, and at least \
         cluster.hosts_min hosts stand"
    };
    figure(Some(cluster.failover_hosts as f64), "hosts", formula, "7.5")
        .input("hosts", cluster.hosts as f64, "hosts")
        .input("servers", cluster.servers as f64, "servers")
        .input("failures_survived", cluster.failures_survived as f64, "hosts")
}

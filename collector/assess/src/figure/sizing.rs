//! Figures of sizing: hosts with and without the CPU scale, and at standard sizes.
// SPDX-License-Identifier: Apache-2.0

use super::{Figures, Input as _, constant, figure};
use crate::normalize::error;
use crate::policy::Policy;
use cairn_schemas::assessment::{Constant, Sizing};

pub(super) fn figures(sizing: &Sizing, policy: &Policy, figures: &mut Figures) {
    let cpu = &sizing.cpu;
    if let (Some(hosts), Some(by_clock)) = (cpu.hosts, cpu.hosts_by_clock) {
        let servers = cpu.grades.iter().map(|grade| grade.servers as u64).sum();
        let formula =
            "hosts + failover_hosts of a trial, CPU = cores * GHz * threads_factor * generation factor";
        let with = figure(Some(hosts as f64), "hosts", formula, "7.2");
        let with = with.constants(&scale_constants(policy)).samples(servers);
        figures.insert("hosts_on_cpu_scale".into(), with);
        let formula = "hosts + failover_hosts of a trial, CPU = cores * GHz * threads_factor";
        let without = figure(Some(by_clock as f64), "hosts", formula, "7.2");
        let threads = scale_constants(policy).into_iter().take(1).collect::<Vec<_>>();
        figures.insert("hosts_by_clock".into(), without.constants(&threads).samples(servers));
    }
    if let Some(standard) = &sizing.standard_sizes {
        let formula =
            "hosts + failover_hosts of a trial, memory of each server = smallest standard size that fits";
        let hosts = figure(standard.standard_hosts.map(|hosts| hosts as f64), "hosts", formula, "7.3")
            .input("hosts_at_own_sizes", standard.hosts.map(|hosts| hosts as f64), "hosts")
            .input("memory_bytes", standard.memory_bytes, "bytes")
            .input("standard_memory_bytes", standard.standard_memory_bytes, "bytes");
        figures.insert("hosts_at_standard_sizes".into(), hosts);
    }
}

/// The factor for threads first.
fn scale_constants(policy: &Policy) -> Vec<Constant> {
    let threads = policy.normalisation.threads_factor;
    let fit = |id: &str, value: f64| constant(id, value, "1", error::SOURCE, error::DATE);
    vec![
        constant(
            "normalisation.threads_factor",
            threads,
            "1",
            "PlateSpin Recon 3.6 (Novell documentation); peers 1.25 to 1.5",
            "2008",
        ),
        fit("normalisation.generation_error_median_ratio", error::GENERATION.median_ratio),
        fit("normalisation.generation_error_p90_ratio", error::GENERATION.p90_ratio),
        fit("normalisation.generation_error_bias_ratio", error::GENERATION.bias_ratio),
        fit("normalisation.another_workload_error_p90_ratio", error::ANOTHER_WORKLOAD.p90_ratio),
        fit("normalisation.cores_by_clock_error_p90_ratio", error::CORES_BY_CLOCK.p90_ratio),
    ]
}

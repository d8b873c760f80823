//! Candidates and policies for tests: a host has 100 of everything.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{CELLS, Candidate, Demand, Partition};
use crate::policy::{HostTemplate, Limits, PackingPolicy, Policy, RiskPolicy, ValueConstant};
use cairn_schemas::assessment::Range;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A server of flat CPU and memory demand, whose disk and network stand still.
pub(crate) fn candidate(name: &str, cpu: f64, memory: f64) -> Candidate {
    let flat = |value: f64| Some(vec![value; CELLS]);
    Candidate {
        server: name.into(),
        index: 0,
        demand: Demand { by_resource: [flat(cpu), flat(memory), flat(0.0), flat(0.0)] },
        partition: Partition::default(),
        anti_affinity: None,
        pairs: Vec::new(),
        affinity: None,
        machines: 1,
        licensed: Default::default(),
    }
}

/// Hosts of 100 of everything, filled to 80, without a subscription.
pub(crate) fn policy() -> Policy {
    let template = HostTemplate {
        cpu_cores: 1.0,
        cpu_threads: 1.0,
        cpu_mhz: 100.0,
        memory_bytes: 100.0,
        disk_bytes_per_s: 100.0,
        network_bytes_per_s: 100.0,
        hypervisor_cpu_ratio: 0.0,
        hypervisor_memory_bytes: 0.0,
        per_vm_memory_bytes: 0.0,
        vms_max: 5,
        ..HostTemplate::default()
    };
    let limits = Limits { memory_ratio: 0.8, ..Limits::default() };
    let packing = PackingPolicy {
        search_steps_per_server: 200,
        trial_steps_per_server: 100,
        ..PackingPolicy::default()
    };
    // So few hosts are never tested on many host-weeks.
    let risk = RiskPolicy { host_weeks_min: 1, ..RiskPolicy::default() };
    let free = ValueConstant {
        value: Range::default(),
        unit: String::new(),
        source: "test".into(),
        date: "2026-11".into(),
    };
    let licences = BTreeMap::from([("hypervisor_subscription".to_owned(), free)]);
    Policy { template, limits, packing, risk, licences, ..Policy::default() }
}

/// Up to `most` servers with a quiet base and two busy hours each, in two sites, some of them cluster nodes.
/// One in ten or so is larger than a host.
pub(crate) fn estate(most: usize) -> impl Strategy<Value = Vec<Candidate>> {
    let server =
        (0.0..30.0_f64, 0.0..30.0_f64, 0..6_usize, 0..6_usize, 0.0..60.0_f64, 0..3_usize, 0..8_usize);
    proptest::collection::vec(server, 0..=most).prop_map(|servers| {
        let named = servers.into_iter().enumerate();
        named
            .map(|(i, (cpu, memory, first, second, burst, site, group))| {
                let mut server = candidate(&format!("s{i:03}"), cpu, memory);
                if let Some(cells) = &mut server.demand.by_resource[0] {
                    cells[first * 20] += burst;
                    cells[second * 20] += burst;
                }
                server.index = i;
                server.partition.site = ["a", "b", "a"][site].into();
                server.anti_affinity = (group < 2).then(|| format!("g{group}"));
                server
            })
            .collect()
    })
}

//! Standard sizes: each planned server gets the smallest that fits, and what that would change is shown. What is
//! given is kept, so hosts carry the memory of the size; CPU is shared, so they carry the CPU that was measured.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::estate::Estate;
use crate::packing;
use crate::policy::{Policy, StandardSize};
use crate::sensitivity::SERVERS_MAX;
use crate::training::candidates;
use cairn_schemas::assessment::{Resource, ServerReadiness, Size, StandardSizeUse, StandardSizes};
use std::collections::BTreeMap;

/// The smallest size that fits; `sizes` are ascending by virtual CPUs, then memory.
fn smallest<'a>(sizes: &'a [StandardSize], size: &Size) -> Option<&'a StandardSize> {
    sizes.iter().find(|s| s.vcpu >= size.vcpu && s.memory_bytes >= size.memory_bytes)
}

/// `planned` is ascending.
pub(super) fn standard_sizes(
    estate: &Estate,
    policy: &Policy,
    judged: &[(usize, ServerReadiness)],
    planned: &[usize],
) -> Option<StandardSizes> {
    let mut sizes = policy.sizing.standard_sizes.clone();
    if sizes.is_empty() || planned.is_empty() {
        return None;
    }
    sizes.sort_by(|a, b| a.vcpu.cmp(&b.vcpu).then(a.memory_bytes.total_cmp(&b.memory_bytes)));
    let mut used: Vec<StandardSizeUse> = sizes
        .iter()
        .map(|s| StandardSizeUse {
            name: s.name.clone(),
            vcpu: s.vcpu,
            memory_bytes: s.memory_bytes,
            servers: Vec::new(),
        })
        .collect();
    let (mut beyond, mut own_bytes) = (Vec::new(), 0.0);
    let mut memory_of: BTreeMap<usize, f64> = BTreeMap::new();
    for (index, server) in judged.iter().filter(|(index, _)| planned.binary_search(index).is_ok()) {
        let Some(size) = &server.size else { continue };
        own_bytes += size.memory_bytes;
        let fits = smallest(&sizes, size);
        memory_of.insert(*index, fits.map_or(size.memory_bytes, |fits| fits.memory_bytes));
        match fits.and_then(|fits| used.iter_mut().find(|s| s.name == fits.name)) {
            Some(standard) => standard.servers.push(server.server.clone()),
            None => beyond.push(server.server.clone()),
        }
    }
    used.iter_mut().for_each(|size| size.servers.sort());
    beyond.sort();
    let tried = (planned.len() <= SERVERS_MAX).then(|| hosts(estate, policy, planned, &memory_of));
    Some(StandardSizes {
        sizes: used,
        beyond,
        memory_bytes: own_bytes,
        standard_memory_bytes: memory_of.values().sum(),
        hosts: tried.map(|(own, _)| own),
        standard_hosts: tried.map(|(_, standard)| standard),
    })
}

/// Hosts and failover hosts of a trial at own and at standard sizes.
fn hosts(
    estate: &Estate,
    policy: &Policy,
    planned: &[usize],
    memory_of: &BTreeMap<usize, f64>,
) -> (usize, usize) {
    let count = |candidates: &[Candidate]| {
        let plan = packing::trial(candidates, policy);
        plan.hosts() + plan.failover_hosts()
    };
    let mut candidates = candidates(estate, policy, planned, None, policy.sizing.growth_ratio);
    let own = count(&candidates);
    for candidate in &mut candidates {
        let Some(given) = memory_of.get(&candidate.index) else { continue };
        let given = given + policy.template.per_vm_memory_bytes;
        if let Some(cells) = &mut candidate.demand.by_resource[Resource::Memory as usize] {
            cells.iter_mut().for_each(|cell| *cell = cell.max(given));
        }
    }
    (own, count(&candidates))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::assessment::MemoryBasis;
    use proptest::prelude::*;

    const GIB: f64 = 1_073_741_824.0;

    fn size(vcpu: u32, gib: f64) -> Size {
        Size {
            vcpu,
            vcpu_exact: f64::from(vcpu),
            memory_bytes: gib * GIB,
            memory_bytes_exact: gib * GIB,
            disk_bytes: None,
            memory_basis: MemoryBasis::MeasuredPeak,
        }
    }

    #[test]
    fn the_smallest_that_fits_in_both() {
        let check = |vcpu, gib, expected: Option<&str>| {
            let sizes = StandardSize::standard();
            assert_eq!(
                smallest(&sizes, &size(vcpu, gib)).map(|s| s.name.as_str()),
                expected,
                "{vcpu}, {gib}"
            );
        };
        check(1, 1.0, Some("small"));
        check(2, 8.0, Some("small"));
        check(3, 8.0, Some("medium"));
        check(2, 9.0, Some("medium"));
        check(1, 200.0, Some("4xlarge"));
        check(65, 1.0, None);
        check(1, 257.0, None);
    }

    proptest! {
        #[test]
        fn a_larger_server_never_gets_a_smaller_size(vcpu in 1..70_u32, gib in 1.0..300.0_f64, more in 0..9_u32) {
            let sizes = StandardSize::standard();
            let memory = |vcpu, gib| smallest(&sizes, &size(vcpu, gib)).map_or(f64::INFINITY, |s| s.memory_bytes);
            let (own, larger) = (memory(vcpu, gib), memory(vcpu + more, gib * (1.0 + f64::from(more))));
            prop_assert!(own <= larger);
        }
    }
}

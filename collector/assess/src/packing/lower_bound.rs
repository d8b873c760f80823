//! The proof: no plan of the same servers, demand and limits needs fewer hosts than this. Demand is taken
//! unrounded, and a ceiling is taken once a partition, never once a host cluster.
// SPDX-License-Identifier: Apache-2.0

use super::martello_toth;
use super::profile::{Axis, Profiles, TOLERANCE};
use super::verify::load;
use crate::demand::Candidate;
use std::collections::BTreeMap;

/// The bound of one hard partition: the largest of the bounds by load, the bound of the most virtual machines
/// a host may have, and that of the largest anti-affinity group.
pub(super) fn partition(
    candidates: &[Candidate],
    servers: &[usize],
    axes: &[Axis],
    profiles: &Profiles,
    vms_max: usize,
) -> usize {
    let by_load = of_fill(profiles, servers, continuous(candidates, servers, axes));
    let machines: usize = servers.iter().map(|&server| candidates[server].machines).sum();
    let by_count = machines.div_ceil(vms_max.max(1));
    by_load.max(by_count).max(largest_group(candidates, servers))
}

/// The bound by load: what the scarcest cell of the scarcest dimension fills, as a fraction, or more where
/// single servers are so large that they cannot share.
pub(super) fn of_fill(profiles: &Profiles, servers: &[usize], fill: f64) -> usize {
    martello_toth::bound(profiles, servers, (fill * (1.0 - TOLERANCE)).ceil() as usize)
}

/// Hosts filled to the limit in the busiest cell of the busiest dimension, as a fraction.
pub(super) fn continuous(candidates: &[Candidate], servers: &[usize], axes: &[Axis]) -> f64 {
    axes.iter().map(|axis| fill(candidates, servers, axis)).fold(0.0, f64::max)
}

fn fill(candidates: &[Candidate], servers: &[usize], axis: &Axis) -> f64 {
    load(servers, candidates, axis).into_iter().fold(0.0, f64::max) / axis.room()
}

fn largest_group(candidates: &[Candidate], servers: &[usize]) -> usize {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for group in servers.iter().filter_map(|&server| candidates[server].anti_affinity.as_deref()) {
        *sizes.entry(group).or_default() += 1;
    }
    sizes.into_values().max().unwrap_or(0)
}

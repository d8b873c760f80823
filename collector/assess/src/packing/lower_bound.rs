//! The proof: no plan of the same servers, demand and limits needs fewer hosts than this. Demand is taken
//! unrounded, and a ceiling is taken once a partition, never once a host cluster.
// SPDX-License-Identifier: Apache-2.0

use super::martello_toth;
use super::profile::{Axis, Profiles, TOLERANCE};
use super::verify::load;
use crate::demand::Candidate;
use cairn_schemas::assessment::BoundBasis;
use std::collections::BTreeMap;

/// A bound, and what proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) hosts: usize,
    pub(super) basis: BoundBasis,
}

impl Bound {
    /// The larger of two; this one of equals.
    pub(super) const fn or(self, hosts: usize, basis: BoundBasis) -> Self {
        if hosts > self.hosts { Self { hosts, basis } } else { self }
    }
}

/// The bound of one hard partition: the largest of the bounds by load, the bound of the most virtual machines
/// a host may have, and that of the largest anti-affinity group.
pub(super) fn partition(
    candidates: &[Candidate],
    servers: &[usize],
    axes: &[Axis],
    profiles: &Profiles,
    vms_max: usize,
) -> Bound {
    let machines: usize = servers.iter().map(|&server| candidates[server].machines).sum();
    of_fill(profiles, servers, continuous(candidates, servers, axes))
        .or(machines.div_ceil(vms_max.max(1)), BoundBasis::VmsMax)
        .or(largest_group(candidates, servers), BoundBasis::KeptApart)
}

/// The bound by load: what the scarcest cell of the scarcest dimension fills, as a fraction, or more where
/// single servers are so large that they cannot share.
pub(super) fn of_fill(profiles: &Profiles, servers: &[usize], fill: f64) -> Bound {
    let hosts = (fill * (1.0 - TOLERANCE)).ceil() as usize;
    Bound { hosts, basis: BoundBasis::Load }
        .or(martello_toth::bound(profiles, servers, hosts), BoundBasis::LargeServers)
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

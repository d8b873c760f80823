//! Packing: on how few hosts the candidates fit, so that no host passes a limit in any cell of any dimension
//! and every host cluster survives its failures; with a bound that no plan can beat.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{Candidate, Partition};
use crate::policy::{HostTemplate, Policy};
use cairn_schemas::assessment::{BoundBasis, DroppedDimension, Peak, Resource};
use profile::{FULL, Profiles};
use std::collections::BTreeMap;

mod profile;

mod affinity;
mod disaster_recovery;
mod partition;
mod takeover;

mod kernels;
mod random;

mod first_fit_decreasing;
mod host;
mod search;
mod window;

mod perfect;

mod configuration;
mod lower_bound;
mod martello_toth;
mod pricing;

pub mod vbp;
pub mod vector;
pub mod vector_json;

mod cluster;
mod failover;

mod fleet;
mod fleet_bound;

mod verify;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
#[path = "packing/packing_tests.rs"]
mod tests;

pub use disaster_recovery::{Partner, keep_apart, site_losses, size_partners};
pub use fleet_bound::cost as cost_bound;
pub use partition::label;
pub use profile::{Axis, capacity_of};
pub use takeover::size_for_takeover;
pub use verify::load;

/// What a packing is for, and so what it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    /// The plan itself.
    Plan,
    /// One of the many of which only the numbers of hosts are read.
    Trial,
}

/// An assignment of candidates to hosts. Candidates are named by their place in the slice that was planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Dimensions the plan keeps, in the order of [`Resource::ALL`], of the kind of most hosts.
    pub axes: Vec<Axis>,
    /// Kinds of hosts it may be made of, in the order of the policy's templates.
    pub kinds: Vec<HostKind>,
    /// Dimensions it left out.
    pub dropped: Vec<DroppedDimension>,
    /// One a hard partition, ascending.
    pub partitions: Vec<PartitionPlan>,
    /// Candidates that no kind of host can carry, ascending.
    pub oversized: Vec<Oversized>,
    /// Candidates that the policy lets no host carry, or too few of those that could, ascending.
    pub unplaceable: Vec<usize>,
}

/// A kind of host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostKind {
    /// What it is.
    pub template: HostTemplate,
    /// The kept dimensions, at its capacities.
    pub axes: Vec<Axis>,
}

/// The plan of one hard partition.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionPlan {
    /// Which.
    pub partition: Partition,
    /// No plan of these servers needs fewer hosts of the kinds it is on.
    pub lower_bound_hosts: usize,
    /// What proves it.
    pub bound_basis: BoundBasis,
    /// What the configuration program says they need where that is not proven; never below the bound.
    pub estimated_bound_hosts: usize,
    /// Its host clusters.
    pub clusters: Vec<ClusterPlan>,
}

/// The plan of one host cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterPlan {
    /// Place of their kind in [`Plan::kinds`]: hosts of a cluster are alike.
    pub kind: usize,
    /// The candidates on each host, ascending.
    pub hosts: Vec<Vec<usize>>,
    /// Empty hosts besides.
    pub failover_hosts: usize,
    /// Host failures survived, by replay of every choice of as many hosts.
    pub failures_survived: usize,
}

/// A candidate that fits no host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oversized {
    /// Which.
    pub candidate: usize,
    /// The kind of host it passes least.
    pub kind: usize,
    /// Where it passes the limit of that most, as a share of the host's capacity.
    pub peak: Peak,
}

impl Plan {
    /// Every host cluster.
    pub fn clusters(&self) -> impl Iterator<Item = &ClusterPlan> {
        self.partitions.iter().flat_map(|part| &part.clusters)
    }

    /// What a cluster is made of.
    #[must_use]
    pub fn kind(&self, cluster: &ClusterPlan) -> &HostKind {
        &self.kinds[cluster.kind]
    }

    /// Hosts, failover hosts excluded.
    #[must_use]
    pub fn hosts(&self) -> usize {
        self.clusters().map(|cluster| cluster.hosts.len()).sum()
    }

    /// Failover hosts.
    #[must_use]
    pub fn failover_hosts(&self) -> usize {
        self.clusters().map(|cluster| cluster.failover_hosts).sum()
    }

    /// No plan needs fewer hosts: the bounds of the hard partitions together.
    #[must_use]
    pub fn lower_bound_hosts(&self) -> usize {
        self.partitions.iter().map(|part| part.lower_bound_hosts).sum()
    }

    /// The gap to what the configuration program says, where that is above the bound.
    #[must_use]
    pub fn estimated_gap(&self) -> Option<f64> {
        let estimated: usize = self.partitions.iter().map(|part| part.estimated_bound_hosts).sum();
        let more = estimated > self.lower_bound_hosts();
        more.then(|| (self.hosts() - estimated) as f64 / estimated as f64)
    }

    /// Hosts of each kind, failover hosts included.
    #[must_use]
    pub fn machines_by_kind(&self) -> Vec<usize> {
        let mut machines = vec![0; self.kinds.len()];
        self.clusters().for_each(|cluster| machines[cluster.kind] += cluster.machines());
        machines
    }

    /// Candidates on a host.
    #[must_use]
    pub fn placed(&self) -> usize {
        self.clusters().flat_map(|cluster| &cluster.hosts).map(Vec::len).sum()
    }
}

impl ClusterPlan {
    /// Its hosts, failover hosts included.
    #[must_use]
    pub const fn machines(&self) -> usize {
        self.hosts.len() + self.failover_hosts
    }
}

/// Plans candidates, ascending by name, at the templates, limits and cluster sizes of a policy.
#[must_use]
pub fn plan(candidates: &[Candidate], policy: &Policy) -> Plan {
    packed(candidates, policy, Effort::Plan)
}

/// What [`plan`] would say or a little more hosts, and a bound by load alone, at a fraction of the cost: for
/// back-tests, and for the ends of an assumption, where hundreds are asked for.
#[must_use]
pub fn trial(candidates: &[Candidate], policy: &Policy) -> Plan {
    packed(candidates, policy, Effort::Trial)
}

fn packed(candidates: &[Candidate], policy: &Policy, effort: Effort) -> Plan {
    let merged = affinity::merge(candidates);
    let plan = merged.take_apart(fleet::plan(&merged.items, policy, effort));
    verify::verify(&plan, candidates);
    plan
}

/// Hosts alone of a [`trial`], without failover where nothing depends on it. `None` when some candidate could not
/// be placed, since counts over different servers do not compare.
#[must_use]
pub fn host_count(candidates: &[Candidate], policy: &Policy) -> Option<usize> {
    let items = &*affinity::merge(candidates).items;
    let [template @ HostTemplate { count_max: None, .. }] = policy.templates() else {
        let plan = fleet::plan(items, policy, Effort::Trial);
        return (plan.placed() == items.len()).then(|| plan.hosts());
    };
    let problem = Problem::new(items, policy, template, Effort::Trial);
    let parts = partition::split(items, &problem.servers);
    (problem.servers.len() == items.len())
        .then(|| parts.into_values().map(|servers| problem.construct(&servers).0.len()).sum())
}

/// Hosts as a fraction: what the busiest cell of each hard partition fills, without rounding and without
/// regard to single servers. For comparing weeks, where whole hosts would hide the difference.
#[must_use]
pub fn fractional_hosts(candidates: &[Candidate], axes: &[Axis]) -> f64 {
    let all: Vec<usize> = (0..candidates.len()).collect();
    let parts = partition::split(candidates, &all).into_values();
    parts.map(|servers| lower_bound::continuous(candidates, &servers, axes)).sum()
}

/// Candidates made ready for packing on hosts of one template.
struct Problem<'a> {
    candidates: &'a [Candidate],
    axes: Vec<Axis>,
    dropped: Vec<DroppedDimension>,
    /// Candidates that pass a limit alone, with where, ascending.
    oversized: Vec<(usize, Peak)>,
    /// Candidates that fit, ascending.
    servers: Vec<usize>,
    rules: host::Rules,
    steps_per_server: u64,
}

impl<'a> Problem<'a> {
    fn new(candidates: &'a [Candidate], policy: &Policy, template: &HostTemplate, effort: Effort) -> Self {
        assert!(candidates.is_sorted_by(|a, b| a.server < b.server), "candidates are ascending by name");
        let capacity = template.capacity(&policy.normalisation);
        let axes = profile::axes(&capacity, &policy.limits);
        let alone = |candidate| Some((candidate, oversized(&candidates[candidate], &axes)?));
        let oversized: Vec<(usize, Peak)> = (0..candidates.len()).filter_map(alone).collect();
        let vms_max = template.vms_max;
        let mut fitting: Vec<bool> = candidates.iter().map(|item| item.machines <= vms_max).collect();
        oversized.iter().for_each(|&(candidate, _)| fitting[candidate] = false);
        let servers: Vec<usize> = (0..candidates.len()).filter(|&server| fitting[server]).collect();
        let (axes, dropped) = drop_unknown(candidates, &servers, axes);
        let skip: Vec<bool> = fitting.iter().map(|fits| !fits).collect();
        let rules = host::Rules {
            profiles: Profiles::new(candidates, &axes, &skip, vms_max),
            groups: groups(candidates),
            pairs: pairs(candidates),
            vms_max,
        };
        let steps_per_server = match effort {
            Effort::Plan => policy.packing.search_steps_per_server,
            Effort::Trial => policy.packing.trial_steps_per_server,
        };
        Self { candidates, axes, dropped, oversized, servers, rules, steps_per_server }
    }

    /// The bound by load and count.
    fn bound(&self, servers: &[usize]) -> lower_bound::Bound {
        let (profiles, vms_max) = (&self.rules.profiles, self.rules.vms_max);
        lower_bound::partition(self.candidates, servers, &self.axes, profiles, vms_max)
    }

    /// The servers of each host, and the bound by load and count.
    fn construct(&self, servers: &[usize]) -> (Vec<Vec<usize>>, lower_bound::Bound) {
        let bound = self.bound(servers);
        let hosts = first_fit_decreasing::construct(&self.rules, servers, bound.hosts);
        let mut hosts =
            search::improve(&self.rules, hosts, bound.hosts, self.steps_per_server * servers.len() as u64);
        hosts.iter_mut().for_each(|servers| servers.sort_unstable());
        hosts.sort_unstable();
        (hosts, bound)
    }
}

/// Where a candidate passes a limit alone, in any dimension it is known in, whatever is known of the others.
fn oversized(candidate: &Candidate, axes: &[Axis]) -> Option<Peak> {
    let peaks = axes.iter().filter_map(|axis| {
        let cells = candidate.demand.cells(axis.resource)?;
        let peak = peak_of(cells, axis)?;
        let over = cells.iter().any(|&cell| profile::round_up(cell, axis) > FULL);
        over.then_some((peak.used / axis.limit_ratio, peak))
    });
    peaks.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, peak)| peak)
}

/// The fullest cell of a dimension, as a share of the capacity of one host; the first of equals.
#[must_use]
pub fn peak_of(cells: &[f64], axis: &Axis) -> Option<Peak> {
    let most = cells.iter().copied().reduce(f64::max)?;
    let cell = cells.iter().position(|&cell| cell >= most)?;
    Some(Peak { resource: axis.resource, cell, used: most / axis.capacity })
}

/// Leaves out every dimension in which a server to place is unknown or the template has nothing.
fn drop_unknown(
    candidates: &[Candidate],
    servers: &[usize],
    axes: Vec<Axis>,
) -> (Vec<Axis>, Vec<DroppedDimension>) {
    let without = |resource: Resource| {
        if axes.iter().any(|axis| axis.resource == resource) {
            let unknown = |&&server: &&usize| candidates[server].demand.cells(resource).is_none();
            servers.iter().filter(unknown).map(|&server| candidates[server].machines).sum()
        } else {
            servers.iter().map(|&server| candidates[server].machines).sum()
        }
    };
    let dropped: Vec<DroppedDimension> = Resource::ALL
        .into_iter()
        .map(|resource| DroppedDimension { resource, servers_without_data: without(resource) })
        .filter(|dropped| dropped.servers_without_data > 0)
        .collect();
    let kept = |axis: &Axis| dropped.iter().all(|dropped| dropped.resource != axis.resource);
    (axes.iter().copied().filter(kept).collect(), dropped)
}

/// Anti-affinity groups as numbers.
fn groups(candidates: &[Candidate]) -> Vec<Option<usize>> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    candidates
        .iter()
        .map(|candidate| {
            let next = numbers.len();
            candidate.anti_affinity.as_deref().map(|group| *numbers.entry(group).or_insert(next))
        })
        .collect()
}

/// Pairs as numbers.
fn pairs(candidates: &[Candidate]) -> Vec<Vec<usize>> {
    if candidates.iter().all(|candidate| candidate.pairs.is_empty()) {
        return Vec::new();
    }
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut number = |pair| {
        let next = numbers.len();
        *numbers.entry(pair).or_insert(next)
    };
    candidates
        .iter()
        .map(|candidate| candidate.pairs.iter().map(|pair| number(pair.as_str())).collect())
        .collect()
}

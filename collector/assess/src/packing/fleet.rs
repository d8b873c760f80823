//! The fleet: the host templates each hard partition is planned on. Every template is tried alone, and first with
//! what it cannot carry, or has too few hosts for, on the others; the best of these by the policy's objective is
//! kept. Hosts of a cluster are alike.
// SPDX-License-Identifier: Apache-2.0

use super::lower_bound::Bound;
use super::{
    Axis, ClusterPlan, Effort, HostKind, Oversized, PartitionPlan, Plan, Problem, cluster, configuration,
    failover, fleet_bound, partition,
};
use crate::demand::{Candidate, Partition};
use crate::licence;
use crate::policy::{Objective, Policy};
use cairn_schemas::assessment::{BoundBasis, DroppedDimension, Resource};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

/// Plans items, ascending by name, on the templates of a policy.
pub(super) fn plan(items: &[Candidate], policy: &Policy, effort: Effort) -> Plan {
    let mut fleet = Fleet::new(items, policy, effort);
    let mut stock = fleet.stock();
    let mut fillings: Vec<(Partition, Filling)> = Vec::new();
    let everyone: Vec<usize> = (0..items.len()).collect();
    let kinds: Vec<usize> = (0..fleet.problems.len()).collect();
    for (partition, servers) in partition::split(items, &everyone) {
        let filling = fleet.fill(&servers, &kinds, &stock);
        filling.shares.iter().for_each(|share| stock[share.kind] -= share.machines());
        fillings.push((partition, filling));
    }
    if fleet.chooses() && effort == Effort::Plan {
        fleet.search_on();
        fillings.iter_mut().flat_map(|(_, filling)| &mut filling.shares).for_each(|s| fleet.improve(s));
    }
    fleet.planned(fillings, effort)
}

/// The items made ready for each template.
struct Fleet<'a> {
    policy: &'a Policy,
    problems: Vec<Problem<'a>>,
}

/// Servers of a partition on hosts of one kind.
struct Share {
    kind: usize,
    clusters: Vec<ClusterPlan>,
    /// Bound by load and count of its servers.
    bound: Bound,
}

/// A partition's servers on kinds of hosts, and those left without one.
#[derive(Default)]
struct Filling {
    shares: Vec<Share>,
    left: Vec<usize>,
}

impl Share {
    fn machines(&self) -> usize {
        self.clusters.iter().map(ClusterPlan::machines).sum()
    }

    fn hosts(&self) -> Vec<Vec<usize>> {
        self.clusters.iter().flat_map(|cluster| cluster.hosts.clone()).collect()
    }

    fn servers(&self) -> Vec<usize> {
        let mut servers = self.hosts().concat();
        servers.sort_unstable();
        servers
    }
}

impl<'a> Fleet<'a> {
    fn new(items: &'a [Candidate], policy: &'a Policy, effort: Effort) -> Self {
        let templates = policy.templates();
        // What is only compared is searched as a trial is.
        let effort = if templates.len() > 1 { Effort::Trial } else { effort };
        let problem = |template| Problem::new(items, policy, template, effort);
        Self { policy, problems: templates.iter().map(problem).collect() }
    }

    const fn chooses(&self) -> bool {
        self.problems.len() > 1
    }

    /// Hosts there are of each kind.
    fn stock(&self) -> Vec<usize> {
        self.policy.templates().iter().map(|template| template.count_max.unwrap_or(usize::MAX)).collect()
    }

    fn search_on(&mut self) {
        let steps = self.policy.packing.search_steps_per_server;
        self.problems.iter_mut().for_each(|problem| problem.steps_per_server = steps);
    }

    /// The best filling of servers on some kinds of hosts, of which `stock` are left.
    fn fill(&self, servers: &[usize], kinds: &[usize], stock: &[usize]) -> Filling {
        let first = |&kind: &usize| {
            let (share, rest) = self.share(servers, kind, stock[kind]);
            let others: Vec<usize> = kinds.iter().copied().filter(|&other| other != kind).collect();
            let mut filling = self.fill(&rest, &others, stock);
            if !share.clusters.is_empty() {
                filling.shares.insert(0, share);
            }
            filling
        };
        let nothing = || Filling { shares: Vec::new(), left: servers.to_vec() };
        if servers.is_empty() {
            return nothing();
        }
        kinds.iter().map(first).min_by(|a, b| self.compare(a, b)).unwrap_or_else(nothing)
    }

    /// Which is better: the one that carries more servers, then by the objective.
    fn compare(&self, a: &Filling, b: &Filling) -> Ordering {
        let machines = |filling: &Filling| filling.shares.iter().map(Share::machines).sum::<usize>();
        let cost = |filling: &Filling| filling.shares.iter().map(|share| self.cost(share)).sum::<f64>();
        let fewer = machines(a).cmp(&machines(b));
        let cheaper = cost(a).total_cmp(&cost(b));
        let better = match self.policy.packing.objective {
            Objective::LowestCost => cheaper.then(fewer),
            Objective::FewestHosts => fewer.then(cheaper),
        };
        let left = |filling: &Filling| -> usize {
            filling.left.iter().map(|&item| self.problems[0].candidates[item].machines).sum()
        };
        left(a).cmp(&left(b)).then(better)
    }

    /// Hosts and the licences that go by their cores, at base prices.
    fn cost(&self, share: &Share) -> f64 {
        let template = &self.policy.templates()[share.kind];
        let licensed = |item: usize| self.problems[share.kind].candidates[item].licensed;
        let licences = share
            .clusters
            .iter()
            .map(|cluster| licence::of_cluster(self.policy, template, cluster, licensed));
        share.machines() as f64 * template.price.base + licences.sum::<f64>()
    }

    /// As many servers on hosts of a kind as fit `most` of them, and those that do not.
    fn share(&self, servers: &[usize], kind: usize, most: usize) -> (Share, Vec<usize>) {
        let problem = &self.problems[kind];
        let fits = |server: &&usize| problem.servers.binary_search(server).is_ok();
        let fitting: Vec<usize> = servers.iter().filter(fits).copied().collect();
        let (hosts, bound) = problem.construct(&fitting);
        let clusters = self.within(kind, hosts, most);
        let mut share = Share { kind, clusters, bound };
        let placed: BTreeSet<usize> = share.servers().into_iter().collect();
        if placed.len() < fitting.len() {
            share.bound = problem.bound(&share.servers());
        }
        (share, servers.iter().copied().filter(|server| !placed.contains(server)).collect())
    }

    /// Hosts in clusters with their failover hosts, `most` of them in all: the fullest stay.
    fn within(&self, kind: usize, mut hosts: Vec<Vec<usize>>, most: usize) -> Vec<ClusterPlan> {
        let machines = |clusters: &[ClusterPlan]| clusters.iter().map(ClusterPlan::machines).sum::<usize>();
        let whole = self.clusters(kind, hosts.clone());
        if machines(&whole) <= most {
            return whole;
        }
        let profiles = &self.problems[kind].rules.profiles;
        let units = |&server: &usize| u64::from(profiles.summit(server).units);
        hosts.sort_by_key(|host| Reverse(host.iter().map(units).sum::<u64>()));
        let kept = (0..=hosts.len().min(most)).rev().map(|count| {
            let mut kept = hosts[..count].to_vec();
            kept.sort_unstable();
            self.clusters(kind, kept)
        });
        kept.into_iter().find(|clusters| machines(clusters) <= most).unwrap_or_default()
    }

    fn clusters(&self, kind: usize, hosts: Vec<Vec<usize>>) -> Vec<ClusterPlan> {
        let survive = |hosts: Vec<Vec<usize>>| {
            let proven = failover::replay(&self.problems[kind].rules, &hosts, &self.policy.cluster);
            let (failover_hosts, failures_survived) = (proven.hosts, proven.failures_survived);
            ClusterPlan { kind, hosts, failover_hosts, failures_survived }
        };
        cluster::cut(hosts, &self.policy.cluster).into_iter().map(survive).collect()
    }

    /// Searches for fewer hosts of a share.
    fn improve(&self, share: &mut Share) {
        let (hosts, _) = self.problems[share.kind].construct(&share.servers());
        let better = Share { clusters: self.clusters(share.kind, hosts), ..*share };
        if better.machines() <= share.machines() {
            *share = better;
        }
    }

    fn planned(self, fillings: Vec<(Partition, Filling)>, effort: Effort) -> Plan {
        let mut oversized = Vec::new();
        let mut unplaceable = Vec::new();
        for &item in fillings.iter().flat_map(|(_, filling)| &filling.left) {
            match self.oversized(item) {
                Some(over) => oversized.push(over),
                None => unplaceable.push(item),
            }
        }
        oversized.sort_by_key(|oversized| oversized.candidate);
        unplaceable.sort_unstable();
        let filled = fillings.into_iter().filter(|(_, filling)| !filling.shares.is_empty());
        let partitions: Vec<PartitionPlan> =
            filled.map(|(partition, filling)| self.partition(partition, filling, effort)).collect();
        let (kinds, dropped) = self.kinds(&partitions);
        let mut plan = Plan { axes: Vec::new(), kinds, dropped, partitions, oversized, unplaceable };
        let machines = plan.machines_by_kind();
        // Of equals the first.
        let most = (0..machines.len()).max_by_key(|&kind| (machines[kind], Reverse(kind)));
        plan.axes = most.map(|kind| plan.kinds[kind].axes.clone()).unwrap_or_default();
        plan
    }

    /// An item that no kind can carry, by the one it passes least.
    fn oversized(&self, candidate: usize) -> Option<Oversized> {
        let over = self.problems.iter().enumerate().map(|(kind, problem)| {
            let place = problem.oversized.binary_search_by_key(&candidate, |&(item, _)| item).ok()?;
            Some(Oversized { candidate, kind, peak: problem.oversized[place].1 })
        });
        let over: Option<Vec<Oversized>> = over.collect();
        over?.into_iter().min_by(|a, b| a.peak.used.total_cmp(&b.peak.used))
    }

    fn partition(&self, partition: Partition, filling: Filling, effort: Effort) -> PartitionPlan {
        let (bound, estimated_bound_hosts) = match filling.shares.as_slice() {
            [share] if effort == Effort::Plan => {
                let rules = &self.problems[share.kind].rules;
                let bounds =
                    configuration::bounds(rules, &share.servers(), &share.hosts(), share.bound.hosts);
                (share.bound.or(bounds.proven, BoundBasis::SetsOfServers), bounds.estimated)
            }
            [share] => (share.bound, share.bound.hosts),
            shares => {
                let hosts = self.mixed_bound(shares);
                (Bound { hosts, basis: BoundBasis::MixOfHosts }, hosts)
            }
        };
        PartitionPlan {
            partition,
            lower_bound_hosts: bound.hosts,
            bound_basis: bound.basis,
            estimated_bound_hosts,
            clusters: filling.shares.into_iter().flat_map(|share| share.clusters).collect(),
        }
    }

    /// Hosts that any mix of the kinds of some shares needs for their servers.
    fn mixed_bound(&self, shares: &[Share]) -> usize {
        let kinds: Vec<&[Axis]> =
            shares.iter().map(|share| self.problems[share.kind].axes.as_slice()).collect();
        let templates = shares.iter().map(|share| &self.policy.templates()[share.kind]);
        let offers: Vec<_> = templates
            .zip(kinds)
            .map(|(template, axes)| fleet_bound::Offer { template, axes, weight: 1.0 })
            .collect();
        let mut servers: Vec<usize> = shares.iter().flat_map(Share::servers).collect();
        servers.sort_unstable();
        fleet_bound::ceiling(fleet_bound::least(&offers, self.problems[0].candidates, &[servers]))
    }

    /// The kinds with the dimensions all that are used keep, and what those left out.
    fn kinds(&self, partitions: &[PartitionPlan]) -> (Vec<HostKind>, Vec<DroppedDimension>) {
        let used: BTreeSet<usize> =
            partitions.iter().flat_map(|part| &part.clusters).map(|cluster| cluster.kind).collect();
        let counts = |kind: usize| used.is_empty() && kind == 0 || used.contains(&kind);
        let dropped = |resource: Resource| {
            let of = self.problems.iter().enumerate().filter(|&(kind, _)| counts(kind));
            let of = of.flat_map(|(_, problem)| &problem.dropped).filter(|d| d.resource == resource);
            of.copied().max_by_key(|dropped| dropped.servers_without_data)
        };
        let dropped: Vec<DroppedDimension> = Resource::ALL.into_iter().filter_map(dropped).collect();
        let kept = |axis: &&Axis| dropped.iter().all(|dropped| dropped.resource != axis.resource);
        let kind = |(problem, template): (&Problem<'_>, &crate::policy::HostTemplate)| HostKind {
            template: template.clone(),
            axes: problem.axes.iter().filter(kept).copied().collect(),
        };
        (self.problems.iter().zip(self.policy.templates()).map(kind).collect(), dropped)
    }
}

#[cfg(test)]
#[path = "fleet_tests.rs"]
mod tests;

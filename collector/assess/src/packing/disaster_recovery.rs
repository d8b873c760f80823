//! Disaster recovery: a partner that waits for a lost site is sized for whom it replaces, and the loss of
//! every site is replayed on what the others have, failover hosts included and at failover limits.
// SPDX-License-Identifier: Apache-2.0

use super::profile::{Axis, TOLERANCE};
use super::{ClusterPlan, HostKind, Plan};
use crate::demand::{CELLS, Candidate, Partition};
use cairn_schemas::assessment::{Resource, SiteLoss};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Who takes over from a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its place among the candidates.
    pub candidate: usize,
    /// Whether it only waits: then it has been sized for the server already, and its own work gives way.
    pub waits: bool,
}

/// Keeps servers and their partners on different hosts, wherever they are: one host lost must not take both.
///
/// `partners` has one entry a candidate.
pub fn keep_apart(candidates: &mut [Candidate], partners: &[Option<Partner>]) {
    let pairs: BTreeSet<(usize, usize)> = partners
        .iter()
        .enumerate()
        .filter_map(|(server, partner)| Some((server, partner.as_ref()?.candidate)))
        .filter(|(server, partner)| server != partner)
        .map(|(server, partner)| (server.min(partner), server.max(partner)))
        .collect();
    for (one, other) in pairs {
        // A slash is no part of a host name.
        let pair = format!("{}/{}", candidates[one].server, candidates[other].server);
        candidates[one].pairs.push(pair.clone());
        candidates[other].pairs.push(pair);
    }
}

/// Raises every partner that waits, cell by cell, to what the server it stands in for asks; a partner of
/// several servers of one site to their sum, since they are lost together.
///
/// `partners` has one entry a candidate.
pub fn size_partners(candidates: &mut [Candidate], partners: &[Option<Partner>]) {
    let pairs: Vec<(usize, Partner)> = partners
        .iter()
        .enumerate()
        .filter_map(|(server, partner)| Some((server, (*partner)?)))
        .filter(|&(server, partner)| partner.waits && partner.candidate != server)
        .collect();
    let standing: BTreeSet<(usize, &str)> = pairs
        .iter()
        .map(|&(server, partner)| (partner.candidate, candidates[server].partition.site.as_str()))
        .collect();
    let mut raised = Vec::new();
    for &(stands_in, site) in &standing {
        let whom = pairs.iter().filter(|(server, partner)| {
            partner.candidate == stands_in && candidates[*server].partition.site == site
        });
        let whom: Vec<usize> = whom.map(|&(server, _)| server).collect();
        for resource in Resource::ALL {
            raised.push((stands_in, resource, sum(candidates, &whom, resource)));
        }
    }
    for (stands_in, resource, load) in raised {
        if let Some(cells) = &mut candidates[stands_in].demand.by_resource[resource as usize] {
            cells.iter_mut().zip(load).for_each(|(cell, load)| *cell = cell.max(load));
        }
    }
}

fn sum(candidates: &[Candidate], servers: &[usize], resource: Resource) -> Vec<f64> {
    let mut total = vec![0.0; CELLS];
    for cells in servers.iter().filter_map(|&server| candidates[server].demand.cells(resource)) {
        total.iter_mut().zip(cells).for_each(|(total, cell)| *total += cell);
    }
    total
}

/// Replays the loss of every site with placed servers; nothing when no placed server has a partner.
#[must_use]
pub fn site_losses(plan: &Plan, candidates: &[Candidate], partners: &[Option<Partner>]) -> Vec<SiteLoss> {
    let placed: BTreeSet<usize> =
        plan.clusters().flat_map(|cluster| &cluster.hosts).flatten().copied().collect();
    if !placed.iter().any(|&server| partners[server].is_some()) {
        return Vec::new();
    }
    let sites: BTreeSet<&str> = placed.iter().map(|&s| candidates[s].partition.site.as_str()).collect();
    let replay = |site: &str| {
        let lost: Vec<usize> =
            placed.iter().copied().filter(|&server| candidates[server].partition.site == site).collect();
        let elsewhere = |&server: &usize| {
            let partner = partners[server]?;
            let away = candidates[partner.candidate].partition.site != site;
            (away && placed.contains(&partner.candidate)).then_some((server, partner))
        };
        let taken: Vec<(usize, Partner)> = lost.iter().filter_map(elsewhere).collect();
        let covered: BTreeSet<usize> = taken.iter().map(|&(server, _)| server).collect();
        let uncovered = lost.iter().filter(|server| !covered.contains(server));
        SiteLoss {
            site: site.to_owned(),
            servers: lost.len(),
            taken_over: taken.len(),
            uncovered: uncovered.map(|&server| candidates[server].server.clone()).collect(),
            hosts_missing: hosts_missing(plan, candidates, site, &taken),
        }
    };
    sites.into_iter().map(replay).collect()
}

/// A host at a surviving site, in exact demand.
#[derive(Clone)]
struct Survivor<'a> {
    partition: &'a Partition,
    kind: &'a HostKind,
    loads: Vec<[f64; CELLS]>,
    machines: usize,
}

impl<'a> Survivor<'a> {
    fn empty(partition: &'a Partition, kind: &'a HostKind) -> Self {
        Self { partition, kind, loads: vec![[0.0; CELLS]; kind.axes.len()], machines: 0 }
    }

    fn takes(&self, candidate: &Candidate) -> bool {
        let fits = |(axis, load): (&Axis, &[f64; CELLS])| {
            let room = axis.capacity * axis.failover_limit_ratio * (1.0 + TOLERANCE);
            let cells = candidate.demand.cells(axis.resource).unwrap_or_default();
            load.iter().zip(cells).all(|(load, cell)| load + cell <= room)
        };
        self.machines < self.kind.template.vms_max && self.kind.axes.iter().zip(&self.loads).all(fits)
    }

    fn add(&mut self, candidate: &Candidate) {
        for (axis, load) in self.kind.axes.iter().zip(&mut self.loads) {
            let cells = candidate.demand.cells(axis.resource).unwrap_or_default();
            load.iter_mut().zip(cells).for_each(|(load, cell)| *load += cell);
        }
        self.machines += 1;
    }
}

/// Hosts to add, of the kind of most hosts of its partition, so that everything taken over by a partner with work
/// of its own runs in the partner's partition: first fit, the largest first.
fn hosts_missing(plan: &Plan, candidates: &[Candidate], lost: &str, taken: &[(usize, Partner)]) -> usize {
    let mut survivors = survivors(plan, candidates, lost);
    let share = |server: usize| {
        let of = |axis: &Axis| candidates[server].demand.peak(axis.resource).unwrap_or(0.0) / axis.capacity;
        plan.axes.iter().map(of).fold(0.0, f64::max)
    };
    let mut work: Vec<(usize, Partner)> =
        taken.iter().copied().filter(|(_, partner)| !partner.waits).collect();
    work.sort_by(|a, b| share(b.0).total_cmp(&share(a.0)).then(a.0.cmp(&b.0)));
    let before = survivors.len();
    for (server, partner) in work {
        let partition = &candidates[partner.candidate].partition;
        let candidate = &candidates[server];
        let open = |host: &&mut Survivor<'_>| host.partition == partition && host.takes(candidate);
        if let Some(host) = survivors.iter_mut().find(open) {
            host.add(candidate);
        } else {
            let mut host = Survivor::empty(partition, usual_kind(plan, partition));
            host.add(candidate);
            survivors.push(host);
        }
    }
    survivors.len() - before
}

/// The kind of most hosts of a partition; of equals the first.
fn usual_kind<'a>(plan: &'a Plan, partition: &Partition) -> &'a HostKind {
    let clusters =
        || plan.partitions.iter().filter(|part| part.partition == *partition).flat_map(|p| &p.clusters);
    let of = |kind: usize| clusters().filter(|c| c.kind == kind).map(ClusterPlan::machines).sum::<usize>();
    let most = (0..plan.kinds.len()).max_by_key(|&kind| (of(kind), Reverse(kind)));
    &plan.kinds[most.unwrap_or(0)]
}

fn survivors<'a>(plan: &'a Plan, candidates: &[Candidate], lost: &str) -> Vec<Survivor<'a>> {
    let mut survivors = Vec::new();
    for part in plan.partitions.iter().filter(|part| part.partition.site != lost) {
        for cluster in &part.clusters {
            let empty = Survivor::empty(&part.partition, plan.kind(cluster));
            let filled = cluster.hosts.iter().map(|servers| {
                let mut host = empty.clone();
                servers.iter().for_each(|&server| host.add(&candidates[server]));
                host
            });
            survivors.extend(filled);
            survivors.extend(std::iter::repeat_n(empty, cluster.failover_hosts));
        }
    }
    survivors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::plan;
    use crate::packing::testing::{candidate, policy};

    fn at(name: &str, cpu: f64, site: &str) -> Candidate {
        let mut server = candidate(name, cpu, 1.0);
        server.partition.site = site.into();
        server
    }

    #[test]
    fn a_partner_that_waits_is_sized_for_those_it_replaces() {
        let mut servers = [at("a", 40.0, "north"), at("b", 20.0, "north"), at("c", 3.0, "south")];
        let waits = Some(Partner { candidate: 2, waits: true });
        size_partners(&mut servers, &[waits, waits, None]);
        let peaks = servers.each_ref().map(|server| server.demand.peak(Resource::Cpu).unwrap());
        assert_eq!(peaks, [40.0, 20.0, 60.0]);
    }

    /// `a` and `b` in the north, each of 70; `c` in the south takes over from `a` beside 30 of its own.
    fn losses(hosts_min: usize) -> Vec<SiteLoss> {
        let servers = [at("a", 70.0, "north"), at("b", 70.0, "north"), at("c", 35.0, "south")];
        let mut policy = policy();
        (policy.cluster.hosts_min, policy.cluster.failures) = (hosts_min, 0);
        let plan = plan(&servers, &policy);
        site_losses(&plan, &servers, &[Some(Partner { candidate: 2, waits: false }), None, None])
    }

    #[test]
    fn the_loss_of_every_site_is_replayed() {
        let loss = |site: &str, servers, taken_over, uncovered: &[&str], hosts_missing| SiteLoss {
            site: site.into(),
            servers,
            taken_over,
            uncovered: uncovered.iter().map(|&name| name.to_owned()).collect(),
            hosts_missing,
        };
        // 35 + 70 are 105 % of the south's one host; a spare host takes the 70.
        let south = loss("south", 1, 0, &["c"], 0);
        assert_eq!(losses(1), [loss("north", 2, 1, &["b"], 1), south.clone()]);
        assert_eq!(losses(2), [loss("north", 2, 1, &["b"], 0), south]);
    }

    #[test]
    fn partners_never_share_a_host() {
        let mut servers = ["a", "b", "c"].map(|name| candidate(name, 10.0, 1.0));
        let partner = |candidate| Some(Partner { candidate, waits: false });
        keep_apart(&mut servers, &[partner(1), partner(0), partner(0)]);
        assert_eq!(servers[0].pairs, ["a/b", "a/c"]);
        let plan = plan(&servers, &policy());
        let hosts: Vec<_> = plan.clusters().flat_map(|cluster| cluster.hosts.clone()).collect();
        assert_eq!(hosts, [vec![0], vec![1, 2]]);
    }

    #[test]
    fn without_partners_nothing_is_claimed() {
        let servers = [at("a", 1.0, "north"), at("b", 1.0, "south")];
        assert_eq!(site_losses(&plan(&servers, &policy()), &servers, &[None, None]), []);
    }
}

//! Affinity: servers that must share a host are packed as one item, the sum of their cells, and taken apart
//! again once its host is known. Bounds and failover see the item too, so neither ever parts a group.
// SPDX-License-Identifier: Apache-2.0

use super::{PartitionPlan, Plan};
use crate::demand::{Candidate, Demand, Partition};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Items to pack, ascending by name like the candidates they stand for.
pub(super) struct Items<'a> {
    pub(super) items: Cow<'a, [Candidate]>,
    /// The candidates of each item, ascending; empty when every candidate is an item of its own.
    members: Vec<Vec<usize>>,
}

/// Makes an item of every group. Only servers of one partition can share a host: what a group has in another
/// one is an item of its own, which the check for conflicts keeps from happening.
pub(super) fn merge(candidates: &[Candidate]) -> Items<'_> {
    if candidates.iter().all(|candidate| candidate.affinity.is_none()) {
        return Items { items: Cow::Borrowed(candidates), members: Vec::new() };
    }
    let mut numbers: BTreeMap<(&str, &Partition), usize> = BTreeMap::new();
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (server, candidate) in candidates.iter().enumerate() {
        let next = members.len();
        let group = candidate.affinity.as_deref().map(|group| (group, &candidate.partition));
        let item = group.map_or(next, |group| *numbers.entry(group).or_insert(next));
        if item == next {
            members.push(Vec::new());
        }
        members[item].push(server);
    }
    let items = members.iter().map(|members| together(candidates, members)).collect();
    Items { items: Cow::Owned(items), members }
}

impl Items<'_> {
    /// A plan of items as a plan of candidates.
    pub(super) fn take_apart(&self, mut plan: Plan) -> Plan {
        if self.members.is_empty() {
            return plan;
        }
        let parts = |items: &mut Vec<usize>| {
            *items = items.iter().flat_map(|&item| &self.members[item]).copied().collect();
            items.sort_unstable();
        };
        let clusters = |part: &mut PartitionPlan| {
            part.clusters.iter_mut().for_each(|cluster| cluster.hosts.iter_mut().for_each(parts));
        };
        plan.partitions.iter_mut().for_each(clusters);
        parts(&mut plan.unplaceable);
        let each = plan.oversized.iter().flat_map(|&oversized| {
            let members = self.members[oversized.candidate].iter();
            members.map(move |&candidate| super::Oversized { candidate, ..oversized })
        });
        plan.oversized = each.collect();
        plan.oversized.sort_by_key(|oversized| oversized.candidate);
        plan
    }
}

/// Candidates as one: the sum of their cells, unknown where one of them is.
fn together(candidates: &[Candidate], members: &[usize]) -> Candidate {
    let mut item = candidates[members[0]].clone();
    for &member in &members[1..] {
        let other = &candidates[member];
        item.machines += other.machines;
        item.licensed = item.licensed + other.licensed;
        item.anti_affinity = item.anti_affinity.or_else(|| other.anti_affinity.clone());
        item.pairs.extend(other.pairs.iter().cloned());
        item.demand = sum(item.demand, &other.demand);
    }
    item
}

fn sum(mut total: Demand, other: &Demand) -> Demand {
    for (total, other) in total.by_resource.iter_mut().zip(&other.by_resource) {
        *total = total
            .take()
            .zip(other.as_ref())
            .map(|(total, other)| total.into_iter().zip(other).map(|(total, other)| total + other).collect());
    }
    total
}

#[cfg(test)]
mod tests {
    use crate::demand::Candidate;
    use crate::packing::testing::{candidate, estate, policy};
    use crate::packing::{Plan, plan};
    use proptest::prelude::*;

    fn in_group(name: &str, cpu: f64, group: &str) -> Candidate {
        Candidate { affinity: Some(group.into()), ..candidate(name, cpu, 1.0) }
    }

    fn hosts(plan: &Plan) -> Vec<Vec<usize>> {
        plan.clusters().flat_map(|cluster| cluster.hosts.clone()).collect()
    }

    #[test]
    fn a_group_shares_a_host_though_others_would_fit_better() {
        // 50 + 30 and 50 + 30 fill two hosts exactly; 50 with 50 is too much, so the group costs a third.
        let apart = [50.0, 30.0, 50.0, 30.0];
        let names = ["a", "b", "c", "d"];
        let free: Vec<Candidate> =
            names.iter().zip(apart).map(|(name, cpu)| candidate(name, cpu, 1.0)).collect();
        assert_eq!(plan(&free, &policy()).hosts(), 2);
        let mut bound = free.clone();
        bound[1].affinity = Some("erp".into());
        bound[3].affinity = Some("erp".into());
        let bound = plan(&bound, &policy());
        assert_eq!(hosts(&bound), [vec![0], vec![1, 3], vec![2]]);
        assert_eq!(bound.lower_bound_hosts(), 3);
    }

    #[test]
    fn a_group_larger_than_a_host_is_oversized_as_a_whole() {
        let servers = [in_group("a", 50.0, "erp"), in_group("b", 50.0, "erp"), candidate("c", 1.0, 1.0)];
        let plan = plan(&servers, &policy());
        let named: Vec<(usize, f64)> = plan.oversized.iter().map(|o| (o.candidate, o.peak.used)).collect();
        assert_eq!(named, [(0, 1.0), (1, 1.0)]);
        assert_eq!((plan.placed(), plan.hosts()), (1, 1));
    }

    #[test]
    fn a_group_counts_as_many_machines_as_it_has() {
        let mut small = policy();
        small.template.vms_max = 3;
        let servers = [
            in_group("a", 1.0, "x"),
            in_group("b", 1.0, "x"),
            in_group("c", 1.0, "y"),
            in_group("d", 1.0, "y"),
        ];
        let planned = plan(&servers, &small);
        assert_eq!(hosts(&planned), [[0, 1], [2, 3]]);
        small.template.vms_max = 1;
        assert_eq!(plan(&servers, &small).unplaceable, [0, 1, 2, 3]);
    }

    /// Groups over servers of one site that are no cluster nodes, as the check for conflicts leaves them.
    fn grouped() -> impl Strategy<Value = Vec<Candidate>> {
        (estate(40), proptest::collection::vec(0..6_usize, 40)).prop_map(|(mut servers, groups)| {
            for (server, group) in servers.iter_mut().zip(groups) {
                let free = server.anti_affinity.is_none() && server.partition.site == "a";
                server.affinity = (free && group < 4).then(|| format!("together{group}"));
            }
            servers
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        // `plan` asserts that every group shares a host and that no host passes a limit; see `verify`.
        #[test]
        fn groups_keep_every_promise_and_dropping_them_never_raises_the_bound(servers in grouped()) {
            let bound = plan(&servers, &policy());
            prop_assert!(bound.lower_bound_hosts() <= bound.hosts());
            let everyone = bound.placed() + bound.oversized.len() + bound.unplaceable.len();
            prop_assert_eq!(everyone, servers.len());
            let placed: Vec<usize> = hosts(&bound).concat();
            let mut free: Vec<Candidate> = placed.into_iter().map(|server| servers[server].clone()).collect();
            free.sort_by(|a, b| a.server.cmp(&b.server));
            let tied = plan(&free, &policy());
            free.iter_mut().for_each(|server| server.affinity = None);
            prop_assert!(plan(&free, &policy()).lower_bound_hosts() <= tied.lower_bound_hosts());
        }
    }
}

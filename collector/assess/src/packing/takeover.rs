//! Nodes of a failover cluster: each is sized for what the others hand it when one of them is gone.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{CELLS, Candidate};
use cairn_schemas::assessment::Resource;
use std::collections::BTreeMap;

/// Raises the demand of every node of a group of n, in each cell, to what a node carries when the group's load
/// is shared by n - 1: a standby node of two to the whole load, whatever it showed so far. Memory goes no
/// further than `memory_cap` of the group's largest node where that is known: a node that could carry the load
/// physically had the memory for it. Nodes that are not among the candidates are not counted.
pub fn size_for_takeover(candidates: &mut [Candidate], memory_cap: impl Fn(&Candidate) -> Option<f64>) {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (node, candidate) in candidates.iter().enumerate() {
        if let Some(group) = &candidate.anti_affinity {
            groups.entry(group.clone()).or_default().push(node);
        }
    }
    for nodes in groups.into_values().filter(|nodes| nodes.len() > 1) {
        let caps: Option<Vec<f64>> = nodes.iter().map(|&node| memory_cap(&candidates[node])).collect();
        let cap = caps.map_or(f64::INFINITY, |caps| caps.into_iter().fold(0.0, f64::max));
        for resource in Resource::ALL {
            let cap = if resource == Resource::Memory { cap } else { f64::INFINITY };
            raise(candidates, &nodes, resource, cap);
        }
    }
}

fn raise(candidates: &mut [Candidate], nodes: &[usize], resource: Resource, cap: f64) {
    let mut share = vec![0.0; CELLS];
    for cells in nodes.iter().filter_map(|&node| candidates[node].demand.cells(resource)) {
        share.iter_mut().zip(cells).for_each(|(total, cell)| *total += cell);
    }
    let survivors = (nodes.len() - 1) as f64;
    share.iter_mut().for_each(|total| *total = (*total / survivors).min(cap));
    for &node in nodes {
        if let Some(cells) = &mut candidates[node].demand.by_resource[resource as usize] {
            cells.iter_mut().zip(&share).for_each(|(cell, share)| *cell = cell.max(*share));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::testing::candidate;

    #[test]
    fn a_standby_node_is_sized_for_its_partner() {
        let mut nodes = vec![candidate("a", 40.0, 8.0), candidate("b", 2.0, 8.0), candidate("c", 9.0, 1.0)];
        for node in &mut nodes[..2] {
            node.anti_affinity = Some("sql".into());
        }
        size_for_takeover(&mut nodes, |_| Some(10.0));
        let peaks =
            |resource| nodes.iter().map(|node| node.demand.peak(resource).unwrap()).collect::<Vec<_>>();
        assert_eq!(peaks(Resource::Cpu), [42.0, 42.0, 9.0]);
        assert_eq!(peaks(Resource::Memory), [10.0, 10.0, 1.0]);
    }

    #[test]
    fn three_nodes_share_the_load_of_the_lost_one() {
        let mut nodes = vec![candidate("a", 30.0, 3.0), candidate("b", 30.0, 3.0), candidate("c", 90.0, 3.0)];
        nodes.iter_mut().for_each(|node| node.anti_affinity = Some("web".into()));
        size_for_takeover(&mut nodes, |_| None);
        let peaks: Vec<f64> = nodes.iter().map(|node| node.demand.peak(Resource::Cpu).unwrap()).collect();
        assert_eq!(peaks, [75.0, 75.0, 90.0]);
        assert_eq!(nodes[0].demand.peak(Resource::Memory), Some(4.5));
    }
}

//! Failover, proven by replay: every set of host failures a cluster must survive is played, and the servers of
//! the failed hosts are placed again, cell by cell, on the hosts that are left.
// SPDX-License-Identifier: Apache-2.0

use super::cluster::failures;
use super::host::{Host, Rules};
use crate::policy::ClusterPolicy;

/// What a cluster needs besides its hosts, and what it then survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failover {
    pub(super) hosts: usize,
    pub(super) failures_survived: usize,
}

/// The fewest failover hosts with which a cluster survives every set of failures its policy names, and has
/// the fewest hosts the policy allows. As many failover hosts as failures always suffice: each failed host
/// moves as a whole, and the limits under failover are never below the ordinary ones.
pub(super) fn replay(rules: &Rules, hosts: &[Vec<usize>], policy: &ClusterPolicy) -> Failover {
    let filled: Vec<Host> = hosts.iter().map(|servers| Host::with(rules, servers)).collect();
    let mut spare = policy.hosts_min.saturating_sub(hosts.len());
    loop {
        let mut all = filled.clone();
        all.resize_with(hosts.len() + spare, || Host::empty(rules));
        let failures = failures(policy, all.len());
        if every_choice(all.len(), failures, &mut |failed| survives(rules, &all, failed)) {
            return Failover { hosts: spare, failures_survived: failures };
        }
        assert!(spare < failures, "{spare} empty hosts take {failures} failed ones whole");
        spare += 1;
    }
}

/// Whether `test` holds for every choice of `count` numbers below `of`, in lexicographic order.
fn every_choice(of: usize, count: usize, test: &mut dyn FnMut(&[usize]) -> bool) -> bool {
    fn extend(
        chosen: &mut Vec<usize>,
        of: usize,
        count: usize,
        test: &mut dyn FnMut(&[usize]) -> bool,
    ) -> bool {
        if chosen.len() == count {
            return test(chosen);
        }
        let first = chosen.last().map_or(0, |last| last + 1);
        (first..of).all(|next| {
            chosen.push(next);
            let holds = extend(chosen, of, count, test);
            chosen.pop();
            holds
        })
    }
    // Fewer hosts than failures: nobody is left to survive.
    of >= count && extend(&mut Vec::with_capacity(count), of, count, test)
}

fn survives(rules: &Rules, hosts: &[Host], failed: &[usize]) -> bool {
    let left: Vec<Host> =
        (0..hosts.len()).filter(|host| !failed.contains(host)).map(|host| hosts[host].clone()).collect();
    let lost: Vec<&[usize]> = failed
        .iter()
        .map(|&host| hosts[host].servers.as_slice())
        .filter(|servers| !servers.is_empty())
        .collect();
    let empty = left.iter().filter(|host| host.servers.is_empty()).count();
    lost.len() <= empty || place_again(rules, left, &lost.concat())
}

/// First-fit decreasing by the largest lane; equals by name.
fn place_again(rules: &Rules, mut left: Vec<Host>, servers: &[usize]) -> bool {
    let mut order = servers.to_vec();
    order.sort_by_key(|&server| (std::cmp::Reverse(rules.profiles.summit(server).units), server));
    order.into_iter().all(|server| {
        let ceilings = rules.profiles.failover();
        let host = left.iter_mut().find(|host| host.takes(rules, server, ceilings));
        host.map(|host| host.add(rules, server)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_tried_once() {
        let mut seen = Vec::new();
        assert!(every_choice(4, 2, &mut |choice| {
            seen.push(choice.to_vec());
            true
        }));
        assert_eq!(seen, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert!(every_choice(3, 0, &mut |choice| choice.is_empty()));
        assert!(!every_choice(1, 2, &mut |_| true));
    }
}

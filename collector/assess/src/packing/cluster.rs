//! Host clusters: the hosts of a partition cut into groups that fail over to each other, as evenly as can be,
//! with room left for the failover hosts.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::ClusterPolicy;

/// Host failures a cluster of so many hosts, failover hosts included, must survive.
pub(super) fn failures(policy: &ClusterPolicy, hosts: usize) -> usize {
    policy.failures + usize::from(policy.failures > 0 && hosts > policy.extra_failure_above_hosts)
}

/// Cuts hosts into clusters. A cluster never needs more failover hosts than the failures it must survive, so
/// that many places are kept free.
pub(super) fn cut<T>(hosts: Vec<T>, policy: &ClusterPolicy) -> Vec<Vec<T>> {
    let most = policy.hosts_max.saturating_sub(failures(policy, policy.hosts_max)).max(1);
    let count = hosts.len().div_ceil(most);
    let total = hosts.len();
    let mut hosts = hosts.into_iter();
    // The first `total % count` clusters get one host more.
    (0..count)
        .map(|i| hosts.by_ref().take(total / count + usize::from(i < total % count)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_even_and_leave_room_for_failover() {
        let check = |hosts: usize, expected: &[usize]| {
            let cut = cut((0..hosts).collect(), &ClusterPolicy::default());
            assert_eq!(cut.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            assert!(cut.concat().into_iter().eq(0..hosts));
        };
        check(0, &[]);
        check(1, &[1]);
        check(14, &[14]);
        check(15, &[8, 7]);
        check(43, &[11, 11, 11, 10]);
    }

    #[test]
    fn large_clusters_survive_one_failure_more() {
        let policy = ClusterPolicy::default();
        assert_eq!((failures(&policy, 12), failures(&policy, 13)), (1, 2));
        assert_eq!(failures(&ClusterPolicy { failures: 0, ..policy }, 16), 0);
    }
}

//! The ratios, each beside its formula. A zero denominator gives no number.
// SPDX-License-Identifier: Apache-2.0

/// B / (hosts + failover hosts + stay): the headline.
pub const NET_CONSOLIDATION: &str = "assessed / (hosts + failover_hosts + stay)";
/// placed / hosts.
pub const SOURCE_TO_DESTINATION: &str = "placed / hosts";
/// placed / (hosts + failover hosts).
pub const VM_DENSITY: &str = "placed / (hosts + failover_hosts)";
/// B - (hosts + failover hosts + stay).
pub const SERVERS_REMOVED: &str = "assessed - (hosts + failover_hosts + stay)";
/// (hosts - bound) / bound.
pub const PROVEN_GAP: &str = "(hosts - lower_bound_hosts) / lower_bound_hosts";

/// What every ratio is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// B: servers assessed.
    pub assessed: usize,
    /// Servers on a host of the plan.
    pub placed: usize,
    /// Hosts of the plan.
    pub hosts: usize,
    /// Hosts besides.
    pub failover_hosts: usize,
    /// What no plan can beat.
    pub lower_bound_hosts: usize,
}

impl Counts {
    /// Servers left physical.
    #[must_use]
    pub const fn stay(&self) -> usize {
        self.assessed - self.placed
    }

    /// Machines there are afterwards.
    const fn machines(&self) -> usize {
        self.hosts + self.failover_hosts + self.stay()
    }

    /// [`NET_CONSOLIDATION`].
    #[must_use]
    pub fn net_consolidation(&self) -> Option<f64> {
        over(self.assessed, self.machines())
    }

    /// [`SOURCE_TO_DESTINATION`].
    #[must_use]
    pub fn source_to_destination(&self) -> Option<f64> {
        over(self.placed, self.hosts)
    }

    /// [`VM_DENSITY`].
    #[must_use]
    pub fn vm_density(&self) -> Option<f64> {
        over(self.placed, self.hosts + self.failover_hosts)
    }

    /// [`SERVERS_REMOVED`]; negative when the plan adds machines.
    #[must_use]
    pub const fn servers_removed(&self) -> i64 {
        self.assessed as i64 - self.machines() as i64
    }

    /// [`PROVEN_GAP`].
    #[must_use]
    pub fn proven_gap(&self) -> Option<f64> {
        over(self.hosts - self.lower_bound_hosts, self.lower_bound_hosts)
    }
}

/// A quotient of counts; `None` for a zero denominator.
#[must_use]
pub fn over(numerator: usize, denominator: usize) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_estate_by_hand() {
        let counts = Counts { assessed: 30, placed: 24, hosts: 3, failover_hosts: 1, lower_bound_hosts: 2 };
        assert_eq!(counts.stay(), 6);
        assert_eq!(counts.net_consolidation(), Some(3.0));
        assert_eq!(counts.source_to_destination(), Some(8.0));
        assert_eq!(counts.vm_density(), Some(6.0));
        assert_eq!(counts.servers_removed(), 20);
        assert_eq!(counts.proven_gap(), Some(0.5));
    }

    #[test]
    fn without_hosts_there_is_no_ratio() {
        let counts = Counts { assessed: 0, placed: 0, hosts: 0, failover_hosts: 0, lower_bound_hosts: 0 };
        assert_eq!(counts.net_consolidation(), None);
        assert_eq!(counts.source_to_destination(), None);
        assert_eq!(counts.vm_density(), None);
        assert_eq!(counts.proven_gap(), None);
        let one = Counts { assessed: 1, placed: 1, hosts: 1, failover_hosts: 2, ..counts };
        assert_eq!(one.servers_removed(), -2);
    }
}

//! A host being filled: its load per lane, who is on it, and the test whether one more server fits.
// SPDX-License-Identifier: Apache-2.0

use super::kernels::{fits, vectorised};
use super::profile::{Profiles, Summit};

/// What every host of a plan obeys.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) profiles: Profiles,
    /// Anti-affinity group of each server.
    pub(super) groups: Vec<Option<usize>>,
    /// Pairs that each server is of; empty when there are none at all.
    pub(super) pairs: Vec<Vec<usize>>,
    pub(super) vms_max: usize,
}

impl Rules {
    /// Whether a server may join others on a host, load and their number aside.
    #[inline(always)]
    pub(super) fn may_join(&self, server: usize, mut others: impl Iterator<Item = usize>) -> bool {
        let group = self.groups[server];
        let pairs = self.pairs_of(server);
        group.is_none() && pairs.is_empty()
            || others.all(|other| {
                (group.is_none() || self.groups[other] != group)
                    && pairs.iter().all(|pair| !self.pairs_of(other).contains(pair))
            })
    }

    #[inline(always)]
    fn pairs_of(&self, server: usize) -> &[usize] {
        self.pairs.get(server).map_or(&[], Vec::as_slice)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Host {
    load: Vec<u16>,
    summit: Summit,
    pub(super) servers: Vec<usize>,
}

impl Host {
    pub(super) fn empty(rules: &Rules) -> Self {
        Self { load: vec![0; rules.profiles.lanes()], summit: Summit::default(), servers: Vec::new() }
    }

    pub(super) fn with(rules: &Rules, servers: &[usize]) -> Self {
        let mut host = Self::empty(rules);
        servers.iter().for_each(|&server| host.add(rules, server));
        host
    }

    pub(super) fn add(&mut self, rules: &Rules, server: usize) {
        for (lane, &units) in self.load.iter_mut().zip(rules.profiles.row(server)) {
            *lane = lane.saturating_add(units);
        }
        self.summit = Summit::of(&self.load);
        self.servers.push(server);
    }

    /// Whether a server may join, no lane passing its ceiling. Two peeks at the peaks refuse most pairs before
    /// a row is read: first the lane the host fills most, which it carries with it.
    pub(super) fn takes(&self, rules: &Rules, server: usize, ceilings: &[u16]) -> bool {
        let row = rules.profiles.row(server);
        let under =
            |lane: usize, load: u16| row.is_empty() || load.saturating_add(row[lane]) <= ceilings[lane];
        let peak = rules.profiles.summit(server).lane;
        under(self.summit.lane, self.summit.units)
            && self.servers.len() < rules.vms_max
            && under(peak, self.load.get(peak).copied().unwrap_or(0))
            && rules.may_join(server, self.servers.iter().copied())
            && vectorised(|| fits(&self.load, row, ceilings))
    }
}

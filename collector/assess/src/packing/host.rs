//! A host being filled: its load per lane, who is on it, and the test whether one more server fits.
// SPDX-License-Identifier: Apache-2.0

use super::profile::{Profiles, Summit};
use crate::demand::CELLS;

/// Lanes tested between two chances to stop early; a divisor of [`CELLS`].
const BLOCK: usize = 64;
const _: () = assert!(CELLS.is_multiple_of(BLOCK));

/// What every host of a plan obeys.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) profiles: Profiles,
    /// Anti-affinity group of each server.
    pub(super) groups: Vec<Option<usize>>,
    pub(super) vms_max: usize,
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

    /// Whether a server may join, no dimension passing its ceiling in any cell. Two peeks at the peaks refuse
    /// most pairs before a row is read.
    pub(super) fn takes(&self, rules: &Rules, server: usize, ceilings: &[u16]) -> bool {
        if self.servers.len() >= rules.vms_max || !self.keeps_apart(rules, server) {
            return false;
        }
        let row = rules.profiles.row(server);
        let under = |lane: usize| {
            row.is_empty() || self.load[lane].saturating_add(row[lane]) <= ceilings[lane / CELLS]
        };
        under(rules.profiles.summit(server).lane) && under(self.summit.lane) && self.fits(row, ceilings)
    }

    fn keeps_apart(&self, rules: &Rules, server: usize) -> bool {
        let group = rules.groups[server];
        group.is_none() || self.servers.iter().all(|&other| rules.groups[other] != group)
    }

    fn fits(&self, row: &[u16], ceilings: &[u16]) -> bool {
        let blocks = self.load.chunks_exact(BLOCK).zip(row.chunks_exact(BLOCK));
        blocks.enumerate().all(|(block, (load, item))| {
            let ceiling = ceilings[block * BLOCK / CELLS];
            // No early exit inside: the compiler turns this into vector instructions.
            !load.iter().zip(item).fold(false, |over, (a, b)| over | (a.saturating_add(*b) > ceiling))
        })
    }
}

//! Local search: saves hosts of a finished plan one by one. A window of hosts is squeezed onto one host fewer;
//! what overload that leaves is annealed away, and a squeeze without any is checked in full and kept.
// SPDX-License-Identifier: Apache-2.0

use super::host::Rules;
use super::kernels::{mass, vectorised};
use super::random::Random;
use super::window::Window;

/// Lanes a window looks at to begin with: those its hosts fill most.
const LANES: usize = 128;
/// Hosts of the smallest and largest window.
const WINDOW_HOSTS: std::ops::RangeInclusive<usize> = 16..=160;
/// Times a squeeze may turn out to overload a lane it did not look at, before it is given up.
const WIDENINGS: usize = 6;
/// Moves tried per server of a window to begin with.
const STEPS_PER_SERVER: f64 = 60.0;
/// Temperatures a squeeze starts from, in turn, as shares of a typical overload.
const HEATS: [f32; 4] = [0.03, 0.1, 0.05, 0.06];

/// Saves hosts until `enough` are left or `steps` moves were tried.
pub(super) fn improve(rules: &Rules, hosts: Vec<Vec<usize>>, enough: usize, steps: u64) -> Vec<Vec<usize>> {
    let seed = hosts.iter().flatten().fold(steps, |seed, &server| {
        (seed ^ u64::from(rules.profiles.summit(server).units)).wrapping_mul(0x100_0000_01b3)
    });
    let mut search = Search::new(rules, hosts, enough, steps, seed);
    while search.hosts.len() > search.enough && search.steps > 0 && search.hosts.len() > 1 {
        search.round();
    }
    search.hosts
}

struct Search<'a> {
    rules: &'a Rules,
    hosts: Vec<Vec<usize>>,
    enough: usize,
    /// Moves left.
    steps: u64,
    random: Random,
    window_hosts: usize,
    steps_per_server: f64,
    /// Squeezes tried.
    tried: usize,
}

impl<'a> Search<'a> {
    fn new(rules: &'a Rules, hosts: Vec<Vec<usize>>, enough: usize, steps: u64, seed: u64) -> Self {
        let gap = (hosts.len() - enough.min(hosts.len())) as f64 / enough.max(1) as f64;
        let window_hosts = (1.6 / gap) as usize;
        Self {
            rules,
            enough,
            steps,
            random: Random::seeded(seed),
            window_hosts: window_hosts.clamp(*WINDOW_HOSTS.start(), *WINDOW_HOSTS.end()),
            steps_per_server: STEPS_PER_SERVER,
            tried: 0,
            hosts,
        }
    }

    /// Squeezes every host once, in windows of hosts that chance put together.
    fn round(&mut self) {
        let mut hosts = std::mem::take(&mut self.hosts);
        self.random.shuffle(&mut hosts);
        let windows = (hosts.len() / self.window_hosts).max(1);
        let size = hosts.len().div_ceil(windows);
        let mut saved = 0;
        let mut left = hosts.len();
        let mut hosts = hosts.into_iter();
        while hosts.len() > 0 {
            let mut window: Vec<Vec<usize>> = hosts.by_ref().take(size).collect();
            while left > self.enough && self.steps > 0 && window.len() > 1 {
                let Some(squeezed) = self.squeeze(&window) else { break };
                window = squeezed;
                (saved, left) = (saved + 1, left - 1);
            }
            self.hosts.append(&mut window);
        }
        if saved * 4 < windows {
            self.window_hosts = (self.window_hosts * 3 / 2).min(*WINDOW_HOSTS.end());
            self.steps_per_server *= 1.7;
        }
    }

    /// The servers of a window on one host fewer, if chance finds a way.
    fn squeeze(&mut self, hosts: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
        let loads: Vec<Vec<u16>> = hosts.iter().map(|host| load(self.rules, host)).collect();
        let closed = self.closed(&loads);
        let lanes = fullest(&loads);
        self.tried += 1;
        let hosts: Vec<&[usize]> = hosts.iter().map(Vec::as_slice).collect();
        let servers: usize = hosts.iter().map(|host| host.len()).sum();
        let allowed = ((servers as f64 * self.steps_per_server) as u64).min(self.steps);
        let mut steps = allowed;
        let mut window = Window::new(self.rules, &hosts, lanes);
        let heat = HEATS[self.tried % HEATS.len()];
        let random = &mut self.random;
        let rules = self.rules;
        let found = vectorised(|| {
            if !window.close(closed) {
                return None;
            }
            for _ in 0..WIDENINGS {
                if !window.anneal(&mut steps, heat, random) {
                    return None;
                }
                let assignment = window.assignment();
                let over = overloaded(rules, &assignment);
                if over.is_empty() {
                    return Some(assignment);
                }
                window.widen(&over);
            }
            None
        });
        // A squeeze costs something even when its first step succeeds, or when it may not begin.
        self.steps -= (allowed - steps).max(1);
        found.map(|hosts| hosts.into_iter().filter(|host| !host.is_empty()).collect())
    }

    /// The lightest host, or in every third squeeze of a window that is the whole plan any host.
    fn closed(&mut self, loads: &[Vec<u16>]) -> usize {
        if self.tried % 3 == 2 {
            return self.random.below(loads.len());
        }
        (0..loads.len()).min_by_key(|&host| mass(&loads[host])).unwrap_or(0)
    }
}

fn load(rules: &Rules, servers: &[usize]) -> Vec<u16> {
    let mut load = vec![0_u16; rules.profiles.lanes()];
    for &server in servers {
        let row = rules.profiles.row(server);
        load.iter_mut().zip(row).for_each(|(lane, units)| *lane = lane.saturating_add(*units));
    }
    load
}

/// The lanes hosts fill most, ascending.
fn fullest(loads: &[Vec<u16>]) -> Vec<usize> {
    let lanes = loads.first().map_or(0, Vec::len);
    let mut totals = vec![0_u32; lanes];
    for load in loads {
        totals.iter_mut().zip(load).for_each(|(total, units)| *total += u32::from(*units));
    }
    let mut order: Vec<usize> = (0..lanes).collect();
    order.sort_by_key(|&lane| (std::cmp::Reverse(totals[lane]), lane));
    order.truncate(LANES);
    order.sort_unstable();
    order
}

/// Lanes in which some host passes its ceiling, ascending.
#[inline(always)]
fn overloaded(rules: &Rules, hosts: &[Vec<usize>]) -> Vec<usize> {
    let ceilings = rules.profiles.ordinary();
    let mut over = vec![0_u16; ceilings.len()];
    for host in hosts {
        for (over, (load, ceiling)) in over.iter_mut().zip(load(rules, host).iter().zip(ceilings)) {
            *over |= load.saturating_sub(*ceiling);
        }
    }
    over.iter().enumerate().filter(|&(_, &over)| over > 0).map(|(lane, _)| lane).collect()
}

//! Exact finish where the bound leaves no room: when so many hosts would be filled to the last unit, every host
//! must be. The sets of servers that fill one are listed, and an exact cover by them is searched for.
// SPDX-License-Identifier: Apache-2.0

use super::host::Rules;
use std::cmp::Reverse;

/// Servers tried as members of a set, and sets looked at as part of a cover.
const TRIES_MAX: u64 = 60_000_000;
/// Sets listed.
const SETS_MAX: usize = 50_000;
/// Servers per host up to which the sets are few enough to be listed.
const SERVERS_PER_HOST_MAX: usize = 4;

/// The servers of exactly so many hosts, all of them full. `None` when there is room to spare, when there are
/// too many sets, or when none of the covers tried came out.
pub(super) fn cover(rules: &Rules, servers: &[usize], hosts: usize) -> Option<Vec<Vec<usize>>> {
    let full = full_lanes(rules, servers, hosts);
    if rules.profiles.rounding > 0 || full.is_empty() || servers.len() > hosts * SERVERS_PER_HOST_MAX {
        return None;
    }
    let units = |server: usize, lane: usize| rules.profiles.row(server)[lane];
    let mut servers = servers.to_vec();
    servers.sort_by_key(|&server| (Reverse(units(server, full[0])), server));
    let servers = servers.as_slice();
    let smallest = |lane: usize| servers.iter().map(|&server| units(server, lane)).min().unwrap_or(0);
    let full = full.into_iter().map(|lane| (lane, smallest(lane))).collect();
    let mut listing =
        Listing { rules, servers, full, tries: TRIES_MAX, chosen: Vec::new(), sets: Vec::new() };
    if !listing.extend(0, rules.profiles.ordinary()) {
        return None;
    }
    let Listing { sets, mut tries, .. } = listing;
    let mut covering = Covering { with: vec![Vec::new(); servers.len()], sets: &sets, tries: &mut tries };
    for (set, members) in sets.iter().enumerate() {
        members.iter().for_each(|&member| covering.with[member].push(set));
    }
    let mut picked = Vec::new();
    covering.pick(&mut vec![false; servers.len()], &mut picked).then(|| {
        let named = |set: &usize| sets[*set].iter().map(|&member| servers[member]).collect();
        picked.iter().map(named).collect()
    })
}

/// Lanes that so many hosts fill to the last unit.
fn full_lanes(rules: &Rules, servers: &[usize], hosts: usize) -> Vec<usize> {
    let total = |lane: usize| servers.iter().map(|&s| u64::from(rules.profiles.row(s)[lane])).sum::<u64>();
    let ceilings = rules.profiles.ordinary().iter().enumerate();
    let full =
        ceilings.filter(|&(lane, &ceiling)| ceiling > 0 && total(lane) == hosts as u64 * u64::from(ceiling));
    full.map(|(lane, _)| lane).collect()
}

/// Sets of servers, by their place, that fill a host. Places descend by the first of the full lanes.
struct Listing<'a> {
    rules: &'a Rules,
    servers: &'a [usize],
    /// Lanes that every host fills, and the least a server asks for in each.
    full: Vec<(usize, u16)>,
    tries: u64,
    chosen: Vec<usize>,
    sets: Vec<Vec<usize>>,
}

impl Listing<'_> {
    /// Lists every set that continues the one chosen with servers from a place on. `false` when there are too
    /// many.
    fn extend(&mut self, from: usize, room: &[u16]) -> bool {
        if self.full.iter().all(|&(lane, _)| room[lane] == 0) {
            self.sets.push(self.chosen.clone());
            return self.sets.len() <= SETS_MAX;
        }
        if self.full.iter().any(|&(lane, least)| room[lane] < least) {
            return true;
        }
        let first = self.full[0].0;
        let rows = |place: usize| self.rules.profiles.row(self.servers[place]);
        let from =
            from + (from..self.servers.len()).take_while(|&place| rows(place)[first] > room[first]).count();
        for place in from..self.servers.len() {
            if self.tries == 0 {
                return false;
            }
            self.tries -= 1;
            let row = self.rules.profiles.row(self.servers[place]);
            if row.iter().zip(room).all(|(units, room)| units <= room) && self.may_join(place) {
                let left: Vec<u16> = room.iter().zip(row).map(|(room, units)| room - units).collect();
                self.chosen.push(place);
                let listed = self.extend(place + 1, &left);
                self.chosen.pop();
                if !listed {
                    return false;
                }
            }
        }
        true
    }

    fn may_join(&self, place: usize) -> bool {
        let others = self.chosen.iter().map(|&other| self.servers[other]);
        self.chosen.len() < self.rules.vms_max && self.rules.may_join(self.servers[place], others)
    }
}

/// Exact cover by depth-first search, the server with the fewest sets first.
struct Covering<'a> {
    /// Sets with each server.
    with: Vec<Vec<usize>>,
    sets: &'a [Vec<usize>],
    tries: &'a mut u64,
}

impl Covering<'_> {
    fn open(&self, set: usize, covered: &[bool]) -> bool {
        self.sets[set].iter().all(|&member| !covered[member])
    }

    fn pick(&mut self, covered: &mut [bool], picked: &mut Vec<usize>) -> bool {
        let mut scarcest: Option<(usize, usize)> = None;
        for server in (0..covered.len()).filter(|&server| !covered[server]) {
            *self.tries = self.tries.saturating_sub(self.with[server].len() as u64 + 1);
            let open = self.with[server].iter().filter(|&&set| self.open(set, covered)).count();
            if scarcest.is_none_or(|(fewest, _)| open < fewest) {
                scarcest = Some((open, server));
            }
            if open == 0 {
                break;
            }
        }
        let Some((_, server)) = scarcest else { return true };
        for at in 0..self.with[server].len() {
            let set = self.with[server][at];
            if *self.tries == 0 || !self.open(set, covered) {
                continue;
            }
            self.sets[set].iter().for_each(|&member| covered[member] = true);
            picked.push(set);
            if self.pick(covered, picked) {
                return true;
            }
            picked.pop();
            self.sets[set].iter().for_each(|&member| covered[member] = false);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::profile::Profiles;

    fn rules(rows: &[[u16; 2]], groups: Vec<Option<usize>>) -> Rules {
        let mut profiles = Profiles::with_ceilings(vec![10, 10], vec![10, 10], 0);
        rows.iter().for_each(|row| profiles.push(row));
        Rules { profiles, groups, pairs: Vec::new(), vms_max: 9 }
    }

    #[test]
    fn full_hosts_are_put_together() {
        let rows = [[5, 2], [3, 4], [2, 4], [6, 6], [3, 1], [1, 3], [5, 5], [5, 5]];
        let all: Vec<usize> = (0..rows.len()).collect();
        let rules = rules(&rows, vec![None; rows.len()]);
        let mut hosts = cover(&rules, &all, 3).unwrap();
        hosts.iter_mut().for_each(|host| host.sort_unstable());
        hosts.sort_unstable();
        assert_eq!(hosts, [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
        // Room to spare on four.
        assert_eq!(cover(&rules, &all, 4), None);
    }

    #[test]
    fn servers_kept_apart_are_in_no_set() {
        let rows = [[5, 5], [5, 5]];
        assert!(cover(&rules(&rows, vec![None, None]), &[0, 1], 1).is_some());
        assert_eq!(cover(&rules(&rows, vec![Some(1), Some(1)]), &[0, 1], 1), None);
    }
}

//! Groups: servers tied together, directly or through others that move too.
// SPDX-License-Identifier: Apache-2.0

use super::ease::{self, Reason};
use super::{Group, Moving};
use crate::constraint::{known, named_partner};
use crate::estate::Server;
use cairn_schemas::assessment::{MoveGroup, Tie};
use std::collections::{BTreeMap, BTreeSet};

/// The fact whose value is the name of another server.
const PAIR: &str = "dr_pair";

/// Every placed server in one group.
pub(super) fn groups(moving: &Moving<'_>) -> Vec<Group> {
    let ties = Ties::of(moving);
    let mut sets = Sets::new(moving.placed.len());
    for places in ties.placed.values() {
        places.windows(2).for_each(|pair| sets.join(pair[0], pair[1]));
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..moving.placed.len() {
        members.entry(sets.root(place)).or_default().push(place);
    }
    let mut tied: BTreeMap<usize, Vec<&Tie>> = BTreeMap::new();
    for (tie, places) in &ties.placed {
        // A tie to one that stays ties nobody here, yet it is told.
        if places.len() > 1 || ties.staying.contains_key(tie) {
            tied.entry(sets.root(places[0])).or_default().push(tie);
        }
    }
    let groups = members.into_iter();
    groups
        .map(|(root, members)| {
            let own = tied.get(&root).map(Vec::as_slice).unwrap_or_default();
            let staying = own.iter().filter_map(|tie| ties.staying.get(*tie)).flatten();
            let left_behind: BTreeSet<&str> = staying.copied().collect();
            group(moving, members, own, &left_behind)
        })
        .collect()
}

fn group(moving: &Moving<'_>, members: Vec<usize>, ties: &[&Tie], left_behind: &BTreeSet<&str>) -> Group {
    let (estate, policy) = (moving.estate, &moving.policy.waves);
    let placed = || members.iter().map(|&place| moving.placed[place]);
    let reasons = placed().map(|(index, server)| Reason::of(&estate.servers[index], server));
    let mut servers: Vec<_> =
        placed().map(|(index, server)| ease::moving(&estate.servers[index], server, policy)).collect();
    servers.sort_by(|a, b| a.server.cmp(&b.server));
    Group {
        reason: reasons.max().unwrap_or(Reason::Conditional),
        group: MoveGroup {
            ease: servers.iter().map(|server| server.ease).fold(100.0, f64::min),
            ties: ties.iter().map(|tie| (*tie).clone()).collect(),
            left_behind: left_behind.iter().map(|&server| server.to_owned()).collect(),
            members: servers,
        },
        members,
    }
}

/// Who has which tie.
struct Ties<'a> {
    /// Placed servers, ascending by place.
    placed: BTreeMap<Tie, Vec<usize>>,
    /// Servers that stay physical.
    staying: BTreeMap<Tie, Vec<&'a str>>,
}

impl<'a> Ties<'a> {
    fn of(moving: &Moving<'a>) -> Self {
        let stay: BTreeSet<&str> =
            moving.plan.iter().flat_map(|plan| &plan.stay).map(|stay| stay.server.as_str()).collect();
        let places: BTreeMap<usize, usize> =
            moving.placed.iter().enumerate().map(|(place, (index, _))| (*index, place)).collect();
        let pairs = pairs(&moving.estate.servers);
        let mut ties = Self { placed: BTreeMap::new(), staying: BTreeMap::new() };
        for (index, server) in moving.estate.servers.iter().enumerate() {
            for tie in own(server, &moving.policy.waves.ties, &pairs) {
                if let Some(&place) = places.get(&index) {
                    ties.placed.entry(tie).or_default().push(place);
                } else if stay.contains(server.name.as_str()) {
                    ties.staying.entry(tie).or_default().push(&server.name);
                }
            }
        }
        ties
    }
}

/// The pairs each server is an end of, whichever end names the other; both ends call a pair alike.
fn pairs(servers: &[Server]) -> BTreeMap<&str, BTreeSet<String>> {
    let mut pairs: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for server in servers {
        let Some(partner) = named_partner(server) else { continue };
        let name = server.name.as_str();
        let pair = format!("{} + {}", name.min(partner), name.max(partner));
        pairs.entry(name).or_default().insert(pair.clone());
        pairs.entry(partner).or_default().insert(pair);
    }
    pairs
}

/// What ties a server to others.
fn own(server: &Server, facts: &[String], pairs: &BTreeMap<&str, BTreeSet<String>>) -> Vec<Tie> {
    let mut ties = Vec::new();
    for fact in facts {
        let tie = |value: &str| Tie { fact: fact.clone(), value: value.trim().to_owned() };
        if fact == PAIR {
            let names = pairs.get(server.name.as_str()).into_iter().flatten();
            ties.extend(names.map(|pair| tie(pair)));
        } else if let Some(value) = known(server, fact) {
            ties.push(tie(value));
        }
    }
    ties
}

/// Disjoint sets of numbers; the smallest of a set is its root, whatever was joined first.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, of: usize) -> usize {
        let mut at = of;
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

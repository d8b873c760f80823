//! Pricing: the set of servers on one host that is worth most, by depth-first branch and bound, and a proof of
//! how much no set can be worth.
// SPDX-License-Identifier: Apache-2.0

use super::host::Rules;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Priced {
    /// Places of the servers in the best set found, ascending.
    pub(super) set: Vec<usize>,
    /// What they are worth.
    pub(super) worth: f64,
    /// No set is worth more. Equal to `worth` when the search ended by itself.
    pub(super) most: f64,
}

/// Prices sets of servers, each worth what `worths` says, trying `nodes` additions at most. Demand is taken
/// rounded down, and only load limits a set: what holds of more sets holds of fewer.
pub(super) fn price(rules: &Rules, servers: &[usize], worths: &[f64], nodes: u64) -> Priced {
    let room: Vec<u16> = rules.profiles.ordinary().to_vec();
    let weights = weights(rules, servers);
    let mut order: Vec<Entry> = (0..servers.len())
        .map(|place| {
            let row = down(rules, servers[place]);
            let weight = row.iter().zip(&weights).map(|(&units, weight)| f64::from(units) * weight).sum();
            Entry { place, row, worth: worths[place], weight }
        })
        .filter(|entry| entry.worth > 0.0)
        .collect();
    order.sort_by(|a, b| (b.worth * a.weight).total_cmp(&(a.worth * b.weight)).then(a.place.cmp(&b.place)));
    let budget = room.iter().zip(&weights).map(|(&units, weight)| f64::from(units) * weight).sum();
    let mut search = Pricing { order: &order, nodes, chosen: Vec::new(), best: Vec::new(), worth: 0.0 };
    let root = search.most(0, budget);
    search.extend(0, &room, budget, 0.0);
    let most = if search.nodes == 0 { root.max(search.worth) } else { search.worth };
    let mut set = search.best;
    let worth = search.worth;
    set.sort_unstable();
    Priced { set, worth, most }
}

fn down(rules: &Rules, server: usize) -> Vec<u16> {
    rules.profiles.row(server).iter().map(|units| units.saturating_sub(rules.profiles.rounding)).collect()
}

/// One number per lane: the fuller the servers make it, the more it counts. Any weights give a valid proof.
fn weights(rules: &Rules, servers: &[usize]) -> Vec<f64> {
    let ceilings = rules.profiles.ordinary();
    let mut fills = vec![0.0; ceilings.len()];
    for &server in servers {
        for ((fill, &units), &ceiling) in fills.iter_mut().zip(rules.profiles.row(server)).zip(ceilings) {
            *fill += f64::from(units) / f64::from(ceiling.max(1));
        }
    }
    let fullest = fills.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let weigh = |(fill, &ceiling): (f64, &u16)| (fill / fullest).powi(8) / f64::from(ceiling.max(1));
    fills.into_iter().zip(ceilings).map(weigh).collect()
}

struct Entry {
    place: usize,
    row: Vec<u16>,
    worth: f64,
    weight: f64,
}

struct Pricing<'a> {
    /// The most worth per weight first.
    order: &'a [Entry],
    nodes: u64,
    chosen: Vec<usize>,
    best: Vec<usize>,
    worth: f64,
}

impl Pricing<'_> {
    /// What entries from `from` on can be worth in a weight of `budget`, the last of them in part.
    fn most(&self, from: usize, mut budget: f64) -> f64 {
        let mut worth = 0.0;
        for entry in &self.order[from..] {
            if entry.weight > budget {
                return worth + entry.worth * (budget.max(0.0) / entry.weight);
            }
            budget -= entry.weight;
            worth += entry.worth;
        }
        worth
    }

    fn extend(&mut self, from: usize, room: &[u16], budget: f64, worth: f64) {
        if worth > self.worth {
            self.worth = worth;
            self.best.clone_from(&self.chosen);
        }
        for at in from..self.order.len() {
            // A hair is added to the proof, so that floating point cannot cut off what is worth more.
            if self.nodes == 0 || worth + self.most(at, budget) * (1.0 + 1e-9) <= self.worth {
                return;
            }
            self.nodes -= 1;
            let entry = &self.order[at];
            if entry.row.iter().zip(room).all(|(units, room)| units <= room) {
                let left: Vec<u16> = room.iter().zip(&entry.row).map(|(room, units)| room - units).collect();
                self.chosen.push(entry.place);
                self.extend(at + 1, &left, budget - entry.weight, worth + entry.worth);
                self.chosen.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::profile::Profiles;
    use proptest::prelude::*;

    fn rules(rows: &[[u16; 2]]) -> Rules {
        let mut profiles = Profiles::with_ceilings(vec![10, 10], vec![10, 10], 0);
        rows.iter().for_each(|row| profiles.push(row));
        Rules { profiles, groups: vec![None; rows.len()], pairs: Vec::new(), vms_max: 9 }
    }

    #[test]
    fn the_best_set_by_hand() {
        // 6 + 4 beats the single most valuable server, and 6 + 5 does not fit.
        let rules = rules(&[[6, 0], [5, 5], [4, 9], [10, 10]]);
        let priced = price(&rules, &[0, 1, 2, 3], &[0.5, 0.6, 0.5, 0.9], 1_000);
        assert_eq!(priced, Priced { set: vec![0, 2], worth: 1.0, most: 1.0 });
    }

    proptest! {
        #[test]
        fn no_set_is_worth_more_than_is_proven(
            rows in proptest::collection::vec((0..9_u16, 0..9_u16, 0..10_u8), 1..9),
            nodes in 0..40_u64,
        ) {
            let worths: Vec<f64> = rows.iter().map(|row| f64::from(row.2) / 10.0).collect();
            let sizes: Vec<[u16; 2]> = rows.iter().map(|row| [row.0, row.1]).collect();
            let all: Vec<usize> = (0..rows.len()).collect();
            let priced = price(&rules(&sizes), &all, &worths, nodes);
            let sum = |set: u32, lane: usize| -> u16 {
                all.iter().filter(|&&i| set >> i & 1 == 1).map(|&i| sizes[i][lane]).sum()
            };
            let worth = |set: u32| -> f64 { all.iter().filter(|&&i| set >> i & 1 == 1).map(|&i| worths[i]).sum() };
            let fitting = (0..1_u32 << rows.len()).filter(|&set| sum(set, 0) <= 10 && sum(set, 1) <= 10);
            let best = fitting.map(worth).fold(0.0, f64::max);
            prop_assert!(priced.most >= best - 1e-9 && priced.worth <= best + 1e-9);
        }
    }
}

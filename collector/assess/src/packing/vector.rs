//! Plain vector bin packing: items of a size per dimension in as few equal bins as can be found, and a bound.
//! The same construction, search and bounds as the plan of an estate, without partitions and failover.
// SPDX-License-Identifier: Apache-2.0

use super::host::Rules;
use super::profile::{FULL, Profiles};
use super::vbp::Instance;
use super::{configuration, first_fit_decreasing, lower_bound, perfect, search};
use cairn_schemas::assessment::BoundBasis;
use std::cmp::Reverse;

/// Items to pack, in units of 16 bits.
#[derive(Debug)]
pub struct Items {
    rules: Rules,
    totals: Vec<f64>,
}

impl Items {
    /// No items yet. `ceilings` is what a bin holds in each dimension, each below 65,535. `rounding` is what
    /// rounding up may have added to any size; 0 when sizes are exact. Room is made for so many `items`.
    #[must_use]
    pub fn new(ceilings: Vec<u16>, items: usize, rounding: u16) -> Self {
        assert!(ceilings.iter().all(|&ceiling| ceiling < u16::MAX), "a saturated sum is above every ceiling");
        let totals = vec![0.0; ceilings.len()];
        let mut profiles = Profiles::with_ceilings(ceilings.clone(), ceilings, rounding);
        profiles.reserve(items);
        Self { rules: Rules { profiles, groups: Vec::new(), pairs: Vec::new(), vms_max: usize::MAX }, totals }
    }

    /// Adds an item: its sizes in units, rounded up, none above its ceiling; and, for the bound, as they are.
    pub fn push(&mut self, units: &[u16], exact: impl IntoIterator<Item = f64>) {
        assert_eq!(units.len(), self.totals.len(), "a size per dimension");
        let fits = units.iter().zip(self.rules.profiles.ordinary()).all(|(size, ceiling)| size <= ceiling);
        assert!(fits, "an item that fits no bin");
        self.rules.profiles.push(units);
        self.rules.groups.push(None);
        self.totals.iter_mut().zip(exact).for_each(|(total, size)| *total += size);
    }

    /// The items of an instance, the largest first whatever order they came in, and the place of each in it.
    #[must_use]
    pub fn of(instance: &Instance) -> (Self, Vec<usize>) {
        let most = instance.capacities.iter().copied().max().unwrap_or(0);
        // Whole numbers stay what they are as long as 16 bits hold a few bins of them.
        let scale = |capacity: u64| if most <= u64::from(FULL) { capacity.max(1) as u16 } else { FULL };
        let ceilings: Vec<u16> = instance
            .capacities
            .iter()
            .map(|&capacity| if capacity == 0 { 0 } else { scale(capacity) })
            .collect();
        let mut items = Self::new(ceilings.clone(), instance.items.len(), u16::from(most > u64::from(FULL)));
        let mut order: Vec<usize> = (0..instance.items.len()).collect();
        order.sort_by_key(|&item| (Reverse(&instance.items[item]), item));
        for &item in &order {
            let sizes = instance.items[item].iter().zip(&ceilings).zip(&instance.capacities);
            let units: Vec<u16> = sizes
                .clone()
                .map(|((&size, &ceiling), &capacity)| {
                    (u128::from(size) * u128::from(ceiling)).div_ceil(u128::from(capacity.max(1))) as u16
                })
                .collect();
            let exact = sizes.map(|((&size, &ceiling), &capacity)| {
                size as f64 * (f64::from(ceiling) / capacity.max(1) as f64)
            });
            items.push(&units, exact);
        }
        (items, order)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.profiles.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bins filled in the scarcest dimension, as a fraction.
    fn fill(&self) -> f64 {
        let lanes =
            self.totals.iter().zip(self.rules.profiles.ordinary()).filter(|(_, ceiling)| **ceiling > 0);
        lanes.map(|(total, &ceiling)| total / f64::from(ceiling)).fold(0.0, f64::max)
    }
}

/// A packing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Items of each bin, ascending; bins ascending by their first item.
    pub bins: Vec<Vec<usize>>,
    /// No packing has fewer bins.
    pub lower_bound: usize,
    /// What proves it.
    pub bound_basis: BoundBasis,
    /// What the configuration linear program says where that could not be proven; never below `lower_bound`.
    pub estimated_bound: usize,
    /// Bins of the construction that the search began with.
    pub constructed: usize,
}

/// Packs items, trying `steps` moves of the search at most.
#[must_use]
pub fn pack(items: &Items, steps: u64) -> Packing {
    let all: Vec<usize> = (0..items.len()).collect();
    let rules = &items.rules;
    let bound = lower_bound::of_fill(&rules.profiles, &all, items.fill());
    let lower_bound = bound.hosts;
    let hosts = first_fit_decreasing::construct(rules, &all, lower_bound);
    let constructed = hosts.len();
    let perfect = if constructed > lower_bound { perfect::cover(rules, &all, lower_bound) } else { None };
    let mut bins = perfect.unwrap_or_else(|| search::improve(rules, hosts, lower_bound, steps));
    bins.iter_mut().for_each(|bin| bin.sort_unstable());
    bins.sort_unstable();
    verify(rules, &bins);
    let bounds = configuration::bounds(rules, &all, &bins, lower_bound);
    let bound = bound.or(bounds.proven, BoundBasis::SetsOfServers);
    Packing {
        bins,
        lower_bound: bound.hosts,
        bound_basis: bound.basis,
        estimated_bound: bounds.estimated,
        constructed,
    }
}

/// Bins of one plain first-fit decreasing pass, by the largest size of each item: what others are measured by.
#[must_use]
pub fn unsearched(items: &Items) -> usize {
    first_fit_decreasing::plain(&items.rules, &(0..items.len()).collect::<Vec<_>>()).len()
}

/// Asserts that every item is in one bin and no bin is above its capacity, in wide integers.
fn verify(rules: &Rules, bins: &[Vec<usize>]) {
    let mut seen: Vec<usize> = bins.concat();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..rules.profiles.len()), "an item packed twice or lost");
    for bin in bins {
        for (lane, &ceiling) in rules.profiles.ordinary().iter().enumerate() {
            let sum: u64 = bin.iter().map(|&item| u64::from(rules.profiles.row(item)[lane])).sum();
            assert!(sum <= u64::from(ceiling), "a bin above its capacity in dimension {lane}");
        }
    }
}

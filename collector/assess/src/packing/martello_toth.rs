//! The bound L2 of Martello and Toth (1990) on one lane: servers above half a host never share one, and what is
//! too large to go beside them needs room of its own.
// SPDX-License-Identifier: Apache-2.0

use super::profile::Profiles;

/// The largest L2 of all lanes, if it is above `least`; else `least`. Demand is taken rounded down.
pub(super) fn bound(profiles: &Profiles, servers: &[usize], least: usize) -> usize {
    let ceilings = profiles.ordinary();
    let mut large = vec![0_usize; ceilings.len()];
    let mut totals = vec![0_u64; ceilings.len()];
    for &server in servers {
        for (lane, &units) in profiles.row(server).iter().enumerate() {
            let units = units.saturating_sub(profiles.rounding);
            large[lane] += usize::from(u32::from(units) * 2 > u32::from(ceilings[lane]));
            totals[lane] += u64::from(units);
        }
    }
    let mut best = least;
    for (lane, &ceiling) in ceilings.iter().enumerate().filter(|(_, ceiling)| **ceiling > 0) {
        // Every large server leaves less than half a host unused, so nothing above this can come out.
        let most = totals[lane].div_ceil(u64::from(ceiling)) as usize + large[lane].div_ceil(2);
        if large[lane] > 0 && most > best {
            let sizes =
                servers.iter().map(|&server| profiles.row(server)[lane].saturating_sub(profiles.rounding));
            best = best.max(l2(sizes.collect(), ceiling));
        }
    }
    best
}

/// L2 of sizes in bins of a capacity.
fn l2(mut sizes: Vec<u16>, capacity: u16) -> usize {
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let capacity = u64::from(capacity);
    let large = sizes.partition_point(|&size| u64::from(size) * 2 > capacity);
    let sums: Vec<u64> = std::iter::once(0)
        .chain(sizes.iter().scan(0, |sum, &size| {
            *sum += u64::from(size);
            Some(*sum)
        }))
        .collect();
    let mut best = large;
    let mut alone = large;
    for small in large..=sizes.len() {
        // Sizes of at least the threshold count: those up to `small`, and no small one for the first.
        let threshold = if small == large { capacity / 2 } else { u64::from(sizes[small - 1]) };
        while alone > 0 && u64::from(sizes[alone - 1]) + threshold <= capacity {
            alone -= 1;
        }
        // `alone` grows smaller as the threshold falls: more of the large ones take company.
        let beside = (large - alone.min(large)) as u64;
        let room = beside * capacity - (sums[large] - sums[alone.min(large)]);
        let rest = (sums[small] - sums[large]).saturating_sub(room);
        best = best.max(large + rest.div_ceil(capacity) as usize);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l2_by_hand() {
        let check =
            |sizes: &[u16], expected: usize| assert_eq!(l2(sizes.to_vec(), 10), expected, "{sizes:?}");
        check(&[], 0);
        check(&[3, 3, 4], 1);
        // Three above half a bin, though together they fill 1.8.
        check(&[6, 6, 6], 3);
        // Nothing of 4 goes beside a 7: two bins for the sevens, one for the fours; the sum says 2.6.
        check(&[7, 7, 4, 4, 4], 4);
        // A 5 does go beside a 5, and a 1 beside a 9.
        check(&[5, 5, 9, 1], 2);
        check(&[10, 10, 1], 3);
    }

    #[test]
    fn demand_that_was_rounded_up_is_rounded_down_again() {
        let check = |rounding: u16, expected: usize| {
            let mut profiles = Profiles::with_ceilings(vec![10], vec![10], rounding);
            [6, 6, 6].into_iter().for_each(|size| profiles.push(&[size]));
            assert_eq!(bound(&profiles, &[0, 1, 2], 1), expected);
        };
        check(0, 3);
        check(1, 1);
    }
}

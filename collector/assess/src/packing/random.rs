//! Random numbers of the search: seeded by the input, so that the same input gives the same plan.
// SPDX-License-Identifier: Apache-2.0

/// `SplitMix64` (Steele, Lea, Flood 2014): one addition and a mix per number, good enough to choose moves.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    #[inline(always)]
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, which is not zero.
    #[inline(always)]
    pub(super) const fn below(&mut self, count: usize) -> usize {
        (((self.next() >> 32) * count as u64) >> 32) as usize
    }

    /// A number above 0 and at most 1.
    #[inline(always)]
    pub(super) const fn unit(&mut self) -> f32 {
        ((self.next() >> 40) + 1) as f32 / (1_u32 << 24) as f32
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_range_and_differ_by_seed() {
        let mut random = Random::seeded(1);
        assert!((0..1_000).all(|_| random.below(7) < 7));
        assert!((0..1_000).map(|_| random.unit()).all(|unit| unit > 0.0 && unit <= 1.0));
        assert_ne!(Random::seeded(1).next(), Random::seeded(2).next());
        let mut items: Vec<usize> = (0..50).collect();
        random.shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert!(items.into_iter().eq(0..50));
    }
}

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

    /// An exponential number of mean 1, within a hundredth: minus the logarithm of a uniform one. By basic operations
    /// alone, which are the same to the last bit on every machine; the logarithm of a system's library is not.
    #[inline(always)]
    pub(super) const fn exponential(&mut self) -> f32 {
        let uniform = ((self.next() >> 40) + 1) as f32 / (1_u32 << 24) as f32;
        let bits = uniform.to_bits();
        let exponent = (bits >> 23) as f32 - 127.0;
        let mantissa = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
        // The parabola through the binary logarithm of 1, 1.5 and 2.
        let log2 = (mantissa - 1.0) * (1.339_85 - 0.339_85 * (mantissa - 1.0));
        -std::f32::consts::LN_2 * (exponent + log2)
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
        let exponential: Vec<f32> = (0..100_000).map(|_| random.exponential()).collect();
        assert!(exponential.iter().all(|number| (0.0..17.0).contains(number)));
        let mean = exponential.iter().sum::<f32>() / 100_000.0;
        let above_one = exponential.iter().filter(|number| **number > 1.0).count();
        assert!((0.98..1.02).contains(&mean), "{mean}");
        assert!((36_000..37_600).contains(&above_one), "one in e: {above_one}");
        assert_ne!(Random::seeded(1).next(), Random::seeded(2).next());
        let mut items: Vec<usize> = (0..50).collect();
        random.shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert!(items.into_iter().eq(0..50));
    }
}

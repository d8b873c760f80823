//! The few loops over lanes that the whole packing spends its time in. They are plain Rust that the compiler
//! turns into vector instructions; [`vectorised`] runs a caller with the widest ones the machine has.
// SPDX-License-Identifier: Apache-2.0

/// Rows are padded with zeroes to a multiple of this.
pub(super) const PAD: usize = 16;

/// Lanes tested between two chances to stop early.
const BLOCK: usize = 64;

/// Runs `work` compiled for the instruction set found at run time. Only what is inlined into it profits, hence
/// the `inline(always)` of this module and of the loops around it.
pub(super) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Whether `load + row` passes no ceiling. A saturated sum is above every ceiling.
#[inline(always)]
pub(super) fn fits(load: &[u16], row: &[u16], ceilings: &[u16]) -> bool {
    let blocks = load.chunks(BLOCK).zip(row.chunks(BLOCK)).zip(ceilings.chunks(BLOCK));
    blocks.into_iter().all(|((load, row), ceilings)| {
        // No early exit inside, or the compiler would not vectorise.
        let lanes = load.iter().zip(row).zip(ceilings);
        lanes.fold(0, |over, ((a, b), ceiling)| over | a.saturating_add(*b).saturating_sub(*ceiling)) == 0
    })
}

/// By how much `load - out + into` passes the ceilings, all lanes together. `out` must be part of `load`.
#[inline(always)]
pub(super) fn overload(load: &[u16], out: &[u16], into: &[u16], ceilings: &[u16]) -> u32 {
    let mut sums = [0_u32; PAD];
    let blocks = load.chunks_exact(PAD).zip(out.chunks_exact(PAD));
    let blocks = blocks.zip(into.chunks_exact(PAD).zip(ceilings.chunks_exact(PAD)));
    for ((load, out), (into, ceilings)) in blocks {
        for lane in 0..PAD {
            let moved = load[lane].wrapping_sub(out[lane]).saturating_add(into[lane]);
            sums[lane] += u32::from(moved.saturating_sub(ceilings[lane]));
        }
    }
    sums.iter().sum()
}

/// Makes `load` what `load - out + into` is; `false`, and nothing changed, when a lane would saturate.
#[inline(always)]
pub(super) fn exchange(load: &mut [u16], out: &[u16], into: &[u16]) -> bool {
    let lanes = load.iter().zip(out).zip(into);
    let most = lanes.fold(0, |most: u16, ((a, b), c)| most.max(a.wrapping_sub(*b).saturating_add(*c)));
    if most == u16::MAX {
        return false;
    }
    for ((lane, out), into) in load.iter_mut().zip(out).zip(into) {
        *lane = lane.wrapping_sub(*out).wrapping_add(*into);
    }
    true
}

/// Sum of the lanes.
#[inline(always)]
pub(super) fn mass(row: &[u16]) -> u64 {
    row.iter().map(|&units| u64::from(units)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lane() -> impl Strategy<Value = (u16, u16, u16, u16)> {
        (0..40_000_u16, 0..30_000_u16, 0..30_000_u16, 1..40_000_u16)
    }

    proptest! {
        // The same sums lane by lane in wide integers.
        #[test]
        fn kernels_agree_with_plain_arithmetic(lanes in proptest::collection::vec(lane(), 0..200)) {
            let mut lanes = lanes;
            lanes.resize(lanes.len().next_multiple_of(PAD), (0, 0, 0, 0));
            let out: Vec<u16> = lanes.iter().map(|l| l.1).collect();
            let load: Vec<u16> = lanes.iter().map(|l| l.0 + l.1 / 2).zip(&out).map(|(l, o)| l.max(*o)).collect();
            let into: Vec<u16> = lanes.iter().map(|l| l.2).collect();
            let ceilings: Vec<u16> = lanes.iter().map(|l| l.3).collect();
            let moved = |lane: usize| i64::from(load[lane]) - i64::from(out[lane]) + i64::from(into[lane]);
            let over = |lane: usize| (moved(lane).min(65_535) - i64::from(ceilings[lane])).max(0);
            let expected: i64 = (0..load.len()).map(over).sum();
            let found = vectorised(|| overload(&load, &out, &into, &ceilings));
            prop_assert_eq!(i64::from(found), expected);
            let zero = vec![0; load.len()];
            let fitting = (0..load.len()).all(|l| u32::from(load[l]) + u32::from(into[l]) <= u32::from(ceilings[l]));
            prop_assert_eq!(vectorised(|| fits(&load, &into, &ceilings)), fitting);
            let mut changed = load.clone();
            let done = vectorised(|| exchange(&mut changed, &out, &into));
            prop_assert_eq!(done, (0..load.len()).all(|lane| moved(lane) < 65_535));
            let after = |lane: usize| if done { moved(lane) } else { i64::from(load[lane]) };
            prop_assert!((0..load.len()).all(|lane| i64::from(changed[lane]) == after(lane)));
            prop_assert_eq!(mass(&zero), 0);
        }
    }
}

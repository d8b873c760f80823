//! Counting codes as codes, which is what makes percentiles exact and cheap.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::value_code::{Code, MISSING};

/// How often each code occurred. Made once and emptied for each resource: it is larger than what it counts.
#[derive(Default)]
pub(super) struct Counter {
    /// By place.
    counts: Vec<u32>,
    /// One bit for each place that is not zero.
    seen: Vec<u64>,
}

impl Counter {
    /// Places are made room for by so many.
    const STEP: usize = 4_096;

    /// Where a code is counted: what is missing comes first and needs no question by itself.
    fn place(code: Code) -> usize {
        usize::from(code.wrapping_sub(MISSING))
    }

    pub(super) fn add(&mut self, codes: &[Code]) {
        let last = usize::from(codes.iter().map(|code| code.wrapping_sub(MISSING)).max().unwrap_or(0));
        if last >= self.counts.len() {
            let room = (last / Self::STEP + 1) * Self::STEP;
            self.counts.resize(room, 0);
            self.seen.resize(room / 64, 0);
        }
        let (counts, seen) = (self.counts.as_mut_slice(), self.seen.as_mut_slice());
        for code in codes {
            let at = Self::place(*code);
            counts[at] += 1;
            seen[at / 64] |= 1 << (at % 64);
        }
    }

    /// What occurred and was not missing, ascending by code; nothing has afterwards.
    pub(super) fn take(&mut self) -> Vec<(Code, u32)> {
        let missing = Self::place(MISSING);
        if let (Some(count), Some(bits)) = (self.counts.get_mut(missing), self.seen.first_mut()) {
            *count = 0;
            *bits &= !1;
        }
        let mut taken = Vec::with_capacity(self.seen.iter().map(|bits| bits.count_ones() as usize).sum());
        for (word, bits) in self.seen.iter_mut().enumerate() {
            while *bits != 0 {
                let at = word * 64 + bits.trailing_zeros() as usize;
                taken.push(((at as Code).wrapping_add(MISSING), std::mem::take(&mut self.counts[at])));
                *bits &= *bits - 1;
            }
        }
        taken
    }
}

/// How often each code occurs, ascending by code; missing ones are not counted.
#[must_use]
pub fn count(codes: &[Code]) -> Vec<(Code, u32)> {
    let mut counter = Counter::default();
    counter.add(codes);
    counter.take()
}

//! Inputs near good ones, the same each time: bits flipped, bytes that matter to formats, parts cut out, doubled, moved
//! between seeds, numbers made extreme. No coverage guides it: that is what `tests/fuzz` is for.
// SPDX-License-Identifier: Apache-2.0

/// Longest input.
const BYTES_MAX: usize = 100_000;
/// Most changes of one input.
const CHANGES_MAX: usize = 4;
/// What parsers stumble over.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r",
    b"\"",
    b",",
    b";",
    b"=",
    b"<",
    b">",
    b"&",
    b"'",
    b"[",
    b"]",
    b"\\",
    b"\xff",
    b"\xf0\x9f\x92\xa9",
    b"\xe2\x80\xae",
    b"-1",
    b"0",
    b"1e999",
    b"-1e-999",
    b"nan",
    b"inf",
    b"18446744073709551616",
    b"9223372036854775807",
    b"0000-00-00",
    b"9999-12-31T23:59:60Z",
    b"====",
    b"\n====\n",
];

/// Mutations of seeds, without end.
pub struct Mutations<'a> {
    seeds: &'a [Vec<u8>],
    state: u64,
}

impl<'a> Mutations<'a> {
    /// Of seeds, of which there is one at least.
    #[must_use]
    pub fn new(seeds: &'a [Vec<u8>]) -> Self {
        assert!(!seeds.is_empty(), "nothing to begin with");
        Self { seeds, state: 1 }
    }

    /// A number below `end`, 0 where there is none. SplitMix64 (Steele, Lea and Flood, 2014).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }

    fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length);
        // Short ones mostly: a field, a line.
        let most = [4, 40, 400, length][self.below(4)];
        from..length.min(from + 1 + self.below(most))
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.below(256) as u8,
            2 => {
                let word = WORDS[self.below(WORDS.len())];
                input.splice(at..at, word.iter().copied());
            }
            3 => {
                let word = WORDS[self.below(WORDS.len())];
                let end = input.len().min(at + word.len());
                input.splice(at..end, word.iter().copied());
            }
            4 if !input.is_empty() => {
                let part = self.stretch(input.len());
                input.drain(part);
            }
            5 if !input.is_empty() => {
                let part = self.stretch(input.len());
                let part = input[part].repeat(1 + self.below(3));
                input.splice(at..at, part);
            }
            6 => {
                let other = &self.seeds[self.below(self.seeds.len())];
                if !other.is_empty() {
                    let part = self.stretch(other.len());
                    input.splice(at..at, other[part].iter().copied());
                }
            }
            _ => self.renumber(input),
        }
        input.truncate(BYTES_MAX);
    }

    /// Makes one of the numbers in it another one.
    fn renumber(&mut self, input: &mut Vec<u8>) {
        let digits: Vec<usize> = (0..input.len()).filter(|at| input[*at].is_ascii_digit()).collect();
        let Some(from) = digits.get(self.below(digits.len())).copied() else { return };
        let length = input[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let numbers: [&[u8]; 6] = [b"0", b"-1", b"4294967296", b"18446744073709551615", b"1e308", b"0.5"];
        let number = numbers[self.below(numbers.len())];
        input.splice(from..from + length, number.iter().copied());
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut input = self.seeds[self.below(self.seeds.len())].clone();
        for _ in 0..=self.below(CHANGES_MAX) {
            self.change(&mut input);
        }
        Some(input)
    }
}

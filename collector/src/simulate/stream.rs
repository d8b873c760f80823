//! Random numbers that are the same for ever: one stream per label, so that a value depends on the seed and
//! on what it is about, never on the order of asking, a thread, or the release of a library.
// SPDX-License-Identifier: Apache-2.0

/// A SplitMix64 generator (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub(super) struct Stream(u64);

/// What a stream is about; part of its label.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    /// Where a server stands and what machine it is; shared by the nodes of a cluster.
    Machine = 1,
    /// What people know of it.
    People = 2,
    /// How heavily it is used.
    Levels = 3,
    /// When it was not measured or was switched off.
    Absence = 4,
    /// Its load, one stream a day.
    Load = 5,
    /// What all servers share on a day.
    EstateDay = 6,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of a topic, a server and a day; 0 where one does not matter.
    pub(super) fn new(seed: u64, topic: Topic, server: usize, day: i64) -> Self {
        let label = [topic as u64, server as u64, day as u64];
        Self(
            label
                .into_iter()
                .fold(mixed(seed), |state, part| mixed(state.wrapping_add(GOLDEN) ^ mixed(part))),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform between two numbers.
    pub(super) fn between(&mut self, (low, high): (f64, f64)) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the options.
    pub(super) fn pick<'a, T>(&mut self, options: &'a [T]) -> &'a T {
        let last = options.len() - 1;
        &options[((self.unit() * options.len() as f64) as usize).min(last)]
    }

    /// About normal with mean 0 and variance 1, within ±3.5: the sum of four uniform numbers, which costs
    /// one draw and has no tail to bound.
    pub(super) fn normal(&mut self) -> f64 {
        let bits = self.next();
        let sum: u64 = (0..4).map(|lane| (bits >> (16 * lane)) & 0xffff).sum();
        (sum as f64 / 65_536.0 - 2.0) * 3.0_f64.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_label() {
        let draw = |seed, topic, server, day| Stream::new(seed, topic, server, day).next();
        assert_eq!(draw(1, Topic::Load, 2, 3), draw(1, Topic::Load, 2, 3));
        let others = [
            draw(2, Topic::Load, 2, 3),
            draw(1, Topic::Levels, 2, 3),
            draw(1, Topic::Load, 3, 2),
            draw(1, Topic::Load, 2, 4),
        ];
        assert!(others.iter().all(|other| *other != draw(1, Topic::Load, 2, 3)));
    }

    #[test]
    fn numbers_are_spread_as_they_say() {
        let mut stream = Stream::new(7, Topic::Load, 0, 0);
        let normal: Vec<f64> = (0..20_000).map(|_| stream.normal()).collect();
        let mean = normal.iter().sum::<f64>() / 20_000.0;
        let variance = normal.iter().map(|n| n * n).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert!((0..1_000).all(|_| (2.0..3.0).contains(&stream.between((2.0, 3.0)))));
        assert_eq!(stream.pick(&["only"]), &"only");
    }
}

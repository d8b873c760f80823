//! Pressure: the share of time in which some thread had to wait for CPU, memory or disk.
// SPDX-License-Identifier: Apache-2.0

mod linux;

use super::reading::rate;
use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{PRESSURE_CPU, PRESSURE_IO, PRESSURE_MEMORY};

const US_PER_S: f64 = 1e6;

struct Pressure {
    sources: [linux::Source; 3],
    series: [Option<SeriesIndex>; 3],
    before_us: [Option<u64>; 3],
}

/// The pressure sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Pressure {
        sources: linux::FILES.map(|file| linux::Source::new(root, file)),
        series: [PRESSURE_CPU, PRESSURE_MEMORY, PRESSURE_IO].map(|metric| board.total(&metric)),
        before_us: [None; 3],
    })
}

impl Sampler for Pressure {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let mut result = Ok(());
        for at in 0..self.sources.len() {
            let now_us = self.sources[at].waited_us();
            let share = now_us.and_then(|now| rate(self.before_us[at], now, 1.0 / US_PER_S, elapsed_s));
            // The kernel's clock and ours differ by some microseconds.
            board.set(self.series[at], share.map(|s| s.min(1.0)));
            self.before_us[at] = now_us.ok();
            result = result.and(now_us.map(|_| ()));
        }
        result
    }
}

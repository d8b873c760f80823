//! TCP: segments sent again, the sign of a network that loses packets.
// SPDX-License-Identifier: Apache-2.0

mod linux;

use super::reading::rate;
use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::TCP_RETRANSMITS;

struct Tcp {
    source: linux::Source,
    series: Option<SeriesIndex>,
    before: Option<u64>,
}

/// The TCP sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Tcp { source: linux::Source::new(root), series: board.total(&TCP_RETRANSMITS), before: None })
}

impl Sampler for Tcp {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let now = self.source.retransmits();
        board.set(self.series, now.and_then(|now| rate(self.before, now, 1.0, elapsed_s)));
        self.before = now.ok();
        now.map(|_| ())
    }
}

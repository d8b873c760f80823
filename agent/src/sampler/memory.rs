//! Memory: what is used, available, committed, and swapped out.
// SPDX-License-Identifier: Apache-2.0

mod linux;

use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{MEMORY_AVAILABLE, MEMORY_COMMITTED, MEMORY_USED, SWAP_USED};

/// What memory holds now, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Levels {
    used: Result<u64, Missing>,
    available: Result<u64, Missing>,
    committed: Result<u64, Missing>,
    swap_used: Result<u64, Missing>,
}

struct Memory {
    source: linux::Source,
    levels: [Option<SeriesIndex>; 4],
}

/// The memory sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Memory {
        source: linux::Source::new(root),
        levels: [MEMORY_USED, MEMORY_AVAILABLE, MEMORY_COMMITTED, SWAP_USED].map(|m| board.total(&m)),
    })
}

impl Sampler for Memory {
    fn sample(&mut self, _elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let levels = self.source.levels();
        let values = match levels {
            Ok(l) => [l.used, l.available, l.committed, l.swap_used],
            Err(why) => [Err(why); 4],
        };
        for (series, value) in self.levels.into_iter().zip(values) {
            board.set(series, value.map(|bytes| bytes as f64));
        }
        levels.map(|_| ())
    }
}

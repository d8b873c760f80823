//! Memory: used, available, committed, swap, and the faults and swapping that show it is short.
// SPDX-License-Identifier: Apache-2.0

mod linux;

use super::reading::rate;
use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{
    MAJOR_FAULTS, MEMORY_AVAILABLE, MEMORY_COMMITTED, MEMORY_USED, SWAP_RATE, SWAP_USED,
};

/// What memory holds now, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Levels {
    used: Result<u64, Missing>,
    available: Result<u64, Missing>,
    committed: Result<u64, Missing>,
    swap_used: Result<u64, Missing>,
}

/// What has been paged since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Paging {
    swapped_bytes: Result<u64, Missing>,
    major_faults: Result<u64, Missing>,
}

struct Memory {
    source: linux::Source,
    before: Option<Paging>,
    levels: [Option<SeriesIndex>; 4],
    swap_rate: Option<SeriesIndex>,
    major_faults: Option<SeriesIndex>,
}

/// The memory sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Memory {
        source: linux::Source::new(root),
        before: None,
        levels: [MEMORY_USED, MEMORY_AVAILABLE, MEMORY_COMMITTED, SWAP_USED].map(|m| board.total(&m)),
        swap_rate: board.total(&SWAP_RATE),
        major_faults: board.total(&MAJOR_FAULTS),
    })
}

impl Sampler for Memory {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let levels = self.source.levels();
        let values = match levels {
            Ok(l) => [l.used, l.available, l.committed, l.swap_used],
            Err(why) => [Err(why); 4],
        };
        for (series, value) in self.levels.into_iter().zip(values) {
            board.set(series, value.map(|bytes| bytes as f64));
        }
        let paging = self.source.paging();
        let before = std::mem::replace(&mut self.before, paging.ok());
        let earlier =
            |field: fn(&Paging) -> Result<u64, Missing>| before.as_ref().and_then(|p| field(p).ok());
        let swapped = paging.and_then(|p| p.swapped_bytes);
        let faults = paging.and_then(|p| p.major_faults);
        let swap_rate = swapped.and_then(|now| rate(earlier(|p| p.swapped_bytes), now, 1.0, elapsed_s));
        let fault_rate = faults.and_then(|now| rate(earlier(|p| p.major_faults), now, 1.0, elapsed_s));
        board.set(self.swap_rate, swap_rate);
        board.set(self.major_faults, fault_rate);
        levels.map(|_| ()).and(paging.map(|_| ()))
    }
}

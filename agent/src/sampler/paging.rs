//! Paging: the swapping and the faults that show memory to be short.
// SPDX-License-Identifier: Apache-2.0

mod linux;

use super::reading::rate;
use super::{Board, Missing, Reading, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{MAJOR_FAULTS, SWAP_RATE};

/// What has been paged since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Paging {
    swapped_pages: Result<u64, Missing>,
    major_faults: Result<u64, Missing>,
}

struct Pager {
    source: linux::Source,
    page_bytes: f64,
    before: Option<Paging>,
    swap_rate: Option<SeriesIndex>,
    major_faults: Option<SeriesIndex>,
}

/// The paging sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Pager {
        source: linux::Source::new(root),
        page_bytes: linux::Source::page_bytes(),
        before: None,
        swap_rate: board.total(&SWAP_RATE),
        major_faults: board.total(&MAJOR_FAULTS),
    })
}

impl Sampler for Pager {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let now = self.source.paging();
        let before = std::mem::replace(&mut self.before, now.ok());
        let rate_of = |field: fn(&Paging) -> Result<u64, Missing>, scale| -> Reading {
            let earlier = before.as_ref().and_then(|paging| field(paging).ok());
            rate(earlier, field(&now?)?, scale, elapsed_s)
        };
        board.set(self.swap_rate, rate_of(|paging| paging.swapped_pages, self.page_bytes));
        board.set(self.major_faults, rate_of(|paging| paging.major_faults, 1.0));
        now.map(|_| ())
    }
}

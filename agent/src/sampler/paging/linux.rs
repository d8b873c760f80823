//! `/proc/vmstat`, the dearest file of all: the kernel adds up every CPU's counters for it.
// SPDX-License-Identifier: Apache-2.0

use super::Paging;
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::named;

const VMSTAT: &str = "/proc/vmstat";

pub(super) struct Source(KeptFile);

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self(KeptFile::new(root, VMSTAT, Ending::Pages))
    }

    pub(super) fn paging(&mut self) -> Result<Paging, Missing> {
        self.0.read().map(paging)
    }

    /// What a page holds.
    pub(super) fn page_bytes() -> f64 {
        rustix::param::page_size() as f64
    }
}

fn paging(text: &[u8]) -> Paging {
    const NAMES: [&str; 3] = ["pswpin", "pswpout", "pgmajfault"];
    let [swapped_in, swapped_out, major_faults] = named(text, VMSTAT, NAMES);
    let swapped_pages = swapped_in.and_then(|i| swapped_out.map(|o| i.saturating_add(o)));
    Paging { swapped_pages, major_faults }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_both_ways() {
        let got = paging(b"nr_free_pages 1\npswpin 2\npswpout 3\npgfault 9\npgmajfault 7\n");
        assert_eq!(got, Paging { swapped_pages: Ok(5), major_faults: Ok(7) });
        let none = Err(Missing::NoField { file: VMSTAT, field: "pswpout" });
        assert_eq!(paging(b"pswpin 2\npgmajfault 7\n"), Paging { swapped_pages: none, major_faults: Ok(7) });
    }
}

//! `/proc/meminfo` for levels, `/proc/vmstat` for paging.
// SPDX-License-Identifier: Apache-2.0

use super::{Levels, Paging};
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{lines, value_of};

const MEMINFO: &str = "/proc/meminfo";
const VMSTAT: &str = "/proc/vmstat";

pub(super) struct Source {
    meminfo: KeptFile,
    vmstat: KeptFile,
    page_bytes: u64,
}

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self {
            meminfo: KeptFile::new(root.path(MEMINFO), Ending::OneRead),
            vmstat: KeptFile::new(root.path(VMSTAT), Ending::Pages),
            page_bytes: rustix::param::page_size() as u64,
        }
    }

    pub(super) fn levels(&mut self) -> Result<Levels, Missing> {
        self.meminfo.read().map(levels).map_err(|_| Missing::Unreadable(MEMINFO))
    }

    pub(super) fn paging(&mut self) -> Result<Paging, Missing> {
        let page_bytes = self.page_bytes;
        self.vmstat.read().map(|text| paging(text, page_bytes)).map_err(|_| Missing::Unreadable(VMSTAT))
    }
}

fn levels(text: &[u8]) -> Levels {
    const NAMES: [&str; 5] = ["MemTotal", "MemAvailable", "Committed_AS", "SwapTotal", "SwapFree"];
    let [total, available, committed, swap_total, swap_free] = named(text, MEMINFO, NAMES);
    let bytes = |kibibytes: Result<u64, Missing>| kibibytes.map(|k| k.saturating_mul(1_024));
    let less = |whole: Result<u64, Missing>, part: Result<u64, Missing>| {
        whole.and_then(|w| part.map(|p| w.saturating_sub(p)))
    };
    Levels {
        used: bytes(less(total, available)),
        available: bytes(available),
        committed: bytes(committed),
        swap_used: bytes(less(swap_total, swap_free)),
    }
}

fn paging(text: &[u8], page_bytes: u64) -> Paging {
    const NAMES: [&str; 3] = ["pswpin", "pswpout", "pgmajfault"];
    let [swapped_in, swapped_out, major_faults] = named(text, VMSTAT, NAMES);
    let pages = swapped_in.and_then(|i| swapped_out.map(|o| i.saturating_add(o)));
    Paging { swapped_bytes: pages.map(|p| p.saturating_mul(page_bytes)), major_faults }
}

/// The values of some names, which stand in the file in this order.
fn named<const N: usize>(
    text: &[u8],
    file: &'static str,
    names: [&'static str; N],
) -> [Result<u64, Missing>; N] {
    let mut found = names.map(|field| Err(Missing::NoField { file, field }));
    let mut left = N;
    for line in lines(text) {
        for (at, name) in names.iter().enumerate() {
            if line.starts_with(name.as_bytes())
                && let Some(value) = value_of(line, name.as_bytes())
                && found[at].is_err()
            {
                found[at] = Ok(value);
                left -= 1;
            }
        }
        if left == 0 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_is_total_less_available() {
        let text = b"MemTotal:  1000 kB\nMemFree: 10 kB\nMemAvailable:  400 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\nCommitted_AS: 2000 kB\n";
        let got = levels(text);
        assert_eq!((got.used, got.available), (Ok(600 * 1_024), Ok(400 * 1_024)));
        assert_eq!((got.committed, got.swap_used), (Ok(2_000 * 1_024), Ok(30 * 1_024)));
    }

    #[test]
    fn an_old_kernel_without_available_memory_is_missing_not_zero() {
        let got = levels(b"MemTotal: 1000 kB\nMemFree: 10 kB\n");
        let missing = Err(Missing::NoField { file: MEMINFO, field: "MemAvailable" });
        assert_eq!((got.used, got.available), (missing, missing));
    }

    #[test]
    fn paging_counts_bytes() {
        let got = paging(b"nr_free_pages 1\npswpin 2\npswpout 3\npgfault 9\npgmajfault 7\n", 4_096);
        assert_eq!((got.swapped_bytes, got.major_faults), (Ok(5 * 4_096), Ok(7)));
    }
}

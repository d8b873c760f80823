//! `/proc/meminfo`.
// SPDX-License-Identifier: Apache-2.0

use super::Levels;
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::named;

const MEMINFO: &str = "/proc/meminfo";

pub(super) struct Source(KeptFile);

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self(KeptFile::new(root, MEMINFO, Ending::OneRead))
    }

    pub(super) fn levels(&mut self) -> Result<Levels, Missing> {
        self.0.read().map(levels)
    }
}

fn levels(text: &[u8]) -> Levels {
    const NAMES: [&str; 5] = ["MemTotal", "MemAvailable", "SwapTotal", "SwapFree", "Committed_AS"];
    let [total, available, swap_total, swap_free, committed] = named(text, MEMINFO, NAMES);
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
}

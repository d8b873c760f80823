//! The process clock, in nanoseconds (the ticks of `/proc/self/stat` are too coarse), and `/proc/self/statm`.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{fields, number};
use rustix::time::{ClockId, clock_gettime};

const STATM: &str = "/proc/self/statm";

/// CPU time of all threads of this process.
pub(crate) fn cpu_time_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

pub(crate) struct Source {
    file: KeptFile,
    page_bytes: u64,
}

impl Source {
    pub(crate) fn new() -> Self {
        let file = KeptFile::new(&Root::new("/"), STATM, Ending::OneRead);
        Self { file, page_bytes: rustix::param::page_size() as u64 }
    }

    pub(crate) fn resident_bytes(&mut self) -> Result<u64, Missing> {
        let text = self.file.read()?;
        let pages = fields(text).nth(1).and_then(number);
        pages
            .map(|pages| pages.saturating_mul(self.page_bytes))
            .ok_or(Missing::NoField { file: STATM, field: "resident" })
    }
}

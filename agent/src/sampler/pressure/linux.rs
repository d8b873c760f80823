//! `/proc/pressure/*`: the running totals, not the kernel's averages. Absent before Linux 4.20 and where the
//! distribution switches it off.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{fields, lines, number};

/// CPU, memory, disk.
pub(super) const FILES: [&str; 3] = ["/proc/pressure/cpu", "/proc/pressure/memory", "/proc/pressure/io"];

pub(super) struct Source {
    name: &'static str,
    file: KeptFile,
}

impl Source {
    pub(super) fn new(root: &Root, name: &'static str) -> Self {
        Self { name, file: KeptFile::new(root, name, Ending::OneRead) }
    }

    /// Microseconds since boot in which some thread waited.
    pub(super) fn waited_us(&mut self) -> Result<u64, Missing> {
        some_total(self.file.read()?).ok_or(Missing::NoField { file: self.name, field: "some total" })
    }
}

fn some_total(text: &[u8]) -> Option<u64> {
    let line = lines(text).find(|line| line.starts_with(b"some "))?;
    fields(line).find_map(|field| field.strip_prefix(b"total=")).and_then(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_some_is_read() {
        let text = b"some avg10=8.65 avg60=6.78 avg300=2.56 total=25060779\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
        assert_eq!(some_total(text), Some(25_060_779));
        assert_eq!(some_total(b"full avg10=0.00 total=9\n"), None);
    }
}

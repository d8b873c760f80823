//! `/proc/diskstats`, whole disks only: what stands in `/sys/block` and is neither memory, a loop, optical,
//! nor stacked on other disks. The disks under a stack are counted, so the stack must not be.
// SPDX-License-Identifier: Apache-2.0

use super::Counters;
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{fields, lines, numbers};

const DISKSTATS: &str = "/proc/diskstats";
const SECTOR_BYTES: u64 = 512;
/// Most device names remembered; beyond it a name is judged anew each second.
const KNOWN_MAX: usize = 8_192;
const NOT_DISKS: [&str; 8] = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "drbd"];

/// Whether a name of `/sys/block` is a disk whose traffic must be counted, once.
pub(crate) fn is_whole_disk(root: &Root, name: &str) -> bool {
    let followed_by_number = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    // Partitions have no entry of their own; a slash in a name is `!` there.
    let entry = format!("sys/block/{}", name.replace('/', "!"));
    let stacked = || root.names(&format!("{entry}/slaves")).is_ok_and(|slaves| !slaves.is_empty());
    // The paths of a multipath NVMe name space are hidden behind the name space itself.
    let hidden = || root.number(&format!("{entry}/hidden")) == Some(1);
    !NOT_DISKS.into_iter().any(followed_by_number) && root.exists(&entry) && !stacked() && !hidden()
}

pub(super) struct Source {
    file: KeptFile,
    root: Root,
    /// Names in the order of the file, each with the verdict.
    known: Vec<(Vec<u8>, bool)>,
}

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self {
            file: KeptFile::new(root.path(DISKSTATS), Ending::Pages),
            root: root.clone(),
            known: Vec::new(),
        }
    }

    /// Shows every whole disk with its counters.
    pub(super) fn read(&mut self, show: &mut dyn FnMut(&str, Counters)) -> Result<(), Missing> {
        let text = self.file.read().map_err(|_| Missing::Unreadable(DISKSTATS))?;
        for (at, line) in lines(text).enumerate() {
            let mut fields = fields(line).skip(2);
            let Some(name) = fields.next() else { continue };
            let Ok(name_text) = std::str::from_utf8(name) else { continue };
            if is_known_disk(&mut self.known, &self.root, at, name, name_text)
                && let Some(counters) = counters(fields)
            {
                show(name_text, counters);
            }
        }
        Ok(())
    }
}

/// The verdict on a name, from memory: the order of the file hardly ever changes.
fn is_known_disk(known: &mut Vec<(Vec<u8>, bool)>, root: &Root, at: usize, name: &[u8], text: &str) -> bool {
    let here = known.get(at).filter(|(known, _)| known == name);
    if let Some((_, verdict)) = here.or_else(|| known.iter().find(|(known, _)| known == name)) {
        return *verdict;
    }
    let verdict = is_whole_disk(root, text);
    if known.len() < KNOWN_MAX {
        known.push((name.to_vec(), verdict));
    }
    verdict
}

fn counters<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Option<Counters> {
    let [reads, _, read_sectors, read_ms, writes, _, write_sectors, write_ms, _, busy_ms, weighted_ms] =
        numbers(fields);
    Some(Counters {
        reads: reads?,
        read_bytes: read_sectors?.saturating_mul(SECTOR_BYTES),
        read_ms: read_ms?,
        writes: writes?,
        write_bytes: write_sectors?.saturating_mul(SECTOR_BYTES),
        write_ms: write_ms?,
        busy_ms: busy_ms?,
        weighted_ms: weighted_ms?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_and_stacks_are_not_counted_again() {
        let root = Root::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stacked"));
        let mut names = Vec::new();
        Source::new(&root).read(&mut |name, _| names.push(name.to_owned())).unwrap();
        assert_eq!(names, ["sda", "sdb", "nvme0n1"]);
    }

    #[test]
    fn counters_are_read_by_position() {
        let line = b"100 0 200 50 7 0 16 9 0 40 59 0 0 0 0";
        let expected = Counters {
            reads: 100,
            read_bytes: 102_400,
            read_ms: 50,
            writes: 7,
            write_bytes: 8_192,
            write_ms: 9,
            busy_ms: 40,
            weighted_ms: 59,
        };
        assert_eq!(counters(fields(line)), Some(expected));
        assert_eq!(counters(fields(b"100 0 200")), None);
    }
}

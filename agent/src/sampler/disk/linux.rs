//! `/proc/diskstats`, whole disks only: what stands in `/sys/block` and is neither memory, a loop, optical,
//! nor stacked on other disks. The disks under a stack are counted, so the stack must not be.
// SPDX-License-Identifier: Apache-2.0

use super::Counters;
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::roster::Roster;
use crate::sampler::text::{Fields, fields, lines};

/// What the kernel calls a sector, whatever the disk does.
pub(super) const SECTOR_BYTES: u64 = 512;
const DISKSTATS: &str = "/proc/diskstats";
/// Followed by a number. ZFS volumes (`zd`) stand on disks without saying so in `/sys`.
const NOT_DISKS: [&str; 9] = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "drbd", "zd"];
/// Followed by a letter: PowerPath's name for several paths, each of which is a disk here already.
const PATHS_TOGETHER: &str = "emcpower";

/// Whether a name of `/sys/block` is a disk whose traffic must be counted, once.
pub(crate) fn is_whole_disk(root: &Root, name: &str) -> bool {
    let followed_by_number = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_other = NOT_DISKS.into_iter().any(followed_by_number) || name.starts_with(PATHS_TOGETHER);
    // Partitions have no entry of their own; a slash in a name is `!` there.
    let entry = format!("sys/block/{}", name.replace('/', "!"));
    let stacked = || root.names(&format!("{entry}/slaves")).is_ok_and(|slaves| !slaves.is_empty());
    // The paths of a multipath NVMe name space are hidden behind the name space itself.
    let hidden = || root.number(&format!("{entry}/hidden")) == Some(1);
    !is_other && root.exists(&entry) && !stacked() && !hidden()
}

pub(super) struct Source {
    file: KeptFile,
    root: Root,
    /// Whether each name is a disk's; asking `/sys` every second would cost more than all else.
    verdicts: Roster<bool>,
}

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        let file = KeptFile::new(root, DISKSTATS, Ending::Pages);
        Self { file, root: root.clone(), verdicts: Roster::new() }
    }

    /// Shows every whole disk with its counters.
    pub(super) fn read(&mut self, show: &mut dyn FnMut(&str, Counters)) -> Result<(), Missing> {
        let text = self.file.read()?;
        self.verdicts.start();
        for line in lines(text) {
            let mut fields = fields(line);
            let Some(Ok(name)) = fields.nth(2).map(std::str::from_utf8) else { continue };
            let judge = || is_whole_disk(&self.root, name);
            let verdict = self.verdicts.meet(name.as_bytes(), judge).ok_or(Missing::TooMany(DISKSTATS))?;
            if *verdict && let Some(counters) = counters(fields) {
                show(name, counters);
            }
        }
        self.verdicts.finish();
        Ok(())
    }
}

fn counters(fields: Fields<'_>) -> Option<Counters> {
    let [reads, _, read_sectors, read_ms, writes, _, write_sectors, write_ms, _, busy_ms, weighted_ms] =
        fields.numbers();
    Some(Counters {
        reads: reads?,
        read_sectors: read_sectors?,
        read_ms: read_ms?,
        writes: writes?,
        write_sectors: write_sectors?,
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
            read_sectors: 200,
            read_ms: 50,
            writes: 7,
            write_sectors: 16,
            write_ms: 9,
            busy_ms: 40,
            weighted_ms: 59,
        };
        assert_eq!(counters(fields(line)), Some(expected));
        assert_eq!(counters(fields(b"100 0 200")), None);
    }
}

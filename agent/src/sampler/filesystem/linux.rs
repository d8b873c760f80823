//! `/proc/mounts` and `statvfs`. Only file systems that live on this host's own disks are ever asked: network,
//! automatic and user-space ones may hang.
// SPDX-License-Identifier: Apache-2.0

use super::{Asked, Mounts, Usage};
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use std::collections::BTreeSet;
use std::io;

const MOUNTS: &str = "/proc/mounts";
const MOUNTS_OF_HOST: &str = "/proc/1/mounts";
const LOCAL_TYPES: [&str; 14] = [
    "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "gfs2", "jfs", "nilfs2", "ntfs3", "ocfs2",
    "reiserfs", "vfat", "xfs",
];
/// ZFS file systems of one pool share its space; the pool's root stands for them.
const ZFS: &str = "zfs";
const FILE_SYSTEMS_MAX: usize = 1_024;

/// The file systems mounted on a host.
pub(super) struct Mounted(Root);

impl Mounted {
    pub(super) fn new(root: &Root) -> Self {
        Self(root.clone())
    }
}

impl Mounts for Mounted {
    fn list(&self) -> Result<Vec<String>, Missing> {
        let name = self.0.host_view(MOUNTS, MOUNTS_OF_HOST);
        let mut file = KeptFile::new(&self.0, name, Ending::Pages);
        let points = local_mounts(&String::from_utf8_lossy(file.read()?));
        if points.len() > FILE_SYSTEMS_MAX { Err(Missing::TooMany(name)) } else { Ok(points) }
    }

    fn usage(&self, mount_point: &str) -> Asked {
        let stat = match rustix::fs::statvfs(self.0.path(mount_point)).map_err(io::Error::from) {
            Ok(stat) => stat,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Missing::Refused(error.kind())),
        };
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        let used_bytes = bytes(stat.f_blocks.saturating_sub(stat.f_bfree));
        Ok(Some(Usage { id: stat.f_fsid, used_bytes, size_bytes: bytes(stat.f_blocks) }))
    }
}

/// Mount points of local file systems, each device once: a bind mount is the same space again. Those under a
/// later mount cannot be reached, and asking would ask what lies over them.
fn local_mounts(mounts: &str) -> Vec<String> {
    let mounts: Vec<[&str; 3]> = mounts.lines().filter_map(first_three).collect();
    let mut devices = BTreeSet::new();
    let mut points = Vec::new();
    for (at, [device, point, kind]) in mounts.iter().enumerate() {
        let local = LOCAL_TYPES.contains(kind) || (*kind == ZFS && !device.contains('/'));
        let hidden = || mounts[at + 1..].iter().any(|[_, later, _]| lies_under(point, later));
        if local && points.len() <= FILE_SYSTEMS_MAX && !hidden() && devices.insert(device) {
            points.push(unescape(point));
        }
    }
    points
}

fn first_three(line: &str) -> Option<[&str; 3]> {
    let mut fields = line.split(' ');
    Some([fields.next()?, fields.next()?, fields.next()?])
}

/// Whether a mount point is, or is below, another; all that was mounted before the root itself has been moved.
fn lies_under(point: &str, later: &str) -> bool {
    later != "/" && point.strip_prefix(later).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The kernel writes blanks and backslashes in names as three octal digits.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                bytes.push(byte);
                rest = &after[3..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_list_gives_mount_points_of_it(
            lines in proptest::collection::vec(("[a-c/]{0,5}", "/[a-c\\\\0-9/]{0,9}", "ext4|zfs|nfs4|x?"), 0..40)
        ) {
            let text: Vec<String> = lines.iter().map(|(d, p, k)| format!("{d} {p} {k} rw")).collect();
            let points = local_mounts(&text.join("\n"));
            prop_assert!(points.len() <= lines.len());
            prop_assert!(points.iter().all(|point| point.starts_with('/')));
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            prop_assert!(local_mounts(&text).len() <= text.lines().count());
            prop_assert!(unescape(&text).chars().count() <= text.chars().count());
        }
    }

    #[test]
    fn only_local_file_systems_and_each_once() {
        let mounts = "\
proc /proc proc rw 0 0
/dev/sda2 / ext4 rw 0 0
/dev/sda2 /var/lib/bind ext4 rw 0 0
/dev/mapper/vg-data /srv/my\\040data xfs rw 0 0
filer:/export /mnt/nfs nfs4 rw 0 0
//filer/share /mnt/cifs cifs rw 0 0
user@host: /mnt/ssh fuse.sshfs rw 0 0
systemd-1 /misc autofs rw 0 0
tank /tank zfs rw 0 0
tank/home /tank/home zfs rw 0 0
tmpfs /run tmpfs rw 0 0
";
        assert_eq!(local_mounts(mounts), ["/", "/srv/my data", "/tank"]);
    }

    #[test]
    fn what_lies_under_another_mount_is_not_asked() {
        let check = |mounts: &str, expected: &[&str]| assert_eq!(local_mounts(mounts), expected, "{mounts}");
        check("/dev/sdb /data xfs rw\nfiler:/x /data nfs4 rw\n", &[]);
        check("/dev/sdb /data/a xfs rw\nfiler:/x /data nfs4 rw\n", &[]);
        check("/dev/sdb /database xfs rw\nfiler:/x /data nfs4 rw\n", &["/database"]);
        check("filer:/x /data nfs4 rw\n/dev/sdb /data/a xfs rw\n", &["/data/a"]);
        check("/dev/sdb /data xfs rw\n/dev/sdc /data xfs rw\n", &["/data"]);
        check("/dev/sdb /usr xfs rw\n/dev/sda / xfs rw\n", &["/usr", "/"]);
        // Hidden at one place, the same device may be seen at another.
        check("/dev/sdb /a xfs rw\nfiler:/x /a nfs rw\n/dev/sdb /b xfs rw\n", &["/b"]);
        check("\n \n/dev/sda\n/dev/sdb /b xfs", &["/b"]);
    }

    #[test]
    fn more_than_can_be_followed_are_not_summed_in_part() {
        let tree = tempfile::tempdir().unwrap();
        std::fs::create_dir(tree.path().join("proc")).unwrap();
        let list = |count: usize| {
            let mounts: String = (0..count).map(|n| format!("/dev/sd{n} /data/{n} xfs rw\n")).collect();
            std::fs::write(tree.path().join("proc/mounts"), mounts).unwrap();
            Mounted::new(&Root::new(tree.path())).list().map(|points| points.len())
        };
        assert_eq!(list(FILE_SYSTEMS_MAX), Ok(FILE_SYSTEMS_MAX));
        assert_eq!(list(2 * FILE_SYSTEMS_MAX), Err(Missing::TooMany(MOUNTS)));
    }

    #[test]
    fn a_backslash_without_digits_stays() {
        assert_eq!(unescape("a\\b\\134c\\"), "a\\b\\c\\");
    }
}

//! `/proc/mounts` and `statvfs`. Only file systems that live on this host's own disks are ever asked: network,
//! automatic and user-space ones may hang.
// SPDX-License-Identifier: Apache-2.0

use super::Usage;
use crate::root::Root;
use crate::sampler::Missing;
use std::collections::BTreeSet;

const MOUNTS: &str = "/proc/mounts";
const LOCAL_TYPES: [&str; 14] = [
    "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "gfs2", "jfs", "nilfs2", "ntfs3", "ocfs2",
    "reiserfs", "vfat", "xfs",
];
/// ZFS file systems of one pool share its space; the pool's root stands for them.
const ZFS: &str = "zfs";
const FILE_SYSTEMS_MAX: usize = 256;

/// Asks every local file system for its use.
pub(crate) fn poll(root: &Root) -> Result<Vec<Usage>, Missing> {
    let mounts = root.text(MOUNTS).map_err(|_| Missing::Unreadable(MOUNTS))?;
    Ok(local_mounts(&mounts).into_iter().filter_map(|mount_point| usage(root, mount_point)).collect())
}

fn usage(root: &Root, mount_point: String) -> Option<Usage> {
    let stat = rustix::fs::statvfs(root.path(&mount_point)).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    let used_bytes = bytes(stat.f_blocks.saturating_sub(stat.f_bfree));
    Some(Usage { mount_point, size_bytes: bytes(stat.f_blocks), used_bytes })
}

/// Mount points of local file systems, each device once: a bind mount is the same space again.
fn local_mounts(mounts: &str) -> Vec<String> {
    let mut devices = BTreeSet::new();
    let mut points = Vec::new();
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (Some(device), Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let local = LOCAL_TYPES.contains(&kind) || (kind == ZFS && !device.contains('/'));
        if local && points.len() < FILE_SYSTEMS_MAX && devices.insert(device) {
            points.push(unescape(point));
        }
    }
    points
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
    fn a_backslash_without_digits_stays() {
        assert_eq!(unescape("a\\b\\134c\\"), "a\\b\\c\\");
    }
}

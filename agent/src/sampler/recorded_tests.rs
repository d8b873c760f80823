//! Trees recorded on other people's machines, kept beside the repository: each is read twice, and what is known
//! of it must come out.
// SPDX-License-Identifier: Apache-2.0

use super::staged::{Still, assert_possible, check};
use super::*;
use std::path::{Path, PathBuf};
use std::process::Command;

const SILENT: Result<f64, &str> = Ok(0.0);
const NO_AVAILABLE: Result<f64, &str> = Err("/proc/meminfo has no field MemAvailable");
const NO_DISK: Result<f64, &str> = Err("no whole disk is visible here");

/// An archive, and what its tree shows.
type Recorded = (&'static str, &'static [(&'static str, &'static str, Result<f64, &'static str>)]);

const ARCHIVES: &[Recorded] = &[
    (
        "node_exporter_fixtures.tar.zst",
        &[
            ("cpu_run_queue_count", "", Ok(1.0)),
            ("memory_used_bytes", "", NO_AVAILABLE),
            ("memory_committed_bytes", "", Ok(8_023_486_464.0)),
            ("swap_used_bytes", "", Ok(1_063_874_560.0)),
            ("pressure_io_ratio", "", SILENT),
            ("disk_busy_ratio", "", NO_DISK),
        ],
    ),
    ("pcp-qa-linux/sysdev-root-002.tgz", &[("cpu_run_queue_count", "", Ok(1.0))]),
    (
        "pcp-qa-linux/pressure-root-001.tgz",
        &[("pressure_cpu_ratio", "", SILENT), ("pressure_memory_ratio", "", SILENT)],
    ),
    // A device mapper alone in `/sys`: nothing of the host's own to count.
    ("pcp-qa-linux/blkdev-root-001.tgz", &[("disk_read_bytes_per_s", "", NO_DISK)]),
    ("pcp-qa-linux/blkdev-root-002.tgz", &[("disk_read_bytes_per_s", "", NO_DISK)]),
];

#[test]
fn recorded_hosts_show_what_is_known_of_them() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let data = std::env::var_os("CAIRN_DATA").map_or(beside, PathBuf::from).join("raw/proc");
    for (archive, expected) in ARCHIVES {
        let file = data.join(archive);
        if !file.is_file() {
            eprintln!("SKIPPED {archive}: not under {}; set CAIRN_DATA", data.display());
            continue;
        }
        let tree = tempfile::tempdir().unwrap();
        let unpacked = Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(tree.path()).status();
        if !unpacked.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED {archive}: tar cannot unpack it here");
            continue;
        }
        let root = with_proc(tree.path()).unwrap_or_else(|| panic!("{archive} holds no /proc"));
        let (mut samplers, clock) = (Samplers::new(&Root::new(root)), Still::default());
        for _ in 0..2 {
            clock.pass(1.0);
            assert_possible(samplers.sample(&clock));
        }
        check(archive, samplers.board(), expected);
    }
}

/// The directory of a tree in which `/proc` lies.
fn with_proc(directory: &Path) -> Option<PathBuf> {
    if directory.join("proc").is_dir() {
        return Some(directory.to_owned());
    }
    let inside = std::fs::read_dir(directory).ok()?.flatten().map(|entry| entry.path());
    inside.filter(|path| path.is_dir()).find_map(|path| with_proc(&path))
}

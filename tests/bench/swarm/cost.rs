//! What the collector has used: CPU off a control group of its own where there is one (ticks say little), its
//! compaction's apart; memory; and its store's pages.
// SPDX-License-Identifier: Apache-2.0

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// CPU seconds.
#[derive(Clone, Copy)]
pub(crate) struct Used {
    /// Of all threads but the one that compacts.
    pub(crate) ingest_s: f64,
    /// Of the thread that compacts.
    pub(crate) compaction_s: f64,
}

impl std::ops::Sub for Used {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        let Self { ingest_s, compaction_s } = before;
        Self { ingest_s: self.ingest_s - ingest_s, compaction_s: self.compaction_s - compaction_s }
    }
}

/// Of one process.
pub(crate) struct Meter {
    pid: u32,
    group: Option<PathBuf>,
}

impl Meter {
    /// Measures a process from now on.
    #[must_use]
    pub(crate) fn of(pid: u32) -> Self {
        let group = Path::new("/sys/fs/cgroup/cpuacct").join(format!("cairn-swarm-{pid}"));
        let joined = std::fs::create_dir(&group)
            .and_then(|()| std::fs::write(group.join("cgroup.procs"), pid.to_string()));
        Self { pid, group: joined.is_ok().then_some(group) }
    }

    /// What it has used so far.
    #[must_use]
    pub(crate) fn used(&self) -> Used {
        let compaction_s = self.compaction_s();
        Used { ingest_s: self.cpu_s() - compaction_s, compaction_s }
    }

    /// All threads.
    fn cpu_s(&self) -> f64 {
        if let Some(group) = &self.group {
            return read(&group.join("cpuacct.usage")).trim().parse::<f64>().unwrap_or(f64::NAN) / 1e9;
        }
        let stat = read(&self.of_process("stat"));
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let ticks = |i: usize| fields.get(i).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Of its compaction, which has a thread of its own; 0 where it has none.
    fn compaction_s(&self) -> f64 {
        let tasks = std::fs::read_dir(self.of_process("task")).into_iter().flatten().flatten();
        let compacts = tasks.filter(|task| read(&task.path().join("comm")).trim() == "compaction");
        let used = compacts.map(|task| {
            let line = read(&task.path().join("schedstat"));
            line.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0)
        });
        used.sum::<f64>() / 1e9
    }

    /// Most resident memory so far, in MB.
    #[must_use]
    pub(crate) fn resident_peak_mb(&self) -> f64 {
        let status = read(&self.of_process("status"));
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|text| text.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e3
    }

    fn of_process(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join(name)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            // It goes when its process is gone; else it is empty and in nobody's way.
            let _ = std::fs::remove_dir(group);
        }
    }
}

/// Bytes of a store's file, and of its pages that are in use.
#[must_use]
pub(crate) fn store_bytes(file: &Path) -> (u64, u64) {
    let mut bytes = Vec::new();
    let header = std::fs::File::open(file).and_then(|file| file.take(100).read_to_end(&mut bytes));
    let length = std::fs::metadata(file).map_or(0, |file| file.len());
    if header.is_err() {
        return (length, length);
    }
    let number = |at: usize, n: usize| {
        bytes.get(at..at + n).unwrap_or(&[]).iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    // The header of an SQLite file: size of a page, pages, pages that are free.
    let (page, pages, free) = (number(16, 2), number(28, 4), number(36, 4));
    (length, page * pages.saturating_sub(free))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

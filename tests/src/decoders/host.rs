//! A host of a few files, and its clock.
// SPDX-License-Identifier: Apache-2.0

use super::{MONDAY, folder};
use cairn_agent::clock::{Clock, Instants};
use cairn_agent::root::Root;
use std::sync::atomic::{AtomicI64, Ordering};

/// A host that consists of a few files.
pub(super) struct Host {
    folder: tempfile::TempDir,
}

impl Default for Host {
    fn default() -> Self {
        Self { folder: folder() }
    }
}

impl Host {
    /// Writes files below its root.
    pub(super) fn write<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        for (name, text) in files {
            let path = self.folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a file in the root")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
    }

    /// Its root.
    #[must_use]
    pub(super) fn root(&self) -> Root {
        Root::new(self.folder.path())
    }
}

/// A clock that goes on a second each time it is looked at.
#[derive(Default)]
pub(super) struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Instants {
        let s = self.0.fetch_add(1, Ordering::Relaxed);
        Instants { wall_ms: (MONDAY + s) * 1_000, boot_ns: s * 1_000_000_000, mono_ns: s * 1_000_000_000 }
    }

    fn sleep_until(&self, _: i64) {}
}

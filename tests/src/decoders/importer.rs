//! A store, and files that are read into it as an administrator would.
// SPDX-License-Identifier: Apache-2.0

use super::{MONDAY, folder};
use cairn_collector::engagements::Engagements;
use cairn_collector::facts;
use cairn_collector::import::{self, Context, ImportError, ImportReport};
use cairn_collector::store::sqlite::SqliteStore;
use cairn_schemas::time::Timestamp;
use std::path::{Path, PathBuf};

/// A store, and a folder of files to import into it.
pub(super) struct Importer {
    data: tempfile::TempDir,
    store: SqliteStore,
    runs: u32,
}

impl Default for Importer {
    fn default() -> Self {
        let data = folder();
        let store = opened(data.path());
        Self { data, store, runs: 0 }
    }
}

fn opened(data: &Path) -> SqliteStore {
    SqliteStore::open(data, &"fuzz".parse().expect("a name")).expect("a store")
}

impl Importer {
    /// The store.
    #[must_use]
    pub(super) fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// Imports files of a format; what is refused has to be refused as a fault of the file, not of the store.
    pub(super) fn import<'a>(&mut self, format: &str, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        let paths = self.written(files);
        let format = import::format_of(format).expect("a format");
        self.within(|context| (format.import)(&paths, context));
    }

    /// Imports a file of facts that somebody stands for.
    pub(super) fn import_facts(&mut self, text: &[u8]) {
        let paths = self.written([("facts.csv", text)]);
        self.within(|context| facts::import(&paths[0], Some("Ada"), context));
    }

    fn within(&self, import: impl FnOnce(&mut Context<'_>) -> Result<ImportReport, ImportError>) {
        let mut context = Context {
            store: &self.store,
            engagements: &Engagements::new(self.data.path()),
            expect_keys: &[],
            now: Timestamp(MONDAY),
            server: None,
            progress: &mut |_, _| {},
        };
        let report = import(&mut context).expect("faults of files are no errors");
        assert!(report.rows.balanced(), "every row is accounted for: {report:?}");
    }

    /// Writes files to be read.
    pub(super) fn written<'a>(
        &mut self,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Vec<PathBuf> {
        self.runs += 1;
        if self.runs.is_multiple_of(2_000) {
            // A store that only grows would slow every later run down.
            *self = Self::default();
        }
        let folder = self.data.path().join("files");
        std::fs::create_dir_all(&folder).expect("a directory");
        let write = |(name, text): (&str, &[u8])| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("a file");
            path
        };
        files.into_iter().map(write).collect()
    }
}

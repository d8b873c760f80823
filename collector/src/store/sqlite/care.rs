//! [`Care`] for the embedded store: each method beside the file that does it.
// SPDX-License-Identifier: Apache-2.0

use super::{SqliteStore, Timestamp, Work, backup, compaction, integrity, retention};
use crate::store::Result;
use crate::store::care::{Backup, Care, Checkup, Erasure, Removed, Retention};
use rusqlite::{Transaction, TransactionBehavior};
use std::path::Path;

impl SqliteStore {
    /// Runs `work` in one transaction and takes it back: what it would have done.
    pub(super) fn rehearse<T>(
        &self,
        tried: &str,
        work: impl FnOnce(&Transaction<'_>) -> Work<T>,
    ) -> Result<T> {
        let mut connection = self.connection();
        let run = || -> Work<T> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            work(&transaction)
        };
        run().map_err(|error| error.named(tried))
    }
}

impl Care for SqliteStore {
    fn retain(&self, kept: &Retention, by: &str, now: Timestamp, rehearse: bool) -> Result<Removed> {
        let tried = "removing what is past its time";
        if let Some(before) = kept.before("minutes", now) {
            // A week is closed with all of it that is here; packing it changes nothing that is read.
            self.compact_each(|db| compaction::before(db, before.start_of_week()), now, &|_| true)?;
        }
        if rehearse {
            return self.rehearse(tried, |db| retention::retain(db, kept, by, now));
        }
        self.write(tried, |db| retention::retain(db, kept, by, now))
    }

    fn retained_at(&self) -> Result<Option<Timestamp>> {
        self.read("reading when retention was applied", retention::retained_at)
    }

    fn erasable(&self, server: &str, with_issued: bool) -> Result<Option<Erasure>> {
        self.rehearse_erasure(server, with_issued)
    }

    fn erase_server(
        &self,
        server: &str,
        with_issued: bool,
        by: &str,
        now: Timestamp,
        statement: &dyn Fn(&Erasure) -> String,
    ) -> Result<Option<(Erasure, String)>> {
        self.erase_for_good(server, with_issued, by, now, statement)
    }

    fn copy_to(&self, file: &Path) -> Result<()> {
        backup::copy(&self.connection(), file).map_err(|trouble| trouble.named("copying the store"))
    }

    fn register_backup(&self, made: &Backup, by: &str) -> Result<()> {
        self.write("keeping that a backup was made", |db| backup::register(db, made, by))
    }

    fn backups(&self) -> Result<Vec<Backup>> {
        self.read("reading what backups there are", backup::all)
    }

    fn check(&self, thorough: bool) -> Result<Checkup> {
        // Not in one transaction: it would hold the log back for as long as it takes.
        integrity::check(&self.connection(), thorough).map_err(|trouble| trouble.named("checking the store"))
    }
}

//! Copies of the whole file: made while others write, opened only to be read.
// SPDX-License-Identifier: Apache-2.0

use super::{SqliteStore, StoreError, Timestamp, Trouble, Work, audit, engine, schema};
use crate::store::care::Backup;
use crate::store::{EngagementName, Result};
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Writes what is committed now into a new file. One read transaction: consistent, and nobody waits for it.
pub(super) fn copy(db: &Connection, file: &Path) -> Work<()> {
    let Some(path) = file.to_str() else {
        return Err(Trouble::Refused(format!("{}: the path is not UTF-8", file.display())));
    };
    db.execute("vacuum into ?1", [path])?;
    Ok(())
}

pub(super) fn register(db: &Connection, backup: &Backup, by: &str) -> Work<()> {
    // The head the copy ends with is no later than ours: the chain it is part of goes on here.
    let head = audit::head(db)?;
    db.execute(
        "insert into backup (name, at, sha256, bytes, keep_until, audit_head) values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            backup.name,
            backup.at.0,
            backup.sha256,
            backup.bytes as i64,
            backup.keep_until.map(|at| at.0),
            head
        ],
    )?;
    audit::append(db, by, &format!("backup {} with sha256 {}", backup.name, backup.sha256), backup.at)
}

pub(super) fn all(db: &Connection) -> Work<Vec<Backup>> {
    let mut query =
        db.prepare_cached("select name, at, sha256, bytes, keep_until from backup order by id")?;
    let rows = query.query_map([], |row| {
        Ok(Backup {
            name: row.get(0)?,
            at: Timestamp(row.get(1)?),
            sha256: row.get(2)?,
            bytes: row.get::<_, i64>(3)? as u64,
            keep_until: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl SqliteStore {
    /// Opens a file to read it, as it is: nothing of it is changed, and an earlier version not taken further.
    ///
    /// # Errors
    /// It is no store, or of a newer version.
    pub fn read_only(file: &Path, name: &EngagementName) -> Result<Self> {
        let tried = format!("reading the store {}", file.display());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(file, flags).and_then(|connection| {
            connection.busy_timeout(super::BUSY)?;
            let version = schema::version(&connection)?;
            let tables: u32 = connection.query_row(
                "select count(*) from sqlite_schema where name in ('source', 'inbox', 'audit')",
                [],
                |row| row.get(0),
            )?;
            Ok((connection, version, tables))
        });
        let (connection, found, tables) = opened.map_err(|error| engine(&tried, error))?;
        if found > schema::known() {
            return Err(StoreError::Newer { found, known: schema::known() });
        }
        if found == 0 || tables != 3 {
            return Err(StoreError::Damaged(format!("{tried}: it is no store")));
        }
        Ok(Self {
            name: name.clone(),
            path: file.to_owned(),
            connection: Mutex::new(connection),
            readers: None,
        })
    }

    /// Takes the file for this process alone, and folds its log into it; ends when this is dropped.
    ///
    /// # Errors
    /// Another process has it open: a collector, or a verb.
    pub fn hold_alone(&self) -> Result<()> {
        let refused = || {
            StoreError::Refused(format!(
                "{} is in use: stop `cairn serve` and other verbs on it first",
                self.path.display()
            ))
        };
        if let Some(readers) = &self.readers {
            readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        let connection = self.connection();
        let _ = connection.busy_timeout(std::time::Duration::from_secs(1));
        // Whoever has the file open in this mode keeps a lock on it: leaving the mode succeeds only alone.
        let mode: rusqlite::Result<String> =
            connection.query_row("pragma journal_mode = delete", [], |row| row.get(0));
        if !mode.is_ok_and(|mode| mode == "delete") {
            return Err(refused());
        }
        connection.execute_batch("begin exclusive").map_err(|_| refused())
    }
}

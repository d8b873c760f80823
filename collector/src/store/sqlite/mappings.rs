//! Mappings of columns to facts, by name.
// SPDX-License-Identifier: Apache-2.0

use super::{Timestamp, Work, audit};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

pub(super) fn put(db: &Connection, name: &str, text: &str, by: &str, now: Timestamp) -> Work<()> {
    db.execute("insert or replace into fact_mapping (name, text) values (?1, ?2)", params![name, text])?;
    audit::append(db, by, &format!("kept the mapping {name}"), now)
}

pub(super) fn all(db: &Connection) -> Work<BTreeMap<String, String>> {
    let mut query = db.prepare_cached("select name, text from fact_mapping")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

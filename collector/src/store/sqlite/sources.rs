//! Sources and the servers they are about.
// SPDX-License-Identifier: Apache-2.0

use super::{Source, SourceId, SourceKind, Timestamp, Trouble, Window, Work, outbox};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str = "select id, kind, key, server, first_seen, last_seen from source";

const KINDS: [SourceKind; 3] = [SourceKind::Agent, SourceKind::Import, SourceKind::Simulated];

fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    let kind: usize = row.get(1)?;
    let kind = KINDS.get(kind).copied().ok_or(rusqlite::Error::IntegralValueOutOfRange(1, kind as i64))?;
    let seen = |i| row.get::<_, Option<i64>>(i).map(|at| at.map(Timestamp));
    Ok(Source {
        id: row.get(0)?,
        kind,
        key: row.get(2)?,
        server: row.get(3)?,
        first_seen: seen(4)?,
        last_seen: seen(5)?,
    })
}

fn number(kind: SourceKind) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or(0)
}

pub(super) fn find_or_make(db: &Connection, kind: SourceKind, key: &str, server: &str) -> Work<Source> {
    db.execute(
        "insert into source (kind, key, server) values (?1, ?2, ?3) on conflict do nothing",
        params![number(kind), key, server],
    )?;
    let sql = format!("{COLUMNS} where kind = ?1 and key = ?2");
    Ok(db.query_row(&sql, params![number(kind), key], source)?)
}

pub(super) fn all(db: &Connection) -> Work<Vec<Source>> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} order by id"))?;
    let rows = query.query_map([], source)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn map(db: &Connection, id: SourceId, server: &str, by: &str, now: Timestamp) -> Work<()> {
    let before: Option<String> =
        db.query_row("select server from source where id = ?1", [id], |row| row.get(0)).optional()?;
    let Some(before) = before else { return Err(Trouble::Refused(format!("there is no source {id}"))) };
    db.execute("update source set server = ?2 where id = ?1", params![id, server])?;
    db.execute(
        "insert into source_mapping (source, server, since, by) values (?1, ?2, ?3, ?4)",
        params![id, server, now.0, by],
    )?;
    outbox::audit(db, by, &format!("mapped source {id} from {before} to {server}"), now)
}

pub(super) fn servers(db: &Connection) -> Work<Vec<String>> {
    let mut query =
        db.prepare_cached("select server from source union select server from fact order by 1")?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Widens what a source is known to have covered.
pub(super) fn seen(
    db: &Connection,
    id: SourceId,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
) -> Work<()> {
    db.prepare_cached(
        "update source set first_seen = min(ifnull(first_seen, ?2), ifnull(?2, first_seen)),
         last_seen = max(ifnull(last_seen, ?3), ifnull(?3, last_seen)) where id = ?1",
    )?
    .execute(params![id, first.map(|t| t.0), last.map(|t| t.0)])?;
    Ok(())
}

pub(super) fn extent(db: &Connection) -> Work<Option<Window>> {
    let sql = "select min(first_seen), max(last_seen) from source where last_seen is not null";
    let (from, to): (Option<i64>, Option<i64>) =
        db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(from.zip(to).map(|(from, to)| Window { from: Timestamp(from), to: Timestamp(to) }))
}

//! Directives by ring: what agents are asked to do. The empty ring is everybody.
// SPDX-License-Identifier: Apache-2.0

use super::{AgentId, Timestamp, Work, outbox};
use cairn_schemas::directives::Directives;
use rusqlite::{Connection, OptionalExtension as _, params};

type Row = (String, u64, Option<Directives>);

/// Every ring that was ever given directives; `None` where they were taken back.
fn rows(db: &Connection) -> Work<Vec<Row>> {
    let mut query = db.prepare_cached("select ring, version, json from directives order by ring")?;
    let rows = query.query_map([], columns)?;
    rows.map(|row| parsed(row?)).collect()
}

/// Ring, version and JSON.
fn columns(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, u64, Option<String>)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn parsed((ring, version, json): (String, u64, Option<String>)) -> Work<Row> {
    let directives = json.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok((ring, version, directives))
}

pub(super) fn all(db: &Connection) -> Work<Vec<(String, Directives)>> {
    let held = rows(db)?.into_iter().filter_map(|(ring, version, directives)| {
        directives.map(|directives| (ring, Directives { version, ..directives }))
    });
    Ok(held.collect())
}

pub(super) fn put(
    db: &Connection,
    ring: &str,
    directives: Option<&Directives>,
    by: &str,
    now: Timestamp,
) -> Work<u64> {
    let version: u64 =
        db.query_row("select coalesce(max(version), 0) + 1 from directives", [], |row| row.get(0))?;
    let json = directives.map(serde_json::to_string).transpose()?;
    db.execute(
        "insert into directives (ring, version, json) values (?1, ?2, ?3)
         on conflict (ring) do update set version = excluded.version, json = excluded.json",
        params![ring, version, json],
    )?;
    let whom = if ring.is_empty() { "all agents".to_owned() } else { format!("ring {ring}") };
    let what = json.as_deref().unwrap_or("taken back");
    outbox::audit(db, by, &format!("directives {version} for {whom}: {what}"), now)?;
    Ok(version)
}

pub(super) fn of_agent(db: &Connection, id: AgentId) -> Work<Option<Directives>> {
    let own: Option<(String, i64)> = db
        .prepare_cached("select ring, key_asked from agent where id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (ring, key_epoch) = own.unwrap_or_default();
    let mut query = db.prepare_cached(
        "select ring, version, json from directives where ring = '' or ring = ?1 order by ring",
    )?;
    let rows = query.query_map([ring], columns)?;
    let rows = rows.map(|row| parsed(row?)).collect::<Work<Vec<Row>>>()?;
    let (everybody, own): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|(of, ..)| of.is_empty());
    let version = everybody.iter().chain(&own).map(|(_, version, _)| *version).max();
    let held = |rows: Vec<Row>| rows.into_iter().find_map(|(.., directives)| directives);
    let (everybody, own) = (held(everybody), held(own));
    // A pause of everybody holds for every ring: it is the one switch that stops all measuring.
    let paused_by_all = everybody.as_ref().is_some_and(|directives| directives.paused);
    if version.is_none() && key_epoch == 0 {
        return Ok(None);
    }
    let directives = own.or(everybody).unwrap_or_default();
    Ok(Some(Directives {
        version: version.unwrap_or_default(),
        paused: directives.paused || paused_by_all,
        key_epoch: key_epoch as u64,
        ..directives
    }))
}

pub(super) fn set_ring(db: &Connection, id: AgentId, ring: &str, by: &str, now: Timestamp) -> Work<bool> {
    let changed = db.execute("update agent set ring = ?2 where id = ?1", params![id.0, ring])?;
    if changed > 0 {
        outbox::audit(db, by, &format!("agent {id} into ring {ring:?}"), now)?;
    }
    Ok(changed > 0)
}

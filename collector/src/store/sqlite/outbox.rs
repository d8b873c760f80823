//! Messages that wait to leave.
// SPDX-License-Identifier: Apache-2.0

pub(super) use super::audit::append as audit;
use super::{OutboxRow, Timestamp, Work};
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "select id, body, attempts, due_at, delivered_at from outbox";

fn message(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get(0)?,
        body: row.get(1)?,
        attempts: row.get(2)?,
        due_at: Timestamp(row.get(3)?),
        delivered_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
    })
}

pub(super) fn enqueue(db: &Connection, id: &str, body: &str, now: Timestamp) -> Work<bool> {
    let added = db.execute(
        "insert into outbox (id, body, attempts, due_at, claimed_until) values (?1, ?2, 0, ?3, 0)
         on conflict do nothing",
        params![id, body, now.0],
    )?;
    Ok(added > 0)
}

pub(super) fn claim_due(db: &Connection, now: Timestamp, until: Timestamp) -> Work<Vec<OutboxRow>> {
    let due = "delivered_at is null and due_at <= ?1 and claimed_until <= ?1";
    let mut query = db.prepare_cached(&format!("{COLUMNS} where {due} order by number"))?;
    let rows = query.query_map([now.0], message)?;
    let claimed: Vec<OutboxRow> = rows.collect::<rusqlite::Result<_>>()?;
    db.execute(&format!("update outbox set claimed_until = ?2 where {due}"), params![now.0, until.0])?;
    Ok(claimed)
}

pub(super) fn delivered(db: &Connection, id: &str, now: Timestamp) -> Work<()> {
    db.execute(
        "update outbox set delivered_at = ifnull(delivered_at, ?2), attempts = attempts + 1 where id = ?1",
        params![id, now.0],
    )?;
    audit(db, "outbox", &format!("event {id} delivered"), now)
}

pub(super) fn failed(db: &Connection, id: &str, due_at: Timestamp) -> Work<()> {
    db.execute(
        "update outbox set attempts = attempts + 1, due_at = ?2, claimed_until = 0 where id = ?1",
        params![id, due_at.0],
    )?;
    Ok(())
}

pub(super) fn all(db: &Connection) -> Work<Vec<OutboxRow>> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} order by number"))?;
    let rows = query.query_map([], message)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

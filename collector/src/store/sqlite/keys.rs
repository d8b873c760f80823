//! The keys of agents: asking for another, taking it, and what the retired ones are good for.
// SPDX-License-Identifier: Apache-2.0

use super::{AgentId, Timestamp, Work, outbox};
use crate::store::{Incoming, RetiredKey, Rotated, Rotation};
use cairn_schemas::bundle::key_fingerprint;
use cairn_schemas::identity::{BatchKey, Id128};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Asks an agent for the key after the one it has. Asked twice it is asked for one.
pub(super) fn ask(db: &Connection, id: AgentId, by: &str, now: Timestamp) -> Work<bool> {
    let changed = db.execute(
        "update agent set key_asked = key_epoch + 1
         where id = ?1 and revoked_at is null and key_asked <= key_epoch",
        [id.0],
    )?;
    if changed > 0 {
        outbox::audit(db, by, &format!("asked agent {id} for another key"), now)?;
    }
    Ok(db.prepare_cached("select 1 from agent where id = ?1 and revoked_at is null")?.exists([id.0])?)
}

struct Held {
    public_key: Vec<u8>,
    epoch: u64,
    asked: u64,
}

pub(super) fn rotate(db: &Connection, rotation: &Rotation, now: Timestamp) -> Work<Rotated> {
    let Rotation { agent, epoch, from, to } = rotation;
    let held = |row: &Row<'_>| {
        Ok(Held { public_key: row.get(0)?, epoch: unsigned(row, 1)?, asked: unsigned(row, 2)? })
    };
    let mut query = db.prepare_cached(
        "select public_key, key_epoch, key_asked from agent where id = ?1 and revoked_at is null",
    )?;
    let Some(held) = query.query_row([agent.0], held).optional()? else { return Ok(Rotated::Unfit) };
    if *epoch <= held.epoch {
        let known = *epoch == held.epoch && *to == held.public_key
            || retired(db, *agent)?.iter().any(|key| key.epoch == *epoch && key.public_key == *to);
        return Ok(if known { Rotated::Known } else { Rotated::Unfit });
    }
    if *epoch != held.epoch + 1 || *from != held.public_key || from == to || is_taken(db, to)? {
        return Ok(Rotated::Unfit);
    }
    db.execute(
        "insert into retired_key (public_key, agent, epoch, retired_at) values (?1, ?2, ?3, ?4)",
        params![from, agent.0, held.epoch as i64, now.0],
    )?;
    db.execute(
        "update agent set public_key = ?2, key_epoch = ?3, key_asked = max(key_asked, ?3) where id = ?1",
        params![agent.0, to, *epoch as i64],
    )?;
    let why = if held.asked >= *epoch { "as asked" } else { "which nobody had asked for here" };
    let (from, to) = (key_fingerprint(from), key_fingerprint(to));
    outbox::audit(db, "the agent", &format!("agent {agent} has key {to} in place of {from}, {why}"), now)?;
    Ok(Rotated::Changed)
}

/// Whether a key is, or was once, an agent's.
fn is_taken(db: &Connection, public_key: &[u8]) -> Work<bool> {
    let current = db.prepare_cached("select 1 from agent where public_key = ?1")?.exists([public_key])?;
    Ok(current || is_retired(db, public_key)?)
}

pub(super) fn is_retired(db: &Connection, public_key: &[u8]) -> Work<bool> {
    Ok(db.prepare_cached("select 1 from retired_key where public_key = ?1")?.exists([public_key])?)
}

/// Retired keys of an agent, the latest first.
pub(super) fn retired(db: &Connection, id: AgentId) -> Work<Vec<RetiredKey>> {
    let row = |row: &Row<'_>| {
        let (spool, before): (Option<[u8; 16]>, Option<i64>) = (row.get(3)?, row.get(4)?);
        Ok(RetiredKey {
            public_key: row.get(0)?,
            epoch: unsigned(row, 1)?,
            retired_at: Timestamp(row.get(2)?),
            succeeded: spool.zip(before).map(|(spool, before)| (Id128(spool), before as u64)),
        })
    };
    let mut query = db.prepare_cached(
        "select public_key, epoch, retired_at, spool, before from retired_key where agent = ?1
         order by epoch desc",
    )?;
    let rows = query.query_map([id.0], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a key that is no more the agent's can have sealed the batch that is signed with it.
pub(super) fn can_have_sealed(db: &Connection, batch: &Incoming) -> Work<bool> {
    let BatchKey { agent_id, spool_id, seq } = batch.key;
    let is_it = |key: &RetiredKey| key.epoch == batch.key_epoch && key.sealed(spool_id, seq);
    Ok(retired(db, agent_id)?.iter().any(is_it))
}

/// A key has sealed a batch: those before it have sealed nothing of its number or above. What stands for a lost batch
/// bears a number of the past and says nothing.
pub(super) fn used(db: &Connection, batch: &Incoming) -> Work<()> {
    let BatchKey { agent_id, spool_id, seq } = batch.key;
    let epoch = batch.key_epoch;
    if epoch == 0 || batch.tombstone {
        return Ok(());
    }
    db.prepare_cached(
        "update retired_key set spool = ?3, before = ?4
         where agent = ?1 and epoch < ?2 and (spool is null or (spool = ?3 and before > ?4))",
    )?
    .execute(params![agent_id.0, epoch as i64, spool_id.0, seq as i64])?;
    Ok(())
}

fn unsigned(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(at)? as u64)
}

//! The inbox: what arrived, in the order it came, until compaction turns it into day blocks.
// SPDX-License-Identifier: Apache-2.0

use super::{
    AckState, AgentId, Appended, Incoming, SpoolId, Timestamp, Window, Work, agents, facts, keys, outbox,
    sources, waiting,
};
use crate::store::{Contents, HASHES_KEPT, SourceId};
use cairn_schemas::fact::{Fact, entry_of};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::inventory::Inventory;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeMap;

/// Everything that waits.
const EVER: Window = Window { from: Timestamp(i64::MIN), to: Timestamp(i64::MAX) };
/// Most missing numbers an acknowledgement names.
const MISSING_MAX: usize = 64;

pub(super) fn append(db: &Connection, batches: &[Incoming]) -> Work<Vec<Appended>> {
    batches.iter().map(|batch| append_one(db, batch)).collect()
}

fn append_one(db: &Connection, batch: &Incoming) -> Work<Appended> {
    let BatchKey { agent_id, spool_id, seq } = batch.key;
    let Some(Owner { source, is_revoked, key_epoch }) = owner(db, agent_id)? else {
        return Ok(Appended::Stranger);
    };
    if is_revoked {
        return Ok(Appended::Revoked);
    }
    if batch.key_epoch != key_epoch && !keys::can_have_sealed(db, batch)? {
        conflict(db, batch, ", signed with a retired key")?;
        return Ok(Appended::KeyRetired);
    }
    let spools = spools(db, agent_id)?;
    let known = spools.iter().find(|spool| spool.id == spool_id).copied();
    let spool = known.unwrap_or(Spool { id: spool_id, ..Spool::default() });
    // A number above all others is not looked for.
    let held = if seq > spool.highest { None } else { held(db, batch.key)? };
    match held {
        Some((hash, _)) if hash == batch.sha256 => {
            hear(db, batch, spool)?;
            return Ok(Appended::Duplicate);
        }
        // What its agent has lost since is here: nothing is missing, and no second machine is at work. Its gaps are
        // taken all the same, since they may reach over a neighbour that is lost; what is measured outweighs them.
        Some(_) if batch.tombstone => {
            keep(db, batch, source)?;
            hear(db, batch, spool)?;
            return Ok(Appended::Duplicate);
        }
        // What its agent had lost comes after all: a bundle has kept it.
        Some((_, true)) => {}
        Some(_) => return forked(db, batch, ""),
        // Acknowledged so long ago that its hash is gone: no agent resends that, but a snapshot that was
        // brought back begins again there.
        None if seq <= spool.through => return forked(db, batch, " from long ago"),
        None if alternates(db, batch, &spools, source)? => {
            return forked(db, batch, ", measured beside another spool");
        }
        None => {}
    }
    keep(db, batch, source)?;
    keys::used(db, batch)?;
    db.prepare_cached(
        "insert or replace into received (agent, spool, seq, sha256, tombstone) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![agent_id.0, spool_id.0, seq as i64, batch.sha256, batch.tombstone])?;
    move_on(db, batch, spool)?;
    Ok(Appended::Stored)
}

/// Hash of a batch that is here, and whether it holds no slot.
fn held(db: &Connection, key: BatchKey) -> Work<Option<([u8; 32], bool)>> {
    let mut query = db.prepare_cached(
        "select sha256, tombstone from received where agent = ?1 and spool = ?2 and seq = ?3",
    )?;
    let key = params![key.agent_id.0, key.spool_id.0, key.seq as i64];
    Ok(query.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Counts a number in that was received, and with it those after it that came before; forgets hashes of long ago.
fn move_on(db: &Connection, batch: &Incoming, spool: Spool) -> Work<()> {
    let BatchKey { agent_id, spool_id, seq } = batch.key;
    let Spool { mut through, highest, heard, .. } = spool;
    if seq == through + 1 && seq > highest {
        through = seq;
    } else {
        let mut has =
            db.prepare_cached("select 1 from received where agent = ?1 and spool = ?2 and seq = ?3")?;
        while has.exists(params![agent_id.0, spool_id.0, through as i64 + 1])? {
            through += 1;
        }
    }
    let heard = if batch.carried { heard } else { through };
    let (highest, next) = (highest.max(seq) as i64, heard as i64 + 1);
    db.prepare_cached(
        "insert or replace into spool (agent, spool, ack_through, highest, heard) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![agent_id.0, spool_id.0, through as i64, highest, heard as i64])?;
    // An agent heard by bundles alone, for however long, goes on after what it last heard of once it comes online.
    if through > HASHES_KEPT + 1 {
        db.prepare_cached(
            "delete from received where agent = ?1 and spool = ?2 and seq <= ?3 and seq <> ?4",
        )?
        .execute(params![agent_id.0, spool_id.0, (through - HASHES_KEPT) as i64, next])?;
    }
    Ok(())
}

/// The agent that sent a repetition hears now how far all is here.
fn hear(db: &Connection, batch: &Incoming, spool: Spool) -> Work<()> {
    if !batch.carried && spool.heard < spool.through {
        db.prepare_cached("update spool set heard = ack_through where agent = ?1 and spool = ?2")?
            .execute(params![batch.key.agent_id.0, spool.id.0])?;
    }
    Ok(())
}

/// The agent a batch says it is of, as it is now.
struct Owner {
    source: SourceId,
    is_revoked: bool,
    /// Which of its keys it signs with.
    key_epoch: u64,
}

fn owner(db: &Connection, agent: AgentId) -> Work<Option<Owner>> {
    let mut query =
        db.prepare_cached("select source, revoked_at is not null, key_epoch from agent where id = ?1")?;
    let owner = |row: &Row<'_>| {
        let epoch: i64 = row.get(2)?;
        Ok(Owner { source: row.get(0)?, is_revoked: row.get(1)?, key_epoch: epoch as u64 })
    };
    Ok(query.query_row([agent.0], owner).optional()?)
}

/// Somebody is told that two machines, or two pasts of one, speak as one agent.
fn forked(db: &Connection, batch: &Incoming, how: &str) -> Work<Appended> {
    conflict(db, batch, how)?;
    Ok(Appended::Forked)
}

fn conflict(db: &Connection, batch: &Incoming, how: &str) -> Work<()> {
    let BatchKey { agent_id, seq, .. } = batch.key;
    let what = format!("forked identity: agent {agent_id}, batch {seq}{how}");
    outbox::audit(db, "ingest", &what, batch.received_at)?;
    agents::note_conflict(db, agent_id, batch.received_at)
}

/// Whether the time of what waits from the spool of a batch reaches into that of another spool of its agent. An agent
/// that lost its spool goes on with a new one after the old one's time; two copies of an agent that never ran have each
/// made their own and measure beside one another, and no number of theirs collides. The first batch of a spool alone
/// says nothing yet: its agent may die before another.
fn alternates(db: &Connection, batch: &Incoming, spools: &[Spool], source: SourceId) -> Work<bool> {
    let BatchKey { spool_id, seq, .. } = batch.key;
    let Some(slots) = batch.holds.slots.filter(|_| seq > 1) else { return Ok(false) };
    let mut others = spools.iter().filter(|spool| spool.id != spool_id && spool.highest > 1).peekable();
    if others.peek().is_none() {
        return Ok(false);
    }
    let mut measured = BTreeMap::from([(spool_id, slots)]);
    waiting::rows(db, source, EVER, |row| {
        if let Ok(known) = row.open()
            && let Some(more) = Contents::of(&known).slots
        {
            let all = measured.entry(known.key.spool_id).or_insert(more);
            *all = Window { from: all.from.min(more.from), to: all.to.max(more.to) };
        }
        Ok(true)
    })?;
    let own = measured[&spool_id];
    let meets = |other: &Window| other.from < own.to && own.from < other.to;
    Ok(others.filter_map(|other| measured.get(&other.id)).any(meets))
}

/// Keeps what a new batch holds: its facts at once, all else as it came. One that holds neither slots nor gaps has
/// nothing to wait for.
fn keep(db: &Connection, batch: &Incoming, source: SourceId) -> Work<()> {
    let agent = batch.key.agent_id;
    db.prepare_cached("update agent set last_upload_at = ?2 where id = ?1")?
        .execute(params![agent.0, batch.received_at.0])?;
    let Contents { slots, gaps, inventory } = &batch.holds;
    if let Some(inventory) = inventory {
        keep_inventory(db, source, inventory)?;
    }
    let Some(Window { from, to }) = batch.holds.reach() else { return Ok(()) };
    db.prepare_cached(
        "insert into inbox (agent, sealed, received_at, source, since, until, gaps)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        agent.0,
        batch.sealed,
        batch.received_at.0,
        source,
        from.0,
        to.0,
        gaps.is_some()
    ])?;
    sources::seen(db, source, Some(from), slots.map(|stretch| stretch.to))
}

/// What a spool has delivered.
#[derive(Clone, Copy, Default)]
struct Spool {
    id: SpoolId,
    /// Highest number up to which nothing is missing.
    through: u64,
    /// Highest number of all.
    highest: u64,
    /// What of `through` its agent was told when it was last online.
    heard: u64,
}

/// The spools of an agent: one, nearly always.
fn spools(db: &Connection, agent: AgentId) -> Work<Vec<Spool>> {
    let mut query =
        db.prepare_cached("select spool, ack_through, highest, heard from spool where agent = ?1")?;
    let rows = query.query_map([agent.0], |row| {
        let number = |i| row.get::<_, i64>(i).map(|number| number as u64);
        Ok(Spool { id: Id128(row.get(0)?), through: number(1)?, highest: number(2)?, heard: number(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn ack_state(db: &Connection, agent: AgentId, spool_id: SpoolId) -> Work<AckState> {
    let spool = spools(db, agent)?.into_iter().find(|spool| spool.id == spool_id).unwrap_or_default();
    let Spool { through: ack_through, highest, .. } = spool;
    if ack_through == highest {
        return Ok(AckState { ack_through, missing: Vec::new() });
    }
    let mut query = db.prepare_cached(
        "select seq from received where agent = ?1 and spool = ?2 and seq > ?3 order by seq",
    )?;
    let rows =
        query.query_map(params![agent.0, spool_id.0, ack_through as i64], |row| row.get::<_, i64>(0))?;
    let mut missing = Vec::new();
    let mut expected = ack_through + 1;
    for seq in rows {
        let seq = seq? as u64;
        missing.extend((expected..seq).take(MISSING_MAX - missing.len()));
        expected = seq + 1;
    }
    debug_assert!(expected > highest || missing.len() == MISSING_MAX, "the highest number was received");
    Ok(AckState { ack_through, missing })
}

/// Facts of the inventory become facts of the server.
pub(super) fn keep_inventory(db: &Connection, source: SourceId, inventory: &Inventory) -> Work<()> {
    let server: String =
        db.query_row("select server from source where id = ?1", [source], |row| row.get(0))?;
    let fact = |(name, value): (&String, &cairn_schemas::fact::FactValue)| {
        let unit = entry_of(name).map_or("", |entry| entry.unit()).to_owned();
        let evidence = inventory.evidence.get(name).map_or_else(String::new, |proof| format!(": {proof}"));
        let fact = Fact {
            value: value.clone(),
            unit,
            source: format!("{}{evidence}", facts::AGENT),
            observed_at: inventory.observed_at,
            valid_from: None,
            confirmed_by: None,
        };
        (name.clone(), fact)
    };
    let all: Vec<(String, Fact)> = inventory.facts.iter().map(fact).collect();
    db.execute("update agent set version = ?2 where source = ?1", params![source, inventory.agent_version])?;
    facts::observe(db, &server, all)
}

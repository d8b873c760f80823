//! The inbox: what arrived, in the order it came, until compaction turns it into day blocks.
// SPDX-License-Identifier: Apache-2.0

use super::{
    AckState, AgentId, Appended, Incoming, SpoolId, Timestamp, Window, Work, agents, facts, outbox, sources,
    waiting,
};
use crate::store::{Contents, HASHES_KEPT, SourceId};
use cairn_schemas::fact::{Fact, entry_of};
use cairn_schemas::identity::BatchKey;
use cairn_schemas::inventory::Inventory;
use rusqlite::{Connection, OptionalExtension as _, params};
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
    let Some(source) = source_of(db, agent_id)? else { return Ok(Appended::Stranger) };
    let held: Option<([u8; 32], bool)> = db
        .prepare_cached(
            "select sha256, tombstone from received where agent = ?1 and spool = ?2 and seq = ?3",
        )?
        .query_row(params![agent_id.0, spool_id.0, seq as i64], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (mut through, highest) = spool(db, agent_id, spool_id)?;
    match held {
        Some((hash, _)) if hash == batch.sha256 => return Ok(Appended::Duplicate),
        // What its agent has lost since is here: nothing is missing, and no second machine is at work. Its gaps are
        // taken all the same, since they may reach over a neighbour that is lost; what is measured outweighs them.
        Some(_) if batch.tombstone => {
            keep(db, batch, source)?;
            return Ok(Appended::Duplicate);
        }
        // What its agent had lost comes after all: a bundle has kept it.
        Some((_, true)) => {}
        Some(_) => return forked(db, batch, ""),
        // Acknowledged so long ago that its hash is gone: no agent resends that, but a snapshot that was
        // brought back begins again there.
        None if seq <= through => return forked(db, batch, " from long ago"),
        None if alternates(db, batch, source)? => {
            return forked(db, batch, ", measured beside another spool");
        }
        None => {}
    }
    keep(db, batch, source)?;
    db.prepare_cached(
        "insert or replace into received (agent, spool, seq, sha256, tombstone) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![agent_id.0, spool_id.0, seq as i64, batch.sha256, batch.tombstone])?;
    let mut has = db.prepare_cached("select 1 from received where agent = ?1 and spool = ?2 and seq = ?3")?;
    while has.exists(params![agent_id.0, spool_id.0, through as i64 + 1])? {
        through += 1;
    }
    db.prepare_cached(
        "insert or replace into spool (agent, spool, ack_through, highest) values (?1, ?2, ?3, ?4)",
    )?
    .execute(params![agent_id.0, spool_id.0, through as i64, highest.max(seq) as i64])?;
    // The first stays: who was heard by bundles alone for however long begins with it once it comes online.
    db.prepare_cached("delete from received where agent = ?1 and spool = ?2 and seq <= ?3 and seq > 1")?
        .execute(params![agent_id.0, spool_id.0, through.saturating_sub(HASHES_KEPT) as i64])?;
    Ok(Appended::Stored)
}

fn source_of(db: &Connection, agent: AgentId) -> Work<Option<SourceId>> {
    let mut query = db.prepare_cached("select source from agent where id = ?1")?;
    Ok(query.query_row([agent.0], |row| row.get(0)).optional()?)
}

/// Somebody is told that two machines, or two pasts of one, speak as one agent.
fn forked(db: &Connection, batch: &Incoming, how: &str) -> Work<Appended> {
    let BatchKey { agent_id, seq, .. } = batch.key;
    let what = format!("forked identity: agent {agent_id}, batch {seq}{how}");
    outbox::audit(db, "ingest", &what, batch.received_at)?;
    agents::note_conflict(db, agent_id, batch.received_at)?;
    Ok(Appended::Forked)
}

/// Whether the time of what waits from the spool of a batch reaches into that of another spool of its agent. An agent
/// that lost its spool goes on with a new one after the old one's time; two copies of an agent that never ran have each
/// made their own and measure beside one another, and no number of theirs collides. The first batch of a spool alone
/// says nothing yet: its agent may die before another.
fn alternates(db: &Connection, batch: &Incoming, source: SourceId) -> Work<bool> {
    let BatchKey { agent_id, spool_id, seq } = batch.key;
    let Some(slots) = batch.holds.slots.filter(|_| seq > 1) else { return Ok(false) };
    let mut others =
        db.prepare_cached("select spool from spool where agent = ?1 and spool <> ?2 and highest > 1")?;
    let others = others.query_map(params![agent_id.0, spool_id.0], |row| row.get::<_, [u8; 16]>(0))?;
    let others = others.collect::<rusqlite::Result<Vec<_>>>()?;
    if others.is_empty() {
        return Ok(false);
    }
    let mut measured = BTreeMap::from([(spool_id.0, slots)]);
    waiting::rows(db, source, EVER, |row| {
        if let Ok(known) = row.open()
            && let Some(more) = Contents::of(&known).slots
        {
            let all = measured.entry(known.key.spool_id.0).or_insert(more);
            *all = Window { from: all.from.min(more.from), to: all.to.max(more.to) };
        }
        Ok(true)
    })?;
    let own = measured[&spool_id.0];
    let meets = |other: &Window| other.from < own.to && own.from < other.to;
    Ok(others.iter().filter_map(|other| measured.get(other)).any(meets))
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

/// Acknowledged and highest number of a spool.
fn spool(db: &Connection, agent: AgentId, spool: SpoolId) -> Work<(u64, u64)> {
    let mut query =
        db.prepare_cached("select ack_through, highest from spool where agent = ?1 and spool = ?2")?;
    let row = query
        .query_row(params![agent.0, spool.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    Ok(row.map_or((0, 0), |(through, highest)| (through as u64, highest as u64)))
}

pub(super) fn ack_state(db: &Connection, agent: AgentId, spool_id: SpoolId) -> Work<AckState> {
    let (ack_through, highest) = spool(db, agent, spool_id)?;
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

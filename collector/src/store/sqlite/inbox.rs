//! The inbox: what arrived, in the order it came, until compaction turns it into day blocks.
// SPDX-License-Identifier: Apache-2.0

use super::{
    AckState, AgentId, Appended, Compaction, Gap, Incoming, SpoolId, Timestamp, Trouble, Work, agents,
    blocks, facts, outbox,
};
use crate::store::{HASHES_KEPT, MergeStats, NOTHING_BEFORE, SourceId};
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::fact::{Fact, entry_of};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::DAY_S;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeMap;

/// Most missing numbers an acknowledgement names.
const MISSING_MAX: usize = 64;
/// Longest gap believed: ten years.
const GAP_S_MAX: i64 = 3_653 * DAY_S;

pub(super) fn append(db: &Connection, batches: &[Incoming]) -> Work<Vec<Appended>> {
    batches.iter().map(|batch| append_one(db, batch)).collect()
}

fn append_one(db: &Connection, batch: &Incoming) -> Work<Appended> {
    let BatchKey { agent_id, spool_id, seq } = batch.key;
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
            into_inbox(db, batch)?;
            return Ok(Appended::Duplicate);
        }
        // What its agent had lost comes after all: a bundle has kept it.
        Some((_, true)) => {}
        Some(_) => {
            outbox::audit(
                db,
                "ingest",
                &format!("forked identity: agent {agent_id}, batch {seq}"),
                batch.received_at,
            )?;
            agents::note_conflict(db, agent_id, batch.received_at)?;
            return Ok(Appended::Forked);
        }
        // Acknowledged so long ago that its hash is gone: no agent resends that, but a snapshot that was
        // brought back begins again there.
        None if seq <= through => {
            let what = format!("forked identity: agent {agent_id}, batch {seq} from long ago");
            outbox::audit(db, "ingest", &what, batch.received_at)?;
            agents::note_conflict(db, agent_id, batch.received_at)?;
            return Ok(Appended::Forked);
        }
        None => {}
    }
    into_inbox(db, batch)?;
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
    db.prepare_cached("delete from received where agent = ?1 and spool = ?2 and seq <= ?3")?
        .execute(params![agent_id.0, spool_id.0, through.saturating_sub(HASHES_KEPT) as i64])?;
    db.prepare_cached("update agent set last_upload_at = ?2 where id = ?1")?
        .execute(params![agent_id.0, batch.received_at.0])?;
    Ok(Appended::Stored)
}

fn into_inbox(db: &Connection, batch: &Incoming) -> Work<()> {
    db.prepare_cached("insert into inbox (agent, sealed, received_at) values (?1, ?2, ?3)")?
        .execute(params![batch.key.agent_id.0, batch.sealed, batch.received_at.0])?;
    Ok(())
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

/// Turns batches of the inbox into day blocks, gaps and facts. One that cannot be read goes to quarantine
/// and delays no other.
pub(super) fn compact(db: &Connection, batches_max: usize, now: Timestamp) -> Work<Compaction> {
    let mut query = db.prepare_cached("select id, agent, sealed from inbox order by id limit ?1")?;
    let rows = query.query_map([batches_max as i64], |row| {
        Ok((row.get::<_, i64>(0)?, Id128(row.get(1)?), row.get::<_, Vec<u8>>(2)?))
    })?;
    let mut done = Compaction::default();
    let mut by_source: BTreeMap<SourceId, Vec<Opened>> = BTreeMap::new();
    let mut last = None;
    for row in rows {
        let (id, agent, sealed) = row?;
        last = Some(id);
        done.batches += 1;
        match (source_of(db, agent)?, batch::open(&sealed).and_then(|envelope| envelope.decode())) {
            (Some(source), Ok(batch)) => {
                by_source.entry(source).or_default().push(Opened { agent, sealed, batch });
            }
            (None, _) => quarantine(db, agent, "its agent is not known", &sealed, now)?,
            (_, Err(why)) => quarantine(db, agent, &why.to_string(), &sealed, now)?,
        }
    }
    for (source, opened) in by_source {
        db.execute_batch("savepoint source")?;
        match compact_source(db, source, &opened) {
            Ok((stats, days)) => {
                add(&mut done.slots, stats);
                done.day_blocks += days;
            }
            // A damaged block of one source must not hold up all others.
            Err(Trouble::Damaged(why)) => {
                db.execute_batch("rollback to source")?;
                for Opened { agent, sealed, .. } in &opened {
                    quarantine(db, *agent, &why, sealed, now)?;
                }
            }
            Err(trouble) => return Err(trouble),
        }
        db.execute_batch("release source")?;
    }
    if let Some(last) = last {
        db.execute("delete from inbox where id <= ?1", [last])?;
    }
    Ok(done)
}

/// A batch of the inbox, read.
struct Opened {
    agent: AgentId,
    sealed: Vec<u8>,
    batch: Batch,
}

fn compact_source(db: &Connection, source: SourceId, opened: &[Opened]) -> Work<(MergeStats, u64)> {
    let (mut stats, mut days) = (MergeStats::default(), 0);
    for Opened { batch, .. } in opened {
        let gaps: Vec<Gap> = batch.gaps.iter().copied().filter(is_believable).collect();
        let (merged, written) = blocks::merge_days(db, source, &batch.table, &gaps)?;
        add(&mut stats, merged);
        days += written;
        if let Some(inventory) = &batch.inventory {
            keep_inventory(db, source, inventory)?;
        }
    }
    let touched = opened.iter().flat_map(|opened| &opened.batch.table.slots).map(|slot| slot.start);
    blocks::summarise_weeks(db, source, touched)?;
    Ok((stats, days))
}

/// Whether a gap can be one: within this century, and no longer than an agent's life.
fn is_believable(gap: &Gap) -> bool {
    gap.window.from >= NOTHING_BEFORE && (1..=GAP_S_MAX).contains(&(gap.window.to.0 - gap.window.from.0))
}

fn add(sum: &mut MergeStats, stats: MergeStats) {
    sum.kept += stats.kept;
    sum.repeated += stats.repeated;
    sum.conflicting += stats.conflicting;
}

fn source_of(db: &Connection, agent: AgentId) -> Work<Option<SourceId>> {
    let mut query = db.prepare_cached("select source from agent where id = ?1")?;
    Ok(query.query_row([agent.0], |row| row.get(0)).optional()?)
}

fn quarantine(db: &Connection, agent: AgentId, reason: &str, sealed: &[u8], now: Timestamp) -> Work<()> {
    db.execute(
        "insert into quarantine (agent, reason, sealed, at) values (?1, ?2, ?3, ?4)",
        params![agent.0, reason, sealed, now.0],
    )?;
    outbox::audit(db, "compaction", &format!("quarantined a batch of agent {agent}: {reason}"), now)
}

/// Facts of the inventory become facts of the server.
fn keep_inventory(db: &Connection, source: SourceId, inventory: &Inventory) -> Work<()> {
    let server: String =
        db.query_row("select server from source where id = ?1", [source], |row| row.get(0))?;
    let fact = |(name, value): (&String, &cairn_schemas::fact::FactValue)| {
        let unit = entry_of(name).map_or("", |entry| entry.unit()).to_owned();
        let evidence = inventory.evidence.get(name).map_or_else(String::new, |proof| format!(": {proof}"));
        let fact = Fact {
            value: value.clone(),
            unit,
            source: format!("agent{evidence}"),
            observed_at: inventory.observed_at,
            valid_from: None,
            confirmed_by: None,
        };
        (name.clone(), fact)
    };
    let all: Vec<(String, Fact)> = inventory.facts.iter().map(fact).collect();
    db.execute("update agent set version = ?2 where source = ?1", params![source, inventory.agent_version])?;
    facts::put(db, &server, &all)
}

//! Compaction: what waits in the inbox becomes day blocks, gaps and weekly summaries, a source at a time, so that
//! ingest waits for no more than the days of one source, and memory holds no more.
// SPDX-License-Identifier: Apache-2.0

use super::waiting::{self, Days};
use super::{
    AgentId, Compaction, Gap, Result, SourceId, SqliteStore, StoreError, Timestamp, Window, Work, blocks,
    inbox, outbox,
};
use cairn_schemas::identity::Id128;
use cairn_schemas::time::{DAY_S, HOUR_S};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A source that has delivered nothing for so long is not waited for.
const SILENT_S: i64 = 3 * HOUR_S;
/// Most sealed bytes taken out of the inbox at once: what a hundred agents send in an hour.
const SEALED_BYTES_MAX: usize = 16 << 20;
/// Before everything, and after.
const BEFORE: Timestamp = Timestamp(i64::MIN);
const AFTER: Timestamp = Timestamp(i64::MAX);

/// Sources with batches that reach into a day that is over, and the end of the last such day: what begins later
/// stays where it is. A day is over when its source has delivered something later, so that a backlog is packed
/// once as well, or is silent; and never before it is over by our clock.
pub(super) fn due(db: &Connection, now: Timestamp) -> Work<Vec<(SourceId, Timestamp)>> {
    let mut query = db.prepare_cached(
        "select owner, closed from (
             select source.id as owner, min(?1, iif(last_upload_at < ?2, ?1, ifnull(last_seen / ?3 * ?3, ?1))) as closed
             from source join agent on agent.source = source.id)
         where (select min(since) from inbox where source = owner) < closed",
    )?;
    let silent = now.0 - SILENT_S;
    let rows = query.query_map(params![now.start_of_day().0, silent, DAY_S], |row| {
        Ok((row.get(0)?, Timestamp(row.get(1)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sources with batches that reach before a midnight, and that midnight.
pub(super) fn before(db: &Connection, closed: Timestamp) -> Work<Vec<(SourceId, Timestamp)>> {
    let mut query = db.prepare_cached(
        "select id from source where (select min(since) from inbox where source = source.id) < ?1",
    )?;
    let rows = query.query_map([closed.0], |row| Ok((row.get(0)?, closed)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sources with batches of any day.
pub(super) fn all(db: &Connection) -> Work<Vec<(SourceId, Timestamp)>> {
    before(db, AFTER)
}

impl SqliteStore {
    /// Compacts the sources a query names, each step in a transaction of its own.
    pub(super) fn compact_each(
        &self,
        which: impl FnOnce(&Connection) -> Work<Vec<(SourceId, Timestamp)>>,
        now: Timestamp,
        go_on: &dyn Fn(&Compaction) -> bool,
    ) -> Result<Compaction> {
        let tried = "compacting the inbox";
        let mut done = Compaction::default();
        done.batches += self.write(tried, |db| give_up_strangers(db, now))?;
        for (source, closed) in self.read(tried, which)? {
            let mut has_more = true;
            while has_more && go_on(&done) {
                let step = self.write(tried, |db| settle(db, source, closed, now));
                let step = match step {
                    // A damaged block of one source must not hold up all others.
                    Err(StoreError::Damaged(why)) => {
                        let given_up = self.write(tried, |db| give_up(db, source, closed, &why, now))?;
                        let done = Compaction { batches: given_up, ..Compaction::default() };
                        Step { done, has_more: false }
                    }
                    step => step?,
                };
                has_more = step.has_more;
                done = done + step.done;
            }
        }
        Ok(done)
    }
}

/// What one step took out of the inbox, and whether more is waiting of the same.
struct Step {
    done: Compaction,
    has_more: bool,
}

/// Compacts what a source has waiting from before `closed`.
fn settle(db: &Connection, source: SourceId, closed: Timestamp, now: Timestamp) -> Work<Step> {
    let mut taken = Taken::default();
    waiting::rows(db, source, Window { from: BEFORE, to: closed }, |row| {
        taken.sealed_bytes += row.sealed.len();
        match row.open() {
            Ok(batch) => {
                if row.since == BEFORE
                    && let Some(inventory) = &batch.inventory
                {
                    // Of before the version that keeps the facts of a batch as it arrives.
                    inbox::keep_inventory(db, source, inventory)?;
                }
                let stays = batch.table.slots.last().is_some_and(|slot| slot.start >= closed);
                if stays { &mut taken.cut } else { &mut taken.whole }.push(row.id);
                waiting::add(&mut taken.days, batch.table, Window { from: BEFORE, to: closed });
                taken.gaps.extend(batch.gaps);
            }
            Err(why) => {
                quarantine(db, row.id, &why.to_string(), now)?;
                taken.quarantined += 1;
            }
        }
        Ok(taken.sealed_bytes < SEALED_BYTES_MAX)
    })?;
    let (slots, day_blocks) = blocks::keep(db, source, &taken.days, &taken.gaps)?;
    for id in &taken.whole {
        db.prepare_cached("delete from inbox where id = ?1")?.execute([id])?;
    }
    for id in &taken.cut {
        db.prepare_cached("update inbox set since = ?2, gaps = 0 where id = ?1")?
            .execute(params![id, closed.0])?;
    }
    let batches = taken.whole.len() as u64 + taken.quarantined;
    let done = Compaction { batches, day_blocks, slots };
    Ok(Step { done, has_more: taken.sealed_bytes >= SEALED_BYTES_MAX })
}

#[derive(Default)]
struct Taken {
    days: Days,
    gaps: Vec<Gap>,
    /// Rows nothing is left of.
    whole: Vec<i64>,
    /// Rows of which something belongs to a day that is not over.
    cut: Vec<i64>,
    quarantined: u64,
    sealed_bytes: usize,
}

/// Puts all that a source has waiting into quarantine: its blocks are damaged, which must not hold up all others.
fn give_up(db: &Connection, source: SourceId, closed: Timestamp, why: &str, now: Timestamp) -> Work<u64> {
    let mut ids = Vec::new();
    waiting::rows(db, source, Window { from: BEFORE, to: closed }, |row| {
        ids.push(row.id);
        Ok(true)
    })?;
    ids.iter().try_for_each(|id| quarantine(db, *id, why, now))?;
    Ok(ids.len() as u64)
}

/// Puts batches into quarantine whose agent is not known.
fn give_up_strangers(db: &Connection, now: Timestamp) -> Work<u64> {
    let mut query = db.prepare_cached("select id from inbox where source is null")?;
    let ids: Vec<i64> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    ids.iter().try_for_each(|id| quarantine(db, *id, "its agent is not known", now))?;
    Ok(ids.len() as u64)
}

fn quarantine(db: &Connection, id: i64, reason: &str, now: Timestamp) -> Work<()> {
    let agent: Option<AgentId> = db
        .query_row("select agent from inbox where id = ?1", [id], |row| Ok(Id128(row.get(0)?)))
        .optional()?;
    let Some(agent) = agent else { return Ok(()) };
    db.execute(
        "insert into quarantine (agent, reason, sealed, at) select agent, ?2, sealed, ?3 from inbox where id = ?1",
        params![id, reason, now.0],
    )?;
    db.execute("delete from inbox where id = ?1", [id])?;
    outbox::audit(db, "compaction", &format!("quarantined a batch of agent {agent}: {reason}"), now)
}

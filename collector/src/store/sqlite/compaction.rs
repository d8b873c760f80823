//! Compaction: what waits in the inbox becomes day blocks, gaps and weekly summaries, some sources at a time, so
//! that ingest waits for no more than the days of those, and memory holds no more than the days of one.
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
/// Most bytes of payload decoded at once, but for the last batch: several days of a large server.
pub(crate) const DECODED_BYTES_MAX: usize = 32 << 20;
/// Of sources that are compacted together, so that ingest waits for a quarter of a second at most.
const TOGETHER_BYTES_MAX: usize = 4 << 20;
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
        let due = self.read(tried, which)?;
        let (mut next, mut at_once) = (0, due.len());
        while next < due.len() && go_on(&done) {
            let sources = &due[next..due.len().min(next + at_once)];
            let step = self.write(tried, |db| settle_some(db, sources, now, &|step| go_on(&(done + *step))));
            match step {
                Ok(step) => {
                    next += step.finished;
                    done = done + step.done;
                }
                // A damaged block of one source must not hold up all others: from here on each is by itself.
                Err(StoreError::Damaged(_)) if sources.len() > 1 => at_once = 1,
                Err(StoreError::Damaged(why)) => {
                    let (source, closed) = due[next];
                    done.batches += self.write(tried, |db| give_up(db, source, closed, &why, now))?;
                    next += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

/// What one transaction took out of the inbox.
#[derive(Default)]
struct Step {
    done: Compaction,
    /// Sources of which nothing is left to compact.
    finished: usize,
}

/// Compacts sources, one after the other, until enough was decoded. What arrived together lies together in the inbox and
/// goes together: taken out source by source, the same pages would be written for each.
fn settle_some(
    db: &Connection,
    sources: &[(SourceId, Timestamp)],
    now: Timestamp,
    go_on: &dyn Fn(&Compaction) -> bool,
) -> Work<Step> {
    let (mut step, mut gone, mut decoded_bytes) = (Step::default(), Vec::new(), 0);
    for (source, closed) in sources {
        let settled = settle(db, *source, *closed, now)?;
        step.done = step.done + settled.done;
        gone.extend(settled.whole);
        decoded_bytes += settled.decoded_bytes;
        if settled.decoded_bytes >= DECODED_BYTES_MAX {
            break;
        }
        step.finished += 1;
        if decoded_bytes >= TOGETHER_BYTES_MAX || !go_on(&step.done) {
            break;
        }
    }
    gone.sort_unstable();
    let mut delete = db.prepare_cached("delete from inbox where id = ?1")?;
    gone.iter().try_for_each(|id| delete.execute([id]).map(|_| ()))?;
    Ok(step)
}

/// Compacts what a source has waiting from before `closed`. The rows nothing is left of are still there.
fn settle(db: &Connection, source: SourceId, closed: Timestamp, now: Timestamp) -> Work<Settled> {
    let mut taken = Taken::default();
    waiting::rows(db, source, Window { from: BEFORE, to: closed }, |row| {
        taken.decoded_bytes += row.decoded_bytes();
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
        Ok(taken.decoded_bytes < DECODED_BYTES_MAX)
    })?;
    let (slots, day_blocks) = blocks::keep(db, source, &taken.days, &taken.gaps)?;
    for id in &taken.cut {
        db.prepare_cached("update inbox set since = ?2, gaps = 0 where id = ?1")?
            .execute(params![id, closed.0])?;
    }
    let batches = taken.whole.len() as u64 + taken.quarantined;
    let done = Compaction { batches, day_blocks, slots };
    Ok(Settled { done, whole: taken.whole, decoded_bytes: taken.decoded_bytes })
}

/// What became of a source.
struct Settled {
    done: Compaction,
    /// Rows nothing is left of.
    whole: Vec<i64>,
    decoded_bytes: usize,
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
    decoded_bytes: usize,
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

#[cfg(test)]
#[path = "compaction_tests.rs"]
mod tests;

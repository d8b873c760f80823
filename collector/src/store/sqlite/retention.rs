//! Removing what is past its time, class by class, but for what an issued assessment can be recomputed from.
// SPDX-License-Identifier: Apache-2.0

use super::{Timestamp, Window, Work, assessments, audit};
use crate::store::ReviewState;
use crate::store::care::{CLASSES, Removed, Retention};
use cairn_schemas::time::{DAY_S, WEEK_S};
use rusqlite::{Connection, OptionalExtension as _, params};

const UPKEEP: &str = "retention";

pub(super) fn retain(db: &Connection, kept: &Retention, by: &str, now: Timestamp) -> Work<Removed> {
    issued_windows(db)?;
    let mut removed = Removed::new();
    for class in CLASSES {
        let Some(before) = kept.of(class).before(now) else { continue };
        let count = remove(db, class.name, before)?;
        if count > 0 {
            removed.insert(class.name, count);
        }
    }
    db.execute("insert or replace into upkeep (what, at) values (?1, ?2)", params![UPKEEP, now.0])?;
    if !removed.is_empty() {
        let counts: Vec<String> = removed.iter().map(|(name, count)| format!("{count} {name}")).collect();
        audit::append(db, by, &format!("retention removed {}", counts.join(", ")), now)?;
    }
    Ok(removed)
}

pub(super) fn retained_at(db: &Connection) -> Work<Option<Timestamp>> {
    let mut query = db.prepare_cached("select at from upkeep where what = ?1")?;
    Ok(query.query_row([UPKEEP], |row| row.get(0)).optional()?.map(Timestamp))
}

/// The windows of issued assessments, in a table of this connection's own.
fn issued_windows(db: &Connection) -> Work<()> {
    db.execute_batch(
        "create temp table if not exists issued (start integer not null, end integer not null);
         delete from temp.issued",
    )?;
    for row in assessments::all(db)?.iter().filter(|row| row.state == ReviewState::Issued) {
        let Some(Window { from, to }) = assessments::window(db, row.id)? else { continue };
        db.execute("insert into temp.issued (start, end) values (?1, ?2)", [from.0, to.0])?;
    }
    Ok(())
}

fn remove(db: &Connection, class: &str, before: Timestamp) -> Work<u64> {
    match class {
        "minutes" => minutes(db, before),
        "audit" => audit::erase(db, &[], Some(before)),
        "weeks" => run(db, WEEKS, before.start_of_week()),
        "gaps" => run(db, GAPS, before),
        "facts" => run(db, FACTS, before),
        "drafts" => run(db, DRAFTS, before),
        "inputs" => run(db, INPUTS, before),
        "quarantine" => run(db, "delete from quarantine where at < ?1", before),
        "received" => run(db, RECEIVED, before),
        "outbox" => run(db, "update outbox set body = '' where delivered_at < ?1 and body <> ''", before),
        unknown => unreachable!("class {unknown} has no way to be removed"),
    }
}

fn run(db: &Connection, sql: &str, before: Timestamp) -> Work<u64> {
    Ok(db.execute(sql, [before.0])? as u64)
}

const WEEKS: &str = "delete from week_block where start < ?1 and not exists (
    select 1 from temp.issued i where i.start < week_block.start + 604800 and i.end > week_block.start)
    and not exists (select 1 from day_block d where d.source = week_block.source
        and d.day >= week_block.start / 86400 and d.day < week_block.start / 86400 + 7)";

const GAPS: &str = "delete from gap where end < ?1 and not exists (
    select 1 from temp.issued i where i.start < gap.end and i.end > gap.start)";

const FACTS: &str = "delete from fact where exists (
    select 1 from (select min(l.valid_from) as until from fact l
        where l.server = fact.server and l.name = fact.name and l.valid_from > fact.valid_from)
    where until < ?1 and not exists (
        select 1 from temp.issued i where i.start < until and i.end > fact.valid_from))";

const DRAFTS: &str = "delete from assessment where state = 0 and created < ?1
    and id < (select max(id) from assessment)
    and not exists (select 1 from schedule_run r join schedule s on s.id = r.schedule
        where r.assessment = assessment.id and s.removed_at is null)";

const INPUTS: &str = "delete from kept_input
    where assessment in (select id from assessment where state = 0 and created < ?1)";

/// What an agent that fell silent may still resend is compared by hash; the rest it was told is here. 64 is as
/// many as an acknowledgement names missing; the one after what it has heard of is the first it would resend.
const RECEIVED: &str = "delete from received where exists (
    select 1 from agent a, spool s where a.id = received.agent and a.last_upload_at < ?1
    and s.agent = received.agent and s.spool = received.spool and received.seq <= s.ack_through - 64
    and received.seq <> s.heard + 1)";

/// Whole weeks: their summaries are closed, so that what comes late does not make them anew from itself alone. A week
/// of which something still waits in the inbox is closed once that is in its summary.
fn minutes(db: &Connection, before: Timestamp) -> Work<u64> {
    let before = before.start_of_week();
    let mut query = db.prepare_cached(
        "select w.source, w.start from week_block w where w.closed = 0 and w.start < ?1
         and not exists (select 1 from inbox x where x.source = w.source
             and x.since < w.start + 604800 and x.until > w.start)
         and not exists (select 1 from temp.issued i where i.start < w.start + 604800 and i.end > w.start
             and (i.start > w.start or i.end < w.start + 604800
                  or 1 < (select count(*) from source a, source b where a.id = w.source and b.server = a.server)))",
    )?;
    let weeks = query.query_map([before.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let mut removed = 0;
    for week in weeks.collect::<rusqlite::Result<Vec<_>>>()? {
        let (source, start) = week;
        let day = start.div_euclid(DAY_S);
        removed += db
            .prepare_cached("delete from day_block where source = ?1 and day >= ?2 and day < ?3")?
            .execute([source, day, day + WEEK_S / DAY_S])? as u64;
        db.prepare_cached("update week_block set closed = 1 where source = ?1 and start = ?2")?
            .execute([source, start])?;
    }
    removed += late(db, before)?;
    Ok(removed)
}

/// Minutes that came for a week closed before, and those no summary stands for.
fn late(db: &Connection, before: Timestamp) -> Work<u64> {
    // Day 0 is a Thursday.
    let sql = "delete from day_block where day < ?1 and not exists (select 1 from week_block w
        where w.source = day_block.source and w.closed = 0
        and w.start = (day_block.day - (day_block.day + 3) % 7) * 86400)";
    Ok(db.execute(sql, [before.day()])? as u64)
}

/// Whether the summary of a week stays as it is, whatever comes.
pub(super) fn is_closed(db: &Connection, source: i64, start: Timestamp) -> Work<bool> {
    let mut query =
        db.prepare_cached("select 1 from week_block where source = ?1 and start = ?2 and closed = 1")?;
    Ok(query.exists(params![source, start.0])?)
}

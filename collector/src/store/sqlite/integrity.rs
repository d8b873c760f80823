//! Whether all that is kept can be read and agrees with itself. Reads only: what is wrong is said, never mended.
// SPDX-License-Identifier: Apache-2.0

use super::blocks::ALWAYS;
use super::{SlotTable, Timestamp, Window, Work, assessments, audit, fold, kept, keys, schema};
use crate::store::care::{Checkup, Fault};
use crate::store::{Contents, ReviewState, day_block, week_block};
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::identity::Id128;
use cairn_schemas::time::{DAY_S, WEEK_S};
use ring::signature::{ED25519, UnparsedPublicKey};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeSet;
use std::fmt::Display;

/// Weekly summaries recomputed by a quick check, spread over all there are.
const WEEKS_OF_QUICK: u64 = 200;

/// What a check has found so far.
struct Findings<'a> {
    db: &'a Connection,
    up: Checkup,
}

impl Findings<'_> {
    fn looked(&mut self, what: &'static str, count: u64) {
        *self.up.looked_at.entry(what).or_default() += count;
    }

    fn fault(&mut self, what: &'static str, which: impl Display, why: impl Display) {
        self.up.faults.push(Fault { what, which: which.to_string(), why: why.to_string() });
    }
}

pub(super) fn check(db: &Connection, thorough: bool) -> Work<Checkup> {
    let mut found = Findings { db, up: Checkup { version: schema::version(db)?, ..Checkup::default() } };
    file(&mut found)?;
    if !found.up.faults.is_empty() {
        // Pages that contradict each other make whatever is read from them a rumour.
        return Ok(found.up);
    }
    day_blocks(&mut found)?;
    week_blocks(&mut found, thorough)?;
    inbox(&mut found)?;
    texts(&mut found)?;
    if has_column(db, "kept_input", "estate")? {
        let (count, faults) = kept::faults(db, thorough)?;
        found.looked("input of an assessment", count);
        faults.iter().for_each(|(assessment, why)| found.fault("input of an assessment", assessment, why));
    }
    // Before its migration the audit log was no chain, and nothing kept what backups there are.
    if has_column(db, "audit", "hash")? {
        chain(&mut found)?;
    }
    Ok(found.up)
}

fn has_column(db: &Connection, table: &str, column: &str) -> Work<bool> {
    Ok(db.prepare("select 1 from pragma_table_info(?1) where name = ?2")?.exists([table, column])?)
}

fn file(found: &mut Findings<'_>) -> Work<()> {
    let mut query = found.db.prepare("pragma integrity_check(100)")?;
    let said = query.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    for line in said.iter().filter(|line| *line != "ok") {
        found.fault("file", "", line);
    }
    let pages: i64 = found.db.query_row("pragma page_count", [], |row| row.get(0))?;
    found.looked("page", pages as u64);
    let mut query = found.db.prepare("pragma foreign_key_check")?;
    let dangling = query.query_map([], |row| row.get::<_, String>(0))?;
    for table in dangling.collect::<rusqlite::Result<Vec<_>>>()? {
        found.fault("file", &table, "a row of it belongs to no source");
    }
    Ok(())
}

/// How many days a block is of; before its migration each was of one.
fn days(db: &Connection) -> Work<&'static str> {
    Ok(if has_column(db, "day_block", "days")? { "days" } else { "1" })
}

fn named(source: i64, start: Timestamp) -> String {
    format!("source {source}, {}", start.date())
}

fn day_blocks(found: &mut Findings<'_>) -> Work<()> {
    let sql = format!("select source, day, block, {} from day_block order by source, day", days(found.db)?);
    let mut query = found.db.prepare(&sql)?;
    let mut rows = query.query([])?;
    let mut before = None;
    while let Some(row) = rows.next()? {
        let (source, day, days): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(3)?);
        if before.is_some_and(|(owner, end)| owner == source && day < end) {
            let which = named(source, Timestamp(day * DAY_S));
            found.fault("day block", which, "the block before it is of this day too");
        }
        before = Some((source, day + days));
        let which = named(source, Timestamp(day * DAY_S));
        found.looked("day block", 1);
        match day_block::decode(row.get_ref(2)?.as_blob().unwrap_or_default()) {
            Err(why) => found.fault("day block", which, why),
            Ok(table) if table.slots.iter().any(|slot| !(day..day + days).contains(&slot.start.day())) => {
                found.fault("day block", which, "it holds slots of another day");
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn week_blocks(found: &mut Findings<'_>, thorough: bool) -> Work<()> {
    let count: u64 = found.db.query_row("select count(*) from week_block", [], |row| row.get(0))?;
    let every = if thorough { 1 } else { count.div_ceil(WEEKS_OF_QUICK).max(1) };
    let closed = if has_column(found.db, "week_block", "closed")? { "closed" } else { "0" };
    let sql = format!("select source, start, block, {closed} from week_block order by source, start");
    let mut query = found.db.prepare(&sql)?;
    let mut rows = query.query([])?;
    let mut at = 0;
    while let Some(row) = rows.next()? {
        let (source, start): (i64, Timestamp) = (row.get(0)?, Timestamp(row.get(1)?));
        let (recompute, is_closed) = (at % every == 0, row.get::<_, bool>(3)?);
        at += 1;
        found.looked("weekly summary", 1);
        let week = match week_block::decode(row.get_ref(2)?.as_blob().unwrap_or_default()) {
            Ok(week) if week.start == start => week,
            Ok(_) => {
                found.fault("weekly summary", named(source, start), "it is of another week");
                continue;
            }
            Err(why) => {
                found.fault("weekly summary", named(source, start), why);
                continue;
            }
        };
        if !recompute || is_closed {
            continue;
        }
        found.looked("weekly summary recomputed", 1);
        // A day that cannot be read has been named above.
        let Some(tables) = days_of_week(found.db, source, start)? else { continue };
        let tables: Vec<_> = tables.iter().collect();
        if cairn_assess::load::summarise(start, &tables, ALWAYS).as_ref() != Some(&week) {
            found.fault("weekly summary", named(source, start), "it is not what its day blocks amount to");
        }
    }
    Ok(())
}

/// The day blocks of a week as they are; `None` when one cannot be read.
fn days_of_week(db: &Connection, source: i64, start: Timestamp) -> Work<Option<Vec<SlotTable>>> {
    let mut query = db.prepare_cached(
        "select block from day_block where source = ?1 and day >= ?2 and day < ?3 order by day",
    )?;
    let day = start.day();
    let blocks = query.query_map([source, day, day + WEEK_S / DAY_S], |row| row.get::<_, Vec<u8>>(0))?;
    let blocks = blocks.collect::<rusqlite::Result<Vec<_>>>()?;
    let tables: Option<Vec<SlotTable>> = blocks.iter().map(|block| day_block::decode(block).ok()).collect();
    Ok(tables.map(|tables| tables.into_iter().flat_map(fold::by_day).map(|(_, table)| table).collect()))
}

fn inbox(found: &mut Findings<'_>) -> Work<()> {
    // Before its migration nothing was read from the inbox, and nothing said where to look.
    let sql = if has_column(found.db, "inbox", "since")? {
        "select id, agent, sealed, source, since, until, gaps from inbox order by id"
    } else {
        "select id, agent, sealed from inbox order by id"
    };
    let mut query = found.db.prepare(sql)?;
    let is_read = query.column_count() > 3;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (id, agent): (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
        found.looked("batch of the inbox", 1);
        let sealed = row.get_ref(2)?.as_blob().unwrap_or_default();
        let envelope = match batch::open(sealed).and_then(|envelope| Ok((envelope.decode()?, envelope))) {
            Ok((batch, envelope)) => {
                if is_read && let Some(why) = misplaced(found.db, row, &batch)? {
                    found.fault("batch of the inbox", id, why);
                }
                envelope
            }
            Err(why) => {
                found.fault("batch of the inbox", id, why);
                continue;
            }
        };
        let keys = keys_of(found.db, Id128(agent))?;
        let is_signed_with = |key: &Vec<u8>| {
            UnparsedPublicKey::new(&ED25519, key).verify(envelope.signed, envelope.signature).is_ok()
        };
        if keys.is_empty() {
            found.fault("batch of the inbox", id, format!("agent {} is not known", Id128(agent)));
        } else if envelope.key.agent_id.0 != agent || !keys.iter().any(is_signed_with) {
            found.fault("batch of the inbox", id, "its signature is not its agent's");
        }
    }
    Ok(())
}

/// The key of an agent, and those it had before; none of one that is not known.
fn keys_of(db: &Connection, agent: Id128) -> Work<Vec<Vec<u8>>> {
    let mut query = db.prepare_cached("select public_key from agent where id = ?1")?;
    let current: Option<Vec<u8>> = query.query_row([agent.0], |row| row.get(0)).optional()?;
    let mut keys: Vec<Vec<u8>> = current.into_iter().collect();
    // Before its migration no agent had another key than its first.
    if !keys.is_empty() && has_column(db, "retired_key", "public_key")? {
        keys.extend(keys::retired(db, agent)?.into_iter().map(|key| key.public_key));
    }
    Ok(keys)
}

/// Why a batch that waits would not be read, or not whole: by where it is looked for.
fn misplaced(db: &Connection, row: &Row<'_>, batch: &Batch) -> Work<Option<&'static str>> {
    let (agent, source): ([u8; 16], Option<i64>) = (row.get(1)?, row.get(3)?);
    let mut owner = db.prepare_cached("select source from agent where id = ?1")?;
    if owner.query_row([agent], |row| row.get(0)).optional()? != source {
        return Ok(Some("it is kept as another source's"));
    }
    let (since, until, has_gaps): (i64, i64, bool) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let contents = Contents::of(batch);
    let Some(Window { from, to }) = contents.reach() else { return Ok(None) };
    if until < to.0 {
        return Ok(Some("it holds something later than where it is looked for"));
    }
    if since <= from.0 {
        return Ok((contents.gaps.is_some() && !has_gaps).then_some("its gaps are not looked for"));
    }
    // Compaction has taken what lies before a midnight.
    let packed = batch.table.slots.iter().take_while(|slot| slot.start.0 < since);
    let days: BTreeSet<i64> = packed.map(|slot| slot.start.day()).collect();
    let mut has_block = db.prepare_cached(&format!(
        "select 1 from day_block where source = ?1 and day > ?2 - 7 and day <= ?2 and day + {} > ?2",
        self::days(db)?
    ))?;
    for day in days {
        if since % DAY_S != 0 || !has_block.exists(params![source, day])? {
            return Ok(Some("it holds something earlier than where it is looked for"));
        }
    }
    Ok(None)
}

/// What is kept as JSON.
fn texts(found: &mut Findings<'_>) -> Work<()> {
    for row in assessments::all(found.db)? {
        found.looked("assessment", 1);
        match assessments::kept(found.db, row.id) {
            Ok(Some(_)) => {}
            Ok(None) => found.fault("assessment", row.id, "it is gone"),
            Err(why) => found.fault("assessment", row.id, why.named("reading it")),
        }
        if row.state == ReviewState::Issued && row.signed_by.is_none() {
            found.fault("assessment", row.id, "it is issued and nobody signed it");
        }
    }
    let mut query = found.db.prepare("select server, name, json from fact")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (server, name, json): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        found.looked("fact", 1);
        if let Err(why) = serde_json::from_str::<cairn_schemas::fact::Fact>(&json) {
            found.fault("fact", format!("{name} of {server}"), why);
        }
    }
    Ok(())
}

/// The audit log, and that each backup was made of a state it once had: a log that was cut off ends before it.
fn chain(found: &mut Findings<'_>) -> Work<()> {
    let followed = audit::follow(found.db)?;
    found.looked("audit line", followed.lines);
    found.looked("audit line with its text erased", followed.erased);
    for (id, why) in followed.faults {
        found.fault("audit line", id, why);
    }
    let mut query = found.db.prepare("select name, audit_head from backup")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (name, head): (String, [u8; 32]) = (row.get(0)?, row.get(1)?);
        if head != audit::BEGINNING && !followed.hashes.contains(&head) {
            found.fault("audit log", name, "lines that were there when this backup was made are gone");
        }
    }
    Ok(())
}

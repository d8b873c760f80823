//! Weeks of wide slots in one block: a day of five-minute slots is so short that what stands before its columns
//! weighs as much as a fifth of them, and takes as long to read. A week is folded once its source has something
//! later; what comes late is merged into it, and takes it apart where it no longer fits.
// SPDX-License-Identifier: Apache-2.0

use super::blocks::put;
use super::waiting::Days;
use super::{MergeStats, SlotTable, SourceId, Timestamp, Trouble, Work};
use crate::store::{day_block, merge};
use cairn_schemas::slot::Slot;
use cairn_schemas::time::{DAY_S, WEEK_S};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeMap, BTreeSet};

/// Days of a block that is folded.
const DAYS: i64 = WEEK_S / DAY_S;
/// Slots narrower than this make blocks that are long enough by themselves.
const WIDTH_S_MIN: u32 = 300;
/// Most slots of a folded block: a week of the narrowest ones.
const SLOTS_MAX: usize = WEEK_S as usize / WIDTH_S_MIN as usize;

/// Whether a week may be one block: what one block takes to read stays bounded by a day of one-second slots.
fn fits(table: &SlotTable) -> bool {
    table.slots.len() <= SLOTS_MAX && is_wide(table)
}

fn is_wide(table: &SlotTable) -> bool {
    table.slots.iter().all(|slot| slot.width_s >= WIDTH_S_MIN)
}

/// The days of a block, so that whoever reads them sees no difference: where slots overlap at midnight, a day by itself
/// is summarised otherwise than a week.
pub(super) fn by_day(table: SlotTable) -> Vec<(i64, SlotTable)> {
    match merge::days(&table)[..] {
        [(day, _)] => vec![(day, table)],
        ref days => days.iter().map(|(day, range)| (*day, merge::slice(&table, range.clone()))).collect(),
    }
}

/// A block as it is read: whole, unless somebody would see a difference to its days.
pub(super) fn parts(table: SlotTable) -> Vec<SlotTable> {
    let overlaps = |pair: &[Slot]| pair[0].end() > pair[1].start;
    if table.slots.windows(2).any(overlaps) {
        return by_day(table).into_iter().map(|(_, table)| table).collect();
    }
    vec![table]
}

/// The folded block of a week, if it has one.
pub(super) fn held(db: &Connection, source: SourceId, start: Timestamp) -> Work<Option<SlotTable>> {
    let mut query =
        db.prepare_cached("select block from day_block where source = ?1 and day = ?2 and days > 1")?;
    let block: Option<Vec<u8>> =
        query.query_row(params![source, start.day()], |row| row.get(0)).optional()?;
    block.map(|block| day_block::decode(&block)).transpose().map_err(Trouble::Damaged)
}

/// Merges what came late into a folded week. Gives also the number of blocks written.
pub(super) fn reopen(
    db: &Connection,
    source: SourceId,
    start: Timestamp,
    held: SlotTable,
    late: &BTreeMap<i64, &[SlotTable]>,
) -> Work<(MergeStats, u64)> {
    let (mut merged, mut stats) = (held, MergeStats::default());
    for tables in late.values() {
        let (more, of_day) = merge::merge_all(Some(merged), tables);
        (merged, stats) = (more, stats + of_day);
    }
    if stats.kept == 0 {
        return Ok((stats, 0));
    }
    if fits(&merged) {
        put(db, source, start.day(), DAYS, &merged)?;
        return Ok((stats, 1));
    }
    remove(db, source, start)?;
    let days = by_day(merged);
    for (day, table) in &days {
        put(db, source, *day, 1, table)?;
    }
    Ok((stats, days.len() as u64))
}

/// Whether days may be folded: with narrow slots among them, theirs would be taken apart again.
pub(super) fn may_fold(kept: &Days) -> bool {
    kept.values().flatten().all(is_wide)
}

/// Whether nothing is there yet of a week.
pub(super) fn is_new(db: &Connection, source: SourceId, start: Timestamp) -> Work<bool> {
    let mut query =
        db.prepare_cached("select 1 from day_block where source = ?1 and day >= ?2 and day < ?3")?;
    Ok(!query.exists(params![source, start.day(), start.day() + DAYS])?)
}

/// Writes the days of a week that is new and over: a backlog need not be packed by days first. Gives the number of
/// blocks.
pub(super) fn put_week(db: &Connection, source: SourceId, start: Timestamp, days: &[SlotTable]) -> Work<u64> {
    if days.len() >= 2 {
        let (week, _) = merge::merge_all(None, days);
        if fits(&week) {
            put(db, source, start.day(), DAYS, &week)?;
            return Ok(1);
        }
    }
    for day in days {
        put(db, source, day.slots[0].start.day(), 1, day)?;
    }
    Ok(days.len() as u64)
}

/// Folds the weeks that days just kept have changed or ended.
pub(super) fn fold(db: &Connection, source: SourceId, kept: &Days) -> Work<()> {
    let latest = |sql: &str, before: i64| -> Work<Option<i64>> {
        Ok(db.prepare_cached(sql)?.query_row(params![source, before], |row| row.get(0))?)
    };
    let last = "select max(day) from day_block where source = ?1 and day < ?2";
    let Some(day) = latest(last, i64::MAX)? else { return Ok(()) };
    let open = Timestamp(day * DAY_S).start_of_week();
    let mut weeks: BTreeSet<Timestamp> =
        kept.keys().map(|day| Timestamp(day * DAY_S).start_of_week()).filter(|week| *week < open).collect();
    weeks.extend(latest(last, open.day())?.map(|day| Timestamp(day * DAY_S).start_of_week()));
    weeks.into_iter().try_for_each(|week| fold_week(db, source, week))
}

fn fold_week(db: &Connection, source: SourceId, start: Timestamp) -> Work<()> {
    let mut query = db.prepare_cached(
        "select days, block from day_block where source = ?1 and day >= ?2 and day < ?3 order by day",
    )?;
    let mut rows = query.query(params![source, start.day(), start.day() + DAYS])?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? > 1 {
            return Ok(());
        }
        let table =
            day_block::decode(row.get_ref(1)?.as_blob().unwrap_or_default()).map_err(Trouble::Damaged)?;
        if !is_wide(&table) {
            return Ok(());
        }
        tables.push(table);
    }
    if tables.len() < 2 {
        return Ok(());
    }
    let (week, _) = merge::merge_all(None, &tables);
    if fits(&week) {
        remove(db, source, start)?;
        put(db, source, start.day(), DAYS, &week)?;
    }
    Ok(())
}

fn remove(db: &Connection, source: SourceId, start: Timestamp) -> Work<()> {
    db.prepare_cached("delete from day_block where source = ?1 and day >= ?2 and day < ?3")?
        .execute(params![source, start.day(), start.day() + DAYS])?;
    Ok(())
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;

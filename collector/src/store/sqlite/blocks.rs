//! Day blocks, weekly summaries and gaps of a source.
// SPDX-License-Identifier: Apache-2.0

use super::{
    Gap, MergeStats, SlotTable, SourceId, Timestamp, Trouble, Week, Window, Work, retention, sources,
};
use crate::store::{day_block, gap_set, merge, week_block};
use cairn_schemas::gap::GapReason;
use cairn_schemas::slot::Slot;
use cairn_schemas::time::{DAY_S, WEEK_S};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

/// Everything there is.
pub(super) const ALWAYS: Window = Window { from: Timestamp(i64::MIN / 4), to: Timestamp(i64::MAX / 4) };

/// Merges slots and gaps and brings the weekly summaries up to date. Gives also the day blocks written.
pub(super) fn merge_into(
    db: &Connection,
    source: SourceId,
    table: &SlotTable,
    gaps: &[Gap],
) -> Work<(MergeStats, u64)> {
    let done = merge_days(db, source, table, gaps)?;
    summarise_weeks(db, source, table.slots.iter().map(|slot| slot.start))?;
    Ok(done)
}

/// Merges slots into day blocks and gaps into gaps; the weekly summaries are left as they were.
pub(super) fn merge_days(
    db: &Connection,
    source: SourceId,
    table: &SlotTable,
    gaps: &[Gap],
) -> Work<(MergeStats, u64)> {
    table.check().map_err(Trouble::Damaged)?;
    let mut stats = MergeStats::default();
    let mut written = 0;
    for (day, range) in merge::days(table) {
        let new = merge::slice(table, range);
        let held = day_table(db, source, day)?;
        let (merged, day_stats) = match held {
            Some(held) => merge::merge(&held, &new),
            None => {
                let kept = new.slots.len() as u64;
                (new, MergeStats { kept, ..MergeStats::default() })
            }
        };
        stats.kept += day_stats.kept;
        stats.repeated += day_stats.repeated;
        stats.conflicting += day_stats.conflicting;
        if day_stats.kept > 0 {
            let block = day_block::encode(&merged).map_err(Trouble::Damaged)?;
            db.prepare_cached("insert or replace into day_block (source, day, block) values (?1, ?2, ?3)")?
                .execute(params![source, day, block])?;
            written += 1;
        }
    }
    keep_gaps(db, source, &table.slots, gaps)?;
    let starts = table.slots.iter().map(|slot| slot.start).chain(gaps.iter().map(|gap| gap.window.from));
    sources::seen(db, source, starts.min(), table.slots.iter().map(Slot::end).max())?;
    Ok((stats, written))
}

fn day_table(db: &Connection, source: SourceId, day: i64) -> Work<Option<SlotTable>> {
    let mut query = db.prepare_cached("select block from day_block where source = ?1 and day = ?2")?;
    let block: Option<Vec<u8>> = query.query_row(params![source, day], |row| row.get(0)).optional()?;
    block.map(|block| day_block::decode(&block)).transpose().map_err(Trouble::Damaged)
}

fn day_blocks(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Vec<u8>>> {
    let mut query = db.prepare_cached(
        "select block from day_block where source = ?1 and day >= ?2 and day <= ?3 order by day",
    )?;
    let last = (window.to.0 - 1).div_euclid(DAY_S);
    let rows = query.query_map(params![source, window.from.day(), last], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn day_tables(db: &Connection, source: SourceId, window: Window) -> Work<Vec<SlotTable>> {
    let mut tables = Vec::new();
    for block in day_blocks(db, source, window)? {
        let table = day_block::decode(&block).map_err(Trouble::Damaged)?;
        let from = table.slots.partition_point(|slot| slot.start < window.from);
        let to = table.slots.partition_point(|slot| slot.start < window.to);
        if from < to {
            let whole = from == 0 && to == table.slots.len();
            tables.push(if whole { table } else { merge::slice(&table, from..to) });
        }
    }
    Ok(tables)
}

/// Makes the summaries of the weeks some moments lie in afresh.
pub(super) fn summarise_weeks(
    db: &Connection,
    source: SourceId,
    touched: impl Iterator<Item = Timestamp>,
) -> Work<()> {
    let weeks: BTreeSet<Timestamp> = touched.map(Timestamp::start_of_week).collect();
    for start in weeks {
        if retention::is_closed(db, source, start)? {
            continue;
        }
        let window = Window { from: start, to: Timestamp(start.0 + WEEK_S) };
        let tables = day_tables(db, source, window)?;
        let tables: Vec<&SlotTable> = tables.iter().collect();
        match cairn_assess::load::summarise(start, &tables, ALWAYS) {
            Some(week) => {
                let block = week_block::encode(&week).map_err(Trouble::Damaged)?;
                db.prepare_cached(
                    "insert or replace into week_block (source, start, block) values (?1, ?2, ?3)",
                )?
                .execute(params![source, start.0, block])?;
            }
            None => {
                db.execute(
                    "delete from week_block where source = ?1 and start = ?2",
                    params![source, start.0],
                )?;
            }
        }
    }
    Ok(())
}

pub(super) fn weeks(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Week>> {
    let mut query = db.prepare_cached(
        "select block from week_block where source = ?1 and start > ?2 and start < ?3 order by start",
    )?;
    let rows = query
        .query_map(params![source, window.from.0 - WEEK_S, window.to.0], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|block| week_block::decode(&block?).map_err(Trouble::Damaged)).collect()
}

pub(super) fn gaps(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Gap>> {
    let mut query = db.prepare_cached(
        "select start, end, reason from gap where source = ?1 and end > ?2 and start < ?3 order by start",
    )?;
    let rows = query.query_map(params![source, window.from.0, window.to.0], |row| {
        let reason = GapReason::from_number(row.get(2)?).unwrap_or(GapReason::NotReported);
        Ok(Gap { window: Window { from: Timestamp(row.get(0)?), to: Timestamp(row.get(1)?) }, reason })
    })?;
    let gaps: Vec<Gap> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(gaps.into_iter().filter_map(|gap| gap_set::cut(gap, window)).collect())
}

/// Adds gaps, less what is measured, and takes what has just been measured out of those that are there.
fn keep_gaps(db: &Connection, source: SourceId, slots: &[Slot], new: &[Gap]) -> Work<()> {
    let cover = gap_set::cover(slots);
    let windows = cover.iter().copied().chain(new.iter().map(|gap| gap.window));
    let Some(reach) = windows.reduce(|a, b| Window { from: a.from.min(b.from), to: a.to.max(b.to) }) else {
        return Ok(());
    };
    // Neighbours that touch are joined, so they belong to the work; whole rows, not what is cut to it.
    let held = touching(db, source, reach)?;
    if held.is_empty() && new.is_empty() {
        return Ok(());
    }
    let measured = if new.is_empty() { cover } else { measured(db, source, reach)? };
    let held_rest = gap_set::subtract(&held, &measured);
    let all = gap_set::add(held_rest, &gap_set::subtract(new, &measured));
    if all == held {
        return Ok(());
    }
    for gap in &held {
        db.prepare_cached("delete from gap where source = ?1 and start = ?2")?
            .execute(params![source, gap.window.from.0])?;
    }
    for gap in &all {
        db.prepare_cached("insert or replace into gap (source, start, end, reason) values (?1, ?2, ?3, ?4)")?
            .execute(params![source, gap.window.from.0, gap.window.to.0, gap.reason as u8])?;
    }
    Ok(())
}

fn touching(db: &Connection, source: SourceId, reach: Window) -> Work<Vec<Gap>> {
    let all = gaps(db, source, ALWAYS)?;
    Ok(all.into_iter().filter(|gap| gap.window.to >= reach.from && gap.window.from <= reach.to).collect())
}

/// What the day blocks cover within a window, and a day before it, whose last slot may reach in.
fn measured(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Window>> {
    let wider = Window { from: Timestamp(window.from.0 - DAY_S), to: window.to };
    let mut slots = Vec::new();
    for block in day_blocks(db, source, wider)? {
        slots.extend(day_block::decode_slots_only(&block).map_err(Trouble::Damaged)?);
    }
    Ok(gap_set::cover(&slots))
}

//! Day blocks, weekly summaries and gaps of a source.
// SPDX-License-Identifier: Apache-2.0

use super::waiting::{self, Days};
use super::{
    Gap, MergeStats, SlotTable, SourceId, Timestamp, Trouble, Week, Window, Work, fold, retention, sources,
};
use crate::store::arrival::hull;
use crate::store::{day_block, gap_set, merge, week_block};
use cairn_assess::load;
use cairn_schemas::gap::GapReason;
use cairn_schemas::slot::Slot;
use cairn_schemas::time::{DAY_S, WEEK_S};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeMap;

/// Everything there is.
pub(super) const ALWAYS: Window = Window { from: Timestamp(i64::MIN / 4), to: Timestamp(i64::MAX / 4) };

/// Merges the slots and gaps of an import.
pub(super) fn merge_into(
    db: &Connection,
    source: SourceId,
    table: &SlotTable,
    gaps: &[Gap],
) -> Work<MergeStats> {
    table.check().map_err(Trouble::Damaged)?;
    let mut days = Days::new();
    waiting::add(&mut days, table.clone(), ALWAYS);
    let (stats, _) = keep(db, source, &days, gaps)?;
    let starts = table.slots.iter().map(|slot| slot.start).chain(gaps.iter().map(|gap| gap.window.from));
    sources::seen(db, source, starts.min(), table.slots.iter().map(Slot::end).max())?;
    Ok(stats)
}

/// Merges slots into day blocks, gaps into gaps, and brings the weekly summaries up to date. Gives also the number
/// of blocks written.
pub(super) fn keep(db: &Connection, source: SourceId, days: &Days, gaps: &[Gap]) -> Work<(MergeStats, u64)> {
    let (mut stats, mut written) = (MergeStats::default(), 0);
    let can_fold = fold::may_fold(days);
    let mut weeks: BTreeMap<Timestamp, BTreeMap<i64, &[SlotTable]>> = BTreeMap::new();
    for (day, tables) in days {
        weeks.entry(Timestamp(day * DAY_S).start_of_week()).or_default().insert(*day, tables);
    }
    let latest = weeks.keys().next_back().copied();
    for (start, days) in weeks {
        // One block for the whole week is always there before.
        let mut changed = Changed { has_reopened: true, added: None };
        let (week_stats, blocks) = match fold::held(db, source, start)? {
            Some(held) => fold::reopen(db, source, start, held, &days)?,
            None => {
                let has_later = latest > Some(start);
                let is_whole = has_later && can_fold && fold::is_new(db, source, start)?;
                keep_days(db, source, start, &days, is_whole, &mut changed)?
            }
        };
        stats = stats + week_stats;
        if blocks > 0 {
            written += blocks;
            keep_week(db, source, start, changed)?;
        }
    }
    if can_fold {
        fold::fold(db, source, days)?;
    }
    let slots: Vec<Slot> = days.values().flatten().flat_map(|table| &table.slots).copied().collect();
    keep_gaps(db, source, &slots, gaps)?;
    Ok((stats, written))
}

/// Merges slots of one week into blocks of its days; into one block at once where the week is new and over.
fn keep_days(
    db: &Connection,
    source: SourceId,
    start: Timestamp,
    days: &BTreeMap<i64, &[SlotTable]>,
    is_whole: bool,
    changed: &mut Changed,
) -> Work<(MergeStats, u64)> {
    let (mut stats, mut written, mut whole) = (MergeStats::default(), 0, Vec::new());
    changed.has_reopened = false;
    for (day, tables) in days {
        let held = if is_whole { None } else { day_table(db, source, *day)? };
        let is_new = held.is_none();
        let (merged, day_stats) = merge::merge_all(held, tables);
        stats = stats + day_stats;
        if day_stats.kept == 0 {
            continue;
        }
        changed.has_reopened |= !is_new;
        if !changed.has_reopened {
            changed.added = load::merge(changed.added.take(), load::summarise(start, &[&merged], ALWAYS));
        }
        if is_whole {
            whole.push(merged);
        } else {
            put(db, source, *day, 1, &merged)?;
            written += 1;
        }
    }
    written += fold::put_week(db, source, start, &whole)?;
    Ok((stats, written))
}

/// Writes the block of so many days from `day` on.
pub(super) fn put(db: &Connection, source: SourceId, day: i64, days: i64, table: &SlotTable) -> Work<()> {
    let block = day_block::encode(table).map_err(Trouble::Damaged)?;
    db.prepare_cached("insert or replace into day_block (source, day, block, days) values (?1, ?2, ?3, ?4)")?
        .execute(params![source, day, block, days])?;
    Ok(())
}

/// What happened to the days of a week.
struct Changed {
    /// A day that was there got further slots: what was summarised of it no longer holds.
    has_reopened: bool,
    /// Summary of the days that are new.
    added: Option<Week>,
}

fn keep_week(db: &Connection, source: SourceId, start: Timestamp, changed: Changed) -> Work<()> {
    if retention::is_closed(db, source, start)? {
        return Ok(());
    }
    let week = if changed.has_reopened {
        let window = Window { from: start, to: Timestamp(start.0 + WEEK_S) };
        let days = blocks_of(db, source, window)?;
        load::summarise(start, &days.values().collect::<Vec<_>>(), ALWAYS)
    } else {
        load::merge(week_at(db, source, start)?, changed.added)
    };
    // Slots that are not valid make no week.
    let Some(week) = week else { return Ok(()) };
    let block = week_block::encode(&week).map_err(Trouble::Damaged)?;
    db.prepare_cached("insert or replace into week_block (source, start, block) values (?1, ?2, ?3)")?
        .execute(params![source, start.0, block])?;
    Ok(())
}

fn week_at(db: &Connection, source: SourceId, start: Timestamp) -> Work<Option<Week>> {
    let mut query = db.prepare_cached("select block from week_block where source = ?1 and start = ?2")?;
    let block: Option<Vec<u8>> = query.query_row(params![source, start.0], |row| row.get(0)).optional()?;
    block.map(|block| week_block::decode(&block)).transpose().map_err(Trouble::Damaged)
}

fn day_table(db: &Connection, source: SourceId, day: i64) -> Work<Option<SlotTable>> {
    let mut query = db.prepare_cached("select block from day_block where source = ?1 and day = ?2")?;
    let block: Option<Vec<u8>> = query.query_row(params![source, day], |row| row.get(0)).optional()?;
    block.map(|block| day_block::decode(&block)).transpose().map_err(Trouble::Damaged)
}

/// Blocks of which a day touches a window, ascending.
fn day_blocks(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Vec<u8>>> {
    let mut query = db.prepare_cached(
        "select block from day_block
         where source = ?1 and day > ?2 - 7 and day + days > ?2 and day <= ?3 order by day",
    )?;
    let last = (window.to.0 - 1).div_euclid(DAY_S);
    let rows = query.query_map(params![source, window.from.day(), last], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a block is there that is of a day.
const HAS_BLOCK: &str =
    "select 1 from day_block where source = ?1 and day > ?2 - 7 and day <= ?2 and day + days > ?2";

/// The days that have slots in a window, whole, whatever block they are in.
fn blocks_of(db: &Connection, source: SourceId, window: Window) -> Work<BTreeMap<i64, SlotTable>> {
    let mut days = BTreeMap::new();
    for block in day_blocks(db, source, window)? {
        days.extend(fold::by_day(day_block::decode(&block).map_err(Trouble::Damaged)?));
    }
    let last = (window.to.0 - 1).div_euclid(DAY_S);
    days.retain(|day, _| (window.from.day()..=last).contains(day));
    Ok(days)
}

pub(super) fn day_tables(db: &Connection, source: SourceId, window: Window) -> Work<Vec<SlotTable>> {
    let (waiting, _) = waiting::contents(db, source, window)?;
    let tables = if waiting.is_empty() {
        parts_of(db, source, window)?
    } else {
        days_with(db, source, window, waiting)?
    };
    let inside = tables.into_iter().filter_map(|table| {
        let from = table.slots.partition_point(|slot| slot.start < window.from);
        let to = table.slots.partition_point(|slot| slot.start < window.to);
        if from == 0 && to == table.slots.len() {
            return Some(table).filter(|table| !table.slots.is_empty());
        }
        (from < to).then(|| merge::slice(&table, from..to))
    });
    Ok(inside.collect())
}

/// What blocks hold that touch a window, some of it from before and after.
fn parts_of(db: &Connection, source: SourceId, window: Window) -> Work<Vec<SlotTable>> {
    let mut parts = Vec::new();
    for block in day_blocks(db, source, window)? {
        parts.extend(fold::parts(day_block::decode(&block).map_err(Trouble::Damaged)?));
    }
    Ok(parts)
}

/// The days of blocks, and what waits merged into them.
fn days_with(db: &Connection, source: SourceId, window: Window, waiting: Days) -> Work<Vec<SlotTable>> {
    let mut days = blocks_of(db, source, window)?;
    for (day, tables) in waiting {
        let (merged, _) = merge::merge_all(days.remove(&day), &tables);
        days.insert(day, merged);
    }
    Ok(days.into_values().collect())
}

pub(super) fn weeks(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Week>> {
    let mut query = db.prepare_cached(
        "select block from week_block where source = ?1 and start > ?2 and start < ?3 order by start",
    )?;
    let rows = query
        .query_map(params![source, window.from.0 - WEEK_S, window.to.0], |row| row.get::<_, Vec<u8>>(0))?;
    let mut weeks = BTreeMap::new();
    for block in rows {
        let week = week_block::decode(&block?).map_err(Trouble::Damaged)?;
        weeks.insert(week.start, week);
    }
    let end = Timestamp(window.to.0.saturating_sub(1)).start_of_week();
    let whole = Window { from: window.from.start_of_week(), to: Timestamp(end.0 + WEEK_S) };
    if waiting::reach(db, source, whole)?.is_some() {
        add_waiting_weeks(db, source, whole, &mut weeks)?;
    }
    Ok(weeks.into_values().collect())
}

/// Adds what waits to the summaries: merged where it is of days without a block, made afresh where it is not.
fn add_waiting_weeks(
    db: &Connection,
    source: SourceId,
    window: Window,
    weeks: &mut BTreeMap<Timestamp, Week>,
) -> Work<()> {
    let (days, _) = waiting::contents(db, source, window)?;
    let mut by_week: BTreeMap<Timestamp, Vec<(i64, Vec<SlotTable>)>> = BTreeMap::new();
    for (day, tables) in days {
        by_week.entry(Timestamp(day * DAY_S).start_of_week()).or_default().push((day, tables));
    }
    let mut has_block = db.prepare_cached(HAS_BLOCK)?;
    for (start, days) in by_week {
        if retention::is_closed(db, source, start)? {
            continue;
        }
        let mut week = weeks.remove(&start);
        let mut reopens = false;
        for (day, _) in &days {
            reopens |= has_block.exists(params![source, day])?;
        }
        if reopens {
            let tables = day_tables(db, source, Window { from: start, to: Timestamp(start.0 + WEEK_S) })?;
            week = load::summarise(start, &tables.iter().collect::<Vec<_>>(), ALWAYS);
        } else {
            for (_, tables) in days {
                let (merged, _) = merge::merge_all(None, &tables);
                week = load::merge(week, load::summarise(start, &[&merged], ALWAYS));
            }
        }
        weeks.extend(week.map(|week| (start, week)));
    }
    Ok(())
}

pub(super) fn gaps(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Gap>> {
    let held = kept_gaps(db, source, window)?;
    let all = match waiting::reach(db, source, window)? {
        Some((reach, has_gaps)) if has_gaps || held.iter().any(|gap| overlaps(gap.window, reach)) => {
            let (days, new) = waiting::contents(db, source, window)?;
            let slots: Vec<Slot> = days.values().flatten().flat_map(|table| &table.slots).copied().collect();
            let cover = gap_set::cover(&slots);
            let measured = match hull(new.iter().map(|gap| gap.window)) {
                Some(reach) => gap_set::union([measured(db, source, reach)?, cover.clone()].concat()),
                None => cover.clone(),
            };
            gap_set::add(gap_set::subtract(&held, &cover), &gap_set::subtract(&new, &measured))
        }
        _ => held,
    };
    Ok(all.into_iter().filter_map(|gap| gap_set::cut(gap, window)).collect())
}

fn overlaps(a: Window, b: Window) -> bool {
    a.from < b.to && b.from < a.to
}

/// Gaps that are kept and overlap a window, whole.
fn kept_gaps(db: &Connection, source: SourceId, window: Window) -> Work<Vec<Gap>> {
    let mut query = db.prepare_cached(
        "select start, end, reason from gap where source = ?1 and end > ?2 and start < ?3 order by start",
    )?;
    let rows = query.query_map(params![source, window.from.0, window.to.0], |row| {
        let reason = GapReason::from_number(row.get(2)?).unwrap_or(GapReason::NotReported);
        Ok(Gap { window: Window { from: Timestamp(row.get(0)?), to: Timestamp(row.get(1)?) }, reason })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds gaps, less what is measured, and takes what has just been measured out of those that are there.
fn keep_gaps(db: &Connection, source: SourceId, slots: &[Slot], new: &[Gap]) -> Work<()> {
    let cover = gap_set::cover(slots);
    let windows = cover.iter().copied().chain(new.iter().map(|gap| gap.window));
    let Some(reach) = hull(windows) else { return Ok(()) };
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
    kept_gaps(db, source, Window { from: Timestamp(reach.from.0 - 1), to: Timestamp(reach.to.0 + 1) })
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

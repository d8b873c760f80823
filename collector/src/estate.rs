//! From the store to the input of an assessment: every server with its facts, weeks and gaps in a window.
//! Weeks come from the weekly summaries; only weeks a window cuts, or that several sources share, are
//! computed anew from day blocks.
// SPDX-License-Identifier: Apache-2.0

use crate::reconcile::{Sides, reconcile};
use crate::store::{Result, Source, SourceKind, Store};
use cairn_assess::estate::{Estate, Server, Week};
use cairn_assess::load::summarise;
use cairn_schemas::decision::Decision;
use cairn_schemas::difference::Difference;
use cairn_schemas::fact::Facts;
use cairn_schemas::gap::Gap;
use cairn_schemas::slot::{Column, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::MISSING;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

/// Loads the estate of a window.
///
/// # Errors
/// The store fails.
pub fn load(store: &dyn Store, window: Window) -> Result<Estate> {
    let mut by_server: BTreeMap<String, Vec<Source>> =
        store.servers()?.into_iter().map(|server| (server, Vec::new())).collect();
    for source in store.sources()? {
        by_server.entry(source.server.clone()).or_default().push(source);
    }
    let mut facts = store.all_facts()?;
    let mut decisions = decisions_of(store)?;
    let mut differences = differences_of(store, &facts, window)?;
    let bare = by_server.into_iter().map(|(name, sources)| {
        let server = Server {
            simulated: sources.iter().any(|source| source.kind == SourceKind::Simulated),
            facts: facts.remove(&name).unwrap_or_default(),
            decisions: decisions.remove(&name).unwrap_or_default(),
            differences: differences.remove(&name).unwrap_or_default(),
            weeks: Vec::new(),
            gaps: Vec::new(),
            first_seen: sources.iter().filter_map(|source| source.first_seen).min(),
            name,
        };
        (server, sources)
    });
    let servers = by_part(bare.collect(), |(server, sources)| observed(store, server, sources, window))?;
    Ok(Estate {
        engagement: store.engagement().as_str().to_owned(),
        window,
        servers,
        triggers: store.triggers()?,
        moments: store.moments()?,
        answers: store.answers()?,
        outcomes: store.outcomes()?,
    })
}

/// Every entry through `work`, in their order, in as many parts at once as there are processors: to unpack the weeks of
/// ten thousand servers takes seconds.
fn by_part<T: Send, U: Send>(all: Vec<T>, work: impl Fn(T) -> Result<U> + Sync) -> Result<Vec<U>> {
    let parts = std::thread::available_parallelism().map_or(1, NonZero::get);
    let length = all.len().div_ceil(parts).max(1);
    let mut rest = all.into_iter();
    let work = &work;
    std::thread::scope(|scope| {
        let part = |_| {
            let part: Vec<T> = rest.by_ref().take(length).collect();
            scope.spawn(move || part.into_iter().map(work).collect::<Result<Vec<U>>>())
        };
        let running: Vec<_> = (0..parts).map(part).collect();
        let mut done = Vec::new();
        for part in running {
            done.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(done)
    })
}

/// A server with what its sources observed in a window.
fn observed(store: &dyn Store, server: Server, mut sources: Vec<Source>, window: Window) -> Result<Server> {
    // Where several sources cover the same time, an agent is believed before an import.
    sources.sort_by_key(|source| (source.kind, source.id));
    let weeks = weeks_of(store, &sources, window)?;
    Ok(Server { weeks, gaps: gaps_of(store, &sources, window)?, ..server })
}

/// Decisions that nobody withdrew, by server.
fn decisions_of(store: &dyn Store) -> Result<BTreeMap<String, Vec<Decision>>> {
    let mut decisions: BTreeMap<String, Vec<Decision>> = BTreeMap::new();
    for kept in store.decisions()?.into_iter().filter(|kept| kept.withdrawn.is_none()) {
        decisions.entry(kept.decision.server.clone()).or_default().push(kept.decision);
    }
    Ok(decisions)
}

/// Where the CMDB, agents and imports differ at the end of a window, by server.
fn differences_of(
    store: &dyn Store,
    facts: &BTreeMap<String, Facts>,
    window: Window,
) -> Result<BTreeMap<String, Vec<Difference>>> {
    let (statements, sources) = (store.statements()?, store.sources()?);
    let sides = Sides { statements: &statements, sources: &sources, facts, now: window.to };
    let mut by_server: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    for difference in reconcile(&sides) {
        by_server.entry(difference.server.clone()).or_default().push(difference);
    }
    Ok(by_server)
}

fn weeks_of(store: &dyn Store, sources: &[Source], window: Window) -> Result<Vec<Week>> {
    match sources {
        [] => Ok(Vec::new()),
        [source] => {
            let mut weeks = Vec::new();
            for week in store.weeks(source.id, window)? {
                if is_whole(&week, source, window) {
                    weeks.push(week);
                } else {
                    let part = cut(Window { from: week.start, to: end_of(&week) }, window);
                    let tables = store.day_tables(source.id, part)?;
                    weeks.extend(summarise(week.start, &tables.iter().collect::<Vec<_>>(), part));
                }
            }
            Ok(weeks)
        }
        several => weeks_of_several(store, several, window),
    }
}

/// Whether a stored summary holds nothing outside the window.
fn is_whole(week: &Week, source: &Source, window: Window) -> bool {
    let first = source.first_seen.map_or(week.start, |seen| seen.max(week.start));
    let last = source.last_seen.map_or(end_of(week), |seen| seen.min(end_of(week)));
    window.from <= first && last <= window.to
}

/// Where the minutes of a week are past their time: the summary of the source believed first.
fn summary_alone(
    store: &dyn Store,
    sources: &[Source],
    start: Timestamp,
    window: Window,
) -> Result<Option<Week>> {
    for source in sources {
        let weeks = store.weeks(source.id, Window { from: start, to: Timestamp(start.0 + 1) })?;
        let whole = weeks.into_iter().find(|week| week.start == start && is_whole(week, source, window));
        if whole.is_some() {
            return Ok(whole);
        }
    }
    Ok(None)
}

const fn end_of(week: &Week) -> Timestamp {
    Timestamp(week.start.0 + WEEK_S)
}

/// Week by week, so that no more than a week of slots is held.
fn weeks_of_several(store: &dyn Store, sources: &[Source], window: Window) -> Result<Vec<Week>> {
    let mut starts = BTreeSet::new();
    for source in sources {
        starts.extend(store.weeks(source.id, window)?.iter().map(|week| week.start));
    }
    let mut weeks = Vec::with_capacity(starts.len());
    for start in starts {
        let part = cut(Window { from: start, to: Timestamp(start.0 + WEEK_S) }, window);
        let mut merged = SlotTable::default();
        for source in sources {
            for table in within(store.day_tables(source.id, part)?, part) {
                merged = union(merged, table);
            }
        }
        match summarise(start, &[&merged], part) {
            Some(week) => weeks.push(week),
            None => weeks.extend(summary_alone(store, sources, start, window)?),
        }
    }
    Ok(weeks)
}

fn cut(inner: Window, outer: Window) -> Window {
    Window { from: inner.from.max(outer.from), to: inner.to.min(outer.to) }
}

/// Only slots that begin in a window.
fn within(tables: Vec<SlotTable>, window: Window) -> Vec<SlotTable> {
    let keep = |table: SlotTable| {
        if table.slots.iter().all(|slot| window.contains(slot.start)) {
            return table;
        }
        let inside: Vec<usize> =
            (0..table.slots.len()).filter(|i| window.contains(table.slots[*i].start)).collect();
        pick(&table, &inside)
    };
    tables.into_iter().map(keep).filter(|table| !table.slots.is_empty()).collect()
}

fn pick(table: &SlotTable, rows: &[usize]) -> SlotTable {
    let column = |column: &Column| Column {
        key: column.key.clone(),
        mean: rows.iter().map(|i| column.mean[*i]).collect(),
        max: column.max.as_ref().map(|max| rows.iter().map(|i| max[*i]).collect()),
    };
    SlotTable {
        slots: rows.iter().map(|i| table.slots[*i]).collect(),
        columns: table.columns.iter().map(column).collect(),
    }
}

/// Both tables as one; a slot of the second that overlaps one of the first is left out.
fn union(first: SlotTable, second: SlotTable) -> SlotTable {
    let free = |slot: &Slot| {
        let after = first.slots.partition_point(|other| other.start < slot.end());
        first.slots[..after].iter().next_back().is_none_or(|other| other.end() <= slot.start)
    };
    let new: Vec<usize> = (0..second.slots.len()).filter(|i| free(&second.slots[*i])).collect();
    if new.is_empty() {
        return first;
    }
    let second = pick(&second, &new);
    let mut order: Vec<(Slot, bool, usize)> = Vec::with_capacity(first.slots.len() + second.slots.len());
    order.extend(first.slots.iter().enumerate().map(|(i, slot)| (*slot, true, i)));
    order.extend(second.slots.iter().enumerate().map(|(i, slot)| (*slot, false, i)));
    order.sort_by_key(|(slot, _, _)| slot.start);

    let keys: BTreeSet<SeriesKey> =
        first.columns.iter().chain(&second.columns).map(|column| column.key.clone()).collect();
    let column = |key: SeriesKey| {
        let (of_first, of_second) = (first.column(&key), second.column(&key));
        let from = |is_first: bool| if is_first { of_first } else { of_second };
        let mean = order.iter().map(|(_, f, i)| from(*f).map_or(MISSING, |c| c.mean[*i])).collect();
        let has_max = [of_first, of_second].iter().flatten().any(|c| c.max.is_some());
        let max_of = |f: bool, i: usize| from(f).and_then(|c| c.max.as_ref()).map_or(MISSING, |max| max[i]);
        let max = has_max.then(|| order.iter().map(|(_, f, i)| max_of(*f, *i)).collect());
        Column { key, mean, max }
    };
    let columns = keys.into_iter().map(column).collect();
    SlotTable { slots: order.into_iter().map(|(slot, _, _)| slot).collect(), columns }
}

/// Gaps of all sources, inside the window, not overlapping; where two reasons meet, the one that began first.
fn gaps_of(store: &dyn Store, sources: &[Source], window: Window) -> Result<Vec<Gap>> {
    // A server with a second source is not missing while that one reports; its slots are counted first.
    let mut gaps = Vec::new();
    for source in sources {
        gaps.extend(store.gaps(source.id, window)?);
    }
    gaps.sort_by_key(|gap| (gap.window.from, gap.window.to, gap.reason));
    Ok(disjoint(gaps, window))
}

fn disjoint(gaps: Vec<Gap>, window: Window) -> Vec<Gap> {
    let mut kept: Vec<Gap> = Vec::with_capacity(gaps.len());
    let mut until = window.from;
    for gap in gaps {
        let from = gap.window.from.max(until);
        let to = gap.window.to.min(window.to);
        if from < to {
            kept.push(Gap { window: Window { from, to }, reason: gap.reason });
            until = to;
        }
    }
    kept
}

#[cfg(test)]
#[path = "estate_tests.rs"]
mod tests;

//! What waits in the inbox, read as if it were in day blocks already: whatever is acknowledged can be read at once,
//! and is packed only once, when its day is over.
// SPDX-License-Identifier: Apache-2.0

use super::{Gap, SlotTable, SourceId, Timestamp, Window, Work};
use crate::store::{gap_set, merge};
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::slot::Slot;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Slots of one source by UTC day, for each day in the order they came.
pub(super) type Days = BTreeMap<i64, Vec<SlotTable>>;

/// A batch of the inbox.
pub(super) struct Row {
    pub(super) id: i64,
    /// What lies before is in day blocks already.
    pub(super) since: Timestamp,
    /// Whether its gaps still wait too.
    pub(super) has_gaps: bool,
    pub(super) sealed: Vec<u8>,
}

impl Row {
    /// Bytes of its payload; of one that is damaged, those it has.
    pub(super) fn decoded_bytes(&self) -> usize {
        batch::open(&self.sealed).map_or(self.sealed.len(), |envelope| envelope.decoded_bytes())
    }

    /// Opens it. Only what does not lie in day blocks yet is left in it, and gaps that can be gaps.
    pub(super) fn open(&self) -> Result<Batch, batch::WireError> {
        let mut batch = batch::open(&self.sealed)?.decode()?;
        let done = batch.table.slots.partition_point(|slot| slot.start < self.since);
        if done > 0 {
            batch.table = merge::slice(&batch.table, done..batch.table.slots.len());
        }
        let has_gaps = self.has_gaps;
        batch.gaps.retain(|gap| has_gaps && gap_set::is_believable(gap));
        Ok(batch)
    }
}

/// Batches of a source that may hold something in a window, in the order they came. `each` says whether to go on.
pub(super) fn rows(
    db: &Connection,
    source: SourceId,
    window: Window,
    mut each: impl FnMut(Row) -> Work<bool>,
) -> Work<()> {
    let mut query = db.prepare_cached(
        "select id, since, gaps, sealed from inbox where id in
         (select id from inbox where source = ?1 and since < ?2 and until > ?3) order by id",
    )?;
    let mut rows = query.query(params![source, window.to.0, window.from.0])?;
    while let Some(row) = rows.next()? {
        let row = Row {
            id: row.get(0)?,
            since: Timestamp(row.get(1)?),
            has_gaps: row.get(2)?,
            sealed: row.get(3)?,
        };
        if !each(row)? {
            break;
        }
    }
    Ok(())
}

/// Stretch of everything that waits for a source within a window, and whether gaps are among it.
pub(super) fn reach(db: &Connection, source: SourceId, window: Window) -> Work<Option<(Window, bool)>> {
    let mut query = db.prepare_cached(
        "select min(since), max(until), max(gaps) from inbox where source = ?1 and since < ?2 and until > ?3",
    )?;
    let found = query.query_row(params![source, window.to.0, window.from.0], |row| {
        Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<bool>>(2)?))
    })?;
    let (Some(from), Some(to), has_gaps) = found else { return Ok(None) };
    Ok(Some((Window { from: Timestamp(from), to: Timestamp(to) }, has_gaps.unwrap_or(false))))
}

/// Waiting slots that start in a window, by day, and the gaps of the same batches. What cannot be read is left
/// out: compaction puts it into quarantine and says so.
pub(super) fn contents(db: &Connection, source: SourceId, window: Window) -> Work<(Days, Vec<Gap>)> {
    let (mut days, mut gaps) = (Days::new(), Vec::new());
    rows(db, source, window, |row| {
        if let Ok(batch) = row.open() {
            add(&mut days, batch.table, window);
            gaps.extend(batch.gaps);
        }
        Ok(true)
    })?;
    Ok((days, gaps))
}

/// Adds those slots of a table that start in a window, day by day.
pub(super) fn add(days: &mut Days, table: SlotTable, window: Window) {
    let inside = |slot: Option<&Slot>| slot.is_some_and(|slot| window.contains(slot.start));
    let ranges = merge::days(&table);
    if let [(day, _)] = ranges[..]
        && inside(table.slots.first())
        && inside(table.slots.last())
    {
        days.entry(day).or_default().push(table);
        return;
    }
    for (day, range) in ranges {
        let from = range.start + table.slots[range.clone()].partition_point(|slot| slot.start < window.from);
        let to = range.start + table.slots[range].partition_point(|slot| slot.start < window.to);
        if from < to {
            days.entry(day).or_default().push(merge::slice(&table, from..to));
        }
    }
}

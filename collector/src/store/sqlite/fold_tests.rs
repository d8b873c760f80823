//! Weeks of wide slots become one block, and are read, taken apart and removed as their days were.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::care::Care as _;
use crate::store::sqlite::SqliteStore;
use crate::store::{SourceKind, Store as _};
use cairn_assess::load::summarise;
use cairn_schemas::metric;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot};
use cairn_schemas::time::Window;
use cairn_schemas::value_code::MISSING;

/// A Monday.
const MONDAY: i64 = 1_762_128_000;
const EVER: Window = Window { from: Timestamp(-(1 << 40)), to: Timestamp(1 << 40) };

fn table(starts: impl Iterator<Item = i64>, width_s: u32) -> SlotTable {
    let slot = |start| Slot { start: Timestamp(MONDAY + start), width_s, samples: width_s, power: Power::On };
    let slots: Vec<Slot> = starts.map(slot).collect();
    let mean = slots.iter().map(|slot| (slot.start.0 / 60 % 9_000) as u16).collect();
    SlotTable { slots, columns: vec![Column { key: SeriesKey::total(&metric::CPU_BUSY), mean, max: None }] }
}

/// Five-minute slots of a range of days, but every `hole`th; 0: all.
fn days(range: std::ops::Range<i64>, hole: i64) -> SlotTable {
    table((range.start * 288..range.end * 288).filter(|i| hole == 0 || i % hole != 0).map(|i| i * 300), 300)
}

fn store() -> (SqliteStore, SourceId) {
    let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
    let source = store.source(SourceKind::Import, "key", "web1").unwrap().id;
    (store, source)
}

/// First day after Monday, and length, of each block.
fn blocks(store: &SqliteStore) -> Vec<(i64, i64)> {
    let db = store.connection();
    let mut query = db.prepare("select day, days from day_block order by day").unwrap();
    let first = MONDAY / DAY_S;
    let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)? - first, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// All slots with their values, and all summaries; the check finds nothing.
fn read(store: &SqliteStore, source: SourceId) -> (SlotTable, Vec<cairn_assess::estate::Week>) {
    assert_eq!(store.check(true).unwrap().faults, []);
    let tables = store.day_tables(source, EVER).unwrap();
    (merge::merge_all(None, &tables).0, store.weeks(source, EVER).unwrap())
}

#[test]
fn a_week_of_wide_slots_is_one_block_once_something_later_came() {
    let check = |width_s: u32, step: i64, expected: &[(i64, i64)]| {
        let (store, source) = store();
        let all = table((0..8 * DAY_S / step).map(|i| i * step), width_s);
        for (_, range) in merge::days(&all) {
            store.merge(source, &merge::slice(&all, range), &[]).unwrap();
        }
        assert_eq!(blocks(&store), expected, "{width_s} s");
        assert_eq!(read(&store, source).0, all);
    };
    check(300, 300, &[(0, 7), (7, 1)]);
    check(900, 900, &[(0, 7), (7, 1)]);
    // Slots that overlap, also at midnight.
    check(310, 300, &[(0, 7), (7, 1)]);
    check(60, 600, &[(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1)]);
}

#[test]
fn what_comes_late_is_as_if_it_had_come_in_time() {
    let (whole, whole_source) = store();
    whole.merge(whole_source, &days(0..15, 0), &[]).unwrap();
    let (late, source) = store();
    late.merge(source, &days(0..15, 5), &[]).unwrap();
    assert_eq!(blocks(&late), [(0, 7), (7, 7), (14, 1)]);
    let stats = late.merge(source, &days(3..9, 0), &[]).unwrap();
    assert_eq!((stats.kept, stats.conflicting), (346, 0));
    late.merge(source, &days(0..15, 0), &[]).unwrap();
    assert_eq!(blocks(&late), blocks(&whole));
    assert_eq!(read(&late, source), read(&whole, whole_source));
}

#[test]
fn narrow_slots_take_a_week_apart() {
    let (store, source) = store();
    store.merge(source, &days(0..8, 5), &[]).unwrap();
    assert_eq!(blocks(&store), [(0, 7), (7, 1)]);
    let (mut expected, _) = read(&store, source);
    let narrow = table([2 * DAY_S + 60].into_iter(), 60);
    store.merge(source, &narrow, &[]).unwrap();
    assert_eq!(blocks(&store).len(), 8);
    expected = merge::merge(&expected, &narrow).0;
    assert_eq!(read(&store, source).0, expected);
}

#[test]
fn a_part_of_a_folded_week_is_read_alone() {
    let (store, source) = store();
    let all = days(0..8, 0);
    store.merge(source, &all, &[]).unwrap();
    let part = Window { from: Timestamp(MONDAY + 3 * DAY_S), to: Timestamp(MONDAY + 4 * DAY_S) };
    let tables = store.day_tables(source, part).unwrap();
    assert_eq!(tables, [merge::slice(&all, 3 * 288..4 * 288)]);
}

#[test]
fn a_folded_week_is_read_in_one_piece_where_nobody_sees_a_difference() {
    let check = |width_s: u32, parts: usize| {
        let (store, source) = store();
        let mut all = table((0..8 * 288).map(|i| i * 300), width_s);
        let key = SeriesKey::total(&metric::MEMORY_USED);
        let mut some = vec![MISSING; all.slots.len()];
        some[400..500].fill(77);
        all.columns.push(Column { key, mean: some, max: None });
        store.merge(source, &all, &[]).unwrap();
        assert_eq!(blocks(&store), [(0, 7), (7, 1)]);
        let week = Window { from: Timestamp(MONDAY), to: Timestamp(MONDAY + WEEK_S) };
        let tables = store.day_tables(source, week).unwrap();
        assert_eq!(tables.len(), parts, "{width_s} s");
        let summary = summarise(Timestamp(MONDAY), &tables.iter().collect::<Vec<_>>(), EVER);
        assert_eq!(summary, store.weeks(source, week).unwrap().pop(), "{width_s} s");
    };
    check(300, 1);
    // Slots that overlap: at midnight a second is counted twice where days stand apart.
    check(310, 7);
}

#[test]
fn a_backlog_is_packed_at_once_into_what_its_days_would_have_become() {
    let bytes = |store: &SqliteStore| {
        let db = store.connection();
        let all = "select day, days, block from day_block union all select start, 0, block from week_block";
        let mut query = db.prepare(all).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let rows = query.query_map([], row).unwrap().map(Result::unwrap);
        let mut rows: Vec<(i64, i64, Vec<u8>)> = rows.collect();
        rows.sort();
        rows
    };
    let check = |all: &SlotTable| {
        let ((at_once, of_all), (by_day, of_days)) = (store(), store());
        at_once.merge(of_all, all, &[]).unwrap();
        for (_, range) in merge::days(all) {
            by_day.merge(of_days, &merge::slice(all, range), &[]).unwrap();
        }
        assert_eq!(bytes(&at_once), bytes(&by_day));
        assert_eq!(read(&at_once, of_all).0, *all);
    };
    check(&days(3..25, 0));
    check(&days(6..9, 7));
    check(&table((0..9 * 288).map(|i| i * 300), 310));
    check(&table((0..9 * 1_440).map(|i| i * 60), 60));
}

//! Weekly summaries: what falls where, and that nothing is lost between slots and counts.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::slot::Column;
use proptest::prelude::*;

const ALL: Window = Window { from: Timestamp(0), to: Timestamp(i64::MAX / 2) };
/// Monday 2026-11-02 00:00 UTC.
const MONDAY: Timestamp = Timestamp(1_793_577_600);

fn table(slots: &[(i64, u32, Power, f64)]) -> SlotTable {
    let slot = |(at, width_s, power, _): &(i64, u32, Power, f64)| Slot {
        start: Timestamp(MONDAY.0 + at),
        width_s: *width_s,
        samples: *width_s,
        power: *power,
    };
    let mean = slots.iter().map(|s| CPU_BUSY.unit.coding().encode(Some(s.3))).collect();
    SlotTable {
        slots: slots.iter().map(slot).collect(),
        columns: vec![Column { key: SeriesKey::total(&CPU_BUSY), mean, max: None }],
    }
}

fn cpu(slots: &[(i64, u32, Power, f64)]) -> (Week, Load) {
    let table = table(slots);
    let week = summarise(MONDAY, &[&table], ALL).unwrap();
    let load = week.loads[0].clone().unwrap();
    (week, load)
}

#[test]
fn a_monday_is_a_monday() {
    assert_eq!(MONDAY.start_of_week(), MONDAY);
}

#[test]
fn narrow_slots_are_averaged_over_their_interval() {
    let (_, load) = cpu(&[(0, 60, Power::On, 0.2), (60, 60, Power::On, 0.4), (300, 60, Power::On, 0.9)]);
    assert_eq!(&load.five_minute[..3], &[3_000, 9_000, MISSING]);
    assert_eq!(load.counts, vec![(2_000, 1), (4_000, 1), (9_000, 1)]);
}

#[test]
fn two_wide_slots_in_one_interval_leave_the_larger_one() {
    let (week, load) =
        cpu(&[(0, 300, Power::On, 0.5), (299, 300, Power::On, 0.1), (601, 300, Power::On, 0.3)]);
    assert_eq!(&load.five_minute[..4], &[5_000, 1_000, 3_000, MISSING]);
    assert_eq!(week.covered_s[0], 299 + 300 + 300, "seconds two slots share count once");
}

#[test]
fn switched_off_is_covered_but_no_demand() {
    let (week, load) = cpu(&[(0, 300, Power::On, 0.5), (300, 300, Power::Off, 0.0)]);
    assert_eq!((week.covered_s[0], week.off_s[0]), (600, 300));
    assert_eq!(load.counts, vec![(5_000, 1)]);
    assert_eq!(load.five_minute[1], MISSING);
}

#[test]
fn an_hourly_slot_fills_twelve_intervals_and_is_one_count() {
    let (_, load) = cpu(&[(3_600, 3_600, Power::On, 0.7)]);
    assert_eq!(load.five_minute.iter().filter(|code| **code == 7_000).count(), 12);
    assert_eq!(load.counts, vec![(7_000, 1)]);
}

#[test]
fn a_slot_of_few_readings_is_not_there() {
    let mut thin = table(&[(0, 60, Power::On, 0.5)]);
    thin.slots[0].samples = 29;
    assert_eq!(summarise(MONDAY, &[&thin], ALL), None);
}

#[test]
fn the_window_cuts_by_start() {
    let table = table(&[(0, 300, Power::On, 0.5), (300, 300, Power::On, 0.6)]);
    let window = Window { from: Timestamp(MONDAY.0 + 1), to: Timestamp(MONDAY.0 + 500) };
    let week = summarise(MONDAY, &[&table], window).unwrap();
    assert_eq!(week.covered_s[0], 200);
    assert_eq!(week.loads[0].as_ref().unwrap().counts, vec![(6_000, 1)]);
}

/// Slots that do not overlap, of every width, with holes, some off, and what is missing: after which step, how wide,
/// whether on, and four codes.
type Slots = Vec<(i64, u32, bool, [Code; 4])>;

fn any_slots() -> impl Strategy<Value = Slots> {
    let step = prop_oneof![6 => Just(0_i64), 1 => Just(300), 1 => Just(7)];
    let width_s = prop_oneof![4 => Just(300_u32), 3 => Just(60), 1 => Just(900), 1 => Just(420)];
    let code = || prop_oneof![6 => 0..2_000_u16, 1 => Just(MISSING), 1 => any::<Code>()];
    let codes = [code(), code(), code(), code()];
    proptest::collection::vec((step, width_s, proptest::bool::weighted(0.9), codes), 1..400)
}

fn table_of(slots: &Slots) -> SlotTable {
    let mut end = MONDAY.0;
    let slot = |(step, width_s, on, _): &(i64, u32, bool, [Code; 4])| {
        let start = Timestamp(end + step);
        end = start.0 + i64::from(*width_s);
        let power = if *on { Power::On } else { Power::Off };
        Slot { start, width_s: *width_s, samples: *width_s, power }
    };
    let all = slots.iter().map(slot).collect();
    let codes = |n: usize| slots.iter().map(|(_, _, _, codes)| codes[n]).collect::<Vec<_>>();
    let column = |metric, n: usize, max| Column { key: SeriesKey::total(metric), mean: codes(n), max };
    let mut columns = vec![
        column(&CPU_BUSY, 0, Some(codes(1))),
        column(&MEMORY_USED, 1, None),
        column(&SWAP_USED, 2, None),
        column(&DISK_READ, 3, None),
        column(&DISK_WRITE, 0, None),
        column(&NET_RECEIVE, 1, None),
        column(&NET_TRANSMIT, 3, None),
    ];
    columns.sort_by(|a, b| a.key.cmp(&b.key));
    SlotTable { slots: all, columns }
}

/// Each slot as a table of its own.
fn alone(table: &SlotTable) -> Vec<SlotTable> {
    let column = |column: &Column, i: usize| Column {
        key: column.key.clone(),
        mean: vec![column.mean[i]],
        max: column.max.as_ref().map(|max| vec![max[i]]),
    };
    let one = |i: usize| SlotTable {
        slots: vec![table.slots[i]],
        columns: table.columns.iter().map(|of_all| column(of_all, i)).collect(),
    };
    (0..table.slots.len()).map(one).collect()
}

proptest! {
    #[test]
    fn slots_taken_together_are_summarised_as_each_by_itself(slots in any_slots()) {
        let all = table_of(&slots);
        let alone = alone(&all);
        let expected = summarise(MONDAY, &alone.iter().collect::<Vec<_>>(), ALL);
        prop_assert_eq!(summarise(MONDAY, &[&all], ALL), expected);
    }

    #[test]
    fn codes_are_counted_as_they_are(codes in proptest::collection::vec(prop_oneof![any::<Code>(), Just(MISSING)], 0..99)) {
        let mut expected = std::collections::BTreeMap::new();
        codes.iter().filter(|code| **code != MISSING).for_each(|code| *expected.entry(*code).or_insert(0) += 1);
        prop_assert_eq!(count(&codes), expected.into_iter().collect::<Vec<(Code, u32)>>());
    }

    #[test]
    fn every_valid_slot_is_counted_once(steps in proptest::collection::vec((280_i64..330, 0.0_f64..1.5), 1..300)) {
        let mut at = 0;
        let slots: Vec<_> = steps.iter().map(|(step, value)| { at += step; (at, 300, Power::On, *value) }).collect();
        let (week, load) = cpu(&slots);
        prop_assert_eq!(load.counts.iter().map(|(_, n)| *n as usize).sum::<usize>(), slots.len());
        let top = load.counts.last().unwrap().0;
        let known = load.five_minute.iter().filter(|code| **code != MISSING).max();
        prop_assert_eq!(known, Some(&top), "the peak survives into the five-minute means");
        prop_assert!(week.covered_s.iter().map(|s| i64::from(*s)).sum::<i64>() <= at + 300 - slots[0].0);
    }
}

//! Merging slots into slots: the same start with the same values is a repetition, with other values a
//! conflict that the first one wins. Pure.
// SPDX-License-Identifier: Apache-2.0

use super::MergeStats;
use cairn_schemas::slot::{Column, SeriesKey, SlotTable};
use cairn_schemas::value_code::{Code, MISSING};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

/// Where a slot of the merged table comes from.
#[derive(Clone, Copy)]
enum From {
    Held(usize),
    New(usize),
}

/// Merges `new` into `held`.
pub(crate) fn merge(held: &SlotTable, new: &SlotTable) -> (SlotTable, MergeStats) {
    let keys: BTreeSet<&SeriesKey> =
        held.columns.iter().chain(&new.columns).map(|column| &column.key).collect();
    let pairs: Vec<(&SeriesKey, Option<&Column>, Option<&Column>)> =
        keys.into_iter().map(|key| (key, held.column(key), new.column(key))).collect();
    let (order, stats) = interleave(held, new, &pairs);
    let slots = order.iter().map(|from| match *from {
        From::Held(i) => held.slots[i],
        From::New(i) => new.slots[i],
    });
    let table = SlotTable {
        slots: slots.collect(),
        columns: pairs.iter().map(|(key, a, b)| gather(key, *a, *b, &order)).collect(),
    };
    (table, stats)
}

/// Merges tables, in the order they came, into what is held.
pub(crate) fn merge_all(held: Option<SlotTable>, new: &[SlotTable]) -> (SlotTable, MergeStats) {
    if let Some(joined) = joined(new) {
        let kept = joined.slots.len() as u64;
        return match held {
            Some(held) => merge(&held, &joined),
            None => (joined, MergeStats { kept, ..MergeStats::default() }),
        };
    }
    let mut all = (held.unwrap_or_default(), MergeStats::default());
    for table in new {
        let (merged, stats) = merge(&all.0, table);
        all = (merged, all.1 + stats);
    }
    all
}

/// Tables that do not overlap, as one: what an agent delivers in a day. Merging them one by one would copy the day
/// again for each. `None` when they do overlap.
fn joined<'a>(tables: &'a [SlotTable]) -> Option<SlotTable> {
    let mut order: Vec<&'a SlotTable> = tables.iter().filter(|table| !table.slots.is_empty()).collect();
    order.sort_by_key(|table| table.slots[0].start);
    let apart = |pair: &[&SlotTable]| pair[0].slots[pair[0].slots.len() - 1].start < pair[1].slots[0].start;
    if !order.windows(2).all(apart) {
        return None;
    }
    let first = order.first().map_or(&[][..], |table| &table.columns);
    let alike = order.iter().all(|table| {
        table.columns.len() == first.len() && table.columns.iter().zip(first).all(|(a, b)| a.key == b.key)
    });
    let keys: Vec<&SeriesKey> = if alike {
        first.iter().map(|column| &column.key).collect()
    } else {
        let all: BTreeSet<&SeriesKey> =
            order.iter().flat_map(|table| &table.columns).map(|column| &column.key).collect();
        all.into_iter().collect()
    };
    let slots: Vec<_> = order.iter().flat_map(|table| &table.slots).copied().collect();
    let columns = keys.into_iter().enumerate().map(|(i, key)| {
        // A search in each table would cost more than all the rest.
        let part = |table: &&'a SlotTable| {
            (table.slots.len(), if alike { table.columns.get(i) } else { table.column(key) })
        };
        let parts: Vec<(usize, Option<&Column>)> = order.iter().map(part).collect();
        let join = |codes: fn(&Column) -> Option<&[Code]>| {
            let mut all = Vec::with_capacity(slots.len());
            for (length, column) in &parts {
                match column.and_then(codes) {
                    Some(codes) => all.extend_from_slice(codes),
                    None => all.resize(all.len() + length, MISSING),
                }
            }
            all
        };
        let has_max = parts.iter().any(|(_, column)| column.is_some_and(|column| column.max.is_some()));
        let mean = join(|column| Some(&column.mean));
        Column { key: key.clone(), mean, max: has_max.then(|| join(|column| column.max.as_deref())) }
    });
    let columns = columns.collect();
    Some(SlotTable { slots, columns })
}

fn interleave(
    held: &SlotTable,
    new: &SlotTable,
    pairs: &[(&SeriesKey, Option<&Column>, Option<&Column>)],
) -> (Vec<From>, MergeStats) {
    let mut order = Vec::with_capacity(held.slots.len() + new.slots.len());
    let mut stats = MergeStats::default();
    let (mut i, mut j) = (0, 0);
    while j < new.slots.len() {
        let relation =
            held.slots.get(i).map_or(Ordering::Greater, |slot| slot.start.cmp(&new.slots[j].start));
        match relation {
            Ordering::Less => {
                order.push(From::Held(i));
                i += 1;
            }
            Ordering::Greater => {
                order.push(From::New(j));
                stats.kept += 1;
                j += 1;
            }
            Ordering::Equal => {
                if held.slots[i] == new.slots[j] && pairs.iter().all(|(_, a, b)| same(*a, i, *b, j)) {
                    stats.repeated += 1;
                } else {
                    stats.conflicting += 1;
                }
                order.push(From::Held(i));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    order.extend((i..held.slots.len()).map(From::Held));
    (order, stats)
}

fn mean(column: Option<&Column>, slot: usize) -> Code {
    column.map_or(MISSING, |column| column.mean[slot])
}

fn max(column: Option<&Column>, slot: usize) -> Code {
    column.and_then(|column| column.max.as_ref()).map_or(MISSING, |max| max[slot])
}

/// A series a table does not have is missing in every slot of it.
fn same(held: Option<&Column>, i: usize, new: Option<&Column>, j: usize) -> bool {
    mean(held, i) == mean(new, j) && max(held, i) == max(new, j)
}

fn gather(key: &SeriesKey, held: Option<&Column>, new: Option<&Column>, order: &[From]) -> Column {
    let pick = |value: fn(Option<&Column>, usize) -> Code| {
        let picked = order.iter().map(|from| match *from {
            From::Held(i) => value(held, i),
            From::New(j) => value(new, j),
        });
        picked.collect()
    };
    let has_max = [held, new].into_iter().flatten().any(|column| column.max.is_some());
    Column { key: key.clone(), mean: pick(mean), max: has_max.then(|| pick(max)) }
}

/// A stretch of a table; series without any value in it are left out.
pub(crate) fn slice(table: &SlotTable, range: Range<usize>) -> SlotTable {
    let known = |codes: &[Code]| codes.iter().any(|code| *code != MISSING);
    let columns = table.columns.iter().filter_map(|column| {
        let mean = column.mean[range.clone()].to_vec();
        let max = column.max.as_ref().map(|max| max[range.clone()].to_vec()).filter(|max| known(max));
        (known(&mean) || max.is_some()).then(|| Column { key: column.key.clone(), mean, max })
    });
    SlotTable { slots: table.slots[range.clone()].to_vec(), columns: columns.collect() }
}

/// The table by UTC day: day number and the range of its slots, ascending.
pub(crate) fn days(table: &SlotTable) -> Vec<(i64, Range<usize>)> {
    let mut days: Vec<(i64, Range<usize>)> = Vec::new();
    for (i, slot) in table.slots.iter().enumerate() {
        match days.last_mut() {
            Some((day, range)) if *day == slot.start.day() => range.end = i + 1,
            _ => days.push((slot.start.day(), i..i + 1)),
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::metric;
    use cairn_schemas::slot::{Power, Slot};
    use cairn_schemas::time::Timestamp;

    fn table(metric: &metric::Metric, values: &[(i64, Code)]) -> SlotTable {
        let slot = |start: i64| Slot { start: Timestamp(start), width_s: 60, samples: 60, power: Power::On };
        let column = Column {
            key: SeriesKey::total(metric),
            mean: values.iter().map(|(_, code)| *code).collect(),
            max: None,
        };
        SlotTable { slots: values.iter().map(|(at, _)| slot(*at)).collect(), columns: vec![column] }
    }

    #[test]
    fn repetitions_and_conflicts_are_told_apart_and_the_first_stays() {
        let held = table(&metric::CPU_BUSY, &[(60, 1), (120, 2), (240, 4)]);
        let new = table(&metric::CPU_BUSY, &[(0, 0), (60, 1), (120, 9), (180, 3), (300, 5)]);
        let (merged, stats) = merge(&held, &new);
        assert_eq!(stats, MergeStats { kept: 3, repeated: 1, conflicting: 1 });
        let all = [(0, 0), (60, 1), (120, 2), (180, 3), (240, 4), (300, 5)];
        assert_eq!(merged, table(&metric::CPU_BUSY, &all));
    }

    #[test]
    fn a_series_only_one_side_has_is_missing_on_the_other() {
        let held = table(&metric::CPU_BUSY, &[(60, 1)]);
        let new = table(&metric::MEMORY_USED, &[(60, 1), (120, 7)]);
        let (merged, stats) = merge(&held, &new);
        assert_eq!(stats, MergeStats { kept: 1, repeated: 0, conflicting: 1 });
        assert!(merged.check().is_ok());
        assert_eq!(merged.columns[0].mean, [1, MISSING]);
        assert_eq!(merged.columns[1].mean, [MISSING, 7]);
    }

    #[test]
    fn tables_apart_are_joined_and_others_merged_in_the_order_they_came() {
        let [a, b, c] = [
            table(&metric::CPU_BUSY, &[(60, 1), (120, 2)]),
            table(&metric::MEMORY_USED, &[(0, 7)]),
            table(&metric::CPU_BUSY, &[(120, 9), (180, 3)]),
        ];
        let (joined, stats) = merge_all(None, &[a.clone(), b.clone()]);
        assert_eq!(stats, MergeStats { kept: 3, ..MergeStats::default() });
        assert_eq!((&joined, joined.check()), (&merge(&a, &b).0, Ok(())));
        let (all, stats) = merge_all(Some(b.clone()), &[a.clone(), c.clone()]);
        assert_eq!(stats, MergeStats { kept: 3, repeated: 0, conflicting: 1 });
        assert_eq!(all, merge(&merge(&b, &a).0, &c).0);
    }

    #[test]
    fn days_are_cut_at_midnight() {
        let table = table(&metric::CPU_BUSY, &[(86_340, 1), (86_400, 2), (86_460, MISSING)]);
        assert_eq!(days(&table), [(0, 0..1), (1, 1..3)]);
        assert_eq!(slice(&table, 2..3).columns, []);
    }
}

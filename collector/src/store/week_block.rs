//! A weekly summary at rest, in the same columns as a day block. Where slots are five minutes wide the counts are those
//! of the five-minute means, but for a few: only these are kept.
// SPDX-License-Identifier: Apache-2.0

use super::codec::{Damage, Reader, Writer};
use cairn_assess::estate::{INTERVALS, Load, StorageLoad, Used, WEEK_HOURS, Week};
use cairn_assess::load::count;
use cairn_schemas::time::{Timestamp, Window};
use cairn_schemas::value_code::{Code, MISSING};

/// Layout 1 kept all counts of every load.
const LAYOUT: u8 = 2;
const OLDEST_LAYOUT: u8 = 1;

/// What the counts of a load are kept as.
const COUNTS: u8 = 0;
const DIFFERENCES: u8 = 1;

/// Encodes a week.
///
/// # Errors
/// A column could not be compressed.
pub(crate) fn encode(week: &Week) -> Result<Vec<u8>, Damage> {
    let mut out = Writer::new(LAYOUT);
    out.signed(week.start.0);
    out.column(&week.covered_s)?;
    out.column(&week.off_s)?;
    out.byte(u8::from(week.span.is_some()));
    if let Some(span) = week.span {
        out.signed(span.from.0);
        out.signed(span.to.0);
    }
    for load in &week.loads {
        out.byte(u8::from(load.is_some()));
        if let Some(load) = load {
            encode_load(&mut out, load)?;
        }
    }
    // Weeks written before this was kept end here.
    if let Some(storage) = &week.storage {
        encode_storage(&mut out, storage)?;
    }
    Ok(out.finish())
}

/// Reads a week back.
///
/// # Errors
/// The bytes are no week, or damaged.
pub(crate) fn decode(bytes: &[u8]) -> Result<Week, Damage> {
    let (mut input, layout) = Reader::of_layouts(bytes, OLDEST_LAYOUT..=LAYOUT)?;
    let start = Timestamp(input.signed()?);
    let covered_s = days(&mut input)?;
    let off_s = days(&mut input)?;
    let span = match input.byte()? {
        0 => None,
        _ => Some(Window { from: Timestamp(input.signed()?), to: Timestamp(input.signed()?) }),
    };
    let mut loads = [const { None }; 4];
    for load in &mut loads {
        *load = if input.byte()? == 0 { None } else { Some(decode_load(&mut input, layout)?) };
    }
    let storage = if input.is_at_end() { None } else { Some(decode_storage(&mut input)?) };
    Ok(Week { start, covered_s, off_s, span, loads, storage })
}

fn days(input: &mut Reader) -> Result<[u32; 7], Damage> {
    input.column::<u32>(7)?.try_into().map_err(|_| "a week has seven days".into())
}

fn encode_storage(out: &mut Writer, storage: &StorageLoad) -> Result<(), Damage> {
    out.varint(storage.operations_by_hour.len() as u64);
    out.column(&storage.operations_by_hour)?;
    for count in [
        storage.operations,
        storage.read_operations,
        storage.bytes,
        storage.read_bytes,
        storage.timed_operations,
        storage.busy_us,
        storage.latency_us_max,
    ] {
        out.varint(count);
    }
    out.byte(u8::from(storage.used.is_some()));
    for used in storage.used.iter().flatten() {
        out.signed(used.at.0);
        out.varint(used.bytes);
    }
    Ok(())
}

fn decode_storage(input: &mut Reader) -> Result<StorageLoad, Damage> {
    let hours = input.number::<usize>()?;
    if hours > WEEK_HOURS {
        return Err(format!("{hours} hours in a week"));
    }
    let operations_by_hour = input.column::<Code>(hours)?;
    let mut storage = StorageLoad { operations_by_hour, ..StorageLoad::default() };
    for count in [
        &mut storage.operations,
        &mut storage.read_operations,
        &mut storage.bytes,
        &mut storage.read_bytes,
        &mut storage.timed_operations,
        &mut storage.busy_us,
        &mut storage.latency_us_max,
    ] {
        *count = input.number()?;
    }
    if input.byte()? != 0 {
        storage.used = Some([decode_used(input)?, decode_used(input)?]);
    }
    Ok(storage)
}

fn decode_used(input: &mut Reader) -> Result<Used, Damage> {
    Ok(Used { at: Timestamp(input.signed()?), bytes: input.number()? })
}

fn encode_load(out: &mut Writer, load: &Load) -> Result<(), Damage> {
    out.varint(load.five_minute.len() as u64);
    out.column(&load.five_minute)?;
    let differences = differences(&load.counts, &count(&load.five_minute));
    // A count of zero would be lost among differences.
    if differences.len() < load.counts.len() && load.counts.iter().all(|(_, count)| *count > 0) {
        out.byte(DIFFERENCES);
        encode_counts(out, &differences)?;
    } else {
        out.byte(COUNTS);
        encode_counts(out, &load.counts)?;
    }
    out.varint(u64::from(load.max_1s.unwrap_or(MISSING)));
    Ok(())
}

fn encode_counts(out: &mut Writer, counts: &[(Code, u32)]) -> Result<(), Damage> {
    out.varint(counts.len() as u64);
    // Codes ascend: their distances are small.
    let mut before = 0;
    let steps: Vec<Code> =
        counts.iter().map(|(code, _)| code - std::mem::replace(&mut before, *code)).collect();
    out.column(&steps)?;
    out.column(&counts.iter().map(|(_, count)| *count).collect::<Vec<_>>())
}

fn decode_load(input: &mut Reader, layout: u8) -> Result<Load, Damage> {
    let intervals = input.number::<usize>()?;
    if intervals > INTERVALS {
        return Err(format!("{intervals} intervals in a week"));
    }
    let five_minute = input.column::<Code>(intervals)?;
    let kept_as = if layout == OLDEST_LAYOUT { COUNTS } else { input.byte()? };
    let kept = decode_counts(input)?;
    let counts = match kept_as {
        COUNTS => kept,
        DIFFERENCES => added(&count(&five_minute), &kept)?,
        other => return Err(format!("counts kept as {other}")),
    };
    let max_1s = Some(input.number::<Code>()?).filter(|code| *code != MISSING);
    Ok(Load { five_minute, counts, max_1s })
}

fn decode_counts(input: &mut Reader) -> Result<Vec<(Code, u32)>, Damage> {
    let distinct = input.number::<usize>()?;
    if distinct > usize::from(Code::MAX) + 1 {
        return Err(format!("{distinct} different codes"));
    }
    let steps = input.column::<Code>(distinct)?;
    let counts = input.column::<u32>(distinct)?;
    let mut codes: Vec<Code> = Vec::with_capacity(distinct);
    for step in steps {
        let ascends = codes.last().map_or(Some(step), |before| before.checked_add(step).filter(|_| step > 0));
        codes.push(ascends.ok_or("codes of a week do not ascend")?);
    }
    Ok(codes.into_iter().zip(counts).collect())
}

/// By how much each count is more or less than that of `base`, modulo 2^32 and so that small ones stay small, where it
/// is.
fn differences(counts: &[(Code, u32)], base: &[(Code, u32)]) -> Vec<(Code, u32)> {
    let difference = |(code, count, of_base): (Code, u32, u32)| {
        let more = count.wrapping_sub(of_base).cast_signed();
        (more != 0).then_some((code, ((more << 1) ^ (more >> 31)).cast_unsigned()))
    };
    side_by_side(counts, base).filter_map(difference).collect()
}

/// Undoes [`differences`].
fn added(base: &[(Code, u32)], differences: &[(Code, u32)]) -> Result<Vec<(Code, u32)>, Damage> {
    let mut counts = Vec::with_capacity(base.len() + differences.len());
    for (code, of_base, difference) in side_by_side(base, differences) {
        let more = (difference >> 1) ^ (difference & 1).wrapping_neg();
        match of_base.wrapping_add(more) {
            0 if difference == 0 => return Err("a count of a week is zero".into()),
            0 => {}
            count => counts.push((code, count)),
        }
    }
    Ok(counts)
}

/// Two lists ascending by code as one: each code of either with both its numbers, zero where it has none.
fn side_by_side(a: &[(Code, u32)], b: &[(Code, u32)]) -> impl Iterator<Item = (Code, u32, u32)> {
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    std::iter::from_fn(move || {
        let code = match (a.peek(), b.peek()) {
            (Some((left, _)), Some((right, _))) => *left.min(right),
            (Some((code, _)), None) | (None, Some((code, _))) => *code,
            (None, None) => return None,
        };
        let of_a = a.next_if(|(other, _)| *other == code);
        let of_b = b.next_if(|(other, _)| *other == code);
        Some((code, of_a.map_or(0, |(_, number)| number), of_b.map_or(0, |(_, number)| number)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn codes_that_do_not_ascend_are_damage() {
        let check = |steps: &[Code], expected: Option<&str>| {
            let mut out = Writer::new(LAYOUT);
            out.signed(345_600);
            out.column(&[0_u32; 7]).unwrap();
            out.column(&[0_u32; 7]).unwrap();
            out.byte(0);
            out.byte(1);
            out.varint(0);
            out.byte(COUNTS);
            out.varint(steps.len() as u64);
            out.column(steps).unwrap();
            out.column(&vec![1_u32; steps.len()]).unwrap();
            out.varint(u64::from(MISSING));
            for _ in 0..3 {
                out.byte(0);
            }
            assert_eq!(decode(&out.finish()).err().as_deref(), expected, "{steps:?}");
        };
        check(&[0, 5, 9], None);
        check(&[5, 0], Some("codes of a week do not ascend"));
        check(&[5, Code::MAX], Some("codes of a week do not ascend"));
    }

    #[test]
    fn counts_of_five_minute_slots_cost_next_to_nothing() {
        let five_minute: Vec<Code> = (0..INTERVALS as u32).map(|i| (i * i % 997) as Code).collect();
        let mut counts = count(&five_minute);
        let block = |counts: &[(Code, u32)]| {
            let load = Load { five_minute: five_minute.clone(), counts: counts.to_vec(), max_1s: None };
            let week = Week { loads: [Some(load), None, None, None], ..Week::default() };
            let block = encode(&week).unwrap();
            assert_eq!(decode(&block).unwrap(), week);
            block.len()
        };
        let same = block(&counts);
        counts[3].1 += 1;
        counts.remove(5);
        assert!(block(&counts) < same + 64, "one more and one less");
        let twice: Vec<(Code, u32)> = counts.iter().map(|(code, count)| (*code, count * 2)).collect();
        assert!(block(&twice) > same + 64, "other counts are kept whole");
    }

    /// Reads and writes of every hour, which go up and down with the day.
    fn storage() -> StorageLoad {
        let of_hour = |hour: usize| (5_000 + 90 * (hour % 24).abs_diff(13) + hour * hour % 97) as Code;
        StorageLoad {
            operations_by_hour: (0..WEEK_HOURS).map(of_hour).collect(),
            operations: 90_000_000,
            read_operations: 40_000_000,
            bytes: 4_000_000_000_000,
            read_bytes: 1_000_000_000_000,
            timed_operations: 90_000_000,
            busy_us: 200_000_000_000,
            latency_us_max: 80_000,
            used: Some([0, 604_740].map(|at| Used { at: Timestamp(345_600 + at), bytes: 300_000_000_000 })),
        }
    }

    #[test]
    fn what_storage_is_sized_by_costs_less_than_two_bytes_an_hour() {
        let week = |storage| encode(&Week { storage, ..Week::default() }).unwrap().len();
        let cost = week(Some(storage())) - week(None);
        assert!((100..2 * WEEK_HOURS).contains(&cost), "{cost} bytes");
    }

    #[test]
    fn weeks_of_the_first_layout_are_read() {
        let check = |storage: Option<StorageLoad>| {
            let mut out = Writer::new(OLDEST_LAYOUT);
            out.signed(345_600);
            out.column(&[0_u32; 7]).unwrap();
            out.column(&[0_u32; 7]).unwrap();
            out.byte(0);
            out.byte(1);
            out.varint(2);
            out.column(&[7 as Code, 9]).unwrap();
            encode_counts(&mut out, &[(5, 1), (9, 3)]).unwrap();
            out.varint(u64::from(MISSING));
            for _ in 0..3 {
                out.byte(0);
            }
            if let Some(storage) = &storage {
                encode_storage(&mut out, storage).unwrap();
            }
            let load = Load { five_minute: vec![7, 9], counts: vec![(5, 1), (9, 3)], max_1s: None };
            let week = decode(&out.finish()).unwrap();
            assert_eq!((&week.loads[0], &week.storage), (&Some(load), &storage));
        };
        check(None);
        check(Some(storage()));
    }

    proptest! {
        #[test]
        fn differences_are_undone(
            a in proptest::collection::btree_map(any::<Code>(), 1_u32.., 0..99),
            b in proptest::collection::btree_map(any::<Code>(), 1_u32.., 0..99),
        ) {
            let (a, b): (Vec<_>, Vec<_>) = (a.into_iter().collect(), b.into_iter().collect());
            prop_assert_eq!(added(&b, &differences(&a, &b)).unwrap(), a);
        }

        #[test]
        fn any_week_comes_back(
            codes in proptest::collection::vec(any::<Code>(), INTERVALS),
            counts in proptest::collection::btree_map(any::<Code>(), 1_u32..9_000, 0..300),
            hours in proptest::option::of(proptest::collection::vec(any::<Code>(), WEEK_HOURS)), sums in any::<[u64; 4]>(),
            used in proptest::option::of(any::<[u32; 2]>()),
            max_1s in proptest::option::of(0..MISSING), covered in any::<[u32; 7]>(), span in any::<bool>(),
        ) {
            let counts: BTreeMap<Code, u32> = counts;
            let load = Load { five_minute: codes, counts: counts.into_iter().collect(), max_1s };
            let week = Week {
                start: Timestamp(345_600),
                covered_s: covered,
                off_s: [0; 7],
                span: span.then_some(Window { from: Timestamp(345_660), to: Timestamp(400_000) }),
                loads: [Some(load), None, Some(Load::default()), None],
                storage: hours.map(|operations_by_hour| StorageLoad {
                    operations_by_hour,
                    operations: sums[0],
                    read_bytes: sums[1],
                    busy_us: sums[2],
                    latency_us_max: sums[3],
                    used: used.map(|used| used.map(|n| Used { at: Timestamp(i64::from(n)), bytes: u64::from(n) })),
                    ..StorageLoad::default()
                }),
            };
            prop_assert_eq!(decode(&encode(&week).unwrap()).unwrap(), week);
        }
    }
}

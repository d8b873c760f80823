//! A weekly summary at rest, in the same columns as a day block.
// SPDX-License-Identifier: Apache-2.0

use super::codec::{Damage, Reader, Writer};
use cairn_assess::estate::{INTERVALS, Load, StorageLoad, Used, WEEK_HOURS, Week};
use cairn_schemas::time::{Timestamp, Window};
use cairn_schemas::value_code::{Code, MISSING};

const LAYOUT: u8 = 1;

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
    let mut input = Reader::new(bytes, LAYOUT)?;
    let start = Timestamp(input.signed()?);
    let covered_s = days(&mut input)?;
    let off_s = days(&mut input)?;
    let span = match input.byte()? {
        0 => None,
        _ => Some(Window { from: Timestamp(input.signed()?), to: Timestamp(input.signed()?) }),
    };
    let mut loads = [const { None }; 4];
    for load in &mut loads {
        *load = if input.byte()? == 0 { None } else { Some(decode_load(&mut input)?) };
    }
    let storage = if input.is_at_end() { None } else { Some(decode_storage(&mut input)?) };
    Ok(Week { start, covered_s, off_s, span, loads, storage })
}

fn days(input: &mut Reader<'_>) -> Result<[u32; 7], Damage> {
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

fn decode_storage(input: &mut Reader<'_>) -> Result<StorageLoad, Damage> {
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

fn decode_used(input: &mut Reader<'_>) -> Result<Used, Damage> {
    Ok(Used { at: Timestamp(input.signed()?), bytes: input.number()? })
}

fn encode_load(out: &mut Writer, load: &Load) -> Result<(), Damage> {
    out.varint(load.five_minute.len() as u64);
    out.column(&load.five_minute)?;
    out.varint(load.counts.len() as u64);
    // Codes ascend: their distances are small.
    let mut before = 0;
    let steps: Vec<Code> =
        load.counts.iter().map(|(code, _)| code - std::mem::replace(&mut before, *code)).collect();
    out.column(&steps)?;
    out.column(&load.counts.iter().map(|(_, count)| *count).collect::<Vec<_>>())?;
    out.varint(u64::from(load.max_1s.unwrap_or(MISSING)));
    Ok(())
}

fn decode_load(input: &mut Reader<'_>) -> Result<Load, Damage> {
    let intervals = input.number::<usize>()?;
    if intervals > INTERVALS {
        return Err(format!("{intervals} intervals in a week"));
    }
    let five_minute = input.column::<Code>(intervals)?;
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
    let max_1s = Some(input.number::<Code>()?).filter(|code| *code != MISSING);
    Ok(Load { five_minute, counts: codes.into_iter().zip(counts).collect(), max_1s })
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

    proptest! {
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

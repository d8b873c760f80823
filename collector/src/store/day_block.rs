//! The day block: the slots of one source and one UTC day, one compressed column per series. Slots on a
//! regular grid cost a handful of bytes; a one-second maximum is kept as its distance from the mean.
// SPDX-License-Identifier: Apache-2.0

use super::codec::{Damage, Reader, Writer, unzigzag, zigzag};
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{DAY_S, Timestamp};
use cairn_schemas::value_code::Code;

const LAYOUT: u8 = 1;

/// Most slots of a day: one a second.
const SLOTS_MAX: usize = DAY_S as usize;

/// No slot starts further from 1970, so that its end is a number.
const START_S_MAX: i64 = 1 << 40;

/// Encodes a table whose slots all start in one day.
///
/// # Errors
/// A column could not be compressed.
pub(crate) fn encode(table: &SlotTable) -> Result<Vec<u8>, Damage> {
    let mut out = Writer::new(LAYOUT);
    encode_slots(&mut out, &table.slots)?;
    out.varint(table.columns.len() as u64);
    for column in &table.columns {
        out.varint(u64::from(column.key.metric));
        out.text(&column.key.instance);
        out.column(&column.mean)?;
        out.byte(u8::from(column.max.is_some()));
        if let Some(max) = &column.max {
            let above: Vec<Code> = max.iter().zip(&column.mean).map(|(x, m)| x.wrapping_sub(*m)).collect();
            out.column(&above)?;
        }
    }
    Ok(out.finish())
}

/// Reads a block back.
///
/// # Errors
/// The bytes are no block, or damaged.
pub(crate) fn decode(bytes: &[u8]) -> Result<SlotTable, Damage> {
    let mut input = Reader::new(bytes, LAYOUT)?;
    let slots = decode_slots(&mut input)?;
    let count = input.number::<u32>()?;
    let columns = (0..count).map(|_| decode_column(&mut input, slots.len())).collect::<Result<_, _>>()?;
    let table = SlotTable { slots, columns };
    table.check()?;
    Ok(table)
}

/// Reads the slots alone, which costs next to nothing.
///
/// # Errors
/// The bytes are no block, or damaged.
pub(crate) fn decode_slots_only(bytes: &[u8]) -> Result<Vec<Slot>, Damage> {
    decode_slots(&mut Reader::new(bytes, LAYOUT)?)
}

fn encode_slots(out: &mut Writer, slots: &[Slot]) -> Result<(), Damage> {
    let first = slots.first().map_or(0, |slot| slot.start.0);
    out.varint(slots.len() as u64);
    out.signed(first);
    // How far each slot starts from where the one before ended: zero on a grid without holes.
    let steps: Vec<u64> = slots.windows(2).map(|pair| zigzag(pair[1].start.0 - pair[0].end().0)).collect();
    out.column(&steps)?;
    out.column(&slots.iter().map(|slot| slot.width_s).collect::<Vec<_>>())?;
    out.column(&slots.iter().map(|slot| slot.width_s.saturating_sub(slot.samples)).collect::<Vec<_>>())?;
    out.column(&slots.iter().map(|slot| u16::from(slot.power == Power::Off)).collect::<Vec<_>>())
}

fn decode_slots(input: &mut Reader) -> Result<Vec<Slot>, Damage> {
    let count = input.number::<usize>()?;
    if count > SLOTS_MAX {
        return Err(format!("{count} slots in a day"));
    }
    let mut start = input.signed()?;
    let steps = input.numbers::<u64>(count.saturating_sub(1))?;
    let widths = input.numbers::<u32>(count)?;
    let lacking = input.numbers::<u32>(count)?;
    let off = input.numbers::<u16>(count)?;
    let mut slots: Vec<Slot> = Vec::with_capacity(count);
    for i in 0..count {
        if i > 0 {
            start = start.saturating_add(unzigzag(steps.at(i - 1)));
        }
        if !(-START_S_MAX..START_S_MAX).contains(&start) {
            return Err("slot time out of range".into());
        }
        let width_s = widths.at(i);
        let samples = width_s.saturating_sub(lacking.at(i));
        let power = if off.at(i) == 0 { Power::On } else { Power::Off };
        slots.push(Slot { start: Timestamp(start), width_s, samples, power });
        start += i64::from(width_s);
    }
    Ok(slots)
}

fn decode_column(input: &mut Reader, length: usize) -> Result<Column, Damage> {
    let key = SeriesKey { metric: input.number()?, instance: input.text()? };
    let mean = input.column::<Code>(length)?;
    let max = match input.byte()? {
        0 => None,
        _ => {
            let above = input.column::<Code>(length)?;
            Some(above.iter().zip(&mean).map(|(x, m)| x.wrapping_add(*m)).collect())
        }
    };
    Ok(Column { key, mean, max })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::metric;
    use proptest::prelude::*;

    pub(crate) fn table(starts: &[i64], width_s: u32, seed: u64) -> SlotTable {
        let slots: Vec<Slot> = starts
            .iter()
            .enumerate()
            .map(|(i, start)| Slot {
                start: Timestamp(*start),
                width_s,
                samples: if i % 9 == 4 { width_s / 3 } else { width_s },
                power: if i % 17 == 5 { Power::Off } else { Power::On },
            })
            .collect();
        let codes = |salt: u64| -> Vec<Code> {
            (0..slots.len() as u64)
                .map(|i| (i.wrapping_mul(seed | 1).wrapping_add(salt) >> 3) as Code)
                .collect()
        };
        let columns = vec![
            Column { key: SeriesKey::total(&metric::CPU_BUSY), mean: codes(1), max: Some(codes(9)) },
            Column { key: SeriesKey::total(&metric::MEMORY_USED), mean: vec![77; slots.len()], max: None },
            Column { key: SeriesKey { metric: 40, instance: "nvme0n1".into() }, mean: codes(4), max: None },
        ];
        SlotTable { slots, columns }
    }

    #[test]
    fn a_grid_without_holes_costs_a_handful_of_bytes() {
        let starts: Vec<i64> = (0..288).map(|i| 1_764_028_800 + 300 * i).collect();
        let slots: Vec<Slot> = table(&starts, 300, 1)
            .slots
            .into_iter()
            .map(|slot| Slot { samples: 300, power: Power::On, ..slot })
            .collect();
        let table = SlotTable { slots, columns: vec![] };
        let block = encode(&table).unwrap();
        assert!(block.len() <= 24, "{} bytes", block.len());
        assert_eq!(decode(&block).unwrap(), table);
    }

    #[test]
    fn damage_is_found_and_never_panics() {
        let block = encode(&table(&[0, 60, 120, 300], 60, 5)).unwrap();
        assert!(decode(&[]).is_err());
        assert!(decode(&[9, 0]).unwrap_err().contains("layout 9"));
        for length in 0..block.len() {
            assert!(decode(&block[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn a_start_beyond_all_reason_is_damage() {
        for start in [i64::MIN, -START_S_MAX - 1, START_S_MAX, i64::MAX] {
            let mut out = Writer::new(LAYOUT);
            out.varint(1);
            out.signed(start);
            out.column(&[60_u32]).unwrap();
            out.column(&[0_u32]).unwrap();
            out.column(&[0_u16]).unwrap();
            assert_eq!(decode_slots_only(&out.finish()).unwrap_err(), "slot time out of range", "{start}");
        }
    }

    proptest! {
        #[test]
        fn any_table_comes_back(
            steps in proptest::collection::vec(1_i64..500, 0..300), first in -4_000_000_000_i64..4_000_000_000,
            width_s in 1_u32..3_000, seed in any::<u64>(),
        ) {
            let starts: Vec<i64> =
                steps.iter().scan(first, |at, step| { *at += step; Some(*at) }).collect();
            let table = table(&starts, width_s, seed);
            let block = encode(&table).unwrap();
            prop_assert_eq!(&decode(&block).unwrap(), &table);
            prop_assert_eq!(decode_slots_only(&block).unwrap(), table.slots);
        }

        #[test]
        fn any_flip_is_refused_or_gives_a_checked_table(at in any::<usize>(), bit in 0_u8..8) {
            let mut block = encode(&table(&[0, 60, 120, 300, 360, 420], 60, 5)).unwrap();
            let at = at % block.len();
            block[at] ^= 1 << bit;
            if let Ok(table) = decode(&block) {
                prop_assert!(table.check().is_ok());
            }
        }
    }
}

//! Sealed batches go there and back; damaged ones are refused and never panic.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::inventory::Inventory;
use crate::metric;
use crate::slot::{Column, SeriesKey};
use crate::value_code::Code;
use proptest::prelude::*;

fn sample(slots: usize, seed: u64) -> Batch {
    let slots: Vec<Slot> = (0..slots)
        .map(|i| Slot {
            start: Timestamp(1_764_082_800 + 60 * i as i64),
            width_s: 60,
            samples: if i % 7 == 3 { 41 } else { 60 },
            power: if i % 11 == 5 { Power::Off } else { Power::On },
        })
        .collect();
    let codes = |salt: u64| -> Vec<Code> {
        (0..slots.len() as u64).map(|i| ((i * 31 + salt).wrapping_mul(seed | 1) % 9_000) as Code).collect()
    };
    let columns = vec![
        Column { key: SeriesKey::total(&metric::CPU_BUSY), mean: codes(1), max: Some(codes(2)) },
        Column { key: SeriesKey::total(&metric::MEMORY_USED), mean: codes(3), max: None },
        Column {
            key: SeriesKey { metric: metric::DISK_READ.id, instance: "sda".into() },
            mean: codes(4),
            max: None,
        },
    ];
    let window = Window { from: Timestamp(100), to: Timestamp(160) };
    Batch {
        key: BatchKey { agent_id: Id128([1; 16]), spool_id: Id128([2; 16]), seq: 7 },
        sealed_at: Timestamp(1_764_083_700),
        table: SlotTable { slots, columns },
        gaps: vec![Gap { window, reason: GapReason::AgentDown }],
        inventory: Some(Inventory { hostname: "<b>web\u{202e}</b>".into(), ..Inventory::default() }),
    }
}

fn sign(bytes: &[u8]) -> [u8; 64] {
    [bytes.iter().fold(0, |sum: u8, b| sum.wrapping_add(*b)); 64]
}

#[test]
fn a_sealed_batch_opens_as_it_was() {
    let batch = sample(15, 9);
    let sealed = seal(&batch, sign).unwrap();
    let envelope = open(&sealed).unwrap();
    assert_eq!(envelope.signature, sign(envelope.signed));
    assert_eq!(envelope.decode().unwrap(), batch);
}

#[test]
fn an_empty_batch_is_a_batch() {
    let batch = Batch { gaps: vec![], inventory: None, ..sample(0, 1) };
    let sealed = seal(&batch, sign).unwrap();
    assert_eq!(open(&sealed).unwrap().decode().unwrap(), batch);
}

#[test]
fn faults_are_named() {
    let sealed = seal(&sample(15, 9), sign).unwrap();
    assert_eq!(open(b"GET / HTTP/1.1\r\n").unwrap_err(), WireError::Magic);
    assert!(matches!(open(&sealed[..sealed.len() - 1]).unwrap_err(), WireError::Truncated { .. }));
    assert!(matches!(open(&vec![0; ENCODED_BYTES_MAX + 1]).unwrap_err(), WireError::TooLarge { .. }));
    let mut bomb = sealed.clone();
    bomb[56..60].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(open(&bomb).unwrap_err(), WireError::TooLarge { what: "decoded bytes", .. }));
    let mut unsorted = sample(15, 9);
    unsorted.table.slots.swap(0, 1);
    assert!(matches!(seal(&unsorted, sign).unwrap_err(), WireError::Damaged(_)));
}

#[test]
fn moments_beyond_all_reason_are_damage() {
    let check = |at: i64, is_taken: bool| {
        let window = Window { from: Timestamp(at), to: Timestamp(at) };
        let gap = Batch { gaps: vec![Gap { window, reason: GapReason::AgentDown }], ..sample(0, 1) };
        let slot = Slot { start: Timestamp(at), width_s: 0, samples: 0, power: Power::On };
        let mut payload = Vec::new();
        section(&mut payload, SECTION_SLOTS, &write_slots(&[slot]));
        let mut slots = Reader { bytes: &payload[2..] };
        assert_eq!(read_slots(&mut slots).is_ok(), is_taken, "slot at {at}");
        let sealed = seal(&gap, sign).unwrap();
        assert_eq!(open(&sealed).unwrap().decode().is_ok(), is_taken, "gap at {at}");
    };
    check(0, true);
    check(MOMENT_S_MAX - 1, true);
    check(MOMENT_S_MAX, false);
    check(i64::MIN, false);
    check(i64::MAX, false);
    let mut far = Vec::new();
    zigzag(&mut far, i64::MIN);
    assert!(Reader { bytes: &far }.zigzag_small().is_err(), "a difference of two codes");
}

/// A sealed batch of any payload.
fn framed(payload: &[u8]) -> Vec<u8> {
    let frame = zstd::bulk::compress(payload, ZSTD_LEVEL).unwrap();
    let mut sealed = seal(&sample(0, 1), sign).unwrap()[..56].to_vec();
    sealed.extend((payload.len() as u32).to_le_bytes());
    sealed.extend((frame.len() as u32).to_le_bytes());
    sealed.extend(frame);
    sealed.extend([0; SIGNATURE_BYTES]);
    sealed
}

/// What is skimmed is what is decoded, less the columns; what one of them refuses, both do.
fn check_alike(sealed: &[u8]) {
    let (decoded, skimmed) = (open(sealed).unwrap().decode(), open(sealed).unwrap().skim());
    match (decoded, skimmed) {
        (Ok(mut decoded), Ok(skimmed)) => {
            decoded.table.columns.clear();
            assert_eq!(skimmed, decoded);
        }
        (decoded, skimmed) => assert_eq!(decoded.is_err(), skimmed.is_err(), "{decoded:?} {skimmed:?}"),
    }
}

#[test]
fn series_out_of_order_are_refused_skimmed_or_not() {
    let check = |order: &[usize], is_taken: bool| {
        let batch = sample(3, 9);
        let mut payload = Vec::new();
        section(&mut payload, SECTION_SLOTS, &write_slots(&batch.table.slots));
        for i in order {
            section(&mut payload, SECTION_COLUMN, &column::write(&batch.table.columns[*i]).unwrap());
        }
        let sealed = framed(&payload);
        assert_eq!(open(&sealed).unwrap().skim().is_ok(), is_taken, "{order:?}");
        check_alike(&sealed);
    };
    check(&[0, 1], true);
    check(&[1, 0], false);
    check(&[1, 1], false);
}

proptest! {
    #[test]
    fn a_payload_is_skimmed_as_it_is_decoded(at in any::<usize>(), bit in 0_u8..8, slots in 0_usize..40) {
        let mut payload = write_payload(&sample(slots, 3)).unwrap();
        check_alike(&framed(&payload));
        let at = at % payload.len();
        payload[at] ^= 1 << bit;
        check_alike(&framed(&payload));
    }

    #[test]
    fn any_table_survives(slots in 0_usize..200, seed in any::<u64>()) {
        let batch = sample(slots, seed);
        let sealed = seal(&batch, sign).unwrap();
        prop_assert_eq!(open(&sealed).unwrap().decode().unwrap(), batch);
    }

    #[test]
    fn any_flip_is_refused_or_decodes_to_a_checked_table(at in 0_usize..10_000, bit in 0_u8..8) {
        let mut sealed = seal(&sample(60, 3), sign).unwrap();
        let at = at % sealed.len();
        sealed[at] ^= 1 << bit;
        if let Ok(batch) = open(&sealed).and_then(|envelope| envelope.decode()) {
            prop_assert!(batch.table.check().is_ok());
        }
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut framed = MAGIC.to_vec();
        framed.extend(&bytes);
        let _ = open(&framed).and_then(|envelope| envelope.decode());
    }
}

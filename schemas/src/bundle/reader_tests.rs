//! Whatever happens to a bundle on its way is said, costs no more than what it hit, and never panics.
// SPDX-License-Identifier: Apache-2.0

use super::super::{Ending, key_fingerprint, short, statement};
use super::*;
use crate::batch::{Batch, seal};
use crate::digest::{hex, sha256};
use crate::gap::{Gap, GapReason};
use crate::identity::Id128;
use crate::slot::SlotTable;
use crate::time::{Timestamp, Window};
use proptest::prelude::*;
use std::io::Cursor;

const KEY: [u8; 32] = [7; 32];

/// A hash in place of Ed25519: this crate does not sign, it only asks whether a signature holds.
fn sign(bytes: &[u8]) -> [u8; 64] {
    let half = sha256(&[&KEY, bytes].concat());
    [half, half].concat().try_into().unwrap()
}

fn verify(key: &[u8; 32], bytes: &[u8], signature: &[u8]) -> bool {
    *key == KEY && signature == sign(bytes)
}

fn header() -> Header {
    Header {
        agent_id: Id128([1; 16]),
        spool_id: Id128([2; 16]),
        public_key: hex(&KEY),
        hostname: "db<1>".into(),
        fingerprint: "f".into(),
        agent_version: "0.1.0".into(),
        engagement: None,
        started_at: Timestamp(1_764_082_800),
    }
}

fn sealed(seq: u64, agent: u8) -> Vec<u8> {
    let window = Window { from: Timestamp(60 * seq as i64), to: Timestamp(60 * seq as i64 + 60) };
    let batch = Batch {
        key: BatchKey { agent_id: Id128([agent; 16]), spool_id: Id128([2; 16]), seq },
        sealed_at: Timestamp(0),
        table: SlotTable::default(),
        gaps: (0..seq).map(|_| Gap { window, reason: GapReason::AgentDown }).collect(),
        inventory: None,
    };
    seal(&batch, sign).unwrap()
}

/// A bundle of some batches in the order given, and where each piece begins; the last is the end statement.
fn bundle(seqs: &[u64], ending: Option<Ending>) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = statement(MAGIC, &header(), sign).unwrap();
    let mut chain = Chain::new(&bytes);
    let mut begins = Vec::new();
    for seq in seqs {
        let batch = sealed(*seq, 1);
        begins.push(bytes.len());
        chain.push(&batch);
        bytes.extend(batch);
    }
    begins.push(bytes.len());
    if let Some(ending) = ending {
        let (batches, chain) = (chain.batches(), chain.digits());
        let end = End { header: header(), batches, chain, ending, ended_at: Timestamp(9) };
        bytes.extend(statement(END_MAGIC, &end, sign).unwrap());
    }
    (bytes, begins)
}

fn whole(seqs: &[u64]) -> (Vec<u8>, Vec<usize>) {
    bundle(seqs, Some(Ending::Finished))
}

/// Numbers of the batches, damage with its position, verdict.
type Contents = (Vec<u64>, Vec<(u64, String)>, Verdict);

fn read(input: impl Read) -> Result<Contents, BundleError> {
    Ok(contents(Reader::open(input, verify)?))
}

fn contents(mut reader: Reader<impl Read>) -> Contents {
    let (mut seqs, mut damage) = (Vec::new(), Vec::new());
    while let Some(Entry { at, piece }) = reader.next_entry().unwrap() {
        match piece {
            Piece::Batch { key, .. } => seqs.push(key.seq),
            Piece::Damaged { why, .. } => damage.push((at, why)),
        }
    }
    (seqs, damage, reader.verdict())
}

/// Gives a byte at a time, as a slow stick would.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let (Some((first, rest)), Some(to)) = (self.0.split_first(), into.first_mut()) else { return Ok(0) };
        (*to, self.0) = (*first, rest);
        Ok(1)
    }
}

#[test]
fn a_whole_bundle_reads_as_it_was_written() {
    let (bytes, _) = whole(&[1, 2, 3]);
    let (seqs, damage, verdict) = read(&bytes[..]).unwrap();
    assert_eq!((seqs, damage), (vec![1, 2, 3], vec![]));
    assert!(matches!(verdict, Verdict::Whole(End { batches: 3, ending: Ending::Finished, .. })));
    assert_eq!(Reader::open(&bytes[..], verify).unwrap().header(), &header());
    assert_eq!(read(Drip(&bytes)).unwrap().0, [1, 2, 3]);
    assert_eq!(read(&bundle(&[], Some(Ending::Stopped)).0[..]).unwrap().0, Vec::<u64>::new());
}

#[test]
fn what_was_done_to_a_bundle_is_said() {
    let (bytes, begins) = whole(&[1, 2, 3]);
    let check = |what: &str, bytes: &[u8], seqs: &[u64], damage: usize, whole: bool, ended: bool| {
        let (found, damaged, verdict) = read(bytes).unwrap();
        assert_eq!(found, seqs, "{what}");
        assert_eq!(damaged.len(), damage, "{what}: {damaged:?}");
        assert_eq!(matches!(verdict, Verdict::Whole(_)), whole, "{what}");
        assert_eq!(!matches!(verdict, Verdict::Unended), ended, "{what}");
    };
    let cut = |from: usize, to: usize| [&bytes[..from], &bytes[to..]].concat();
    let spliced = |at: usize, with: &[u8]| [&bytes[..at], with, &bytes[at..]].concat();
    check("as it was", &bytes, &[1, 2, 3], 0, true, true);
    check("the end taken away", &bytes[..begins[3]], &[1, 2, 3], 0, false, false);
    check("cut inside the end", &bytes[..begins[3] + 40], &[1, 2, 3], 1, false, false);
    check("cut inside a batch", &bytes[..begins[2] + 40], &[1, 2], 1, false, false);
    check("cut between batches", &bytes[..begins[2]], &[1, 2], 0, false, false);
    check("a batch taken out", &cut(begins[1], begins[2]), &[1, 3], 0, false, true);
    check("half a batch taken out", &cut(begins[1] + 30, begins[2]), &[1, 3], 1, false, true);
    check("a batch doubled", &spliced(begins[1], &sealed(1, 1)), &[1, 1, 2, 3], 0, false, true);
    check("a batch of another agent", &spliced(begins[1], &sealed(9, 5)), &[1, 2, 3], 1, true, true);
    check("something at the end", &[&bytes[..], b"more"].concat(), &[1, 2, 3], 1, true, true);
    let (mut swapped, _) = bundle(&[1, 3, 2], None);
    swapped.extend(&bytes[begins[3]..]);
    check("batches swapped", &swapped, &[1, 3, 2], 0, false, true);
}

#[test]
fn what_is_no_bundle_is_refused() {
    let (bytes, begins) = whole(&[1]);
    assert!(matches!(read(&b"PK\x03\x04"[..]).unwrap_err(), BundleError::Magic));
    assert!(matches!(read(&sealed(1, 1)[..]).unwrap_err(), BundleError::Magic));
    assert!(matches!(read(&bytes[..begins[0] - 1]).unwrap_err(), BundleError::Header(_)));
    let mut huge = bytes.clone();
    huge[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(read(&huge[..]).unwrap_err(), BundleError::Header(_)));
    let mut renamed = bytes;
    let at = renamed.windows(5).position(|w| w == b"db<1>").unwrap();
    renamed[at] = b'x';
    assert!(matches!(read(&renamed[..]).unwrap_err(), BundleError::Header(_)));
    assert_eq!(Reader::salvage(Cursor::new(&renamed), verify).unwrap().header().hostname, "db<1>");
    let unended = Cursor::new(&renamed[..begins[1]]);
    assert!(matches!(Reader::salvage(unended, verify).unwrap_err(), BundleError::Header(_)));
}

#[test]
fn a_file_full_of_beginnings_ends() {
    let (mut bytes, _) = bundle(&[], None);
    for _ in 0..4 * DAMAGES_MAX {
        bytes.extend(batch::MAGIC);
    }
    let (seqs, damage, _) = read(&bytes[..]).unwrap();
    assert!(seqs.is_empty());
    assert_eq!(damage.len() as u32, DAMAGES_MAX + 1);
}

#[test]
fn short_forms_are_for_people() {
    assert_eq!(short(&"0123456789abcdef".repeat(4)), "0123-4567-89ab-cdef-0123");
    assert_eq!(key_fingerprint(b"").as_str(), "e3b0-c442-98fc-1c14-9afb");
}

proptest! {
    #[test]
    fn any_flip_is_said_and_costs_one_batch(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let (mut bytes, begins) = whole(&[1, 2, 3, 4]);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        match read(&bytes[..]) {
            Err(_) => {
                prop_assert!(at < begins[0]);
                let (seqs, damage, verdict) = contents(Reader::salvage(Cursor::new(&bytes), verify).unwrap());
                prop_assert_eq!((seqs, damage.len(), damage[0].0), (vec![1, 2, 3, 4], 1, 0));
                prop_assert!(matches!(verdict, Verdict::Altered(_)));
            }
            Ok((seqs, damage, verdict)) => {
                prop_assert_eq!(damage.len(), 1);
                prop_assert!(!matches!(verdict, Verdict::Whole(_)));
                let hit = begins.iter().rposition(|begin| *begin <= at).unwrap();
                prop_assert_eq!(damage[0].0, begins[hit] as u64);
                let left: Vec<u64> = (1..=4).filter(|seq| *seq != hit as u64 + 1).collect();
                prop_assert_eq!(seqs, left);
            }
        }
    }

    #[test]
    fn any_cut_leaves_what_was_whole_before_it(at in any::<prop::sample::Index>()) {
        let (bytes, begins) = whole(&[1, 2, 3, 4]);
        let at = at.index(bytes.len());
        match read(&bytes[..at]) {
            Err(_) => prop_assert!(at < begins[0]),
            Ok((seqs, _, verdict)) => {
                prop_assert_eq!(seqs.len(), begins[1..].iter().filter(|begin| **begin <= at).count());
                prop_assert_eq!(verdict, Verdict::Unended);
            }
        }
    }

    #[test]
    fn any_other_order_is_said(order in Just(vec![1_u64, 2, 3, 4]).prop_shuffle()) {
        let (bytes, begins) = whole(&[1, 2, 3, 4]);
        let (mut moved, _) = bundle(&order, None);
        moved.extend(&bytes[begins[4]..]);
        let (seqs, _, verdict) = read(&moved[..]).unwrap();
        prop_assert_eq!(matches!(verdict, Verdict::Whole(_)), order == [1, 2, 3, 4]);
        prop_assert_eq!(seqs, order);
    }

    #[test]
    fn any_bytes_are_read_without_panic(noise in proptest::collection::vec(any::<u8>(), 0..600)) {
        let (mut bytes, _) = bundle(&[1], None);
        bytes.extend(&noise);
        prop_assert_eq!(read(&bytes[..]).unwrap().0, vec![1]);
        let _ = read(&[&MAGIC[..], &noise].concat()[..]);
        let _ = Reader::salvage(Cursor::new([&noise[..], &END_MAGIC, &noise].concat()), verify);
    }
}

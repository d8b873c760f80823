//! A bundle on a disk that refuses, tears and is carried away: what is in it stays good, and what it could not
//! take can be given again.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::identity::SigningKey;
use cairn_schemas::batch::Batch;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::Window;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;
use std::os::unix::fs::PermissionsExt as _;
use std::rc::Rc;

const NOW: Timestamp = Timestamp(1_764_082_800);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Refuse,
    /// Half is written, then the disk is full.
    Tear,
    /// Half is written, and the disk does not even let it be taken back.
    TearForGood,
}

/// A file in memory; clones share it, as a restarted agent does.
#[derive(Clone, Default)]
struct Faulty(Rc<RefCell<(Vec<u8>, VecDeque<Fault>)>>);

impl Medium for Faulty {
    fn read(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::Cursor::new(self.0.borrow().0.clone())))
    }

    fn write_synced_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let (file, faults) = &mut *self.0.borrow_mut();
        let fault = faults.pop_front().unwrap_or(Fault::None);
        let written = match fault {
            Fault::None => bytes,
            Fault::Refuse => &[],
            Fault::Tear | Fault::TearForGood => &bytes[..bytes.len() / 2],
        };
        let end = at as usize + written.len();
        file.resize(file.len().max(end), 0);
        file[at as usize..end].copy_from_slice(written);
        if fault == Fault::TearForGood {
            faults.push_front(Fault::Refuse);
        }
        if fault == Fault::None { Ok(()) } else { Err(io::Error::other("no space left")) }
    }

    fn cut(&mut self, at: u64) -> io::Result<()> {
        let (file, faults) = &mut *self.0.borrow_mut();
        if faults.front() == Some(&Fault::Refuse) {
            faults.pop_front();
            return Err(io::Error::other("no space left"));
        }
        file.truncate(at as usize);
        Ok(())
    }

    fn free_ratio(&self) -> io::Result<f64> {
        Ok(0.5)
    }
}

struct Site {
    _data: tempfile::TempDir,
    key: SigningKey,
    medium: Faulty,
}

impl Site {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let key = SigningKey::load_or_make(data.path()).unwrap();
        let medium = Faulty::default();
        medium.0.borrow_mut().0 = Bundle::beginning(&header(&key), &key).unwrap();
        Self { _data: data, key, medium }
    }

    fn open(&self) -> Bundle {
        Bundle::resume(Box::new(self.medium.clone()), 0.1).unwrap()
    }

    fn sealed(&self, seq: u64) -> Vec<u8> {
        let window = Window { from: NOW, to: Timestamp(NOW.0 + 60) };
        let batch = Batch {
            key: BatchKey { agent_id: Id128([1; 16]), spool_id: Id128([2; 16]), seq },
            sealed_at: NOW,
            table: SlotTable::default(),
            gaps: vec![Gap { window, reason: GapReason::AgentDown }; seq as usize],
            inventory: None,
        };
        batch::seal(&batch, |bytes| self.key.sign(bytes)).unwrap()
    }

    /// What a collector would read: numbers, damaged places, verdict.
    fn read(&self) -> (Vec<u64>, usize, Verdict) {
        let bytes = self.medium.0.borrow().0.clone();
        let mut reader =
            Reader::open(&bytes[..], |key, bytes, signature| verify(key, bytes, signature)).unwrap();
        let (mut seqs, mut damaged) = (Vec::new(), 0);
        while let Some(entry) = reader.next_entry().unwrap() {
            match entry.piece {
                Piece::Batch { key, .. } => seqs.push(key.seq),
                Piece::Damaged { .. } => damaged += 1,
            }
        }
        (seqs, damaged, reader.verdict())
    }
}

fn header(key: &SigningKey) -> Header {
    Header {
        agent_id: Id128([1; 16]),
        spool_id: Id128([2; 16]),
        public_key: key.public_hex(),
        hostname: "db1".into(),
        fingerprint: "f".into(),
        agent_version: "1".into(),
        engagement: None,
        started_at: NOW,
    }
}

#[test]
fn a_bundle_is_continued_where_it_was() {
    let site = Site::new();
    let mut bundle = site.open();
    bundle.append(&site.sealed(1)).unwrap();
    bundle.append(&site.sealed(2)).unwrap();
    assert_eq!(site.read(), (vec![1, 2], 0, Verdict::Unended));
    bundle.finish(Ending::Stopped, NOW, &site.key).unwrap();
    assert!(matches!(site.read(), (_, 0, Verdict::Whole(_))));

    let mut again = site.open();
    assert!(again.holds(2) && !again.holds(3) && !again.is_finished());
    again.append(&site.sealed(2)).unwrap();
    again.append(&site.sealed(3)).unwrap();
    assert_eq!(site.read(), (vec![1, 2, 3], 0, Verdict::Unended), "the old end is gone");
    again.finish(Ending::Finished, NOW, &site.key).unwrap();
    let (seqs, damaged, verdict) = site.read();
    assert_eq!((seqs, damaged), (vec![1, 2, 3], 0));
    assert!(matches!(verdict, Verdict::Whole(End { batches: 3, ending: Ending::Finished, .. })));

    let before = site.medium.0.borrow().0.clone();
    let mut idle = site.open();
    assert!(idle.is_finished());
    idle.finish(Ending::Finished, Timestamp(NOW.0 + 9), &site.key).unwrap();
    assert_eq!(site.medium.0.borrow().0, before, "a finished bundle is left alone");
}

#[test]
fn half_a_batch_is_taken_back_and_damage_in_the_middle_written_again() {
    let site = Site::new();
    let mut bundle = site.open();
    for seq in 1..=3 {
        bundle.append(&site.sealed(seq)).unwrap();
    }
    let at = bundle.bytes() as usize - site.sealed(3).len() - 10;
    site.medium.0.borrow_mut().0[at] ^= 1;
    site.medium.0.borrow_mut().0.extend(&site.sealed(4)[..50]);
    let mut again = site.open();
    assert_eq!([1, 2, 3, 4].map(|seq| again.holds(seq)), [true, false, true, false]);
    again.append(&site.sealed(2)).unwrap();
    again.append(&site.sealed(4)).unwrap();
    again.finish(Ending::Finished, NOW, &site.key).unwrap();
    let (seqs, damaged, verdict) = site.read();
    assert_eq!((seqs, damaged), (vec![1, 3, 2, 4], 1));
    assert!(matches!(verdict, Verdict::Whole(_)));
}

#[test]
fn a_file_is_made_whole_private_and_written_by_one() {
    let site = Site::new();
    let path = site._data.path().join("host.cairn");
    assert!(FileMedium::open(&path).unwrap().is_none());
    FileMedium::create(&path, &Bundle::beginning(&header(&site.key), &site.key).unwrap()).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let medium = FileMedium::open(&path).unwrap().unwrap();
    assert!(FileMedium::open(&path).is_err(), "two processes would write over each other");
    let mut bundle = Bundle::resume(Box::new(medium), 0.0).unwrap();
    bundle.append(&site.sealed(1)).unwrap();
    bundle.finish(Ending::Finished, NOW, &site.key).unwrap();
    drop(bundle);
    let again = Bundle::resume(Box::new(FileMedium::open(&path).unwrap().unwrap()), 0.0).unwrap();
    assert!(again.holds(1) && again.is_finished());
    assert_eq!(std::fs::read_dir(site._data.path()).unwrap().count(), 2, "key and bundle");

    assert!(FileMedium::open(std::path::Path::new("/dev/null")).is_err());
    std::fs::write(&path, "somebody's notes").unwrap();
    drop(again);
    let medium = FileMedium::open(&path).unwrap().unwrap();
    assert!(Bundle::resume(Box::new(medium), 0.0).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody's notes");
}

#[test]
fn the_last_of_a_disk_is_left_to_others() {
    let site = Site::new();
    let mut bundle = Bundle::resume(Box::new(site.medium.clone()), 0.6).unwrap();
    let why = bundle.append(&site.sealed(1)).unwrap_err().to_string();
    assert!(why.contains("50.0 % of the bundle's disk is free, 60 % is left to others"), "{why}");
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![Just(Fault::None), Just(Fault::Refuse), Just(Fault::Tear), Just(Fault::TearForGood)]
}

proptest! {
    #[test]
    fn what_was_taken_stays_whatever_the_disk_does(
        faults in proptest::collection::vec(fault(), 0..24),
        restarts in proptest::collection::vec(any::<bool>(), 12),
    ) {
        let site = Site::new();
        site.medium.0.borrow_mut().1 = faults.into();
        let mut bundle = site.open();
        let mut taken = Vec::new();
        for (seq, restart) in (1_u64..).zip(restarts) {
            if restart {
                bundle = site.open();
            }
            if bundle.append(&site.sealed(seq)).is_ok() {
                taken.push(seq);
            }
            prop_assert_eq!(site.read().0, taken.clone());
        }
        site.medium.0.borrow_mut().1.clear();
        bundle.finish(Ending::Finished, NOW, &site.key).unwrap();
        let (seqs, damaged, verdict) = site.read();
        prop_assert_eq!((seqs, damaged), (taken, 0));
        prop_assert!(matches!(verdict, Verdict::Whole(_)));
    }
}

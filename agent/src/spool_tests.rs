//! The spool against a disk that refuses, tears and forgets: nothing is lost unsaid, nothing is counted twice.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::batch;
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::{Power, SeriesKey, Slot};
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

#[path = "spool_loss_tests.rs"]
mod losses;
#[path = "spool_segment_tests.rs"]
mod segments;

const NOW: Timestamp = Timestamp(1_000_000);
const LIMITS: Limits = Limits { bytes_max: 1 << 20, free_ratio_min: 0.1 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Refuse,
    /// Half is written, then the disk is full.
    Tear,
}

#[derive(Default)]
struct Medium {
    files: BTreeMap<PathBuf, Vec<u8>>,
    faults: VecDeque<Fault>,
    full: bool,
}

/// A disk in memory; clones share the medium, as a restarted agent does.
#[derive(Clone, Default)]
struct Faulty(Arc<Mutex<Medium>>);

impl Faulty {
    fn with<T>(&self, act: impl FnOnce(&mut Medium) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn change(&self, act: impl FnOnce(&mut Medium, bool)) -> io::Result<()> {
        self.with(|medium| match medium.faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => {
                act(medium, false);
                Ok(())
            }
            Fault::Refuse => Err(io::Error::other("no space left")),
            Fault::Tear => {
                act(medium, true);
                Err(io::Error::other("no space left"))
            }
        })
    }
}

impl Disk for Faulty {
    fn create_directory(&mut self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<(String, u64)>> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let here = |path: &&PathBuf| path.parent() == Some(directory);
        Ok(self.with(|m| m.files.keys().filter(here).map(|path| (name(path), 0)).collect()))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.with(|m| m.files.get(path).cloned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write_synced(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.change(|m, torn| {
            let kept = if torn { &bytes[..bytes.len() / 2] } else { bytes };
            m.files.insert(path.to_owned(), kept.to_vec());
        })
    }

    fn append(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.change(|m, torn| {
            let kept = if torn { &bytes[..bytes.len() / 2] } else { bytes };
            m.files.entry(path.to_owned()).or_default().extend_from_slice(kept);
        })
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|m, torn| {
            if !torn && let Some(bytes) = m.files.remove(from) {
                m.files.insert(to.to_owned(), bytes);
            }
        })
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.change(|m, torn| {
            if !torn {
                m.files.remove(path);
            }
        })
    }

    fn sync_directory(&mut self, _directory: &Path) -> io::Result<()> {
        self.change(|_, _| {})
    }

    fn free_ratio(&self, _directory: &Path) -> io::Result<f64> {
        Ok(if self.with(|m| m.full) { 0.01 } else { 0.5 })
    }
}

/// Signs with a hash, which is all a damaged disk can be told by.
struct Digest;

impl Signer for Digest {
    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let hash = cairn_schemas::digest::sha256(bytes);
        std::array::from_fn(|at| hash[at % hash.len()])
    }

    fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.sign(bytes) == signature
    }
}

fn open(disk: &Faulty, limits: Limits) -> Spool {
    let (agent, id) = (Id128([1; 16]), Id128([2; 16]));
    Spool::open(Box::new(disk.clone()), Path::new("/spool"), limits, agent, id, Box::new(Digest)).unwrap()
}

fn closed(minute: i64) -> ClosedSlot {
    ClosedSlot {
        slot: Slot { start: Timestamp(minute * 60), width_s: 60, samples: 60, power: Power::On },
        keys: Arc::from([SeriesKey::total(&CPU_BUSY)]),
        mean: [minute as u16].into(),
        max: [minute as u16].into(),
    }
}

fn content(spool: &mut Spool, seq: u64) -> Batch {
    let bytes = spool.read(seq, NOW).unwrap();
    batch::open(&bytes).unwrap().decode().unwrap()
}

fn minutes(batch: &Batch) -> Vec<i64> {
    batch.table.slots.iter().map(|slot| slot.start.0 / 60).collect()
}

#[test]
fn a_killed_agent_finds_its_slots_again() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(1));
    spool.append(closed(2));
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    assert_eq!(spool.covered(), Some(Covered { until: Timestamp(180), stopped: false }));
    assert_eq!(spool.seal(NOW, None), Some(1));
    assert_eq!(minutes(&content(&mut spool, 1)), [1, 2]);
    assert_eq!(spool.seal(NOW, None), None);
}

#[test]
fn no_number_is_given_twice() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(1));
    assert_eq!(spool.seal(NOW, None), Some(1));
    spool.forget(1);
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    assert_eq!(spool.covered().map(|covered| covered.until), Some(Timestamp(120)));
    spool.append(closed(2));
    assert_eq!(spool.seal(NOW, None), Some(2));
}

#[test]
fn a_full_disk_is_said_and_heals_without_restart() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    disk.with(|m| m.full = true);
    for minute in 0..RING_SLOTS as i64 + 10 {
        spool.append(closed(minute));
    }
    assert_eq!(spool.seal(NOW, None), None);
    assert!(spool.state().trouble.unwrap().contains("left to others"));
    disk.with(|m| m.full = false);
    assert_eq!(spool.seal(NOW, None), Some(1));
    let batch = content(&mut spool, 1);
    assert_eq!((batch.table.slots.len(), minutes(&batch)[0]), (RING_SLOTS, 10));
    let window = Window { from: Timestamp(0), to: Timestamp(600) };
    assert_eq!(batch.gaps, [Gap { window, reason: GapReason::SpoolFull }]);
    assert_eq!(spool.state().trouble, None);
}

#[test]
fn the_oldest_batch_gives_way_and_leaves_its_gap() {
    let disk = Faulty::default();
    let mut spool = open(&disk, Limits { bytes_max: 700, ..LIMITS });
    for minute in 0..6 {
        spool.append(closed(minute));
        spool.seal(NOW, None);
    }
    assert!(spool.sealed().eq(1..=6));
    let first = content(&mut spool, 1);
    let window = Window { from: Timestamp(0), to: Timestamp(60) };
    assert_eq!((minutes(&first), first.gaps), (vec![], vec![Gap { window, reason: GapReason::SpoolFull }]));
    assert_eq!(minutes(&content(&mut spool, 6)), [5]);
}

#[test]
fn a_collector_that_went_back_in_time_waits_for_nothing_it_lost() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    let seal = |minute| (spool.append(closed(minute)), spool.seal(NOW, None));
    assert_eq!((0..5).map(seal).count(), 5);
    spool.forget(3);
    assert_eq!([2, 3, 4, 9].map(|seq| spool.fill(seq, NOW)), [true, true, false, false]);
    let window = Window { from: closed(0).slot.start, to: closed(2).slot.end() };
    assert_eq!(content(&mut spool, 2).gaps, [Gap { window, reason: GapReason::NotReported }]);
    assert_eq!((content(&mut spool, 3).gaps, minutes(&content(&mut spool, 4))), (vec![], vec![3]));
    let mut spool = open(&disk, LIMITS);
    assert!(spool.fill(2, NOW) && spool.fill(3, NOW), "killed before they were sent, it answers again");
    spool.forget(5);
    assert_eq!(spool.sealed().count(), 0);
}

#[test]
fn minutes_are_sealed_in_order_whatever_the_clock_did() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    for minute in [500, 501, 7, 8, 500] {
        spool.append(closed(minute));
    }
    assert_eq!(spool.seal(NOW, None), Some(1));
    assert_eq!(minutes(&content(&mut spool, 1)), [7, 8, 500, 501]);
}

#[test]
fn an_announcement_does_not_hide_up_to_where_time_was_told() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(1));
    spool.seal(NOW, None);
    assert_eq!(spool.seal(NOW, Some(&Inventory::default())), Some(2));
    drop(spool);
    assert_eq!(open(&disk, LIMITS).covered().map(|covered| covered.until), Some(Timestamp(120)));
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Append,
    Seal,
    Deliver,
    Kill,
    Fail(Fault),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        5 => Just(Deed::Append),
        2 => Just(Deed::Seal),
        2 => Just(Deed::Deliver),
        1 => Just(Deed::Kill),
        2 => prop_oneof![Just(Fault::Refuse), Just(Fault::Tear), Just(Fault::None)].prop_map(Deed::Fail),
    ]
}

/// A collector that takes everything and remembers the bytes.
#[derive(Default)]
struct Taken(BTreeMap<u64, Vec<u8>>);

impl Taken {
    fn take_all(&mut self, spool: &mut Spool) {
        for seq in spool.sealed().collect::<Vec<_>>() {
            if let Some(bytes) = spool.read(seq, NOW) {
                let known = self.0.entry(seq).or_insert_with(|| bytes.clone());
                assert_eq!(*known, bytes, "batch {seq} has two contents");
            }
        }
        let through = (1..).take_while(|seq| self.0.contains_key(seq)).last().unwrap_or(0);
        spool.forget(through);
    }
}

proptest! {
    /// Each minute arrives once, or a gap tells of it; without a fault, each minute arrives.
    #[test]
    fn every_minute_arrives_once_or_is_accounted_for(deeds in proptest::collection::vec(deed(), 1..80)) {
        let disk = Faulty::default();
        let mut spool = open(&disk, LIMITS);
        let (mut taken, mut minute, mut faulty) = (Taken::default(), 0, false);
        let restart = |minute: i64| {
            disk.with(|m| m.faults.clear());
            let mut spool = open(&disk, LIMITS);
            let until = spool.covered().map_or(0, |covered| covered.until.0);
            if until < minute * 60 {
                let window = Window { from: Timestamp(until), to: Timestamp(minute * 60) };
                spool.note(Gap { window, reason: GapReason::AgentDown });
            }
            spool
        };
        for deed in deeds {
            match deed {
                Deed::Append => {
                    spool.append(closed(minute));
                    minute += 1;
                }
                Deed::Seal => drop(spool.seal(NOW, None)),
                Deed::Deliver => taken.take_all(&mut spool),
                Deed::Kill => spool = restart(minute),
                Deed::Fail(fault) => {
                    faulty |= fault != Fault::None;
                    disk.with(|m| m.faults.push_back(fault));
                }
            }
        }
        spool = restart(minute);
        spool.seal(NOW, None);
        taken.take_all(&mut spool);
        prop_assert_eq!(spool.sealed().count(), 0);
        let (mut arrived, mut told) = (BTreeSet::new(), BTreeSet::new());
        for bytes in taken.0.values() {
            let batch = batch::open(bytes).unwrap().decode().unwrap();
            for minute in minutes(&batch) {
                prop_assert!(arrived.insert(minute), "minute {minute} arrived twice");
            }
            told.extend(batch.gaps.iter().flat_map(|gap| gap.window.from.0 / 60..gap.window.to.0 / 60));
        }
        for minute in 0..minute {
            prop_assert!(arrived.contains(&minute) || told.contains(&minute), "minute {minute} vanished");
            prop_assert!(faulty || arrived.contains(&minute), "minute {minute} lost without a fault");
        }
    }
}

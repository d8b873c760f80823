//! What the targets share: seeds made by the product's own encoders, and a host and a store of their own.
//! Targets judge no result beyond what always holds; a panic, a hang or an overflow is what they look for.
// SPDX-License-Identifier: Apache-2.0

use cairn_agent::clock::{Clock, Instants};
use cairn_agent::root::Root;
use cairn_collector::engagements::Engagements;
use cairn_collector::import::{self, Context};
use cairn_collector::store::sqlite::SqliteStore;
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::fact::FactValue;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{Timestamp, Window};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

/// Monday 2026-11-02 00:00 UTC.
pub const MONDAY: i64 = 1_793_577_600;

/// Writes seeds into the directory `CAIRN_SEEDS` names, before the fuzzer reads it.
pub fn plant(seeds: impl IntoIterator<Item = Vec<u8>>) {
    let Some(folder) = std::env::var_os("CAIRN_SEEDS").map(PathBuf::from) else { return };
    for (at, seed) in seeds.into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at}")), seed).expect("CAIRN_SEEDS is a directory");
    }
}

/// A table as an agent seals it: a hole, a slot of a host switched off, instances, maxima.
#[must_use]
pub fn table(slots: u16) -> SlotTable {
    let slot = |i: u16| Slot {
        start: Timestamp(MONDAY + i64::from(i + u16::from(i > 5)) * 60),
        width_s: 60,
        samples: if i % 7 == 3 { 20 } else { 60 },
        power: if i % 11 == 4 { Power::Off } else { Power::On },
    };
    let codes = |salt: u16| (0..slots).map(|i| i.wrapping_mul(salt) % 9_973).collect::<Vec<_>>();
    let columns = vec![
        Column { key: SeriesKey::total(&metric::CPU_BUSY), mean: codes(37), max: Some(codes(41)) },
        Column { key: SeriesKey::total(&metric::MEMORY_USED), mean: vec![20_000; slots.into()], max: None },
        Column { key: SeriesKey { metric: 40, instance: "nvme0n1".into() }, mean: codes(3), max: None },
    ];
    SlotTable { slots: (0..slots).map(slot).collect(), columns }
}

/// Sealed batches: with an inventory, with a gap, and one that stands for a lost one.
#[must_use]
pub fn sealed_batches() -> Vec<Vec<u8>> {
    let window = Window { from: Timestamp(MONDAY - 600), to: Timestamp(MONDAY) };
    let gap = Gap { window, reason: GapReason::AgentDown };
    let mut inventory = Inventory { observed_at: Timestamp(MONDAY), ..Inventory::default() };
    inventory.facts.insert("cpu_cores".into(), FactValue::Number(8.0));
    inventory.facts.insert("cpu_model".into(), FactValue::Text("Xeon".into()));
    let contents = [(15, Vec::new(), Some(inventory)), (60, vec![gap], None), (0, vec![gap], None)];
    let sealed = (1..).zip(contents).map(|(seq, (slots, gaps, inventory))| {
        let key = BatchKey { agent_id: Id128([5; 16]), spool_id: Id128([6; 16]), seq };
        let batch = Batch { key, sealed_at: Timestamp(MONDAY + 3_600), table: table(slots), gaps, inventory };
        batch::seal(&batch, |_| [0; 64]).expect("a small batch")
    });
    sealed.collect()
}

/// A directory in memory where the system has one: targets write a file a run.
#[must_use]
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary directory")
}

/// Cuts the input into the texts of some files, at lines of `====`.
pub fn cut<'a>(data: &'a [u8], files: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    let mut rest = Some(data);
    files.iter().map(move |name| {
        let all = rest.take().unwrap_or_default();
        match all.windows(6).position(|window| window == b"\n====\n") {
            Some(at) => {
                rest = Some(&all[at + 6..]);
                (*name, &all[..=at])
            }
            None => (*name, all),
        }
    })
}

/// A host that consists of a few files.
pub struct Host {
    folder: tempfile::TempDir,
}

impl Default for Host {
    fn default() -> Self {
        Self { folder: folder() }
    }
}

impl Host {
    /// Writes files below its root.
    pub fn write<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        for (name, text) in files {
            let path = self.folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a file in the root")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> Root {
        Root::new(self.folder.path())
    }
}

/// A clock that goes on a second each time it is looked at.
#[derive(Default)]
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Instants {
        let s = self.0.fetch_add(1, Ordering::Relaxed);
        Instants { wall_ms: (MONDAY + s) * 1_000, boot_ns: s * 1_000_000_000, mono_ns: s * 1_000_000_000 }
    }

    fn sleep_until(&self, _: i64) {}
}

/// A store, and a folder of files to import into it.
pub struct Importer {
    data: tempfile::TempDir,
    store: SqliteStore,
    runs: u32,
}

impl Default for Importer {
    fn default() -> Self {
        let data = folder();
        let store = opened(data.path());
        Self { data, store, runs: 0 }
    }
}

fn opened(data: &Path) -> SqliteStore {
    SqliteStore::open(data, &"fuzz".parse().expect("a name")).expect("a store")
}

impl Importer {
    /// Imports files of a format; what is refused has to be refused as a fault of the file, not of the store.
    pub fn import<'a>(&mut self, format: &str, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        self.runs += 1;
        if self.runs.is_multiple_of(2_000) {
            // A store that only grows would slow every later run down.
            *self = Self::default();
        }
        let folder = self.data.path().join("files");
        std::fs::create_dir_all(&folder).expect("a directory");
        let mut paths = Vec::new();
        for (name, text) in files {
            paths.push(folder.join(name));
            std::fs::write(folder.join(name), text).expect("a file");
        }
        let mut context = Context {
            store: &self.store,
            engagements: &Engagements::new(self.data.path()),
            expect_keys: &[],
            now: Timestamp(MONDAY),
            server: None,
            progress: &mut |_, _| {},
        };
        let format = import::format_of(format).expect("a format");
        let report = (format.import)(&paths, &mut context).expect("faults of files are no errors");
        assert!(report.rows.balanced(), "every row is accounted for: {report:?}");
    }
}

/// The payload of a sealed batch, decompressed.
#[must_use]
pub fn payload_of(sealed: &[u8]) -> Vec<u8> {
    let frame = &sealed[64..sealed.len() - batch::SIGNATURE_BYTES];
    zstd::bulk::decompress(frame, batch::DECODED_BYTES_MAX).expect("a frame")
}

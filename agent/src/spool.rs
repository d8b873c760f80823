//! The spool: what has been measured and not yet acknowledged, on disk, bounded, surviving kill, power cut and
//! a full disk. Nothing leaves it silently: what is lost becomes a gap under the number of the lost batch.
//!
//! Files: `<seq>.batch` sealed batches, `<seq>.open` the segment that will become batch `seq`, `cursor.json`
//! how far the collector has acknowledged, `spool_id`, and `quarantine/` for what could not be used.
// SPDX-License-Identifier: Apache-2.0

mod disk;
mod recovery;
mod segment;
mod upkeep;

pub use disk::{Disk, SystemDisk};

use crate::slot::{ClosedSlot, Covered};
use cairn_schemas::batch::SIGNATURE_BYTES;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{AgentId, BatchKey, Id128, SpoolId};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use segment::Pending;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

const SPOOL_ID_FILE: &str = "spool_id";
const CURSOR_FILE: &str = "cursor.json";
const QUARANTINE: &str = "quarantine";
/// Slots held in memory while the disk refuses: a day.
const RING_SLOTS: usize = 1_440;

/// Signs batches as this agent, and knows its own signature again.
pub trait Signer: Send {
    /// The signature of some bytes.
    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES];
    /// Whether a signature is ours and of these bytes; a single flipped bit makes it neither.
    fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool;
}

/// Bounds of the spool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bytes of sealed batches; beyond it the oldest are given up.
    pub bytes_max: u64,
    /// Free share of the disk that is left to others.
    pub free_ratio_min: f64,
}

/// Why a spool cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} {}", path.display())]
pub struct SpoolError {
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// How far the collector has acknowledged, and what must outlive the batches it lets us delete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    ack_through: u64,
    /// Highest number ever given: none is given twice.
    seq_given: u64,
    covered_until: Option<Timestamp>,
    stopped: bool,
    /// Since when it accounts for time: written before anything is sealed, since whoever loses its first batch, or
    /// its only one, could not say from when on it is missing.
    covered_since: Option<Timestamp>,
    again: Option<Again>,
}

/// The clock was set far back: what had been told before lies ahead, and says nothing of how far time is told since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Again {
    /// Highest number of what was told before.
    through: u64,
    /// From when on time is accounted for again.
    since: Timestamp,
}

/// A sealed batch on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sealed {
    bytes: u64,
    /// What time it speaks of; `None` when it speaks of none.
    window: Option<Window>,
    /// Up to where it accounts for time.
    covered: Option<Covered>,
    has_slots: bool,
}

/// The numbers `cairn-agent status` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpoolState {
    /// Sealed batches that wait.
    pub batches: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Slots not sealed yet.
    pub pending_slots: usize,
    /// Everything up to this number is on the collector's disk.
    pub ack_through: u64,
    /// Why nothing can be written at present; `None` when all is well.
    pub trouble: Option<String>,
}

/// The spool of one agent.
pub struct Spool {
    disk: Box<dyn Disk>,
    directory: PathBuf,
    limits: Limits,
    agent_id: AgentId,
    spool_id: SpoolId,
    signer: Box<dyn Signer>,
    cursor: Cursor,
    sealed: BTreeMap<u64, Sealed>,
    pending: Pending,
    covered: Option<Covered>,
    /// Whether the segment on disk holds all that is pending; if not it is written anew.
    segment_whole: bool,
    inventory_due: bool,
    trouble: Option<String>,
}

impl Spool {
    /// Opens or makes the spool in `directory`, mending what an earlier run left behind.
    /// `new_id` names the spool if it is made.
    ///
    /// # Errors
    /// The directory cannot be made, read, or given its identity.
    pub fn open(
        mut disk: Box<dyn Disk>,
        directory: &Path,
        limits: Limits,
        agent_id: AgentId,
        new_id: SpoolId,
        signer: Box<dyn Signer>,
    ) -> Result<Self, SpoolError> {
        let fail = |what, path: &Path, source| SpoolError { what, path: path.to_owned(), source };
        let quarantine = directory.join(QUARANTINE);
        disk.create_directory(&quarantine).map_err(|e| fail("create", &quarantine, e))?;
        let id_file = directory.join(SPOOL_ID_FILE);
        let spool_id = match disk.read(&id_file) {
            Ok(text) => Id128::parse(String::from_utf8_lossy(&text).trim()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail("read", &id_file, error)),
        };
        let mut spool = Self {
            disk,
            directory: directory.to_owned(),
            limits,
            agent_id,
            spool_id: spool_id.unwrap_or(new_id),
            signer,
            cursor: Cursor::default(),
            sealed: BTreeMap::new(),
            pending: Pending::default(),
            covered: None,
            segment_whole: true,
            inventory_due: true,
            trouble: None,
        };
        if spool_id.is_none() {
            let text = format!("{new_id}\n");
            spool.replace(&id_file, text.as_bytes()).map_err(|e| fail("write", &id_file, e))?;
        }
        spool.recover().map_err(|e| fail("read", directory, e))?;
        Ok(spool)
    }

    /// The identity of this spool.
    #[must_use]
    pub const fn id(&self) -> SpoolId {
        self.spool_id
    }

    /// Up to where time is accounted for.
    #[must_use]
    pub const fn covered(&self) -> Option<Covered> {
        self.covered
    }

    /// Whether the collector may not have the inventory; true until one has been sealed.
    #[must_use]
    pub const fn inventory_due(&self) -> bool {
        self.inventory_due
    }

    /// Slots not sealed yet.
    #[must_use]
    pub const fn pending_slots(&self) -> usize {
        self.pending.slots.len()
    }

    /// Numbers of the sealed batches, ascending.
    pub fn sealed(&self) -> impl Iterator<Item = u64> {
        self.sealed.keys().copied()
    }

    /// Whether a batch holds slots; one that holds none is a tombstone or an announcement.
    #[must_use]
    pub fn has_slots(&self, seq: u64) -> bool {
        self.sealed.get(&seq).is_some_and(|sealed| sealed.has_slots)
    }

    /// Keeps a closed slot. It is on disk when this returns unless the disk refused, which [`SpoolState`] says.
    pub fn append(&mut self, closed: ClosedSlot) {
        self.begin(closed.slot.start);
        self.covered = Some(Covered { until: closed.slot.end(), stopped: false });
        self.extend_segment(std::slice::from_ref(&closed), &[]);
        self.pending.push(closed);
        self.bound_ring();
        self.mend_segment();
    }

    /// Keeps a gap, likewise.
    pub fn note(&mut self, gap: Gap) {
        self.begin(gap.window.from);
        let stopped = gap.reason == GapReason::OpenMinute;
        self.covered = Some(Covered { until: gap.window.to, stopped });
        self.record_gap(gap);
        self.mend_segment();
    }

    /// Keeps from when on time is accounted for, once. Should the disk refuse, the next slot tries again.
    fn begin(&mut self, since: Timestamp) {
        if self.cursor.covered_since.is_none() {
            // A spool of an earlier version has batches already.
            let sealed = self.sealed.values().find_map(|sealed| sealed.window.map(|window| window.from));
            let since = sealed.unwrap_or(since);
            let cursor = Cursor { covered_since: Some(since), seq_given: self.next_seq() - 1, ..self.cursor };
            if let Err(error) = self.write_cursor(cursor) {
                self.say_trouble(format!("cannot write the cursor: {error}"));
            }
        }
    }

    /// Seals what is dated more than a day from now into a batch of its own, where there is anything else: the clock
    /// was wrong then, or is now, and a collector refuses as a whole what lies ahead.
    pub fn seal_apart(&mut self, now: Timestamp) -> Option<u64> {
        let is_far = |closed: &ClosedSlot| closed.slot.start.0.abs_diff(now.0) > DAY_S as u64;
        let slots: Vec<ClosedSlot> =
            self.pending.slots.iter().filter(|closed| is_far(closed)).cloned().collect();
        if slots.is_empty() || slots.len() == self.pending.slots.len() {
            return None;
        }
        let seq = self.write_sealed(now, &Pending { slots, gaps: Vec::new() }, None)?;
        self.pending.slots.retain(|closed| !is_far(closed));
        // What waits belongs to the next number from now on.
        self.segment_whole = false;
        self.mend_segment();
        if self.segment_whole {
            let _ = self.disk.remove(&self.segment_file(seq));
        }
        Some(seq)
    }

    /// Seals what is pending into a batch, with the inventory if given. `None` when there is nothing to seal,
    /// or the disk refuses; then everything stays pending.
    pub fn seal(&mut self, now: Timestamp, inventory: Option<&Inventory>) -> Option<u64> {
        if self.pending.is_empty() && inventory.is_none() {
            return None;
        }
        let pending = std::mem::take(&mut self.pending);
        let Some(seq) = self.write_sealed(now, &pending, inventory) else {
            self.pending = pending;
            return None;
        };
        // If the segment stays behind, the next start finds its slots in the batch.
        let _ = self.disk.remove(&self.segment_file(seq));
        self.segment_whole = true;
        self.inventory_due &= inventory.is_none();
        self.trouble = None;
        self.evict(now);
        Some(seq)
    }

    /// The bytes of a sealed batch. One that cannot be read back is put aside, and its gap takes its place.
    pub fn read(&mut self, seq: u64, now: Timestamp) -> Option<Vec<u8>> {
        let found = self.disk.read(&self.batch_file(seq)).ok().filter(|bytes| self.is_intact(seq, bytes));
        if found.is_none() {
            self.reject(seq, GapReason::Corrupt, now);
        }
        found
    }

    /// The collector has everything up to `through` on its disk: forget it.
    pub fn forget(&mut self, through: u64) {
        if through <= self.cursor.ack_through {
            return;
        }
        let given = self.next_seq() - 1;
        // Only what is acknowledged counts: what is pending may be in memory alone.
        let (again, covered) = self.covered_through(through);
        // A collector that has seen more than we gave knows numbers a lost disk has forgotten.
        let cursor = Cursor {
            ack_through: through,
            seq_given: given.max(through),
            covered_until: covered.map(|covered| covered.until),
            stopped: covered.is_some_and(|covered| covered.stopped),
            covered_since: self.cursor.covered_since,
            again,
        };
        if let Err(error) = self.write_cursor(cursor) {
            self.say_trouble(format!("cannot write the cursor: {error}"));
            return;
        }
        let forgotten: Vec<u64> = self.sealed.range(..=through).map(|(seq, _)| *seq).collect();
        for seq in forgotten {
            // A file that stays behind is removed at the next start.
            let _ = self.disk.remove(&self.batch_file(seq));
            self.sealed.remove(&seq);
        }
    }

    /// A batch that cannot be delivered is put aside; a batch of gaps takes its number, so that the collector
    /// learns what is missing and no number stays open for ever.
    pub fn reject(&mut self, seq: u64, reason: GapReason, now: Timestamp) {
        let Some(sealed) = self.sealed.remove(&seq) else { return };
        // It may have been the newest, and the disk may refuse its batch of gaps: its number stays given.
        self.cursor.seq_given = self.cursor.seq_given.max(seq);
        let batch = self.put_aside(seq, reason);
        // A batch of gaps that is refused as well will not be replaced by another, unless it was no batch at all.
        if sealed.has_slots || reason == GapReason::Corrupt || batch.is_none() {
            self.bury(seq, batch.as_ref(), sealed.window.as_slice(), reason, now);
        }
    }

    /// The collector waits for a number whose batch is gone: writes one without slots, so that it waits no longer.
    /// Says whether there is one to send now.
    ///
    /// Of a number that was never acknowledged the disk refused its batch of gaps, which went into a later one. A
    /// number that was, the collector has lost: it was restored from a backup.
    pub fn fill(&mut self, missing: u64, now: Timestamp) -> bool {
        let is_open = missing < self.next_seq() && !self.sealed.contains_key(&missing);
        if is_open && missing > self.cursor.ack_through {
            self.bury(missing, None, &[], GapReason::Corrupt, now);
        } else if is_open {
            tracing::warn!(
                seq = missing,
                "the collector lost a batch it had acknowledged; it is told of the gap"
            );
            self.bury(missing, None, self.forgotten().as_slice(), GapReason::NotReported, now);
        }
        is_open && self.sealed.contains_key(&missing)
    }

    /// The time of all that was acknowledged, of which the collector takes what it has no slot of as missing. It is
    /// told once, with the first number it lost.
    fn forgotten(&self) -> Option<Window> {
        let is_told = self.sealed.keys().next().is_some_and(|seq| *seq <= self.cursor.ack_through);
        let known = self.cursor.covered_since.zip(self.cursor.covered_until).filter(|_| !is_told);
        known.map(|(from, to)| Window { from, to }).filter(|window| window.seconds() > 0)
    }

    /// The numbers for `status`.
    #[must_use]
    pub fn state(&self) -> SpoolState {
        SpoolState {
            batches: self.sealed.len(),
            bytes: self.sealed_bytes(),
            pending_slots: self.pending.slots.len(),
            ack_through: self.cursor.ack_through,
            trouble: self.trouble.clone(),
        }
    }

    fn next_seq(&self) -> u64 {
        self.sealed.last_key_value().map_or(0, |(seq, _)| *seq).max(self.cursor.seq_given) + 1
    }

    const fn key(&self, seq: u64) -> BatchKey {
        BatchKey { agent_id: self.agent_id, spool_id: self.spool_id, seq }
    }

    fn batch_file(&self, seq: u64) -> PathBuf {
        self.directory.join(format!("{seq:020}.batch"))
    }

    fn segment_file(&self, seq: u64) -> PathBuf {
        self.directory.join(format!("{seq:020}.open"))
    }

    fn sealed_bytes(&self) -> u64 {
        self.sealed.values().map(|sealed| sealed.bytes).sum()
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;

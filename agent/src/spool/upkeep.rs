//! Writing and bounding: batches and cursor replaced whole, the segment extended or written anew, the oldest
//! batches given up when the spool is full.
// SPDX-License-Identifier: Apache-2.0

use super::segment::Pending;
use super::{Again, CURSOR_FILE, Cursor, QUARANTINE, RING_SLOTS, Sealed, Spool, segment};
use crate::slot::{self, ClosedSlot, Covered};
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{Timestamp, Window};
use std::io;
use std::path::Path;

/// Files kept in quarantine for people to look at.
const QUARANTINE_FILES: usize = 64;

impl Spool {
    /// Replaces a file so that after any crash either the old or the new one is there, whole.
    pub(super) fn replace(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let temporary = path.with_extension("tmp");
        let written = self
            .disk
            .write_synced(&temporary, bytes)
            .and_then(|()| self.disk.rename(&temporary, path))
            .and_then(|()| self.disk.sync_directory(&self.directory));
        if written.is_err() {
            // After a failed sync the state of that file is unknown: it is never tried again.
            let _ = self.disk.remove(&temporary);
        }
        written
    }

    pub(super) fn write_cursor(&mut self, cursor: Cursor) -> io::Result<()> {
        let json = serde_json::to_vec(&cursor).map_err(io::Error::other)?;
        self.replace(&self.directory.join(CURSOR_FILE), &json)?;
        self.cursor = cursor;
        Ok(())
    }

    /// The clock was set far back, and time is accounted for from `since` on. Told before what is pending is sealed,
    /// and after it: between the two a power cut would leave nobody who knows from when on it is missing.
    pub fn begin_again(&mut self, since: Timestamp) {
        let given = self.next_seq() - 1;
        let again = Some(Again { through: given + u64::from(!self.pending.is_empty()), since });
        if self.cursor.again != again {
            let cursor = Cursor { again, seq_given: given, ..self.cursor };
            if let Err(error) = self.write_cursor(cursor) {
                self.say_trouble(format!("cannot write the cursor: {error}"));
                // The next time it is written, it says so.
                self.cursor.again = again;
            }
        }
    }

    /// Up to where time is accounted for once everything up to `through` is acknowledged, and what of a clock that
    /// was set back has to be remembered then.
    pub(super) fn covered_through(&self, through: u64) -> (Option<Again>, Option<Covered>) {
        let newest =
            |after: u64| self.sealed.range(after + 1..=through).rev().find_map(|(_, sealed)| sealed.covered);
        match self.cursor.again {
            Some(again) if again.through < through => {
                let since = Covered { until: again.since, stopped: true };
                (None, newest(again.through).or(Some(since)))
            }
            again => (again, newest(0).or_else(|| self.acknowledged())),
        }
    }

    /// Up to where that is which was acknowledged.
    pub(super) fn acknowledged(&self) -> Option<Covered> {
        let stopped = self.cursor.stopped;
        self.cursor.covered_until.map(|until| Covered { until, stopped })
    }

    pub(super) fn write_batch(&mut self, batch: &Batch) -> io::Result<Sealed> {
        self.leave_room()?;
        let bytes = batch::seal(batch, |signed| self.signer.sign(signed)).map_err(io::Error::other)?;
        self.replace(&self.batch_file(batch.key.seq), &bytes)?;
        Ok(sealed(batch, bytes.len() as u64))
    }

    /// Seals what is given into the next batch.
    pub(super) fn write_sealed(
        &mut self,
        now: Timestamp,
        pending: &Pending,
        inventory: Option<&Inventory>,
    ) -> Option<u64> {
        let seq = self.next_seq();
        let batch = Batch {
            key: self.key(seq),
            sealed_at: now,
            table: slot::table(&pending.slots),
            gaps: pending.gaps.clone(),
            inventory: inventory.cloned(),
        };
        match self.write_batch(&batch) {
            Ok(sealed) => {
                self.sealed.insert(seq, sealed);
                Some(seq)
            }
            Err(error) => {
                self.say_trouble(format!("cannot seal batch {seq}: {error}"));
                None
            }
        }
    }

    /// The last of a disk belongs to the programs of the host.
    fn leave_room(&self) -> io::Result<()> {
        let free = self.disk.free_ratio(&self.directory)?;
        if free < self.limits.free_ratio_min {
            let (free, floor) = (free * 100.0, self.limits.free_ratio_min * 100.0);
            return Err(io::Error::other(format!(
                "{free:.1} % of the disk is free, {floor:.0} % is left to others"
            )));
        }
        Ok(())
    }

    pub(super) fn extend_segment(&mut self, slots: &[ClosedSlot], gaps: &[Gap]) {
        if self.segment_whole {
            let seq = self.next_seq();
            let path = self.segment_file(seq);
            let record = segment::record(self.key(seq), slots, gaps).map_err(io::Error::other);
            let appended = self.leave_room().and(record).and_then(|record| self.disk.append(&path, &record));
            if let Err(error) = appended {
                self.segment_whole = false;
                self.say_trouble(format!("slots are held in memory only: {error}"));
            }
        }
    }

    /// After a failed append the segment may end in half a record: all that is pending is written anew.
    pub(super) fn mend_segment(&mut self) {
        if self.segment_whole {
            return;
        }
        let seq = self.next_seq();
        let written = self.leave_room().and_then(|()| {
            let record = segment::record(self.key(seq), &self.pending.slots, &self.pending.gaps);
            self.replace(&self.segment_file(seq), &record.map_err(io::Error::other)?)
        });
        match written {
            Ok(()) => {
                self.segment_whole = true;
                if self.trouble.take().is_some() {
                    tracing::info!("the disk takes slots again; what was held in memory is on it now");
                }
            }
            Err(error) => self.say_trouble(format!("slots are held in memory only: {error}")),
        }
    }

    pub(super) fn record_gap(&mut self, gap: Gap) {
        self.extend_segment(&[], std::slice::from_ref(&gap));
        match self.pending.gaps.last_mut() {
            Some(last) if last.reason == gap.reason && last.window.to == gap.window.from => {
                last.window.to = gap.window.to;
            }
            _ => self.pending.gaps.push(gap),
        }
    }

    /// While the disk refuses, memory holds a day of slots; then the oldest becomes a gap.
    pub(super) fn bound_ring(&mut self) {
        while self.pending.slots.len() > RING_SLOTS {
            let lost = self.pending.slots.remove(0);
            self.segment_whole = false;
            let window = Window { from: lost.slot.start, to: lost.slot.end() };
            self.record_gap(Gap { window, reason: GapReason::SpoolFull });
        }
    }

    /// Gives up the oldest slots until the spool is within its bounds; their time stays behind as gaps.
    pub(super) fn evict(&mut self, now: Timestamp) {
        while self.sealed_bytes() > self.limits.bytes_max {
            let newest = self.sealed.last_key_value().map(|(seq, _)| *seq);
            let oldest = self.sealed.iter().find(|(seq, sealed)| sealed.has_slots && Some(**seq) != newest);
            let Some((seq, sealed)) = oldest.map(|(seq, sealed)| (*seq, *sealed)) else { return };
            let batch = self.verified(seq).map(|(batch, _)| batch);
            tracing::error!(seq, "spool full: the oldest batch is given up; its time becomes a gap");
            self.sealed.remove(&seq);
            self.inventory_due |= batch.as_ref().is_none_or(|batch| batch.inventory.is_some());
            // Its batch of gaps takes its place in one step: between two a kill would leave nobody who knows why.
            self.bury(seq, batch.as_ref(), sealed.window.as_slice(), GapReason::SpoolFull, now);
            if !self.sealed.contains_key(&seq) {
                let _ = self.disk.remove(&self.batch_file(seq));
            }
        }
    }

    /// Moves a batch to where people may look at it; the batch, where it can still be read.
    pub(super) fn put_aside(&mut self, seq: u64, reason: GapReason) -> Option<Batch> {
        let batch = self.verified(seq).map(|(batch, _)| batch);
        let aside = self.directory.join(QUARANTINE).join(format!("{seq:020}.{}", reason.name()));
        if let Err(error) = self.disk.rename(&self.batch_file(seq), &aside) {
            tracing::warn!(seq, %error, "batch could not be put aside");
        }
        self.bound_quarantine();
        self.inventory_due |= batch.as_ref().is_none_or(|batch| batch.inventory.is_some());
        tracing::error!(seq, reason = reason.name(), "batch put aside; its time becomes a gap");
        batch
    }

    /// Puts a batch of gaps under the number of a lost batch. Should the disk refuse, the next start finds the
    /// number missing and does it then.
    pub(super) fn bury(
        &mut self,
        seq: u64,
        lost: Option<&Batch>,
        windows: &[Window],
        reason: GapReason,
        now: Timestamp,
    ) {
        let mut gaps = lost.map_or_else(Vec::new, |batch| batch.gaps.clone());
        match lost {
            Some(batch) => gaps.extend(stretches(&batch.table, reason)),
            None => gaps.extend(windows.iter().map(|window| Gap { window: *window, reason })),
        }
        let key = self.key(seq);
        let tombstone = Batch { key, sealed_at: now, table: SlotTable::default(), gaps, inventory: None };
        match self.write_batch(&tombstone) {
            Ok(sealed) => {
                self.sealed.insert(seq, sealed);
            }
            Err(error) => {
                self.say_trouble(format!("cannot record the loss of batch {seq}: {error}"));
                for gap in tombstone.gaps {
                    self.record_gap(gap);
                }
            }
        }
    }

    pub(super) fn bound_quarantine(&mut self) {
        let directory = self.directory.join(QUARANTINE);
        let mut names: Vec<_> =
            self.disk.list(&directory).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        for name in names.iter().rev().skip(QUARANTINE_FILES) {
            let _ = self.disk.remove(&directory.join(name));
        }
    }

    /// Says a trouble once, when it begins or changes.
    pub(super) fn say_trouble(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::error!(trouble, "spool");
            self.trouble = Some(trouble);
        }
    }
}

/// What the index remembers of a batch.
pub(super) fn sealed(batch: &Batch, bytes: u64) -> Sealed {
    let slots = batch.table.slots.iter().map(|slot| Window { from: slot.start, to: slot.end() });
    let windows = slots.chain(batch.gaps.iter().map(|gap| gap.window));
    let window = windows.reduce(|all, one| Window { from: all.from.min(one.from), to: all.to.max(one.to) });
    Sealed {
        bytes,
        window,
        covered: covered(&batch.table, &batch.gaps),
        has_slots: !batch.table.slots.is_empty(),
    }
}

/// Up to where slots and gaps account for time; a last gap `open_minute` is that of an agent that was stopped.
pub(super) fn covered(table: &SlotTable, gaps: &[Gap]) -> Option<Covered> {
    let slots = table.slots.iter().map(|slot| (slot.end(), false));
    let gaps = gaps.iter().map(|gap| (gap.window.to, gap.reason == GapReason::OpenMinute));
    slots.chain(gaps).max().map(|(until, stopped)| Covered { until, stopped })
}

/// The time of some slots as gaps, adjacent ones as one.
pub(super) fn stretches(table: &SlotTable, reason: GapReason) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for slot in &table.slots {
        match gaps.last_mut() {
            Some(last) if last.window.to == slot.start => last.window.to = slot.end(),
            _ => gaps.push(Gap { window: Window { from: slot.start, to: slot.end() }, reason }),
        }
    }
    gaps
}

//! Start-up: reads what an earlier run left, puts aside what is damaged, and fills the numbers that are
//! missing, so that the collector is never left waiting for one.
// SPDX-License-Identifier: Apache-2.0

use super::upkeep::{covered, sealed, stretches};
use super::{CURSOR_FILE, QUARANTINE, Spool, segment};
use crate::slot::{self, Covered};
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::Window;
use std::collections::BTreeSet;
use std::io;

/// Most missing numbers filled at one start; more would mean a name somebody made up.
const HOLES_MAX: usize = 10_000;

#[derive(Default)]
struct Found {
    batches: BTreeSet<u64>,
    segments: BTreeSet<u64>,
}

impl Spool {
    pub(super) fn recover(&mut self) -> io::Result<()> {
        self.cursor = self
            .disk
            .read(&self.directory.join(CURSOR_FILE))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let found = self.scan()?;
        let mut newest: Option<Batch> = None;
        let mut damaged = Vec::new();
        let mut told = Vec::new();
        for seq in found.batches {
            match self.verified(seq) {
                Some((batch, bytes)) => {
                    told.extend(stretches_of(&batch.table, &batch.gaps));
                    self.sealed.insert(seq, sealed(&batch, bytes));
                    newest = Some(batch);
                }
                None => damaged.push(seq),
            }
        }
        self.recover_segments(&found.segments, newest.as_ref());
        self.covered = self.last_covered();
        told.extend(stretches_of(&slot::table(&self.pending.slots), &self.pending.gaps));
        self.fill_holes(&damaged, told);
        self.covered = self.last_covered();
        Ok(())
    }

    /// Sorts the files by kind, removes what is done with, and makes sure that no number is given twice.
    fn scan(&mut self) -> io::Result<Found> {
        let mut found = Found::default();
        let mut seq_given = self.cursor.seq_given.max(self.cursor.ack_through);
        for (name, _) in self.disk.list(&self.directory)? {
            let (stem, kind) = name.split_once('.').unwrap_or((&name, ""));
            match (stem.parse::<u64>(), kind) {
                (Ok(seq), "batch") if seq > self.cursor.ack_through => {
                    found.batches.insert(seq);
                    seq_given = seq_given.max(seq);
                }
                (Ok(seq), "open") if seq > self.cursor.ack_through => {
                    found.segments.insert(seq);
                }
                (Ok(_), "batch" | "open") | (_, "tmp") => {
                    let _ = self.disk.remove(&self.directory.join(&name));
                }
                _ => {}
            }
        }
        for (name, _) in self.disk.list(&self.directory.join(QUARANTINE))? {
            let seq = name.split('.').next().and_then(|stem| stem.parse().ok());
            seq_given = seq_given.max(seq.unwrap_or(0));
        }
        self.cursor.seq_given = seq_given;
        Ok(found)
    }

    /// Takes back the slots of segments that were not sealed. One whose batch is there as well holds the same
    /// slots again, apart from those appended after a seal that failed half-way.
    fn recover_segments(&mut self, segments: &BTreeSet<u64>, newest: Option<&Batch>) {
        for seq in segments {
            let path = self.segment_file(*seq);
            let bytes = self.disk.read(&path).unwrap_or_default();
            let (mut recovered, torn) = segment::recover(&bytes);
            if torn {
                let aside = self.directory.join(QUARANTINE).join(format!("{seq:020}.torn"));
                tracing::warn!(seq, slots = recovered.slots.len(), "segment ends in half a record");
                let _ = self.disk.write_synced(&aside, &bytes);
                self.bound_quarantine();
            }
            // Its own batch may not be the newest: a segment that could not be removed stays until the next start.
            let own = self.verified(*seq).map(|(batch, _)| batch);
            for batch in own.iter().chain(newest.filter(|batch| batch.key.seq > *seq)) {
                recovered.slots.retain(|r| batch.table.slots.iter().all(|known| known.start != r.slot.start));
                recovered.gaps.retain(|gap| !batch.gaps.contains(gap));
            }
            self.pending.slots.extend(recovered.slots);
            self.pending.gaps.extend(recovered.gaps);
            self.segment_whole = false;
        }
        self.pending.order();
        self.mend_segment();
        let kept = self.next_seq();
        for seq in segments.iter().filter(|seq| **seq != kept && self.segment_whole) {
            let _ = self.disk.remove(&self.segment_file(*seq));
        }
    }

    /// A batch as it was sealed, with its size; none when a single bit of it is another.
    pub(super) fn verified(&self, seq: u64) -> Option<(Batch, u64)> {
        let bytes = self.disk.read(&self.batch_file(seq)).ok()?;
        if !self.is_intact(seq, &bytes) {
            return None;
        }
        Some((batch::open(&bytes).ok()?.decode().ok()?, bytes.len() as u64))
    }

    /// Whether bytes are the batch they should be, to the last bit.
    pub(super) fn is_intact(&self, seq: u64, bytes: &[u8]) -> bool {
        batch::open(bytes).is_ok_and(|envelope| {
            envelope.key == self.key(seq) && self.signer.verify(envelope.signed, envelope.signature)
        })
    }

    /// Why a number was put aside, with its batch where that can be read.
    fn aside(&self, seq: u64) -> Option<(Option<Batch>, GapReason)> {
        let directory = self.directory.join(QUARANTINE);
        let files = self.disk.list(&directory).ok()?;
        files.iter().find_map(|(name, _)| {
            let (stem, reason) = name.split_once('.')?;
            let known = GapReason::ALL.into_iter().find(|known| known.name() == reason);
            let reason = known.filter(|_| stem.parse() == Ok(seq))?;
            let bytes = self.disk.read(&directory.join(name)).ok().filter(|bytes| self.is_intact(seq, bytes));
            Some((bytes.and_then(|bytes| batch::open(&bytes).ok()?.decode().ok()), reason))
        })
    }

    fn last_covered(&self) -> Option<Covered> {
        let (after, since) = match self.cursor.again {
            Some(again) => (again.through, Some(Covered { until: again.since, stopped: true })),
            None => (0, self.acknowledged()),
        };
        // The newest may be an announcement, which speaks of no time.
        let sealed = self.sealed.range(after + 1..).rev().find_map(|(_, sealed)| sealed.covered);
        let is_since = |_: &Covered| self.next_seq() > after;
        let pending = covered(&slot::table(&self.pending.slots), &self.pending.gaps).filter(is_since);
        let all = [since, sealed, pending].into_iter().flatten();
        // Of whom nothing is left began at some moment all the same.
        let began = || self.cursor.covered_since.map(|until| Covered { until, stopped: false });
        all.max_by_key(|covered| covered.until).or_else(began)
    }

    /// Damaged batches are put aside; their numbers, and those of batches that vanished, get a batch of gaps
    /// over the time nobody else tells of.
    fn fill_holes(&mut self, damaged: &[u64], mut told: Vec<Window>) {
        let due = self.cursor.ack_through + 1..=self.cursor.seq_given;
        let holes: Vec<u64> = due.filter(|seq| !self.sealed.contains_key(seq)).take(HOLES_MAX).collect();
        for seq in holes {
            let windows = self.untold(seq, &mut told);
            told.extend(&windows);
            let now = self.covered.unwrap_or_default().until;
            if damaged.contains(&seq) {
                self.put_aside(seq, GapReason::Corrupt);
                self.bury(seq, None, &windows, GapReason::Corrupt, now);
            } else if let Some((batch, reason)) = self.aside(seq) {
                // It was put aside while the disk refused its batch of gaps.
                told.extend(batch.iter().flat_map(|batch| stretches_of(&batch.table, &batch.gaps)));
                self.bury(seq, batch.as_ref(), &windows, reason, now);
            } else {
                self.bury(seq, None, &windows, GapReason::Corrupt, now);
            }
        }
    }

    /// Every stretch that nothing tells of, up to the end of what the next number tells. What another number tells is
    /// no bound: the gap of a number whose own batch the disk refused stands in a later one, which may be lost as well.
    fn untold(&self, seq: u64, told: &mut [Window]) -> Vec<Window> {
        let before = self.sealed.range(..seq).rev().find_map(|(_, sealed)| sealed.window.map(|w| w.to));
        let acknowledged = self.cursor.covered_until.or(self.cursor.covered_since);
        let Some(mut from) = before.into_iter().chain(acknowledged).min() else { return Vec::new() };
        let next = self.sealed.range(seq + 1..).find_map(|(_, sealed)| sealed.window.map(|w| w.to));
        told.sort_unstable_by_key(|window| window.from);
        let mut untold = Vec::new();
        for window in told.iter().filter(|window| next.is_none_or(|next| window.from < next)) {
            if window.from > from {
                untold.push(Window { from, to: window.from });
            }
            from = from.max(window.to);
        }
        untold
    }
}

/// The time a batch tells of, adjacent stretches of slots as one.
fn stretches_of(table: &SlotTable, gaps: &[Gap]) -> Vec<Window> {
    let slots = stretches(table, GapReason::Corrupt);
    slots.iter().chain(gaps).map(|gap| gap.window).collect()
}

//! What comes in: a batch on its way into the inbox, what became of it, and what its slots became.
// SPDX-License-Identifier: Apache-2.0

use super::gap_set;
use cairn_schemas::batch::Batch;
use cairn_schemas::identity::BatchKey;
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::{Timestamp, Window};

/// A verified batch on its way into the inbox.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Its key.
    pub key: BatchKey,
    /// SHA-256 of the sealed bytes.
    pub sha256: [u8; 32],
    /// The sealed bytes, kept as they came until compaction.
    pub sealed: Vec<u8>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// With which key of its agent.
    pub key_epoch: u64,
    /// Whether it was carried here in a bundle: its agent does not hear of it until it comes online.
    pub carried: bool,
    /// Whether it holds no slot: it stands for one its agent lost, and says so with gaps.
    pub tombstone: bool,
    /// What the inbox is searched by until then.
    pub holds: Contents,
}

/// What a batch holds, as far as that is needed before it is compacted.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Stretch of its slots.
    pub slots: Option<Window>,
    /// Stretch of its gaps.
    pub gaps: Option<Window>,
    /// Its inventory, whose facts hold from the moment it is kept.
    pub inventory: Option<Inventory>,
}

impl Contents {
    /// Of a batch.
    #[must_use]
    pub fn of(batch: &Batch) -> Self {
        let slots = &batch.table.slots;
        Self {
            slots: hull(slots.iter().map(|slot| Window { from: slot.start, to: slot.end() })),
            gaps: hull(batch.gaps.iter().filter(|gap| gap_set::is_believable(gap)).map(|gap| gap.window)),
            inventory: batch.inventory.clone(),
        }
    }

    /// Stretch of all that is looked for by time; `None` where it holds neither slots nor gaps.
    #[must_use]
    pub fn reach(&self) -> Option<Window> {
        hull([self.slots, self.gaps].into_iter().flatten())
    }
}

/// The stretch some windows lie in.
pub(super) fn hull(windows: impl Iterator<Item = Window>) -> Option<Window> {
    windows.reduce(|a, b| Window { from: a.from.min(b.from), to: a.to.max(b.to) })
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is new and on disk.
    Stored,
    /// The same batch was here already.
    Duplicate,
    /// Another batch has the same key: a cloned disk or a restored snapshot.
    Forked,
    /// Its key was retired before it was sealed: a cloned disk, a restored snapshot, or a key that was taken.
    KeyRetired,
    /// Its agent was revoked since the batch was verified. Nothing was kept.
    Revoked,
    /// Its agent is not known, or not any more: it was erased since the batch was verified. Nothing was kept.
    Stranger,
}

/// What a merge into day blocks did with the slots given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeStats {
    /// Slots that are new.
    pub kept: u64,
    /// Slots already there with the same values.
    pub repeated: u64,
    /// Slots already there with other values; the first ones stay.
    pub conflicting: u64,
}

impl std::ops::Add for MergeStats {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            kept: self.kept + other.kept,
            repeated: self.repeated + other.repeated,
            conflicting: self.conflicting + other.conflicting,
        }
    }
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// Batches taken out of the inbox.
    pub batches: u64,
    /// Day blocks written.
    pub day_blocks: u64,
    /// What became of the slots.
    pub slots: MergeStats,
}

impl std::ops::Add for Compaction {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            batches: self.batches + other.batches,
            day_blocks: self.day_blocks + other.day_blocks,
            slots: self.slots + other.slots,
        }
    }
}

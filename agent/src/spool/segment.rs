//! The open segment: each closed slot and each gap, appended as it happens, so that a killed agent loses no
//! more than the minute it was in. A record is an unsigned batch of one slot behind a length and a checksum.
// SPDX-License-Identifier: Apache-2.0

use crate::slot::{self, ClosedSlot};
use cairn_schemas::batch::{self, Batch, ENCODED_BYTES_MAX, SIGNATURE_BYTES, WireError};
use cairn_schemas::digest::sha256;
use cairn_schemas::gap::Gap;
use cairn_schemas::identity::BatchKey;

const CHECKSUM_BYTES: usize = 8;
const HEAD_BYTES: usize = 4 + CHECKSUM_BYTES;

/// What a segment holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pending {
    /// Closed slots, oldest first.
    pub(super) slots: Vec<ClosedSlot>,
    /// Gaps, in order of discovery.
    pub(super) gaps: Vec<Gap>,
}

impl Pending {
    /// Adds a slot. A clock that is set back while the disk refuses to seal brings older minutes after newer ones:
    /// a batch has them in the order of time, and of a minute measured twice the first.
    pub(super) fn push(&mut self, closed: ClosedSlot) {
        let is_last = self.slots.last().is_none_or(|last| last.slot.start < closed.slot.start);
        self.slots.push(closed);
        if !is_last {
            self.order();
        }
    }

    pub(super) fn order(&mut self) {
        self.slots.sort_by_key(|closed| closed.slot.start);
        self.slots.dedup_by_key(|closed| closed.slot.start);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.gaps.is_empty()
    }
}

/// One record.
pub(super) fn record(key: BatchKey, slots: &[ClosedSlot], gaps: &[Gap]) -> Result<Vec<u8>, WireError> {
    let sealed_at = slots.first().map_or_else(Default::default, |closed| closed.slot.end());
    let batch = Batch { key, sealed_at, table: slot::table(slots), gaps: gaps.to_vec(), inventory: None };
    let body = batch::seal(&batch, |_| [0; SIGNATURE_BYTES])?;
    let mut record = Vec::with_capacity(HEAD_BYTES + body.len());
    record.extend_from_slice(&(body.len() as u32).to_le_bytes());
    record.extend_from_slice(&sha256(&body)[..CHECKSUM_BYTES]);
    record.extend_from_slice(&body);
    Ok(record)
}

/// Reads the valid records from the beginning; says whether something after them is not one.
pub(super) fn recover(mut bytes: &[u8]) -> (Pending, bool) {
    let mut pending = Pending::default();
    while !bytes.is_empty() {
        let Some((batch, rest)) = next(bytes) else { return (pending, true) };
        pending.slots.extend(slot::slots(&batch.table));
        pending.gaps.extend(batch.gaps);
        bytes = rest;
    }
    (pending, false)
}

fn next(bytes: &[u8]) -> Option<(Batch, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (body, rest) = rest.split_at_checked(length.min(ENCODED_BYTES_MAX + 1))?;
    if sha256(body)[..CHECKSUM_BYTES] != *checksum {
        return None;
    }
    Some((batch::open(body).ok()?.decode().ok()?, rest))
}

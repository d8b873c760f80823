//! The batch: the unit of delivery and acknowledgement, and its sealed form, which is at once the segment
//! in the spool, the body of an upload and the entry of an offline bundle.
//!
//! Layout, little endian: magic (8) · agent (16) · spool (16) · seq (8) · sealed_at (8) · decoded bytes (4) ·
//! payload bytes (4) · payload (one zstd frame) · Ed25519 signature of all that precedes (64). The payload
//! is a row of sections (kind, length, bytes); a reader skips kinds it does not know.
// SPDX-License-Identifier: Apache-2.0

use crate::gap::Gap;
use crate::identity::BatchKey;
use crate::inventory::Inventory;
use crate::slot::SlotTable;
use crate::time::Timestamp;

#[cfg(feature = "wire")]
mod wire;
#[cfg(feature = "wire")]
pub use wire::{Envelope, WireError, open, seal, sealed_bytes};

/// First bytes of a sealed batch; the digit is the version of the layout.
pub const MAGIC: [u8; 8] = *b"CAIRNB1\n";
/// Largest sealed batch anybody accepts.
pub const ENCODED_BYTES_MAX: usize = 4 << 20;
/// Largest payload anybody decodes.
pub const DECODED_BYTES_MAX: usize = 16 << 20;
/// Most slots in a batch: ten days of minutes.
pub const SLOTS_MAX: usize = 14_400;
/// Most series in a batch.
pub const COLUMNS_MAX: usize = 8_192;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// What an agent sealed: slots, the gaps it knows of, and, when it changed, its inventory.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Who, which spool, which number.
    pub key: BatchKey,
    /// When it was sealed, by the host's clock.
    pub sealed_at: Timestamp,
    /// The readings.
    pub table: SlotTable,
    /// Stretches without slots since the batch before, each with its reason.
    pub gaps: Vec<Gap>,
    /// The inventory, in the first batch of a run and when it changed.
    pub inventory: Option<Inventory>,
}

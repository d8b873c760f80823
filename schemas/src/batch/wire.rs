//! Sealing and opening batches. Every length is checked before anything is allocated for it.
// SPDX-License-Identifier: Apache-2.0

use super::{Batch, COLUMNS_MAX, DECODED_BYTES_MAX, ENCODED_BYTES_MAX, MAGIC, SIGNATURE_BYTES, SLOTS_MAX};
use crate::gap::{Gap, GapReason};
use crate::identity::{BatchKey, Id128};
use crate::slot::{Power, Slot, SlotTable};
use crate::time::{Timestamp, Window};
use bytes::{Reader, varint, zigzag};
use std::cell::RefCell;
use zstd::bulk::Decompressor;

mod bytes;
mod column;

const HEADER_BYTES: usize = 64;
const ZSTD_LEVEL: i32 = 3;
const MOMENT_S_MAX: i64 = 1 << 40;

const SECTION_SLOTS: u64 = 1;
const SECTION_COLUMN: u64 = 2;
const SECTION_GAPS: u64 = 3;
const SECTION_INVENTORY: u64 = 4;

/// Why a sealed batch cannot be read, or a batch cannot be sealed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It does not begin like a batch of a version this program knows.
    #[error("not a sealed batch of version 1")]
    Magic,
    /// Fewer bytes than its header promises.
    #[error("cut short: {have} bytes where {need} are due")]
    Truncated {
        /// Bytes there are.
        have: usize,
        /// Bytes there should be.
        need: usize,
    },
    /// Larger than a limit.
    #[error("{what}: {have} is above the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large.
        have: usize,
        /// The limit.
        limit: usize,
    },
    /// The payload does not decompress or does not parse.
    #[error("payload damaged: {0}")]
    Damaged(String),
}

fn limit(what: &'static str, have: usize, limit: usize) -> Result<(), WireError> {
    if have > limit { Err(WireError::TooLarge { what, have, limit }) } else { Ok(()) }
}

fn damaged(why: impl Into<String>) -> WireError {
    WireError::Damaged(why.into())
}

/// Seals a batch; `sign` signs the bytes given to it.
///
/// # Errors
/// The batch is larger than the limits, or its table is malformed.
pub fn seal(batch: &Batch, sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_BYTES]) -> Result<Vec<u8>, WireError> {
    batch.table.check().map_err(damaged)?;
    limit("slots", batch.table.slots.len(), SLOTS_MAX)?;
    limit("series", batch.table.columns.len(), COLUMNS_MAX)?;
    let payload = write_payload(batch)?;
    limit("decoded bytes", payload.len(), DECODED_BYTES_MAX)?;
    let frame = zstd::bulk::compress(&payload, ZSTD_LEVEL).map_err(|e| damaged(e.to_string()))?;
    limit("encoded bytes", frame.len() + HEADER_BYTES + SIGNATURE_BYTES, ENCODED_BYTES_MAX)?;

    let mut sealed = Vec::with_capacity(HEADER_BYTES + frame.len() + SIGNATURE_BYTES);
    sealed.extend_from_slice(&MAGIC);
    sealed.extend_from_slice(&batch.key.agent_id.0);
    sealed.extend_from_slice(&batch.key.spool_id.0);
    sealed.extend_from_slice(&batch.key.seq.to_le_bytes());
    sealed.extend_from_slice(&batch.sealed_at.0.to_le_bytes());
    sealed.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    sealed.extend_from_slice(&(frame.len() as u32).to_le_bytes());
    sealed.extend_from_slice(&frame);
    let signature = sign(&sealed);
    sealed.extend_from_slice(&signature);
    Ok(sealed)
}

/// A sealed batch with its header read and nothing decompressed yet.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Who, which spool, which number: not to be believed before the signature is verified.
    pub key: BatchKey,
    /// When it was sealed, by the host's clock.
    pub sealed_at: Timestamp,
    /// The bytes the signature is of.
    pub signed: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
    decoded_bytes: usize,
    frame: &'a [u8],
}

/// Reads the header of a sealed batch.
///
/// # Errors
/// Not a batch, cut short, or larger than the limits.
pub fn open(bytes: &[u8]) -> Result<Envelope<'_>, WireError> {
    limit("encoded bytes", bytes.len(), ENCODED_BYTES_MAX)?;
    if !bytes.starts_with(&MAGIC) {
        return Err(WireError::Magic);
    }
    let short = |need| WireError::Truncated { have: bytes.len(), need };
    let mut head = Reader { bytes: bytes.get(8..HEADER_BYTES).ok_or(short(HEADER_BYTES + SIGNATURE_BYTES))? };
    let key = BatchKey {
        agent_id: Id128(head.fixed()?),
        spool_id: Id128(head.fixed()?),
        seq: u64::from_le_bytes(head.fixed()?),
    };
    let sealed_at = Timestamp(i64::from_le_bytes(head.fixed()?));
    let decoded_bytes = u32::from_le_bytes(head.fixed()?) as usize;
    let frame_bytes = u32::from_le_bytes(head.fixed()?) as usize;
    limit("decoded bytes", decoded_bytes, DECODED_BYTES_MAX)?;
    limit("encoded bytes", frame_bytes, ENCODED_BYTES_MAX)?;
    let need = HEADER_BYTES + frame_bytes + SIGNATURE_BYTES;
    if bytes.len() < need {
        return Err(short(need));
    }
    if bytes.len() > need {
        return Err(damaged(format!("{} bytes after the signature", bytes.len() - need)));
    }
    let (signed, signature) = bytes.split_at(HEADER_BYTES + frame_bytes);
    Ok(Envelope { key, sealed_at, signed, signature, decoded_bytes, frame: &signed[HEADER_BYTES..] })
}

/// Bytes of the sealed batch that `bytes` begin with, by its own header; not to be believed before the signature
/// is verified.
///
/// # Errors
/// Not a batch, too short to say, or larger than the limits.
pub fn sealed_bytes(bytes: &[u8]) -> Result<usize, WireError> {
    if !bytes.starts_with(&MAGIC) {
        return Err(WireError::Magic);
    }
    let need = HEADER_BYTES + SIGNATURE_BYTES;
    let head = bytes.get(..HEADER_BYTES).ok_or(WireError::Truncated { have: bytes.len(), need })?;
    let mut length = Reader { bytes: &head[HEADER_BYTES - 4..] };
    let sealed = need + u32::from_le_bytes(length.fixed()?) as usize;
    limit("encoded bytes", sealed, ENCODED_BYTES_MAX).map(|()| sealed)
}

impl Envelope<'_> {
    /// Bytes of the payload once it is decompressed, by the header: decoding refuses one of any other length.
    #[must_use]
    pub const fn decoded_bytes(&self) -> usize {
        self.decoded_bytes
    }

    /// Decompresses and parses the payload.
    ///
    /// # Errors
    /// Damaged, or larger than its header says.
    pub fn decode(&self) -> Result<Batch, WireError> {
        let payload = self.payload()?;
        let mut columns = Vec::new();
        let mut batch = self.read(&payload, |section, slots| {
            columns.push(column::read(section, slots)?);
            Ok(())
        })?;
        batch.table.columns = columns;
        batch.table.check().map_err(damaged)?;
        Ok(batch)
    }

    /// The same without the columns, which are held to the same rules and not kept: what has to be known of a batch to
    /// take it, at a fraction of the cost.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn skim(&self) -> Result<Batch, WireError> {
        let payload = self.payload()?;
        let mut columns = column::Skimmed::default();
        let batch = self.read(&payload, |section, slots| columns.next(section, slots))?;
        batch.table.check().map_err(damaged)?;
        Ok(batch)
    }

    fn payload(&self) -> Result<Vec<u8>, WireError> {
        let payload = decompress(self.frame, self.decoded_bytes).map_err(|e| damaged(e.to_string()))?;
        if payload.len() != self.decoded_bytes {
            return Err(damaged("length differs from the header"));
        }
        Ok(payload)
    }

    /// All but the columns; `column` is given each, and the number of its slots.
    fn read<'p>(
        &self,
        payload: &'p [u8],
        mut column: impl FnMut(&mut Reader<'p>, usize) -> Result<(), WireError>,
    ) -> Result<Batch, WireError> {
        let (key, sealed_at) = (self.key, self.sealed_at);
        let mut batch =
            Batch { key, sealed_at, table: SlotTable::default(), gaps: Vec::new(), inventory: None };
        let mut columns = 0;
        let mut reader = Reader { bytes: payload };
        while !reader.bytes.is_empty() {
            let kind = reader.varint()?;
            let length = reader.length(DECODED_BYTES_MAX)?;
            let mut section = Reader { bytes: reader.take(length)? };
            match kind {
                SECTION_SLOTS if columns > 0 => return Err(damaged("slots after series")),
                SECTION_SLOTS => batch.table.slots = read_slots(&mut section)?,
                SECTION_COLUMN => {
                    columns += 1;
                    limit("series", columns, COLUMNS_MAX)?;
                    column(&mut section, batch.table.slots.len())?;
                }
                SECTION_GAPS => batch.gaps = read_gaps(&mut section)?,
                SECTION_INVENTORY => {
                    let read = serde_json::from_slice(section.bytes);
                    batch.inventory = Some(read.map_err(|e| damaged(format!("inventory: {e}")))?);
                }
                _ => {}
            }
        }
        Ok(batch)
    }
}

thread_local! {
    /// Making its 160 KB afresh costs more than a batch does.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompress(frame: &[u8], length: usize) -> std::io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            none => none.insert(Decompressor::new()?),
        };
        decompressor.decompress(frame, length)
    })
}

fn write_payload(batch: &Batch) -> Result<Vec<u8>, WireError> {
    let mut payload = Vec::new();
    section(&mut payload, SECTION_SLOTS, &write_slots(&batch.table.slots));
    for column in &batch.table.columns {
        section(&mut payload, SECTION_COLUMN, &column::write(column)?);
    }
    if !batch.gaps.is_empty() {
        section(&mut payload, SECTION_GAPS, &write_gaps(&batch.gaps));
    }
    if let Some(inventory) = &batch.inventory {
        let json = serde_json::to_vec(inventory).map_err(|e| damaged(e.to_string()))?;
        section(&mut payload, SECTION_INVENTORY, &json);
    }
    Ok(payload)
}

fn section(out: &mut Vec<u8>, kind: u64, bytes: &[u8]) {
    varint(out, kind);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn write_slots(slots: &[Slot]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, slots.len() as u64);
    let mut expected = 0;
    for slot in slots {
        zigzag(&mut out, slot.start.0 - expected);
        expected = slot.end().0;
    }
    for slot in slots {
        varint(&mut out, u64::from(slot.width_s));
    }
    for slot in slots {
        varint(&mut out, u64::from(slot.width_s.saturating_sub(slot.samples)));
    }
    out.extend(slots.iter().map(|slot| u8::from(slot.power == Power::Off)));
    out
}

fn read_slots(r: &mut Reader<'_>) -> Result<Vec<Slot>, WireError> {
    let count = r.length(SLOTS_MAX)?;
    let gaps = (0..count).map(|_| r.zigzag()).collect::<Result<Vec<_>, _>>()?;
    let widths = (0..count).map(|_| r.u32()).collect::<Result<Vec<_>, _>>()?;
    let lacking = (0..count).map(|_| r.u32()).collect::<Result<Vec<_>, _>>()?;
    let powers = r.take(count)?;
    let mut expected = 0_i64;
    let mut slots = Vec::with_capacity(count);
    for i in 0..count {
        let start = moment(expected.saturating_add(gaps[i]))?;
        let samples = widths[i].checked_sub(lacking[i]).ok_or_else(|| damaged("slot samples"))?;
        let power = if powers[i] == 0 { Power::On } else { Power::Off };
        let slot = Slot { start, width_s: widths[i], samples, power };
        expected = slot.end().0;
        slots.push(slot);
    }
    Ok(slots)
}

/// No moment lies further from 1970, so that their sums and differences stay numbers.
fn moment(seconds: i64) -> Result<Timestamp, WireError> {
    if (-MOMENT_S_MAX..MOMENT_S_MAX).contains(&seconds) {
        Ok(Timestamp(seconds))
    } else {
        Err(damaged("moment out of range"))
    }
}

fn write_gaps(gaps: &[Gap]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, gaps.len() as u64);
    for gap in gaps {
        out.push(gap.reason as u8);
        zigzag(&mut out, gap.window.from.0);
        zigzag(&mut out, gap.window.to.0);
    }
    out
}

fn read_gaps(r: &mut Reader<'_>) -> Result<Vec<Gap>, WireError> {
    let count = r.length(SLOTS_MAX)?;
    let mut gaps = Vec::new();
    for _ in 0..count {
        let number = r.take(1)?[0];
        // A reason of a newer agent is still a gap.
        let reason = GapReason::from_number(number).unwrap_or(GapReason::NotReported);
        gaps.push(Gap { window: Window { from: moment(r.zigzag()?)?, to: moment(r.zigzag()?)? }, reason });
    }
    Ok(gaps)
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;

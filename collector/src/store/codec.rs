//! The bytes of blocks at rest: numbers as varints, columns of numbers by `pco`, constant ones as one value.
//! Lengths are known from outside a column, so nothing read back decides how much is allocated.
// SPDX-License-Identifier: Apache-2.0

use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DecompressorScratch, DeltaSpec, ModeSpec, PagingSpec};
use std::ops::RangeInclusive;

/// Why a block cannot be read back.
pub(crate) type Damage = String;

const CONSTANT: u8 = 0;
const PACKED: u8 = 1;

/// A number a column may hold.
pub(crate) trait Value: Number + Into<u64> + TryFrom<u64> {}
impl Value for u16 {}
impl Value for u32 {}
impl Value for u64 {}

/// Writes a block.
pub(crate) struct Writer {
    bytes: Vec<u8>,
    packer: FileCompressor,
}

impl Writer {
    /// A block that begins with the version of its layout.
    pub(crate) fn new(version: u8) -> Self {
        let packer = FileCompressor::default();
        let mut bytes = vec![version];
        // Writing to memory cannot fail.
        let _ = packer.write_header(&mut bytes);
        Self { bytes, packer }
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(crate) fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub(crate) fn signed(&mut self, value: i64) {
        self.varint(zigzag(value));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A column; its length is written elsewhere.
    pub(crate) fn column<T: Value>(&mut self, values: &[T]) -> Result<(), Damage> {
        let Some(first) = values.first() else { return Ok(()) };
        if values.iter().all(|value| value == first) {
            self.byte(CONSTANT);
            self.varint((*first).into());
            return Ok(());
        }
        self.byte(PACKED);
        let config = config_for(values).with_paging_spec(PagingSpec::Exact(vec![values.len()]));
        let mut chunk = self.packer.chunk_compressor(values, &config).map_err(|e| e.to_string())?;
        chunk.write_meta(&mut self.bytes).map_err(|e| e.to_string())?;
        chunk.write_page(0, &mut self.bytes).map_err(|e| e.to_string())?;
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// How hard to look for the best bins: above 6 a day of minutes costs a half more and weighs a hundredth less.
const LEVEL: usize = 6;

/// How a column is packed. To let pco try each mode and each way of taking differences doubles what a day costs, for
/// a two-hundredth of its size on real traces: codes have no common divisor, and a load is no walk. So differences
/// are taken only where they are plainly smaller than the values, as in a disk that fills.
fn config_for<T: Value>(values: &[T]) -> ChunkConfig {
    let bits = |a: u64, b: u64| u64::from(u64::BITS - a.abs_diff(b).leading_zeros());
    let sum: u128 = values.iter().map(|value| u128::from((*value).into())).sum();
    let mean = (sum / values.len().max(1) as u128) as u64;
    let plain: u64 = values.iter().map(|value| bits((*value).into(), mean)).sum();
    let steps: u64 = values.windows(2).map(|pair| bits(pair[0].into(), pair[1].into())).sum();
    let delta = if steps * 5 < plain * 2 { DeltaSpec::TryConsecutive(1) } else { DeltaSpec::NoOp };
    ChunkConfig::default()
        .with_compression_level(LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(delta)
}

/// Zeros behind a block that is read: as much as pco looks ahead. Without them it makes a copy of its own of what is
/// left for each column, which costs more than the column.
const LOOK_AHEAD: usize = 8 << 10;

/// A column that was read.
pub(crate) enum Numbers<T> {
    Alike(T),
    Each(Vec<T>),
}

impl<T: Copy> Numbers<T> {
    /// The value at a place within the column.
    #[inline]
    pub(crate) fn at(&self, place: usize) -> T {
        match self {
            Self::Alike(value) => *value,
            Self::Each(values) => values[place],
        }
    }
}

/// Reads a block.
pub(crate) struct Reader {
    /// The block, and what is looked ahead into.
    bytes: Vec<u8>,
    /// Where the next thing begins, and where the block ends.
    at: usize,
    end: usize,
    unpacker: FileDecompressor,
    scratch: DecompressorScratch,
}

impl Reader {
    pub(crate) fn new(bytes: &[u8], version: u8) -> Result<Self, Damage> {
        Ok(Self::of_layouts(bytes, version..=version)?.0)
    }

    /// A block of any of several layouts, and which one it has.
    pub(crate) fn of_layouts(block: &[u8], known: RangeInclusive<u8>) -> Result<(Self, u8), Damage> {
        match block.split_first() {
            Some((found, rest)) if known.contains(found) => {
                let (unpacker, rest) = FileDecompressor::new(rest).map_err(|e| e.to_string())?;
                let mut bytes = Vec::with_capacity(rest.len() + LOOK_AHEAD);
                bytes.extend_from_slice(rest);
                bytes.resize(rest.len() + LOOK_AHEAD, 0);
                let scratch = DecompressorScratch::default();
                Ok((Self { bytes, at: 0, end: rest.len(), unpacker, scratch }, *found))
            }
            Some((found, _)) => Err(format!("block layout {found}, known is {}", known.end())),
            None => Err("empty block".into()),
        }
    }

    fn take(&mut self, n: usize) -> Result<&[u8], Damage> {
        let (head, _) = self.bytes[self.at..self.end].split_at_checked(n).ok_or("block cut short")?;
        self.at += n;
        Ok(head)
    }

    /// Whether nothing is left.
    pub(crate) const fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Damage> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Damage> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("number too long".into())
    }

    pub(crate) fn number<T: TryFrom<u64>>(&mut self) -> Result<T, Damage> {
        T::try_from(self.varint()?).map_err(|_| "number out of range".into())
    }

    pub(crate) fn signed(&mut self) -> Result<i64, Damage> {
        self.varint().map(unzigzag)
    }

    pub(crate) fn text(&mut self) -> Result<String, Damage> {
        let length = self.number::<usize>()?;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|e| e.to_string())
    }

    /// A column of `length` values.
    pub(crate) fn column<T: Value>(&mut self, length: usize) -> Result<Vec<T>, Damage> {
        Ok(match self.numbers(length)? {
            Numbers::Alike(value) => vec![value; length],
            Numbers::Each(values) => values,
        })
    }

    /// The same as it is kept: one value where all are alike.
    pub(crate) fn numbers<T: Value>(&mut self, length: usize) -> Result<Numbers<T>, Damage> {
        if length == 0 {
            return Ok(Numbers::Each(Vec::new()));
        }
        if self.byte()? == CONSTANT {
            return Ok(Numbers::Alike(self.number()?));
        }
        let source = &self.bytes[self.at..];
        let (chunk, rest) = self.unpacker.chunk_decompressor::<T, _>(source).map_err(|e| e.to_string())?;
        let mut page = chunk
            .page_decompressor_with_scratch(rest, length, &mut self.scratch)
            .map_err(|e| e.to_string())?;
        let mut values = vec![T::default(); length];
        let progress = page.read(&mut values).map_err(|e| e.to_string())?;
        self.at = self.bytes.len() - page.into_src().len();
        if progress.n_processed != length || self.at > self.end {
            return Err("column cut short".into());
        }
        Ok(Numbers::Each(values))
    }
}

pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

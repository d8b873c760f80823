//! Numbers and lengths as they stand in a payload: varints of seven bits, lowest first, signed ones by zigzag.
// SPDX-License-Identifier: Apache-2.0

use super::{WireError, damaged, limit};
use crate::value_code::Code;

pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn zigzag(out: &mut Vec<u8>, value: i64) {
    varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// What is left to be read.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], WireError> {
        let (head, rest) =
            self.bytes.split_at_checked(n).ok_or(WireError::Truncated { have: self.bytes.len(), need: n })?;
        self.bytes = rest;
        Ok(head)
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        self.take(N)?.try_into().map_err(|_| damaged("fixed field"))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, WireError> {
        // Nearly all are of one byte.
        match self.bytes.split_first() {
            Some((byte, rest)) if *byte < 0x80 => {
                self.bytes = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged("number too long"))
    }

    #[inline]
    pub(super) fn zigzag(&mut self) -> Result<i64, WireError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    #[inline]
    /// A difference of two codes; anything larger is damage and must not overflow a sum.
    pub(super) fn zigzag_small(&mut self) -> Result<i64, WireError> {
        self.zigzag().and_then(|v| {
            if v.unsigned_abs() <= u64::from(Code::MAX) { Ok(v) } else { Err(damaged("value out of range")) }
        })
    }

    pub(super) fn u32(&mut self) -> Result<u32, WireError> {
        u32::try_from(self.varint()?).map_err(|_| damaged("number too large"))
    }

    pub(super) fn length(&mut self, max: usize) -> Result<usize, WireError> {
        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        limit("length", length, max).map(|()| length)
    }
}

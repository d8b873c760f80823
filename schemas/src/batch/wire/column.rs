//! A column of a payload: written, read, or only held to the rules.
// SPDX-License-Identifier: Apache-2.0

use super::bytes::{Reader, varint, zigzag};
use super::{WireError, damaged, limit};
use crate::slot::{Column, INSTANCE_BYTES_MAX, SeriesKey};
use crate::value_code::Code;

pub(super) fn write(column: &Column) -> Result<Vec<u8>, WireError> {
    limit("instance bytes", column.key.instance.len(), INSTANCE_BYTES_MAX)?;
    let mut out = Vec::new();
    varint(&mut out, u64::from(column.key.metric));
    varint(&mut out, column.key.instance.len() as u64);
    out.extend_from_slice(column.key.instance.as_bytes());
    out.push(u8::from(column.max.is_some()));
    let mut before = 0;
    for code in &column.mean {
        zigzag(&mut out, i64::from(*code) - before);
        before = i64::from(*code);
    }
    // A maximum is near its mean, not near the maximum before it.
    for (max, mean) in column.max.iter().flatten().zip(&column.mean) {
        zigzag(&mut out, i64::from(*max) - i64::from(*mean));
    }
    Ok(out)
}

pub(super) fn read(r: &mut Reader<'_>, slots: usize) -> Result<Column, WireError> {
    let (metric, instance, has_max) = head(r)?;
    let mut mean = Vec::with_capacity(slots);
    means(r, slots, &mut mean)?;
    let max = if has_max {
        let mut max = Vec::with_capacity(slots);
        maxima(r, &mean, |code| max.push(code))?;
        Some(max)
    } else {
        None
    };
    Ok(Column { key: SeriesKey { metric, instance: instance.to_owned() }, mean, max })
}

/// Columns that are read and not kept: without an allocation for each, which cost more than all the rest.
#[derive(Default)]
pub(super) struct Skimmed<'a> {
    key: Option<(u16, &'a str)>,
    mean: Vec<Code>,
}

impl<'a> Skimmed<'a> {
    /// Holds the next column to the rules.
    pub(super) fn next(&mut self, r: &mut Reader<'a>, slots: usize) -> Result<(), WireError> {
        let (metric, instance, has_max) = head(r)?;
        self.mean.clear();
        means(r, slots, &mut self.mean)?;
        if has_max {
            maxima(r, &self.mean, |_| ())?;
        }
        let key = (metric, instance);
        if self.key.replace(key).is_some_and(|before| before >= key) {
            return Err(damaged(format!("series {metric} out of order")));
        }
        Ok(())
    }
}

/// Metric, instance, and whether maxima follow the means.
fn head<'a>(r: &mut Reader<'a>) -> Result<(u16, &'a str, bool), WireError> {
    let metric = u16::try_from(r.varint()?).map_err(|_| damaged("metric id"))?;
    let length = r.length(INSTANCE_BYTES_MAX)?;
    let instance = std::str::from_utf8(r.take(length)?).map_err(|_| damaged("instance is not UTF-8"))?;
    Ok((metric, instance, r.take(1)?[0] != 0))
}

fn means(r: &mut Reader<'_>, slots: usize, mean: &mut Vec<Code>) -> Result<(), WireError> {
    let mut before = 0;
    for _ in 0..slots {
        let code = code(before + r.zigzag_small()?)?;
        before = i64::from(code);
        mean.push(code);
    }
    Ok(())
}

fn maxima(r: &mut Reader<'_>, means: &[Code], mut each: impl FnMut(Code)) -> Result<(), WireError> {
    for mean in means {
        each(code(i64::from(*mean) + r.zigzag_small()?)?);
    }
    Ok(())
}

#[inline]
fn code(value: i64) -> Result<Code, WireError> {
    Code::try_from(value).map_err(|_| damaged("value out of range"))
}

//! The decoders of blocks, for the fuzz targets alone: nothing else outside the store knows of blocks.
// SPDX-License-Identifier: Apache-2.0

use super::{day_block, week_block};
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{Timestamp, Window};

/// A day block and the weekly summary of a table.
#[must_use]
pub fn blocks_of(table: &SlotTable) -> Vec<Vec<u8>> {
    let ever = Window { from: Timestamp(0), to: Timestamp(i64::MAX / 4) };
    let start = table.slots.first().map_or(Timestamp(0), |slot| slot.start).start_of_week();
    let week = cairn_assess::load::summarise(start, &[table], ever);
    let week = week.and_then(|week| week_block::encode(&week).ok());
    day_block::encode(table).ok().into_iter().chain(week).collect()
}

/// Reads bytes as each kind of block; what can be read must be sound, and the same when it is written anew.
pub fn decode(bytes: &[u8]) {
    let _ = day_block::decode_slots_only(bytes);
    if let Ok(table) = day_block::decode(bytes) {
        assert_eq!(table.check(), Ok(()));
        let again = day_block::encode(&table).and_then(|block| day_block::decode(&block));
        assert_eq!(again.as_ref(), Ok(&table));
    }
    if let Ok(week) = week_block::decode(bytes) {
        let again = week_block::encode(&week).and_then(|block| week_block::decode(&block));
        assert_eq!(again.as_ref(), Ok(&week));
    }
}

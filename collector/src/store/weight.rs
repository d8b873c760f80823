//! What a table weighs as a block, and where the bytes go: for whoever measures the format.
// SPDX-License-Identifier: Apache-2.0

use super::{day_block, merge};
use cairn_schemas::slot::SlotTable;

/// Bytes of a block, by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What is not of one series: the slots, and what stands before them.
    pub slots: usize,
    /// Of each column of the table, names included.
    pub columns: Vec<usize>,
}

/// Weighs a table as one block. The parts add up to the block.
///
/// # Errors
/// A column could not be compressed.
pub fn weigh(table: &SlotTable) -> Result<Weight, String> {
    let slots = SlotTable { slots: table.slots.clone(), columns: Vec::new() };
    let slots = day_block::encode(&slots)?.len();
    let columns = table.columns.iter().map(|column| {
        let alone = SlotTable { slots: table.slots.clone(), columns: vec![column.clone()] };
        Ok(day_block::encode(&alone)?.len() - slots)
    });
    Ok(Weight { slots, columns: columns.collect::<Result<_, String>>()? })
}

/// Tables that follow one another, as one.
#[must_use]
pub fn joined(tables: &[SlotTable]) -> SlotTable {
    merge::merge_all(None, tables).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::metric;
    use cairn_schemas::slot::{Column, Power, SeriesKey, Slot};
    use cairn_schemas::time::Timestamp;

    #[test]
    fn the_parts_add_up_to_the_block() {
        let slot = |i: i64| Slot { start: Timestamp(i * 60), width_s: 60, samples: 60, power: Power::On };
        let noise = |factor: u16| (0..600_u16).map(|i| i.wrapping_mul(factor) >> 5).collect::<Vec<_>>();
        let column = |metric, factor| Column {
            key: SeriesKey::total(metric),
            mean: noise(factor),
            max: Some(noise(factor / 2)),
        };
        let columns = vec![column(&metric::CPU_BUSY, 40_503), column(&metric::MEMORY_USED, 30_011)];
        let table = SlotTable { slots: (0..600).map(slot).collect(), columns };
        let weight = weigh(&table).unwrap();
        assert_eq!(
            weight.slots + weight.columns.iter().sum::<usize>(),
            day_block::encode(&table).unwrap().len()
        );
        assert_eq!(joined(&[merge::slice(&table, 0..9), merge::slice(&table, 9..600)]), table);
    }
}

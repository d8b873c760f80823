//! Seeds made by the product's own encoders: batches as an agent seals them.
// SPDX-License-Identifier: Apache-2.0

use super::MONDAY;
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::fact::FactValue;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{Timestamp, Window};

/// A table as an agent seals it: a hole, a slot of a host switched off, instances, maxima.
#[must_use]
pub fn table(slots: u16) -> SlotTable {
    let slot = |i: u16| Slot {
        start: Timestamp(MONDAY + i64::from(i + u16::from(i > 5)) * 60),
        width_s: 60,
        samples: if i % 7 == 3 { 20 } else { 60 },
        power: if i % 11 == 4 { Power::Off } else { Power::On },
    };
    let codes = |salt: u16| (0..slots).map(|i| i.wrapping_mul(salt) % 9_973).collect::<Vec<_>>();
    let columns = vec![
        Column { key: SeriesKey::total(&metric::CPU_BUSY), mean: codes(37), max: Some(codes(41)) },
        Column { key: SeriesKey::total(&metric::MEMORY_USED), mean: vec![20_000; slots.into()], max: None },
        Column { key: SeriesKey { metric: 40, instance: "nvme0n1".into() }, mean: codes(3), max: None },
    ];
    SlotTable { slots: (0..slots).map(slot).collect(), columns }
}

/// Sealed batches: with an inventory, with a gap, and one that stands for a lost one.
#[must_use]
pub(super) fn sealed_batches() -> Vec<Vec<u8>> {
    let window = Window { from: Timestamp(MONDAY - 600), to: Timestamp(MONDAY) };
    let gap = Gap { window, reason: GapReason::AgentDown };
    let mut inventory = Inventory { observed_at: Timestamp(MONDAY), ..Inventory::default() };
    inventory.facts.insert("cpu_cores".into(), FactValue::Number(8.0));
    inventory.facts.insert("cpu_model".into(), FactValue::Text("Xeon".into()));
    let contents = [(15, Vec::new(), Some(inventory)), (60, vec![gap], None), (0, vec![gap], None)];
    let sealed = (1..).zip(contents).map(|(seq, (slots, gaps, inventory))| {
        let key = BatchKey { agent_id: Id128([5; 16]), spool_id: Id128([6; 16]), seq };
        let batch = Batch { key, sealed_at: Timestamp(MONDAY + 3_600), table: table(slots), gaps, inventory };
        batch::seal(&batch, |_| [0; 64]).expect("a small batch")
    });
    sealed.collect()
}

/// The payload of a sealed batch, decompressed.
#[must_use]
pub(super) fn payload_of(sealed: &[u8]) -> Vec<u8> {
    let frame = &sealed[64..sealed.len() - batch::SIGNATURE_BYTES];
    zstd::bulk::decompress(frame, batch::DECODED_BYTES_MAX).expect("a frame")
}

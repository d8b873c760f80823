//! Sealed batches: what agents upload, spools keep and bundles carry.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, seeds::sealed_batches};
use cairn_schemas::batch;

pub(super) const DECODER: Decoder = Decoder { name: "batch", seeds: sealed_batches, run };

fn run(data: &[u8]) {
    let _ = batch::sealed_bytes(data);
    let Ok(batch) = batch::open(data).and_then(|envelope| envelope.decode()) else { return };
    batch.table.check().expect("what is decoded was checked");
    // Sections of kinds unknown here are skipped, so the bytes may differ; what they say may not.
    let sealed = batch::seal(&batch, |_| [0; 64]).expect("what was decoded can be sealed");
    let again = batch::open(&sealed).and_then(|envelope| envelope.decode()).expect("and read again");
    assert_eq!((again.table, again.gaps), (batch.table, batch.gaps));
}

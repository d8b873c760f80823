//! What stands in a sealed batch once it is decompressed: the compression hides it from the other target.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, seeds::sealed_batches};
use cairn_schemas::batch;

pub(super) const DECODER: Decoder = Decoder { name: "payload", seeds, run };

/// The payload as one zstd frame of a raw block, so that the fuzzer's bytes reach the sections as they are.
fn framed(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend((payload.len() as u32).to_le_bytes());
    frame.extend(&((payload.len() as u32) << 3 | 1).to_le_bytes()[..3]);
    frame.extend(payload);
    frame
}

fn sealed(payload: &[u8]) -> Vec<u8> {
    let frame = framed(payload);
    let mut bytes = sealed_batches()[0][..56].to_vec();
    bytes.extend((payload.len() as u32).to_le_bytes());
    bytes.extend((frame.len() as u32).to_le_bytes());
    bytes.extend(frame);
    bytes.extend([0; 64]);
    bytes
}

fn seeds() -> Vec<Vec<u8>> {
    let payload = |sealed: &Vec<u8>| super::seeds::payload_of(sealed);
    sealed_batches().iter().map(payload).collect()
}

fn run(data: &[u8]) {
    if data.len() > 100_000 {
        return;
    }
    let bytes = sealed(data);
    let envelope = batch::open(&bytes).expect("the envelope is well formed");
    if let Ok(batch) = envelope.decode() {
        batch.table.check().expect("what is decoded was checked");
        // Windows are subtracted from each other everywhere: that may not overflow.
        let _: i64 = batch.gaps.iter().map(|gap| gap.window.seconds().abs() % 2).sum();
    }
}

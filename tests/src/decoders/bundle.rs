//! Bundles carried by hand: read whole, and salvaged from their end.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, MONDAY, seeds::sealed_batches};
use cairn_schemas::bundle::{Chain, END_MAGIC, End, Ending, Header, MAGIC, Reader, statement};
use cairn_schemas::identity::Id128;
use cairn_schemas::time::Timestamp;
use std::io::Cursor;

pub(super) const DECODER: Decoder = Decoder { name: "bundle", seeds, run };

fn whole() -> Vec<u8> {
    let header = Header {
        agent_id: Id128([5; 16]),
        spool_id: Id128([6; 16]),
        public_key: "ab".repeat(32),
        hostname: "web1".into(),
        fingerprint: "f".into(),
        agent_version: "1".into(),
        engagement: None,
        started_at: Timestamp(MONDAY),
    };
    let mut bytes = statement(MAGIC, &header, |_| [0; 64]).expect("a small header");
    let mut chain = Chain::new(&bytes);
    for sealed in sealed_batches() {
        chain.push(&sealed);
        bytes.extend(sealed);
    }
    let (batches, ending) = (chain.batches(), Ending::Finished);
    let end = End { header, batches, chain: chain.digits(), ending, ended_at: Timestamp(MONDAY + 9_000) };
    bytes.extend(statement(END_MAGIC, &end, |_| [0; 64]).expect("a small end"));
    bytes
}

fn read(reader: &mut Reader<Cursor<&[u8]>>, length: usize) {
    let mut at = 0;
    while let Some(entry) = reader.next_entry().expect("memory can be read") {
        assert!(entry.at >= at, "goes on");
        at = entry.at;
    }
    assert!(reader.position() <= length as u64);
    let _ = reader.verdict();
}

fn seeds() -> Vec<Vec<u8>> {
    vec![whole()]
}

fn run(data: &[u8]) {
    if let Ok(mut reader) = Reader::open(Cursor::new(data), |_, _, _| true) {
        read(&mut reader, data.len());
    }
    if let Ok(mut reader) = Reader::salvage(Cursor::new(data), |_, _, _| true) {
        read(&mut reader, data.len());
    }
}

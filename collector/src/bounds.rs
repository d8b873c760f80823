//! What bounds the collector's memory: every queue and buffer at its largest, and their sum.
// SPDX-License-Identifier: Apache-2.0

use crate::http::{BODIES_BYTES_MAX, DECODERS_MAX, HASHINGS_BYTES_MAX, VERIFIED_HERE_BYTES_MAX};
use crate::ingest::WAITING_MAX;
use crate::store::sqlite::{READERS_KEPT, STEP_BYTES_MAX, WRITER_CACHE_BYTES};
use cairn_schemas::batch::DECODED_BYTES_MAX;

pub use crate::http::CONNECTIONS_MAX;

/// The program, its threads' stacks, what its allocator keeps.
const PROGRAM_BYTES: usize = 48 << 20;
/// A connection: what TLS and HTTP read ahead and have not yet sent, and the task.
const CONNECTION_BYTES: usize = 64 << 10;
/// An agent as it is remembered: key (and as a point of the curve), name, fingerprint, the rates it is held to.
const AGENT_BYTES: usize = 1 << 10;
/// A body as it arrives, and once more as it waits for its commit.
const COPIES_OF_A_BODY: usize = 2;
/// A payload beside the table that is made of it: a value of one byte becomes one of two. Of an inventory, the same.
const PAYLOAD_AND_TABLE: usize = 3;
/// Tables of a step, the day they are joined to, and its block.
const STEP_AND_BLOCK: usize = 6;
/// What SQLite keeps of pages for a connection that reads.
const READER_CACHE_BYTES: usize = 2 << 20;

/// Most resident memory of a collector of one engagement, in bytes, with so many agents, each of which may be connected,
/// whatever they send. Pages people look at come besides.
#[must_use]
pub const fn resident_bytes_max(agents: usize) -> usize {
    let connections = if agents < CONNECTIONS_MAX { agents } else { CONNECTIONS_MAX };
    PROGRAM_BYTES
        + connections * CONNECTION_BYTES
        + agents * AGENT_BYTES
        + COPIES_OF_A_BODY * BODIES_BYTES_MAX
        + PAYLOAD_AND_TABLE * DECODERS_MAX * DECODED_BYTES_MAX
        + PAYLOAD_AND_TABLE * WAITING_MAX * VERIFIED_HERE_BYTES_MAX
        + STEP_AND_BLOCK * STEP_BYTES_MAX
        + HASHINGS_BYTES_MAX
        + WRITER_CACHE_BYTES
        + (READERS_KEPT + 1) * READER_CACHE_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_agents_fit_into_what_the_architecture_says() {
        let check = |agents: usize, megabytes: usize| {
            assert_eq!(resident_bytes_max(agents).div_ceil(1_000_000), megabytes, "{agents} agents");
        };
        check(0, 1_041);
        check(10_000, 1_706);
        check(100_000, 1_798);
    }
}

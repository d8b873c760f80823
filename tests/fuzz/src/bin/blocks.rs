//! Day blocks and weekly summaries: what the store reads back from its own file.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

use cairn_collector::store::fuzzing;
use cairn_fuzz::{plant, table};
use libfuzzer_sys::fuzz_target;

fn seeds() -> Vec<Vec<u8>> {
    [0, 1, 40, 700].into_iter().flat_map(|slots| fuzzing::blocks_of(&table(slots))).collect()
}

fuzz_target!(init: plant(seeds()), |data: &[u8]| fuzzing::decode(data));

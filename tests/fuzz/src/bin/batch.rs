//! Sealed batches: see `tests/src/decoders/batch.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("batch");

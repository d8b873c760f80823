//! Payloads of batches: see `tests/src/decoders/payload.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("payload");

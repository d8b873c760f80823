//! Facts as CSV: see `tests/src/decoders/facts.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("facts");

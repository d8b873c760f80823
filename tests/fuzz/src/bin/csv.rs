//! Canonical CSV: see `tests/src/decoders/csv.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("csv");

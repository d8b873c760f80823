//! Owner sheets: see `tests/src/decoders/sheet.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("sheet");

//! What other tools print: see `tests/src/decoders/texts.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("texts");

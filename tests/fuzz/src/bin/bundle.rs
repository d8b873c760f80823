//! Bundles: see `tests/src/decoders/bundle.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("bundle");

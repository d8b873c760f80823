//! The kernel's texts: see `tests/src/decoders/samplers.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("samplers");

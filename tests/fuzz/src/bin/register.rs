//! Registers of outcomes: see `tests/src/decoders/register.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("register");

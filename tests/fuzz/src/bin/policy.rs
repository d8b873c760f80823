//! Policies and scenarios: see `tests/src/decoders/policy.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("policy");

//! The firmware's tables: see `tests/src/decoders/smbios.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("smbios");

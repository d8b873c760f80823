//! Join strings and enrolment: see `tests/src/decoders/enrolment.rs`.
// SPDX-License-Identifier: Apache-2.0
#![no_main]

cairn_fuzz::fuzzed!("enrolment");

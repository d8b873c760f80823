//! `cairn`: reads arguments and environment, and nothing else does.
// SPDX-License-Identifier: Apache-2.0

fn main() {}

//! What the tests of the whole share: the laws of the tree, and a harness that runs the real programs in
//! fresh directories.
// SPDX-License-Identifier: Apache-2.0

pub mod tidy;

pub mod decoders;

pub mod harness;

pub mod simulation;

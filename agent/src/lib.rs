//! The agent: samples one server at 1 Hz, seals slots into signed batches, and ships them.
// SPDX-License-Identifier: Apache-2.0

//! The collector: what `cairn` does, as a library its verbs and its web pages share.
//!
//! `cli` and `http` are the edges; between them data goes one way: `import` and `http` into `ingest`,
//! `ingest` into `store`, `store` into `estate`, the estate into `cairn_assess`, the assessment into
//! `report`, `http` and `outbox`.
// SPDX-License-Identifier: Apache-2.0

pub mod cli;

pub mod store;

pub mod simulate;

//! The collector: what `cairn` does, as a library its verbs and its web pages share.
//!
//! `cli` and `http` are the edges; between them data goes one way: `import` and `http` into `ingest`,
//! `ingest` into `store`, `store` into `estate`, the estate into `cairn_assess`, the assessment into
//! `report`, `http` and `outbox`.
// SPDX-License-Identifier: Apache-2.0

pub mod cli;

pub mod bounds;
mod clock;
pub mod config;

pub mod import;

pub mod http;
pub mod ingest;
pub mod serve;
pub mod tls;
pub mod upkeep;

pub mod engagements;
pub mod store;

pub mod assessments;
pub mod checklist;
pub mod cmdb;
pub mod datasheet;
pub mod decisions;
pub mod estate;
pub mod evidence;
pub mod facts;
pub mod join;
pub mod nearest;
pub mod people;
pub mod policy_file;
pub mod prepared;
pub mod pseudonyms;
pub mod reconcile;
mod said_rows;
pub mod sheets;
pub mod trial_file;

pub mod outbox;
pub mod outcomes;
pub mod schedule;

pub mod changes;
pub mod chart;
pub mod messages;
pub mod number;
pub mod report;

pub mod demo;
pub mod simulate;

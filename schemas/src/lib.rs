//! What crosses a process boundary in Cairn, and nothing else: the metric catalogue, slots and batches,
//! enrolment, facts, findings and the assessment. This crate knows nobody; everybody may know it.
//!
//! Reading order: what is measured, how a value is coded, how values travel, what is known besides, what
//! an assessment says.
// SPDX-License-Identifier: Apache-2.0

pub mod metric;
pub mod value_code;

pub mod batch;
#[cfg(feature = "wire")]
pub mod bundle;
pub mod gap;
pub mod identity;
pub mod slot;

pub mod decision;
pub mod difference;
pub mod directives;
pub mod enrolment;
pub mod fact;
pub mod inventory;
pub mod moment;
pub mod outcome;

pub mod assessment;
pub mod change;
pub mod event;
pub mod finding;

pub mod digest;
pub mod time;

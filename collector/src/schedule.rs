//! Assessments by a schedule: when one is due, doing it once whatever happens, and telling of it.
// SPDX-License-Identifier: Apache-2.0

pub mod notice;
pub mod round;
pub mod timing;
pub mod windows;

pub use round::{Done, round};
pub use timing::Timing;

//! What people record of the journey: reasons to go, what happened for the first time, answers to the checklist. Part
//! of every store.
// SPDX-License-Identifier: Apache-2.0

use super::Result;
use cairn_assess::estate::{Answer, Moment, RecordedTrigger};
use cairn_schemas::time::Timestamp;

/// The diary of the journey.
pub trait Diary {
    /// Records a business trigger, and that in the audit log.
    fn record_trigger(&self, trigger: &RecordedTrigger, now: Timestamp) -> Result<()>;
    /// Every recorded trigger, oldest first.
    fn triggers(&self) -> Result<Vec<RecordedTrigger>>;
    /// Records a moment, and that in the audit log.
    fn record_moment(&self, moment: &Moment, now: Timestamp) -> Result<()>;
    /// Every recorded moment, oldest first.
    fn moments(&self) -> Result<Vec<Moment>>;
    /// Keeps answers to the checklist, all or none, and says so in the audit log. Answers given before stay.
    fn put_answers(&self, answers: &[Answer], by: &str, now: Timestamp) -> Result<()>;
    /// Every answer ever given, oldest first.
    fn answers(&self) -> Result<Vec<Answer>>;
}

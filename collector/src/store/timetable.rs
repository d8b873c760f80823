//! Schedules and their runs. Part of every store.
// SPDX-License-Identifier: Apache-2.0

use super::Result;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::Timestamp;
use serde::{Deserialize, Serialize};

/// When to assess, and what of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its name: 1 to 32 letters, digits, - and _.
    pub name: String,
    /// Five fields of cron, in the zone.
    pub cron: String,
    /// Name of the IANA database.
    pub zone: String,
    /// Days looked at, up to a while before a run is due.
    pub days: u32,
    /// Text of the policy file; `None`: the standard policy.
    pub policy: Option<String>,
    /// Drafts of it that are kept; earlier ones are removed.
    pub keep: u32,
    /// Ring of agents that rest outside the stretches looked at; `None`: nobody is told anything.
    pub ring: Option<String>,
    /// Who made it.
    pub by: String,
}

/// A schedule as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSchedule {
    /// Its number.
    pub id: u64,
    /// The schedule.
    pub schedule: Schedule,
    /// From when on it counts.
    pub created_at: Timestamp,
}

/// A run of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: u64,
    /// Number of its schedule.
    pub schedule: u64,
    /// Name of its schedule.
    pub name: String,
    /// When it was due.
    pub due: Timestamp,
    /// Runs due since the one before that nobody did: this one stands for them.
    pub missed: u32,
    /// When it was begun, the last time.
    pub started_at: Timestamp,
    /// How often it was begun.
    pub tries: u32,
    /// When it ended; `None`: it runs, or was broken off.
    pub ended_at: Option<Timestamp>,
    /// The assessment it made.
    pub assessment: Option<u64>,
    /// Why it made none.
    pub failure: Option<String>,
    /// Whether that assessment is still there.
    pub kept: bool,
}

/// A message with what it says for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its identity: enqueued once, whatever happens.
    pub id: String,
    /// JSON body.
    pub body: String,
    /// Line of the audit log, when it is new.
    pub audit: String,
}

/// What a run ended with.
#[derive(Debug)]
pub enum End<'a> {
    /// An assessment, to be kept under the next number.
    Assessed(&'a Assessment),
    /// Nothing; why.
    Failed(&'a str),
}

/// Schedules and their runs.
pub trait Timetable {
    /// Keeps a schedule. `false` when there is one of the name.
    fn put_schedule(&self, schedule: &Schedule, now: Timestamp) -> Result<bool>;
    /// Removes a schedule; its runs stay as history. `false` when there is none.
    fn remove_schedule(&self, name: &str, by: &str, now: Timestamp) -> Result<bool>;
    /// Every schedule, by name.
    fn schedules(&self) -> Result<Vec<KeptSchedule>>;

    /// Begins the run of a schedule that was due at a moment, or begins it anew when it was begun before and never
    /// ended.
    fn begin_run(&self, schedule: u64, due: Timestamp, missed: u32, now: Timestamp) -> Result<Run>;
    /// Ends a run: keeps its assessment, enqueues the messages made of its number, removes drafts of the same
    /// schedule beyond those it keeps, all in one transaction. The number, if there is one. A run that has ended is
    /// refused.
    fn end_run(
        &self,
        run: u64,
        end: End<'_>,
        messages: &dyn Fn(Option<u64>) -> Vec<Message>,
        now: Timestamp,
    ) -> Result<Option<u64>>;
    /// Every run, oldest first.
    fn runs(&self) -> Result<Vec<Run>>;
}

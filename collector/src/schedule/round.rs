//! One look at the schedules: what is due is done, once, by one process at a time.
// SPDX-License-Identifier: Apache-2.0

use super::{Timing, notice, windows};
use crate::evidence::{self, Inputs};
use crate::store::Store;
use crate::store::timetable::{End, KeptSchedule, Run, Schedule};
use crate::{estate, policy_file};
use anyhow::Context as _;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::{MINUTE_S, Timestamp, Window};
use std::fs::{File, TryLockError};
use std::path::Path;

/// How often a run is begun that is broken off each time: what ends a process three times will end it a fourth. Ours.
const TRIES_MAX: u32 = 3;
/// Wait before a run that was broken off is begun again; it grows with each try.
const TRY_AGAIN_S: i64 = 5 * MINUTE_S;

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Name of the schedule.
    pub schedule: String,
    /// When it was due.
    pub due: Timestamp,
    /// Runs it stands for besides.
    pub missed: u32,
    /// The assessment it made, or why it made none.
    pub result: Result<u64, String>,
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "schedule {}, due {}", self.schedule, self.due)?;
        if self.missed > 0 {
            write!(f, " and {} times before that nobody did", self.missed)?;
        }
        match &self.result {
            Ok(number) => write!(f, ": assessment {number}"),
            Err(why) => write!(f, ": failed: {why}"),
        }
    }
}

/// Does what is due in a store; `None` when another process is at it. `lock` is a file both find.
///
/// # Errors
/// The store fails. A run that was begun is begun again later.
pub fn round(store: &dyn Store, lock: &Path, now: Timestamp) -> anyhow::Result<Option<Vec<Done>>> {
    let schedules = store.schedules()?;
    if schedules.is_empty() {
        return Ok(Some(Vec::new()));
    }
    // The system gives the lock back when the process ends, however it ends.
    let file = File::create(lock).with_context(|| format!("making {}", lock.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("locking {}", lock.display()));
        }
    }
    let mut done = Vec::new();
    for kept in &schedules {
        let Schedule { name, cron, zone, .. } = &kept.schedule;
        let timing = Timing::parse(cron, zone).map_err(|why| anyhow::anyhow!("schedule {name}: {why}"))?;
        keep_in_step(store, &kept.schedule, &timing, now)?;
        done.extend(work_off(store, kept, &timing, now)?);
    }
    Ok(Some(done))
}

/// Tells the agents of a schedule's ring when to measure for it.
///
/// # Errors
/// The store fails.
pub fn keep_in_step(
    store: &dyn Store,
    schedule: &Schedule,
    timing: &Timing,
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(ring) = &schedule.ring else { return Ok(()) };
    let held = store.directives()?.into_iter().find(|(of, _)| of == ring);
    let mut directives = held.map(|(_, directives)| directives).unwrap_or_default();
    let asked = windows::measuring(timing, schedule.days, now);
    if (directives.measure_from, directives.measure_until) != asked {
        (directives.measure_from, directives.measure_until) = asked;
        store.put_directives(ring, Some(&directives), &format!("schedule {}", schedule.name), now)?;
    }
    Ok(())
}

fn work_off(
    store: &dyn Store,
    kept: &KeptSchedule,
    timing: &Timing,
    now: Timestamp,
) -> anyhow::Result<Option<Done>> {
    let runs: Vec<Run> = store.runs()?.into_iter().filter(|run| run.schedule == kept.id).collect();
    if let Some(open) = runs.iter().find(|run| run.ended_at.is_none()) {
        if open.tries >= TRIES_MAX {
            let why = format!(
                "it was begun {} times and broken off each time; see the collector's log",
                open.tries
            );
            return fail(store, open, why, now).map(Some);
        }
        // A clock that was put back must not put it off for ever.
        if (0..TRY_AGAIN_S * i64::from(open.tries)).contains(&(now.0 - open.started_at.0)) {
            return Ok(None);
        }
        let again = store.begin_run(kept.id, open.due, open.missed, now)?;
        return run(store, kept, &again, &runs, now).map(Some);
    }
    let last = runs.last().map_or(kept.created_at, |run| run.due);
    let Some((due, missed)) = timing.latest(last, now) else { return Ok(None) };
    let begun = store.begin_run(kept.id, due, missed, now)?;
    run(store, kept, &begun, &runs, now).map(Some)
}

fn run(
    store: &dyn Store,
    kept: &KeptSchedule,
    begun: &Run,
    earlier: &[Run],
    now: Timestamp,
) -> anyhow::Result<Done> {
    let (policy, window) = match (policy_of(&kept.schedule), window_of(store, &kept.schedule, begun.due)?) {
        (Ok(policy), Ok(window)) => (policy, window),
        (Err(why), _) | (_, Err(why)) => return fail(store, begun, why, now),
    };
    let estate = estate::load(store, window)?;
    let assessment = cairn_assess::assess(&estate, &policy, now);
    let previous = previous(store, earlier)?;
    let engagement = store.engagement().as_str();
    let messages = |number: Option<u64>| {
        let numbered = Assessment { id: number.unwrap_or_default(), ..assessment.clone() };
        notice::completed(engagement, begun, &numbered, previous.as_ref(), now)
    };
    let number = store.end_run(begun.id, End::Assessed(&assessment), &messages, now)?;
    let assessment = Assessment { id: number.unwrap_or_default(), ..assessment };
    evidence::keep(store, Inputs { estate: &estate, policy: &policy, assessment: &assessment })?;
    Ok(done(begun, Ok(assessment.id)))
}

fn fail(store: &dyn Store, run: &Run, why: String, now: Timestamp) -> anyhow::Result<Done> {
    let engagement = store.engagement().as_str();
    let messages = |_| vec![notice::failed(engagement, run, &why, now)];
    store.end_run(run.id, End::Failed(&why), &messages, now)?;
    Ok(done(run, Err(why)))
}

fn done(run: &Run, result: Result<u64, String>) -> Done {
    Done { schedule: run.name.clone(), due: run.due, missed: run.missed, result }
}

fn policy_of(schedule: &Schedule) -> Result<Policy, String> {
    let Some(text) = &schedule.policy else { return Ok(Policy::default()) };
    let source = format!("the policy of schedule {}", schedule.name);
    policy_file::parse(&source, text).map_err(|error| format!("{error:#}"))
}

/// What a run looks at. It begins no earlier than anything was measured; what is missing at its end is missing.
fn window_of(
    store: &dyn Store,
    schedule: &Schedule,
    due: Timestamp,
) -> anyhow::Result<Result<Window, String>> {
    let asked = windows::looked_at(due, schedule.days);
    let measured = store.extent()?.filter(|extent| extent.from < asked.to && asked.from < extent.to);
    Ok(measured.map(|extent| Window { from: asked.from.max(extent.from), ..asked }).ok_or_else(|| {
        format!(
            "nothing was measured between {} and {}; are agents running, and heard of (`cairn agents list`)?",
            asked.from, asked.to
        )
    }))
}

/// The assessment of the last run that made one that is still there.
fn previous(store: &dyn Store, earlier: &[Run]) -> anyhow::Result<Option<Assessment>> {
    let number = earlier.iter().rev().filter(|run| run.kept).find_map(|run| run.assessment);
    Ok(number.map(|number| store.assessment(number)).transpose()?.flatten())
}

#[cfg(test)]
#[path = "round_tests.rs"]
mod tests;

//! `cairn schedule`: assessments by a schedule, and what became of each run.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, now, progress, tell};
use crate::schedule::{Timing, round, windows};
use crate::store::sqlite::SqliteStore;
use crate::store::timetable::{KeptSchedule, Run, Schedule, Timetable as _};
use crate::store::{EngagementName, Store as _};
use crate::{nearest, outbox, policy_file};
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Assesses by a schedule; `cairn serve` does what is due.
///
/// What was missed while nobody served is caught up once. A run that is broken off is begun again, and no two run at
/// once. Each ends with a message in the outbox of the journey's events.
#[derive(Debug, Args)]
pub(super) struct ScheduleArgs {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists the schedules, and when each is due next.
    List,
    /// Adds a schedule.
    Add(Box<Add>),
    /// Removes a schedule; what it made stays.
    Remove {
        /// Its name.
        name: String,
        /// Who removes it; goes into the audit.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
    /// Lists the runs, oldest first.
    Runs {
        /// Of this schedule alone.
        name: Option<String>,
    },
    /// Does what is due, as `cairn serve` does, and ends: for a scheduler of one's own.
    RunDue,
}

#[derive(Debug, Args)]
struct Add {
    /// Its name: letters, digits, - and _.
    #[arg(value_parser = super::directives::ring)]
    name: String,
    /// When it is due, as in crontab: minute, hour, day of month, month, day of week.
    #[arg(long, value_name = "EXPR")]
    cron: String,
    /// Time zone of the IANA database, as Europe/Berlin; summer time is heeded.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Days looked at, up to an hour before it is due.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// Policy file (TOML), read and kept now.
    #[arg(long, value_name = "F")]
    policy: Option<PathBuf>,
    /// Drafts it keeps; earlier ones are removed, reviewed and issued ones never.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    keep: u32,
    /// Ring of agents that measure only for this schedule and rest between.
    #[arg(long, value_parser = super::directives::ring)]
    ring: Option<String>,
    /// Who adds it; goes into the audit.
    #[arg(long, value_name = "WHO")]
    by: String,
}

pub(super) fn run(args: &ScheduleArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    match &args.verb {
        None | Some(Verb::List) => list(&store, args.json, out)?,
        Some(Verb::Add(add)) => {
            let schedule = added(&store, add)?;
            tell_added(&schedule, args.json, out)?;
        }
        Some(Verb::Remove { name, by }) => remove(&store, name, by, args.json, out)?,
        Some(Verb::Runs { name }) => runs(&store, name.as_deref(), args.json, out)?,
        Some(Verb::RunDue) => return run_due(args, &store, out),
    }
    Ok(Exit::Done)
}

fn added(store: &SqliteStore, add: &Add) -> anyhow::Result<KeptSchedule> {
    anyhow::ensure!(!add.name.is_empty(), "a schedule needs a name");
    anyhow::ensure!(!add.by.trim().is_empty(), "--by is empty: a schedule is added by somebody");
    let now = now()?;
    let timing =
        Timing::parse(&add.cron, &add.zone).map_err(|why| anyhow::anyhow!("--cron, --zone: {why}"))?;
    timing.judged(now).map_err(|why| anyhow::anyhow!("--cron {:?}: {why}", add.cron))?;
    let policy = add.policy.as_deref().map(|path| -> anyhow::Result<String> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        policy_file::parse(&path.display().to_string(), &text)?;
        Ok(text)
    });
    let schedule = Schedule {
        name: add.name.clone(),
        cron: add.cron.clone(),
        zone: add.zone.clone(),
        days: add.days,
        policy: policy.transpose()?,
        keep: add.keep,
        ring: add.ring.clone(),
        by: add.by.clone(),
    };
    let same_ring = |other: &KeptSchedule| schedule.ring.is_some() && other.schedule.ring == schedule.ring;
    if let Some(other) = store.schedules()?.into_iter().find(same_ring) {
        anyhow::bail!("--ring: its agents already measure for schedule {}", other.schedule.name);
    }
    if !store.put_schedule(&schedule, now)? {
        anyhow::bail!("there is a schedule {} already; remove it first or give another name", add.name);
    }
    round::keep_in_step(store, &schedule, &timing, now)?;
    let kept = store.schedules()?.into_iter().find(|kept| kept.schedule.name == add.name);
    kept.context("the schedule was removed while it was added")
}

fn tell_added(kept: &KeptSchedule, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let now = now()?;
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&row(kept, None, now))?)?;
        return Ok(());
    }
    let name = &kept.schedule.name;
    match next(&kept.schedule, now) {
        Some(due) => {
            let window = windows::looked_at(due, kept.schedule.days);
            writeln!(out, "schedule {name}: due next {due}, of {} to {}", window.from, window.to)?;
        }
        None => writeln!(out, "schedule {name}: never due again")?,
    }
    Ok(())
}

fn next(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    Timing::parse(&schedule.cron, &schedule.zone).ok()?.after(now)
}

fn row(kept: &KeptSchedule, last: Option<&Run>, now: Timestamp) -> serde_json::Value {
    let Schedule { name, cron, zone, days, policy, keep, ring, by } = &kept.schedule;
    json!({
        "name": name, "cron": cron, "zone": zone, "days": days, "keep": keep, "ring": ring, "by": by,
        "policy_of_its_own": policy.is_some(), "created_at": kept.created_at,
        "next_due": next(&kept.schedule, now), "last_run": last.map(run_row),
    })
}

fn list(store: &SqliteStore, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let (schedules, runs, now) = (store.schedules()?, store.runs()?, now()?);
    let last = |kept: &KeptSchedule| runs.iter().rev().find(|run| run.schedule == kept.id);
    if json {
        let rows: Vec<_> = schedules.iter().map(|kept| row(kept, last(kept), now)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    if schedules.is_empty() {
        writeln!(
            out,
            "there is no schedule; add one: cairn schedule add monthly --cron '0 6 1 * *' --by WHO"
        )?;
    }
    for kept in &schedules {
        let Schedule { name, cron, zone, days, ring, .. } = &kept.schedule;
        let due =
            next(&kept.schedule, now).map_or_else(|| "never again".to_owned(), |due| format!("next {due}"));
        writeln!(out, "{name}: {cron} in {zone}, {due}, {days} days")?;
        if let Some(ring) = ring {
            writeln!(out, "  ring {ring} rests between")?;
        }
        if let Some(run) = last(kept) {
            writeln!(out, "  last: due {}, {}", run.due, words(run))?;
        }
    }
    Ok(())
}

fn remove(store: &SqliteStore, name: &str, by: &str, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    anyhow::ensure!(!by.trim().is_empty(), "--by is empty: a schedule is removed by somebody");
    let schedules = store.schedules()?;
    let Some(kept) = schedules.iter().find(|kept| kept.schedule.name == name) else {
        return Err(unknown(name, &schedules));
    };
    store.remove_schedule(name, by, now()?)?;
    if let Some(ring) = &kept.schedule.ring
        && let Some((_, mut directives)) = store.directives()?.into_iter().find(|(of, _)| of == ring)
    {
        (directives.measure_from, directives.measure_until) = (None, None);
        store.put_directives(ring, Some(&directives), by, now()?)?;
    }
    let words = format!("schedule {name} is removed; its assessments and runs stay");
    tell(out, json, &words, &json!({ "removed": name, "by": by }))
}

fn unknown(name: &str, schedules: &[KeptSchedule]) -> anyhow::Error {
    let names = schedules.iter().map(|kept| kept.schedule.name.as_str());
    NotFound(format!("there is no schedule {name:?}{}", nearest::meant(name, names))).into()
}

fn runs(store: &SqliteStore, name: Option<&str>, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let all = store.runs()?;
    let runs: Vec<&Run> = all.iter().filter(|run| name.is_none_or(|name| run.name == name)).collect();
    if let Some(name) = name.filter(|_| runs.is_empty()) {
        let schedules = store.schedules()?;
        if schedules.iter().all(|kept| kept.schedule.name != name) {
            return Err(unknown(name, &schedules));
        }
    }
    if json {
        let rows: Vec<_> = runs.into_iter().map(run_row).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    if runs.is_empty() {
        writeln!(out, "nothing was due yet")?;
    }
    for run in runs {
        writeln!(out, "{}, due {}: {}", run.name, run.due, words(run))?;
    }
    Ok(())
}

fn run_row(run: &Run) -> serde_json::Value {
    json!({
        "schedule": run.name, "due": run.due, "missed": run.missed, "started_at": run.started_at, "tries": run.tries,
        "ended_at": run.ended_at, "assessment": run.assessment, "assessment_kept": run.kept, "failure": run.failure,
    })
}

/// What became of a run, in words.
fn words(run: &Run) -> String {
    let mut words = match (run.assessment, &run.failure, run.ended_at) {
        (Some(number), ..) if run.kept => format!("assessment {number}"),
        (Some(number), ..) => format!("assessment {number}, removed since"),
        (None, Some(why), _) => format!("failed: {why}"),
        (None, None, _) => format!("begun {} (try {}), not ended", run.started_at, run.tries),
    };
    if run.missed > 0 {
        words.push_str(&format!("; stands for {} missed before it", run.missed));
    }
    words
}

fn run_due(args: &ScheduleArgs, store: &SqliteStore, out: &mut impl Write) -> anyhow::Result<Exit> {
    let data_dir = args.place.data_dir()?;
    let name: EngagementName = args.place.engagement.parse()?;
    let now = now()?;
    let lock = SqliteStore::schedule_lock(&data_dir, &name);
    let Some(done) = progress::during("assessing what is due", || round(store, &lock, now))? else {
        writeln!(out, "another process is running what is due")?;
        return Ok(Exit::Done);
    };
    outbox::deliver_configured(store, &data_dir, now);
    if args.json {
        let rows = done.iter().map(|done| {
            let (assessment, failure) = (done.result.as_ref().ok(), done.result.as_ref().err());
            json!({
                "schedule": done.schedule, "due": done.due, "missed": done.missed, "assessment": assessment,
                "failure": failure,
            })
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&rows.collect::<Vec<_>>())?)?;
    } else if done.is_empty() {
        writeln!(out, "nothing is due")?;
    }
    for done in done.iter().filter(|_| !args.json) {
        writeln!(out, "{done}")?;
    }
    Ok(if done.iter().any(|done| done.result.is_err()) { Exit::Partial } else { Exit::Done })
}

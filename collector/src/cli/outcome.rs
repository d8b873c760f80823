//! `cairn outcome`: the register of what was promised and of each step by which it arrives.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, assess, assessments, moment, now, tell};
use crate::decisions::{Words, server_of};
use crate::evidence::SigningKey;
use crate::outcomes::{self, Chains, Promised, Said};
use crate::store::outcomes::{Entries, Outcomes as _};
use crate::store::{Store as _, sqlite::SqliteStore};
use cairn_assess::realised::profile;
use cairn_schemas::outcome::{Baseline, Witness};
use cairn_schemas::time::Timestamp;
use clap::Subcommand;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

mod arguments;
mod list;
use arguments::{Add, Freeze, Late, Plan, Reached, StepMade};

/// The register of outcomes: what was promised, and each step by which it arrives; it survives every re-scan.
#[derive(Debug, clap::Args)]
pub(super) struct Outcome {
    #[command(subcommand)]
    verb: Verb,
    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Promises the servers of a wave of an issued assessment, with what each costs a year and is forecast to use.
    Plan(Plan),
    /// Records a step of a server: planned, moved, powered_off, decommissioned, contract_ended, licence_returned.
    Step(StepMade),
    /// Says why a server is late.
    Late(Late),
    /// Promises an outcome: an indicator, from what to what, by when, for whom.
    Add(Box<Add>),
    /// Records what is realised of an outcome.
    Realised(Reached),
    /// Withdraws a step: it stays in the list and no longer counts.
    Withdraw {
        /// Number of the step.
        number: u64,
        /// Who withdraws it.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
    /// Takes a CSV file of steps, outcomes, delays or moments, whole or not at all.
    #[command(long_about = IMPORT_HELP)]
    Import {
        /// The file.
        file: PathBuf,
        /// Who enters it, and stands for rows that name nobody.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
    /// Freezes and signs how a server behaves, to hold the time after its move against.
    Freeze(Freeze),
    /// Holds what was measured since the moves against the frozen baselines.
    Compare(list::Compare),
    /// Lists outcomes and steps.
    List {
        /// Steps withdrawn too.
        #[arg(long)]
        all: bool,
    },
}

const IMPORT_HELP: &str = "Takes a CSV file of steps, outcomes, delays or moments, whole or not at all.

Columns of steps: server, step, on, due, by, witness, ticket, words, annual_cash
Columns of delays: server, cause, words, by, on
Columns of outcomes: outcome, owner, unit, baseline, baseline_on, baseline_source, target, due, planned, value_unit,
indicator, realised, basis, on, cause, words, by
Columns of moments: moment, on, by, owner, words, evidence, and figures: downtime_minutes_before,
downtime_minutes_after, machines_moved, recovery_minutes_required, recovery_minutes_tested, machines_recovered,
request_hours_before, request_hours_after, machines_requested";

pub(super) fn run(args: &Outcome, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    let (now, json) = (now()?, args.json);
    match &args.verb {
        Verb::Plan(plan) => promise(&store, plan, now, json, out),
        Verb::Step(step) => {
            let words = step.words();
            let said = said(&words, &step.by, now);
            let read = outcomes::step(said, &store.servers()?)?;
            Chains::of(store.steps()?).accept(&read, now)?;
            enter(&store, &Entries { steps: vec![read], ..Entries::default() }, &step.by, now, json, out)
        }
        Verb::Late(late) => {
            let words = late.words();
            let delay = outcomes::delay(said(&words, &late.by, now), &store.servers()?)?;
            enter(&store, &Entries { delays: vec![delay], ..Entries::default() }, &late.by, now, json, out)
        }
        Verb::Add(add) => {
            let words = add.words();
            let outcome = outcomes::outcome(said(&words, &add.by, now))?;
            enter(&store, &Entries { outcomes: vec![outcome], ..Entries::default() }, &add.by, now, json, out)
        }
        Verb::Realised(reached) => {
            known(&store, reached.number)?;
            let words = reached.words();
            let realised = outcomes::realisation(said(&words, &reached.by, now))?;
            let entries = Entries { realised: vec![(reached.number, realised)], ..Entries::default() };
            enter(&store, &entries, &reached.by, now, json, out)
        }
        Verb::Withdraw { number, by } => withdraw(&store, *number, by, now, json, out),
        Verb::Import { file, by } => import(&store, file, by, now, json, out),
        Verb::Freeze(freeze) => frozen(args, &store, freeze, now, out),
        Verb::Compare(compare) => list::compare(&store, compare, now, json, out),
        Verb::List { all } => list::list(&store, *all, json, out),
    }
}

fn said<'a>(words: &'a Words<'a>, by: &'a str, now: Timestamp) -> Said<'a> {
    Said { words, by, source: "cairn outcome", witness: Witness::Person, now }
}

fn known(store: &SqliteStore, number: u64) -> anyhow::Result<()> {
    if store.outcomes()?.outcomes.iter().any(|outcome| outcome.id == number) {
        return Ok(());
    }
    anyhow::bail!(NotFound(format!("there is no outcome {number}; see `cairn outcome list`")))
}

fn enter(
    store: &SqliteStore,
    entries: &Entries,
    by: &str,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let entered = store.enter(entries, by, now)?;
    let counts = [
        (entries.outcomes.len(), "outcomes"),
        (entries.realised.len(), "realisations"),
        (entries.steps.len(), "steps"),
        (entries.delays.len(), "reasons for delays"),
        (entries.moments.len(), "moments"),
    ];
    let parts = counts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{what}: {count}")).collect();
    let words = format!("kept {}; the next assessment counts them", parts.join(", "));
    let value = json!({ "outcomes": entered.outcomes, "steps": entered.steps, "problems": [] });
    tell(out, json, &words, &value)?;
    Ok(Exit::Done)
}

fn promise(
    store: &SqliteStore,
    plan: &Plan,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let assessment = assessments::find(store, Some(plan.assessment))?;
    let policy = assess::policy_of(plan.policy.as_deref(), None)?;
    let due = moment("--due", &plan.due)?;
    let of = Promised { assessment: &assessment, wave: plan.wave, due, by: &plan.by, now };
    let steps = outcomes::promised(of, &store.all_facts()?, &policy).map_err(anyhow::Error::msg)?;
    let mut chains = Chains::of(store.steps()?);
    steps.iter().try_for_each(|step| chains.accept(step, now))?;
    enter(store, &Entries { steps, ..Entries::default() }, &plan.by, now, json, out)
}

fn withdraw(
    store: &SqliteStore,
    number: u64,
    by: &str,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    if let Some(later) = Chains::of(store.steps()?).resting_on(number) {
        anyhow::bail!("step {} rests on step {number}; withdraw that one first", later.id);
    }
    if !store.withdraw_step(number, by, now)? {
        let why = format!("there is no step {number} that counts; see `cairn outcome list --all`");
        anyhow::bail!(NotFound(why));
    }
    tell(out, json, &format!("step {number} is withdrawn"), &json!({ "withdrawn": number }))?;
    Ok(Exit::Done)
}

fn import(
    store: &SqliteStore,
    file: &Path,
    by: &str,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    match outcomes::read_file(file, &store.servers()?, Chains::of(store.steps()?), by, now)? {
        Ok(entries) => enter(store, &entries, by, now, json, out),
        Err(wrong) => {
            let problems: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            let words =
                format!("{}\nnothing was taken: correct the file and import it again", problems.join("\n"));
            tell(out, json, &words, &json!({ "outcomes": [], "steps": [], "problems": problems }))?;
            Ok(Exit::Failed)
        }
    }
}

fn frozen(
    args: &Outcome,
    store: &SqliteStore,
    freeze: &Freeze,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let server = server_of(&freeze.server, &store.servers()?)?;
    let window = freeze.stretch.window(store)?;
    let estate = crate::estate::load(store, window)?;
    let policy = assess::policy_of(None, None)?;
    let found = estate.servers.iter().find(|found| found.name == server);
    let metrics = found.map(|found| profile(found, window, &policy)).unwrap_or_default();
    let baseline = Baseline {
        engagement: estate.engagement,
        server,
        window,
        frozen_on: now,
        by: freeze.by.clone(),
        tolerance_ratio: freeze.tolerance,
        cpu_limit_ratio: freeze.cpu_limit,
        metrics,
    };
    let key = SigningKey::open(&args.place.data_dir()?)?;
    let id = store.put_baseline(&outcomes::sealed(baseline, &key)?, now)?;
    let fingerprint = crate::evidence::fingerprint(key.public());
    let words = format!("baseline {id} of {} is frozen, signed with the key {fingerprint}", freeze.server);
    tell(out, args.json, &words, &json!({ "baseline": id, "key": fingerprint }))?;
    Ok(Exit::Done)
}

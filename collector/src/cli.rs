//! The command line: one verb, one file. This file knows the verbs, the options they share, the exit codes,
//! and where errors are printed, once.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use crate::store::{EngagementName, sqlite::SqliteStore};
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

mod fit;
mod progress;
mod shell;
mod table;

mod demo;
pub mod demo_agent;

pub mod agents;
mod directives;
mod people;
pub mod serve;
pub mod token;

mod backup;
mod check;
mod checklist;
mod erase;
mod restore;
mod retention;

mod decide;
mod facts;
mod import;
mod sheets;

pub mod assess;
mod assessments;
mod bundle;
mod catalogue;
mod datasheet;
mod diff;
mod explain;
mod journey;
mod outcome;
mod plan;
mod pseudonyms;
pub mod report;
mod rules;
mod schedule;
mod showback;
mod verify;
mod whatif;

/// What every verb ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line was wrong.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// Something could not be reached.
    Unreachable = 4,
    /// Done in part; what was not is said.
    Partial = 5,
    /// Computed again, something else comes out.
    Differs = 6,
    /// A file is damaged, changed, or signed with another key than expected.
    Refused = 7,
    /// Computed again by another version, something else comes out.
    OtherVersion = 8,
    /// An estate or its plan has drifted.
    Drift = 10,
    /// A condition of a phase changed its state.
    TriggerChanged = 11,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Measures a physical estate and says on how few hosts it can run, with proof and risk.
#[derive(Debug, Parser)]
#[command(
    name = "cairn",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// Options every verb shares.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Where engagements are kept [default: the user's data directory].
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,
    /// Which engagement.
    #[arg(long, value_name = "NAME", default_value = "default", global = true)]
    pub engagement: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Demo),
    /// The collector: ingest, web pages, API.
    Serve(serve::ServeArgs),
    /// Who may open the pages, and what each may do there.
    People(people::PeopleArgs),
    /// Join strings for agents.
    Token(token::TokenArgs),
    /// Enrolled agents.
    Agents(agents::AgentsArgs),
    /// What agents are asked to do: when to measure, how often to ship.
    Directives(directives::DirectivesArgs),
    Import(import::Import),
    Facts(facts::Facts),
    Decide(decide::Decide),
    Sheets(sheets::Sheets),
    Assess(assess::Assess),
    Assessments(assessments::Assessments),
    Schedule(schedule::ScheduleArgs),
    Bundle(bundle::Bundle),
    Verify(verify::Verify),
    Diff(diff::Diff),
    /// Writes the report of an assessment.
    Report(report::ReportArgs),
    Pseudonyms(pseudonyms::PseudonymsArgs),
    Datasheet(datasheet::DatasheetArgs),
    Explain(explain::Explain),
    #[command(name = "whatif")]
    WhatIf(whatif::WhatIf),
    Journey(journey::Journey),
    Outcome(outcome::Outcome),
    Catalogue(catalogue::Catalogue),
    Showback(showback::Showback),
    Checklist(checklist::Checklist),
    Plan(plan::Plan),
    Rules(rules::Rules),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Check(check::Check),
    Retention(retention::RetentionArgs),
    Erase(erase::Erase),
    Completions(shell::Completions),
    Man(shell::Man),
    /// Runs the agent inside this program, for the demo.
    #[command(hide = true, name = demo_agent::VERB)]
    DemoAgent(demo_agent::DemoAgentArgs),
}

/// What was asked for does not exist: ends with [`Exit::NotFound`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotFound(String);

/// Runs a command line and gives its exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let for_programs = args.iter().any(|arg| arg == "--json");
    match Cli::try_parse_from(args) {
        Ok(cli) => {
            log(&cli.verb);
            run(cli.verb, for_programs).unwrap_or_else(|error| {
                if is_broken_pipe(&error) {
                    return Exit::Done.into();
                }
                let _ = writeln!(std::io::stderr(), "cairn: {error:#}");
                if error.is::<NotFound>() { Exit::NotFound.into() } else { Exit::Failed.into() }
            })
        }
        Err(error) => {
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

/// Whether whoever reads what is written has seen enough: `cairn rules list | head` is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The moment a verb works with: the clock, or `CAIRN_NOW` (RFC 3339), with which a run is repeated exactly.
///
/// # Errors
/// `CAIRN_NOW` is set and is not a time.
pub fn now() -> anyhow::Result<Timestamp> {
    Ok(given_now()?.unwrap_or_else(crate::clock::now))
}

/// `CAIRN_NOW`, where it is set.
fn given_now() -> anyhow::Result<Option<Timestamp>> {
    let text = std::env::var("CAIRN_NOW").ok();
    let moment = text.map(|text| Timestamp::parse_rfc3339(&text)).transpose();
    moment.map_err(|error| anyhow::anyhow!("CAIRN_NOW: {error}"))
}

/// Logs to standard error, so that standard output stays what was asked for. A demonstration has a display
/// of its own, and the agent a log of its own.
fn log(verb: &Verb) {
    let level = match verb {
        Verb::DemoAgent(_) => return,
        Verb::Demo(_) => tracing::Level::WARN,
        _ => tracing::Level::INFO,
    };
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let text = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colour).with_target(false);
    // A second call, in a test, finds a log already there.
    let _ = text.with_max_level(level).try_init();
}

fn run(verb: Verb, for_programs: bool) -> anyhow::Result<ExitCode> {
    let is_file = match &verb {
        Verb::Report(_) | Verb::Completions(_) => true,
        Verb::Catalogue(args) => args.csv,
        Verb::Showback(args) => args.csv,
        _ => false,
    };
    let out = &mut fit::standard_output(!for_programs && !is_file);
    let exit = match verb {
        Verb::Demo(args) => demo::run(&args, out),
        Verb::Serve(args) => serve::run(args, out),
        Verb::People(args) => people::run(&args, out),
        Verb::Token(args) => token::run(args, out),
        Verb::Agents(args) => agents::run(&args, out),
        Verb::Directives(args) => directives::run(&args, out),
        Verb::Import(args) => import::run(&args, out),
        Verb::Facts(args) => facts::run(&args, out),
        Verb::Decide(args) => decide::run(&args, out),
        Verb::Sheets(args) => sheets::run(&args, out),
        Verb::Assess(args) => assess::run(&args, out),
        Verb::Assessments(args) => assessments::run(&args, out),
        Verb::Schedule(args) => schedule::run(&args, out),
        Verb::Bundle(args) => bundle::run(&args, out),
        Verb::Verify(args) => verify::run(&args, out),
        Verb::Diff(args) => diff::run(&args, out),
        Verb::Report(args) => report::run(&args, &args.place.open()?, out, &mut std::io::stderr().lock()),
        Verb::Datasheet(args) => datasheet::run(&args, out),
        Verb::Pseudonyms(args) => pseudonyms::run(&args, out),
        Verb::Explain(args) => explain::run(&args, out),
        Verb::WhatIf(args) => whatif::run(&args, out),
        Verb::Journey(args) => journey::run(&args, out),
        Verb::Outcome(args) => outcome::run(&args, out),
        Verb::Catalogue(args) => catalogue::run(&args, out),
        Verb::Showback(args) => showback::run(&args, out),
        Verb::Checklist(args) => checklist::run(&args, out),
        Verb::Plan(args) => plan::run(&args, out),
        Verb::Rules(args) => rules::run(&args, out),
        Verb::Backup(args) => backup::run(&args, out),
        Verb::Restore(args) => restore::run(&args, out),
        Verb::Check(args) => check::run(&args, out),
        Verb::Retention(args) => retention::run(&args, out),
        Verb::Erase(args) => erase::run(&args, out),
        Verb::Completions(args) => shell::completions(&args, out),
        Verb::Man(args) => shell::man(&args, out),
        Verb::DemoAgent(args) => return Ok(demo_agent::run(args)),
    }?;
    out.flush()?;
    Ok(exit.into())
}

/// A moment of the command line: RFC 3339, or a date, which is its midnight UTC.
fn moment(option: &str, text: &str) -> anyhow::Result<Timestamp> {
    let text = text.trim();
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Timestamp::parse_rfc3339(&whole).map_err(|_| {
        anyhow::anyhow!("{option} {text:?} is no time; write 2026-11-25 or 2026-11-25T15:00:00Z")
    })
}

/// Says what was done: in words, or for a program.
fn tell(out: &mut impl Write, json: bool, words: &str, value: &serde_json::Value) -> anyhow::Result<()> {
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(value)?)?;
    } else {
        writeln!(out, "{words}")?;
    }
    Ok(())
}

/// Random numbers from 0 to 1.
pub(crate) fn random() -> impl FnMut() -> f64 {
    let source = ring::rand::SystemRandom::new();
    move || {
        let mut bytes = [0; 4];
        // Without random numbers waits are shorter, nothing worse.
        let _ = ring::rand::SecureRandom::fill(&source, &mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

/// A finding as a sentence.
fn sentence(finding: &cairn_schemas::finding::Finding) -> String {
    Messages::english().finding(finding)
}

impl Place {
    /// The directory of all engagements.
    ///
    /// # Errors
    /// No `--data` was given and the user has no home.
    pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
        if let Some(dir) = &self.data {
            return Ok(dir.clone());
        }
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        from("XDG_DATA_HOME")
            .or_else(|| from("HOME").map(|home| home.join(".local/share")))
            .map(|base| base.join("cairn"))
            .context("no data directory: set HOME or give --data DIR")
    }

    /// Opens the engagement's store, making it when it is new.
    ///
    /// # Errors
    /// The name is not allowed, or the file cannot be opened.
    pub fn open(&self) -> anyhow::Result<SqliteStore> {
        SqliteStore::open(&self.data_dir()?, &self.name()?).map_err(Into::into)
    }

    /// The engagement's name.
    fn name(&self) -> anyhow::Result<EngagementName> {
        Ok(self.engagement.parse()?)
    }

    /// The engagement's file.
    fn file(&self) -> anyhow::Result<PathBuf> {
        Ok(SqliteStore::file(&self.data_dir()?, &self.name()?))
    }

    /// The engagement's file, which has to be there.
    fn existing_file(&self) -> anyhow::Result<PathBuf> {
        let file = self.file()?;
        if !file.exists() {
            let why =
                format!("there is no engagement {}: {} does not exist", self.engagement, file.display());
            anyhow::bail!(NotFound(why));
        }
        Ok(file)
    }
}

#[cfg(test)]
#[path = "cli/cli_tests.rs"]
mod tests;

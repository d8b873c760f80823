//! `cairn decide`: what people confirm, let pass and forbid. Entered, listed, withdrawn; nothing is ever changed.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, now, tell};
use crate::decisions::{self, Words};
use crate::number::terminal_safe;
use crate::store::register::{KeptDecision, Register as _};
use crate::store::{Store as _, sqlite::SqliteStore};
use anyhow::Context as _;
use cairn_schemas::decision::Decision;
use cairn_schemas::time::Timestamp;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

/// The register of confirmations, exceptions and vetoes; it survives every re-scan.
#[derive(Debug, Args)]
pub(super) struct Decide {
    #[command(subcommand)]
    verb: Verb,
    /// Prints JSON; of the list, those withdrawn too.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Keeps a server where it is.
    Veto {
        /// The server.
        server: String,
        /// The rule it is about, where it is about one.
        #[arg(long)]
        rule: Option<String>,
        #[command(flatten)]
        word: Word,
    },
    /// Lets what a rule could not know pass; a gate that is proven only with --despite-proof.
    Exception {
        /// The server.
        server: String,
        /// Id of the rule.
        rule: String,
        /// Knowing that the gate is proven; every assessment then says so first.
        #[arg(long)]
        despite_proof: bool,
        #[command(flatten)]
        word: Word,
    },
    /// Answers what a rule asks somebody to confirm.
    Confirm {
        /// The server.
        server: String,
        /// Id of the rule.
        rule: String,
        #[command(flatten)]
        word: Word,
    },
    /// Withdraws a decision: it stays in the list and no longer counts.
    Withdraw {
        /// Its number.
        number: u64,
        /// Who withdraws it.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
    /// Takes a CSV file of decisions, whole or not at all.
    #[command(
        long_about = "Takes a CSV file of decisions, whole or not at all. Columns: server, kind, rule, by, on, \
                            expires, ticket, words, despite_proof."
    )]
    Import {
        /// The file.
        file: PathBuf,
        /// Who enters it.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
    /// Lists them by number.
    List {
        /// Those withdrawn too.
        #[arg(long)]
        all: bool,
    },
}

/// Who decides, until when, and why.
#[derive(Debug, Args)]
struct Word {
    /// Who decided.
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why.
    #[arg(long, value_name = "WORDS")]
    why: String,
    /// When they did [default: now].
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// First day on which it no longer counts [default: until it is withdrawn].
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Where it was agreed.
    #[arg(long)]
    ticket: Option<String>,
}

impl Word {
    fn words<'a>(&'a self, kind: &'a str, server: &'a str, rule: Option<&'a str>) -> Words<'a> {
        let optional = [
            ("rule", rule),
            ("on", self.on.as_deref()),
            ("expires", self.expires.as_deref()),
            ("ticket", self.ticket.as_deref()),
        ];
        let given = optional.into_iter().filter_map(|(name, text)| Some((name, text?)));
        given.chain([("server", server), ("kind", kind), ("by", &self.by), ("words", &self.why)]).collect()
    }
}

pub(super) fn run(args: &Decide, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    let now = now()?;
    match &args.verb {
        Verb::Veto { server, rule, word } => {
            decide(&store, &word.words("veto", server, rule.as_deref()), &word.by, now, args.json, out)
        }
        Verb::Exception { server, rule, despite_proof, word } => {
            let mut words = word.words("exception", server, Some(rule));
            words.insert("despite_proof", if *despite_proof { "yes" } else { "no" });
            decide(&store, &words, &word.by, now, args.json, out)
        }
        Verb::Confirm { server, rule, word } => {
            decide(&store, &word.words("confirmation", server, Some(rule)), &word.by, now, args.json, out)
        }
        Verb::Withdraw { number, by } => {
            if !store.withdraw_decision(*number, by, now)? {
                let why = format!("there is no decision {number} that counts; see `cairn decide list --all`");
                anyhow::bail!(NotFound(why));
            }
            let words = format!("decision {number} is withdrawn");
            tell(out, args.json, &words, &json!({ "withdrawn": number, "by": by }))?;
            Ok(Exit::Done)
        }
        Verb::Import { file, by } => import(&store, file, by, now, args.json, out),
        Verb::List { all } => list(&store, *all, args.json, now, out),
    }
}

fn decide(
    store: &SqliteStore,
    words: &Words<'_>,
    by: &str,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let decision = decisions::read(words, &store.servers()?, "cairn decide", now)?;
    for id in store.decide(&[decision], &BTreeMap::new(), by, now)? {
        let words = format!("decision {id} is kept; the next assessment hears it");
        tell(out, json, &words, &json!({ "kept": [id] }))?;
    }
    Ok(Exit::Done)
}

fn import(
    store: &SqliteStore,
    file: &std::path::Path,
    by: &str,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    match decisions::read_file(file, &store.servers()?, now)? {
        Ok(read) => {
            let ids = store.decide(&read, &BTreeMap::new(), by, now)?;
            let words = format!("{} decisions are kept; the next assessment hears them", ids.len());
            tell(out, json, &words, &json!({ "kept": ids, "problems": [] }))?;
            Ok(Exit::Done)
        }
        Err(wrong) => {
            let problems: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            let words =
                format!("{}\nnothing was taken: correct the file and import it again", problems.join("\n"));
            tell(out, json, &words, &json!({ "kept": [], "problems": problems }))?;
            Ok(Exit::Failed)
        }
    }
}

/// A line of the list.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    decision: Decision,
    /// `counts`, `expired` or `withdrawn`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<Timestamp>,
    /// Whether its server is known.
    known: bool,
}

fn list(
    store: &SqliteStore,
    all: bool,
    json: bool,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let servers: BTreeSet<String> = store.servers()?.into_iter().collect();
    let line = |KeptDecision { decision, withdrawn }| {
        let state = match &withdrawn {
            Some(_) => "withdrawn",
            None if decision.has_expired(now) => "expired",
            None => "counts",
        };
        let known = servers.contains(&decision.server);
        let (withdrawn_by, withdrawn_at) = withdrawn.unzip();
        Line { decision, state, withdrawn_by, withdrawn_at, known }
    };
    let lines: Vec<Line> = store.decisions()?.into_iter().map(line).collect();
    if json {
        serde_json::to_writer_pretty(&mut *out, &lines).context("printing the decisions")?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    let shown: Vec<&Line> = lines.iter().filter(|line| all || line.state != "withdrawn").collect();
    if shown.is_empty() {
        writeln!(out, "there is no decision; `cairn decide veto`, `exception` and `confirm` make one")?;
    }
    shown.into_iter().try_for_each(|line| write(line, out))?;
    Ok(Exit::Done)
}

fn write(line: &Line, out: &mut impl Write) -> anyhow::Result<()> {
    let decision = &line.decision;
    let rule = decision.rule.as_ref().map(|rule| format!(" on {rule}")).unwrap_or_default();
    let proof = if decision.despite_proof { ", DESPITE PROOF" } else { "" };
    let until = decision.expires.map(|until| format!(", until {}", until.date())).unwrap_or_default();
    let ticket = decision.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    let state = match (&line.withdrawn_by, line.known) {
        (Some(by), _) => format!("withdrawn by {by}"),
        (None, true) => line.state.to_owned(),
        (None, false) => format!("{}, and no server has the name now", line.state),
    };
    let text = format!(
        "{:>4}  {}  {}{rule}{proof}  by {} on {}{until}{ticket}  [{state}]",
        decision.id,
        decision.server,
        decision.kind.name(),
        decision.by,
        decision.on.date(),
    );
    writeln!(out, "{}", terminal_safe(&text))?;
    writeln!(out, "      {}", terminal_safe(&decision.words))?;
    Ok(())
}

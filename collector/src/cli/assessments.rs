//! `cairn assessments`: the numbered runs, and who has read and signed them.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, NotFound, Place, now, tell};
use crate::assessments::{self, SignError, word};
use crate::store::{AssessmentRow, ReviewState, Store};
use cairn_schemas::assessment::{Assessment, Review, Signature as Signed};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use std::io::Write;

/// Lists assessments, and moves one forward: draft, reviewed, issued.
#[derive(Debug, Args)]
pub(super) struct Assessments {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists them, oldest first.
    List,
    /// Records that somebody has read one.
    Review(Signature),
    /// Signs one; it cannot be changed afterwards.
    Issue(Signature),
}

#[derive(Debug, Args)]
struct Signature {
    /// Number of the assessment.
    id: u64,
    /// Who reads or signs it.
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Even where what it was computed from is gone, so that nobody can compute it again.
    #[arg(long)]
    without_evidence: bool,
}

/// A line of the list.
#[derive(Serialize)]
struct Line {
    id: u64,
    created: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
    #[serde(flatten)]
    review: Review,
}

pub(super) fn run(args: &Assessments, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    match &args.verb {
        Some(Verb::Review(signature)) => sign(&store, signature, ReviewState::Reviewed, args.json, out),
        Some(Verb::Issue(signature)) => sign(&store, signature, ReviewState::Issued, args.json, out),
        None | Some(Verb::List) => {
            let lines: Vec<Line> = store.assessments()?.into_iter().map(line_of).collect();
            if args.json {
                serde_json::to_writer_pretty(&mut *out, &lines)?;
                writeln!(out)?;
            } else if lines.is_empty() {
                writeln!(out, "there is no assessment yet; make one with `cairn assess`")?;
            }
            for line in lines.iter().filter(|_| !args.json) {
                let names = [("reviewed", &line.review.reviewed), ("issued", &line.review.issued)];
                let names = names.into_iter().filter_map(|(what, name)| Some(named(what, name.as_ref()?)));
                let names = names.collect::<String>();
                writeln!(out, "{:>4}  {}  {}{names}", line.id, line.created, line.state)?;
            }
            Ok(Exit::Done)
        }
    }
}

fn sign(
    store: &dyn Store,
    signature: &Signature,
    state: ReviewState,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let Signature { id, by, without_evidence } = signature;
    anyhow::ensure!(!by.trim().is_empty(), "--by is empty: an assessment is {} by somebody", word(state));
    assessments::sign(store, *id, state, by, *without_evidence, now()?).map_err(|error| match error {
        SignError::None(id) => NotFound(format!("there is no assessment {id}")).into(),
        SignError::Unfounded(why) => why.context("add --without-evidence to sign it all the same"),
        error => error.into(),
    })?;
    let words = format!("assessment {id} is {} by {}", word(state), by.escape_debug());
    tell(out, json, &words, &json!({ "id": id, "state": word(state), "by": by }))?;
    Ok(Exit::Done)
}

fn line_of(row: AssessmentRow) -> Line {
    let AssessmentRow { id, state, signed_by, reviewed, issued, .. } = row;
    let review = Review { reviewed, issued };
    Line { id, created: row.created.to_string(), state: word(state), signed_by, review }
}

fn named(what: &str, name: &Signed) -> String {
    let at = name.at.map(|at| format!(" on {}", at.date())).unwrap_or_default();
    format!(", {what} by {}{at}", name.by.escape_debug())
}

/// The assessment of a number, or the latest.
///
/// # Errors
/// There is none, or the store fails.
pub(super) fn find(store: &impl Store, id: Option<u64>) -> anyhow::Result<Assessment> {
    let number = match id {
        Some(number) => Some(number),
        None => store.assessments()?.last().map(|row| row.id),
    };
    let Some(number) = number else {
        anyhow::bail!(NotFound("there is no assessment yet; make one with `cairn assess`".into()));
    };
    store
        .assessment(number)?
        .ok_or_else(|| NotFound(format!("there is no assessment {number}; see `cairn assessments`")).into())
}

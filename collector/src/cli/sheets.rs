//! `cairn sheets`: questions to owners as XLSX, and their answers back.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, assessments, now, tell};
use crate::import::Problem;
use crate::messages::Messages;
use crate::number::terminal_safe;
use crate::sheets::{answers, ask, file_name, read, write};
use crate::store::register::Register as _;
use crate::store::{Store as _, sqlite::SqliteStore};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Owner sheets: one XLSX workbook an owner, with their servers, what was found, and questions to answer.
#[derive(Debug, Args)]
pub(super) struct Sheets {
    #[command(subcommand)]
    verb: Verb,
    /// Prints what was done as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Writes one workbook for each owner of an assessment into a folder.
    Export {
        /// Number of the assessment [default: the latest].
        id: Option<u64>,
        /// The folder; made when it is not there.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Only this owner's.
        #[arg(long)]
        owner: Option<String>,
    },
    /// Takes the answers of workbooks that came back: all of them, or none and what is in the way.
    Import {
        /// The workbooks.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Who brings them in; who answered stands in them.
        #[arg(long, value_name = "WHO")]
        by: String,
    },
}

pub(super) fn run(args: &Sheets, out: &mut impl Write) -> anyhow::Result<Exit> {
    let store = args.place.open()?;
    match &args.verb {
        Verb::Export { id, out: folder, owner } => {
            export(&store, *id, folder, owner.as_deref(), args.json, out)
        }
        Verb::Import { files, by } => import(&store, files, by, args.json, out),
    }
}

fn export(
    store: &SqliteStore,
    id: Option<u64>,
    folder: &Path,
    owner: Option<&str>,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let assessment = assessments::find(store, id)?;
    let (facts, decisions) = (store.all_facts()?, store.decisions()?);
    let known = ask::Known::new(&facts, &decisions);
    let mut sheets = ask::sheets(&assessment, &known, Messages::english(), now()?);
    if let Some(owner) = owner {
        sheets.retain(|sheet| sheet.owner == owner);
        if sheets.is_empty() {
            anyhow::bail!(super::NotFound(format!(
                "no server of assessment {} has owner {owner:?}",
                assessment.id
            )));
        }
    }
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut names = BTreeSet::new();
    let (mut words, mut written) = (Vec::new(), Vec::new());
    for sheet in &sheets {
        let slug = file_name(&sheet.owner);
        let mut name = format!("{slug}.xlsx");
        for n in 2.. {
            if names.insert(name.clone()) {
                break;
            }
            name = format!("{slug}-{n}.xlsx");
        }
        let path = folder.join(name);
        let bytes = write(sheet).with_context(|| format!("writing {}", path.display()))?;
        std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        let owner = if sheet.owner.is_empty() { "(no owner)".into() } else { terminal_safe(&sheet.owner) };
        let (servers, questions) = (sheet.servers.len(), sheet.questions.len());
        words.push(format!("{}: {owner}, {servers} servers, {questions} questions", path.display()));
        written
            .push(json!({ "file": path, "owner": sheet.owner, "servers": servers, "questions": questions }));
    }
    tell(out, json, &words.join("\n"), &json!(written))?;
    Ok(Exit::Done)
}

fn import(
    store: &SqliteStore,
    files: &[PathBuf],
    by: &str,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let now = now()?;
    let mut returned = Vec::new();
    for path in files {
        let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into());
        returned.push((name, read(bytes).with_context(|| format!("reading {}", path.display()))?));
    }
    let (facts, decisions) = (store.all_facts()?, store.decisions()?);
    let known = ask::Known::new(&facts, &decisions);
    let engagement = store.engagement().as_str();
    let answers = match answers::gather(&returned, engagement, &store.servers()?, &known, now) {
        Ok(answers) => answers,
        Err(problems) => return refuse(&problems, json, out),
    };
    let numbers = store.decide(&answers.decisions, &answers.facts, by, now)?;
    let names: Vec<&str> = returned.iter().map(|(name, _)| name.as_str()).collect();
    let what = format!("took {} answers of owners from {}", answers.taken, names.join(", "));
    store.audit(by, &what, now)?;
    if json {
        let done = json!({
            "taken": answers.taken, "repeated": answers.repeated, "decisions": numbers, "notes": answers.notes,
            "problems": [],
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&done)?)?;
        return Ok(Exit::Done);
    }
    let (taken, repeated) = (answers.taken, answers.repeated);
    writeln!(out, "{taken} answers taken, {repeated} known already, {} decisions made", numbers.len())?;
    answers.notes.iter().try_for_each(|note| writeln!(out, "  {}", terminal_safe(note)))?;
    Ok(Exit::Done)
}

fn refuse(problems: &[Problem], json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    if json {
        let done = json!({ "taken": 0, "repeated": 0, "decisions": [], "notes": [], "problems": problems });
        writeln!(out, "{}", serde_json::to_string_pretty(&done)?)?;
        return Ok(Exit::Failed);
    }
    problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
    writeln!(out, "nothing was taken: settle this and import again")?;
    Ok(Exit::Failed)
}

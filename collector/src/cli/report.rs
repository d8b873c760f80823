//! `cairn report`: writes the report of an assessment as HTML, JSON or CSV.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, progress};
use crate::messages::Messages;
use crate::report::render::{csv, html, json};
use crate::report::{Context, report};
use crate::store::Store;
use anyhow::Context as _;
use cairn_schemas::assessment::Assessment;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;

/// Options of `cairn report`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Number of the assessment [default: the latest].
    pub id: Option<u64>,
    /// What to write.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub format: Format,
    /// Where to write; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Which data and engagement.
    #[command(flatten)]
    pub place: Place,
}

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One file for people, to read and to print.
    Html,
    /// The assessment itself.
    Json,
    /// One row a server.
    Csv,
}

/// Writes a report out of a store; the file is replaced as a whole or not at all.
///
/// # Errors
/// The store fails, or the file cannot be written.
pub fn run(
    args: &ReportArgs,
    store: &dyn Store,
    stdout: &mut impl Write,
    stderr: &mut impl Write,
) -> anyhow::Result<Exit> {
    let id = match args.id {
        Some(id) => Some(id),
        None => store.assessments()?.last().map(|row| row.id),
    };
    let Some(assessment) = id.map(|id| store.assessment(id)).transpose()?.flatten() else {
        let asked = id.map_or("any assessment".to_owned(), |id| format!("assessment {id}"));
        let name = store.engagement().as_str();
        writeln!(stderr, "cairn: engagement {name} does not hold {asked}; `cairn assess` makes one")?;
        return Ok(Exit::NotFound);
    };
    let text = progress::during("writing the report", || render(&assessment, args.format))?;
    if args.out.as_os_str() == "-" {
        stdout.write_all(text.as_bytes()).context("write the report to standard output")?;
    } else {
        replace(&args.out, text.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// An assessment in a format.
///
/// # Errors
/// The format cannot hold it, which only a bug can make happen.
pub fn render(assessment: &Assessment, format: Format) -> anyhow::Result<String> {
    let words = Messages::english();
    Ok(match format {
        Format::Html => html::html(&report(assessment, words))?,
        Format::Json => json::json(assessment)?,
        Format::Csv => csv::csv(&Context::new(assessment, words))?,
    })
}

/// Writes beside the file and moves it into place, so that nobody reads half a report.
fn replace(path: &std::path::Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    written.with_context(|| format!("write the report to {}", path.display()))
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;

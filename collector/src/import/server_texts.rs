//! Texts that a tool printed on a server, one file a server, for servers that may not have the agent: read,
//! given to the tool's parser, and all of them stored in one transaction.
// SPDX-License-Identifier: Apache-2.0

use super::problem::{Fault, Kind, quoted};
use super::{Context, FileReport, Format, ImportError, ImportReport, Progress, dmidecode, lscpu};
use cairn_schemas::fact::{Fact, FactEntry, entry_of};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod decode;
mod files;
mod settle;
mod sheet;
mod tally;
pub(super) mod words;

pub(super) use decode::decode;
pub(super) use sheet::{Found, Sheet};

/// A tool whose text is read.
pub(super) struct Tool {
    /// Its name, also the word of the command line.
    pub(super) name: &'static str,
    /// Text to facts; pure.
    pub(super) parse: fn(&str) -> Result<Sheet, NotOurs>,
}

/// Why a text gives no facts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotOurs {
    /// It is of another tool, which has an import of its own.
    Of(&'static str),
    /// It is of no use; what to do, on which line.
    Useless(Option<u64>, &'static str),
}

/// Whether a format's files are about one server each, which `--server` may name.
#[must_use]
pub fn takes_server_name(format: &Format) -> bool {
    [lscpu::FORMAT.name, dmidecode::FORMAT.name].contains(&format.name)
}

/// What the files of an import say, by server.
#[derive(Default)]
struct Said {
    servers: BTreeMap<String, (PathBuf, Sheet)>,
    left_to: BTreeMap<&'static str, u64>,
}

/// Imports texts of a tool.
pub(super) fn import(
    tool: &Tool,
    paths: &[PathBuf],
    context: &mut Context<'_>,
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let mut said = Said::default();
    let mut counts = FileReport { file: name_of(paths), holds: "servers", ..FileReport::default() };
    let texts = files::of(paths)?;
    for (number, text) in texts.iter().enumerate() {
        let (done_bytes, total_bytes) = (number as u64, texts.len() as u64);
        (context.progress)(&text.path, Progress { done_bytes, total_bytes });
        let several = texts.len() > 1;
        match read(tool, text, context.server, several, &mut said)? {
            Taken::New => counts.rows.read += 1,
            Taken::LeftToOther => {}
            Taken::Repeated => {
                counts.rows.read += 1;
                counts.rows.repeated += 1;
            }
            Taken::Refused(line, fault) => {
                counts.rows.read += 1;
                counts.rows.rejected += 1;
                report.problem(fault.at(&text.path.display().to_string(), line));
            }
        }
    }
    store(tool, said, context, &mut counts, &mut report)?;
    report.finish(counts);
    Ok(report)
}

/// What became of a file.
enum Taken {
    New,
    Repeated,
    LeftToOther,
    Refused(Option<u64>, Fault),
}

fn read(
    tool: &Tool,
    text: &files::Text,
    named: Option<&str>,
    several: bool,
    said: &mut Said,
) -> Result<Taken, ImportError> {
    let refused = |fault| Ok(Taken::Refused(None, fault));
    let name = match named {
        Some(_) if several => {
            let why = "--server names one server, and several files are given; import them one by one";
            return refused(Fault::new(Kind::Text, why));
        }
        Some(name) => files::check_name(name)
            .map(|()| name.trim().to_owned())
            .map_err(|why| Fault::new(Kind::Text, format!("--server {} {why}", quoted(name)))),
        None => files::server_of(&text.path),
    };
    let bytes = match files::read(&text.path) {
        Ok(bytes) => bytes,
        Err(source) if text.is_named => {
            return Err(ImportError::Read { path: text.path.display().to_string(), source });
        }
        // One file of a thousand that may not be read does not cost the others.
        Err(why) => return refused(Fault::new(Kind::File, format!("cannot be read: {why}"))),
    };
    let (name, bytes) = match name.and_then(|name| Ok((name, bytes?))) {
        Ok(both) => both,
        Err(fault) => return refused(fault),
    };
    let sheet = match (tool.parse)(&decode(&bytes)) {
        Ok(sheet) => sheet,
        Err(NotOurs::Of(other)) if !text.is_named => {
            *said.left_to.entry(other).or_default() += 1;
            return Ok(Taken::LeftToOther);
        }
        Err(NotOurs::Of(other)) => {
            let why = format!("is a text of {other}: cairn import {other} reads it");
            return refused(Fault::new(Kind::File, why));
        }
        Err(NotOurs::Useless(line, why)) => return Ok(Taken::Refused(line, Fault::new(Kind::File, why))),
    };
    if sheet.facts.is_empty() {
        let why = "holds no fact that could be used";
        return refused(Fault::new(Kind::File, why));
    }
    match said.servers.get(&name) {
        Some((_, first)) if *first == sheet => Ok(Taken::Repeated),
        Some((first, _)) => {
            let first = first.display().to_string();
            let text =
                format!("is about {} again, as {} was, which stays", quoted(&name), first.escape_debug());
            refused(Fault::new(Kind::Conflict, text))
        }
        None => {
            said.servers.insert(name, (text.path.clone(), sheet));
            Ok(Taken::New)
        }
    }
}

/// Puts what was said into the store, all at once, and reports it.
fn store(
    tool: &Tool,
    said: Said,
    context: &Context<'_>,
    counts: &mut FileReport,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let stored = context.store.all_facts()?;
    let mut tally = tally::Tally::default();
    let mut new = BTreeMap::new();
    report.servers = said.servers.len();
    for (server, (path, sheet)) in said.servers {
        for (line, fault) in &sheet.doubts {
            report.problem(fault.clone().at(&path.display().to_string(), Some(*line)));
        }
        tally.add(&server, &sheet);
        let facts = facts_of(tool, &path, &sheet, context);
        let settled = settle::settle(facts, stored.get(&server), &server, &mut tally);
        if settled.is_empty() {
            counts.rows.repeated += 1;
        } else {
            counts.rows.kept += 1;
            new.insert(server, settled);
        }
    }
    context.store.put_all_facts(&new)?;
    counts.notes = tally.notes();
    for (other, files) in said.left_to {
        counts.notes.push(format!("texts of {other}, left to cairn import {other}: {files}"));
    }
    Ok(())
}

fn facts_of(tool: &Tool, path: &Path, sheet: &Sheet, context: &Context<'_>) -> Vec<(String, Fact)> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let fact = |(name, (value, line)): (&&str, &(_, u64))| {
        let fact = Fact {
            value: cairn_schemas::fact::FactValue::clone(value),
            unit: entry_of(name).map_or("", FactEntry::unit).to_owned(),
            source: format!("import {} {file}:{line}", tool.name),
            observed_at: context.now,
            valid_from: None,
            confirmed_by: None,
        };
        ((*name).to_owned(), fact)
    };
    sheet.facts.iter().map(fact).collect()
}

fn name_of(paths: &[PathBuf]) -> String {
    match paths {
        [path] => path.display().to_string(),
        several => format!("{} paths", several.len()),
    }
}

#[cfg(test)]
#[path = "server_texts/server_texts_tests.rs"]
mod tests;

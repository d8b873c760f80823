//! The canonical CSV: files with a `timestamp` column hold samples, all others facts. Facts are read first.
// SPDX-License-Identifier: Apache-2.0

use super::problem::{Fault, Kind, quoted};
use super::report::counted;
use super::{Context, FileReport, Format, ImportError, ImportReport, Progress};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

mod moment;
mod rows;

mod buffer;
mod samples;
mod samples_file;

pub(crate) mod servers;
mod servers_file;
pub(crate) use servers_file::read_facts;

/// The canonical CSV.
pub const FORMAT: Format = Format {
    name: "csv",
    reads: "the canonical CSV: servers.csv and samples.csv, a directory with both, or any files of these kinds",
    import,
};

/// Longest server name kept: the longest name DNS allows.
const NAME_BYTES_MAX: usize = 253;
/// Servers named in a note.
const NAMES_SHOWN: usize = 5;

/// What an import of facts and samples has met so far.
#[derive(Debug, Default)]
pub(crate) struct Met {
    pub(crate) with_facts: BTreeSet<String>,
    pub(crate) with_samples: BTreeSet<String>,
}

fn import(paths: &[PathBuf], context: &mut Context<'_>) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let mut met = Met::default();
    let mut of_samples = Vec::new();
    for path in files_of(paths)? {
        let name = path.display().to_string();
        let rows = match open(&path)? {
            Ok(rows) => rows,
            Err(fault) => {
                report.refuse(&name, fault);
                report.finish(FileReport { file: name, ..FileReport::default() });
                continue;
            }
        };
        if samples::recognise(rows.header()) {
            of_samples.push(path);
            continue;
        }
        let source = format!("import csv {}", base_name(&path));
        let observed_at = context.now;
        let from = servers::Provenance { source: &source, observed_at, confirmed_by: None, whole: false };
        read_facts(&path, rows, &from, context, &mut met, &mut report)?;
        // A server of the list exists from now on, measured or not.
        for server in &met.with_facts {
            context.store.source(crate::store::SourceKind::Import, server, server)?;
        }
    }
    for path in of_samples {
        if let Ok(rows) = open(&path)? {
            samples_file::read_samples(&path, rows, context, &mut met, &mut report)?;
        }
    }
    report.servers = met.with_facts.union(&met.with_samples).count();
    say_who_lacks_what(context, &met, &mut report)?;
    Ok(report)
}

fn say_who_lacks_what(
    context: &Context<'_>,
    met: &Met,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let facts = context.store.all_facts()?;
    let unknown: Vec<&str> =
        met.with_samples.iter().filter(|name| !facts.contains_key(*name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let names = some_of(&unknown);
        report
            .notes
            .push(format!("samples and no facts: {}: {names}", counted(unknown.len() as u64, "server")));
    }
    let sources = context.store.sources()?;
    let measured: BTreeSet<&str> = sources
        .iter()
        .filter(|source| source.last_seen.is_some())
        .map(|source| source.server.as_str())
        .collect();
    let silent: Vec<&str> =
        met.with_facts.iter().map(String::as_str).filter(|name| !measured.contains(name)).collect();
    if !silent.is_empty() {
        let names = some_of(&silent);
        report.notes.push(format!(
            "facts and no samples, and kept: {}: {names}",
            counted(silent.len() as u64, "server")
        ));
    }
    Ok(())
}

/// Files as named; of a directory those that end in `.csv`, by name.
fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut inside: Vec<PathBuf> =
            entries.map_err(|e| unreadable(path, e))?.iter().map(std::fs::DirEntry::path).collect();
        inside.retain(|file| {
            file.is_file() && file.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"))
        });
        if inside.is_empty() {
            return Err(ImportError::Nothing { path: path.display().to_string(), what: "*.csv file" });
        }
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

pub(crate) type FileRows = rows::Rows<File>;

/// Opens a file and reads its header.
pub(crate) fn open(path: &Path) -> Result<Result<FileRows, Fault>, ImportError> {
    let file = File::open(path).map_err(|e| unreadable(path, e))?;
    rows::Rows::open(file).map_err(|e| unreadable(path, e))
}

pub(crate) fn unreadable(path: &Path, source: std::io::Error) -> ImportError {
    ImportError::Read { path: path.display().to_string(), source }
}

fn total_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

fn tell(context: &mut Context<'_>, path: &Path, done_bytes: u64, total_bytes: u64) {
    (context.progress)(path, Progress { done_bytes, total_bytes });
}

pub(crate) fn base_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Reads text of a field, trimmed.
pub(crate) fn text_of<'a>(field: &str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes.trim_ascii())
        .map_err(|_| Fault::of(field, Kind::Text, "is not UTF-8; save the file as UTF-8"))
}

/// Reads the name of a server.
pub(crate) fn name_of(bytes: &[u8]) -> Result<&str, Fault> {
    let name = text_of("server", bytes)?;
    let fault = |why: &str| Err(Fault::of("server", Kind::Text, why));
    if name.is_empty() {
        return fault("is empty; every row names its server");
    }
    if name.len() > NAME_BYTES_MAX {
        return fault("is longer than 253 bytes; is a quote not closed?");
    }
    if name.chars().any(char::is_control) {
        let text = format!("{} holds control characters; is a quote not closed?", quoted(name));
        return Err(Fault::of("server", Kind::Text, text));
    }
    Ok(name)
}

/// The candidate nearest to a word, if it is near enough to have been meant.
fn nearest(word: &str, candidates: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let near = candidates.into_iter().map(|candidate| (strsim::jaro_winkler(&word, candidate), candidate));
    near.filter(|(likeness, _)| *likeness > 0.85).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

fn some_of(names: &[&str]) -> String {
    let shown: Vec<String> =
        names.iter().take(NAMES_SHOWN).map(|name| name.escape_debug().to_string()).collect();
    let more = if names.len() > shown.len() { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
#[path = "csv/csv_tests.rs"]
mod tests;

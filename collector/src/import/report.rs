//! What an import did, for people and as JSON: rows read are rows kept, repeated and rejected, always.
// SPDX-License-Identifier: Apache-2.0

use super::problem::{Fault, Kind, Problem};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Problems kept in full; the others are counted by kind.
const PROBLEMS_MAX: usize = 20;

/// What a bundle holds in place of rows.
pub(super) const BATCHES: &str = "batches";

/// What became of rows. `read` is the sum of the other three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// Rows read, the header aside.
    pub read: u64,
    /// New in the store.
    pub kept: u64,
    /// Known already with the same content.
    pub repeated: u64,
    /// Not taken: damaged, or in conflict with a row before.
    pub rejected: u64,
}

impl RowCounts {
    /// Whether every row is accounted for.
    #[must_use]
    pub const fn balanced(self) -> bool {
        self.read == self.kept + self.repeated + self.rejected
    }

    fn add(&mut self, other: Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.repeated += other.repeated;
        self.rejected += other.rejected;
    }
}

/// One file of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its name as given.
    pub file: String,
    /// `servers`, `samples` or `batches`; empty when it is none of them.
    pub holds: &'static str,
    /// Its rows.
    pub rows: RowCounts,
    /// What was assumed, counted or left out, each a sentence.
    pub notes: Vec<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Rows of all files.
    pub rows: RowCounts,
    /// Servers that got a fact or a sample.
    pub servers: usize,
    /// Every file.
    pub files: Vec<FileReport>,
    /// What concerns all files, each a sentence.
    pub notes: Vec<String>,
    /// The first problems, in the order they were met.
    pub problems: Vec<Problem>,
    /// How many problems there were of each kind.
    pub problems_by_kind: BTreeMap<Kind, u64>,
}

impl ImportReport {
    /// Adds a problem that concerns a whole file.
    pub(crate) fn refuse(&mut self, file: &str, fault: Fault) {
        self.problem(fault.at(file, None));
    }

    /// Adds a problem of a row; counting the row is the file's own business.
    pub(crate) fn problem(&mut self, problem: Problem) {
        *self.problems_by_kind.entry(problem.kind).or_default() += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    /// Adds a finished file.
    pub(crate) fn finish(&mut self, file: FileReport) {
        debug_assert!(file.rows.balanced(), "rows of {} do not add up: {:?}", file.file, file.rows);
        self.rows.add(file.rows);
        self.files.push(file);
    }

    /// Whether something was refused.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.rows.rejected > 0 || !self.problems_by_kind.is_empty()
    }

    /// Whether nothing at all could be taken.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        self.rows.kept + self.rows.repeated == 0
    }

    /// Writes the report for people.
    ///
    /// # Errors
    /// The output refuses.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for problem in &self.problems {
            writeln!(out, "{problem}")?;
        }
        let problems: u64 = self.problems_by_kind.values().sum();
        if problems > self.problems.len() as u64 {
            let by_kind: Vec<String> =
                self.problems_by_kind.iter().map(|(kind, n)| format!("{n} {}", kind.words())).collect();
            writeln!(out, "... {} in all: {}", counted(problems, "problem"), by_kind.join(", "))?;
        }
        for file in &self.files {
            write_rows(out, &file.file, file.rows, file.holds)?;
            for note in &file.notes {
                writeln!(out, "  {note}")?;
            }
        }
        if self.files.len() != 1 {
            let holds = self.files.last().map_or("", |file| file.holds);
            write_rows(out, "all files", self.rows, holds)?;
        }
        writeln!(out, "{}", counted(self.servers as u64, "server"))?;
        self.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))
    }
}

fn write_rows(out: &mut impl Write, name: &str, rows: RowCounts, holds: &str) -> io::Result<()> {
    let RowCounts { read, kept, repeated, rejected } = rows;
    let (name, one) = (name.escape_debug(), if holds == BATCHES { "batch" } else { "row" });
    let read = counted(read, one);
    writeln!(out, "{name}: {read} read = {kept} kept + {repeated} repeated + {rejected} rejected")
}

/// `1 server`, `2 servers`, `3 batches`.
pub(super) fn counted(n: u64, one: &str) -> String {
    let ending = match one {
        _ if n == 1 => "",
        _ if one.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{n} {one}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        for (n, one, text) in [
            (0, "server", "0 servers"),
            (1, "server", "1 server"),
            (1, "batch", "1 batch"),
            (2, "batch", "2 batches"),
        ] {
            assert_eq!(counted(n, one), text);
        }
    }

    #[test]
    fn the_first_problems_are_named_and_all_are_counted() {
        let mut report = ImportReport::default();
        for line in 2..30 {
            report.problem(Fault::of("cpu", Kind::Number, "\"x\" is not a number").at("a.csv", Some(line)));
        }
        let rows = RowCounts { read: 28, kept: 0, repeated: 0, rejected: 28 };
        report.finish(FileReport { file: "a.csv".into(), rows, ..FileReport::default() });
        let mut text = Vec::new();
        report.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("a.csv:2:cpu: \"x\" is not a number\n"), "{text}");
        assert!(text.contains("... 28 problems in all: 28 not a number\n"), "{text}");
        assert!(text.contains("a.csv: 28 rows read = 0 kept + 0 repeated + 28 rejected\n"), "{text}");
        assert!(report.is_partial() && report.is_failure());
    }
}

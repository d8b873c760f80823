//! Owner sheets: one XLSX workbook for each owner with their servers, what was found, and questions with cells to
//! answer in; read back whole or not at all. Text of others is written as text, never as a formula.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::Timestamp;

pub mod answers;
pub mod ask;
mod read;
mod write;

pub use read::{Returned, SheetError, read};
pub use write::write;

/// Name and version of the format, in the first cell.
pub const FORMAT: &str = "cairn.owner-sheet/1";
/// Worksheets of a workbook, in order.
const ABOUT: &str = "About";
const QUESTIONS: &str = "Questions";
const SERVERS: &str = "Servers";
/// Headings of the questions; the last is for the program.
const HEADINGS: [&str; 8] = [
    "Server",
    "Question",
    "What is asked",
    "What to do",
    "Possible answers",
    "Your answer",
    "Your remark",
    "State",
];
/// Columns of [`HEADINGS`].
const SERVER: u16 = 0;
const QUESTION: u16 = 1;
const ANSWER: u16 = 5;
const REMARK: u16 = 6;
const STATE: u16 = 7;
/// Lines of the first worksheet, each a name and a value.
const LINES: [&str; 7] = [
    "Format",
    "Engagement",
    "Assessment",
    "Exported",
    "Owner",
    "Answered by (your name)",
    "Answered on (date)",
];

/// A workbook for one owner.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerSheet {
    /// Whose servers; empty for those without an owner.
    pub owner: String,
    /// The engagement.
    pub engagement: String,
    /// The assessment it was made from.
    pub assessment: u64,
    /// When.
    pub exported: Timestamp,
    /// Their servers.
    pub servers: Vec<ServerLine>,
    /// What is asked of them.
    pub questions: Vec<Question>,
}

/// One server, for the owner to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLine {
    /// Its name.
    pub name: String,
    /// Operating system, role, category, score, in words.
    pub words: [String; 4],
    /// What was found, a sentence a line.
    pub findings: String,
}

/// One question about one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The server.
    pub server: String,
    /// Id: of a rule, or `move`, or `owner`.
    pub id: &'static str,
    /// What is asked.
    pub asks: String,
    /// What to do to be able to answer.
    pub todo: String,
    /// What may be answered.
    pub answers: &'static [&'static str],
    /// What was known when it was asked, as a hash: a changed one is a conflict.
    pub state: String,
}

/// A name of a file for an owner: letters and digits, the rest a hyphen.
#[must_use]
pub fn file_name(owner: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = owner.chars().take(60).map(safe).collect();
    let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "no-owner".to_owned() } else { slug }
}

#[cfg(test)]
#[path = "sheets/sheets_tests.rs"]
mod tests;

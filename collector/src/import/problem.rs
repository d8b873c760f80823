//! What is wrong with a row or a file: where, what, and what to do about it.
// SPDX-License-Identifier: Apache-2.0

use serde::Serialize;

/// The kind of a problem, by which those beyond the first few are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The whole file cannot be used.
    File,
    /// The row is cut short, by the end of the file or by a missing field.
    Truncated,
    /// The row has more fields than the header.
    TooManyFields,
    /// The text is not UTF-8, or a name is empty, too long or holds control characters.
    Text,
    /// The time cannot be read, or lies outside 1970 to 2100.
    Time,
    /// Not a number, or not a finite one.
    Number,
    /// A number no such series can have.
    OutOfRange,
    /// A word where another was expected.
    Word,
    /// Bytes that are not what was signed.
    Damaged,
    /// Not all that was signed is there, or it was not signed to its end.
    Incomplete,
    /// The same server and time was read before with other values; the first row stays.
    Conflict,
    /// A text that contradicts itself, or says what cannot be; the doubtful fact is left out.
    Doubt,
}

impl Kind {
    /// The kind as words of a sentence, for counting.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::File => "unusable file",
            Self::Truncated => "cut short",
            Self::TooManyFields => "too many fields",
            Self::Text => "unusable text",
            Self::Time => "unusable time",
            Self::Number => "not a number",
            Self::OutOfRange => "out of range",
            Self::Word => "unknown word",
            Self::Damaged => "damaged",
            Self::Incomplete => "incomplete",
            Self::Conflict => "conflicting with an earlier row",
            Self::Doubt => "doubtful fact left out",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// File it is in.
    pub file: String,
    /// Line it is on, from 1; `None` when it is about the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column it is in, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Its kind.
    pub kind: Kind,
    /// What is wrong and what to do, as a lower-case fragment.
    pub text: String,
}

/// A problem of a row before it is known which file and line the row is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(super) kind: Kind,
    pub(super) field: Option<String>,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, field: None, text: text.into() }
    }

    pub(crate) fn of(field: &str, kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, field: Some(field.to_owned()), text: text.into() }
    }

    pub(crate) fn at(self, file: &str, line: Option<u64>) -> Problem {
        Problem { file: file.to_owned(), line, field: self.field, kind: self.kind, text: self.text }
    }
}

impl Problem {
    /// A word of a field that is not one of those it may be.
    pub(crate) fn of_field(file: &str, line: Option<u64>, field: &str, text: String) -> Self {
        Self { file: file.to_owned(), line, field: Some(field.to_owned()), kind: Kind::Word, text }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.escape_debug())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ":{}", field.escape_debug())?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Text of a file inside a message: quoted, escaped, cut to a readable length.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    format!("{:?}...", text.chars().take(SHOWN).collect::<String>())
}

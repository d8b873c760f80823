//! Wording: sentences by `message_id`, from the message files built into the program. An unknown id is shown
//! with its arguments, never hidden and never a crash.
// SPDX-License-Identifier: Apache-2.0

use crate::number;
use cairn_schemas::finding::{Arg, Finding};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Every English message file, by name; a test holds this list to the directory.
const ENGLISH: &[(&str, &str)] = &[
    ("coverage", include_str!("../messages/en/coverage.toml")),
    ("readiness", include_str!("../messages/en/readiness.toml")),
    ("plan", include_str!("../messages/en/plan.toml")),
    ("decisions", include_str!("../messages/en/decisions.toml")),
    ("sheet", include_str!("../messages/en/sheet.toml")),
    ("value", include_str!("../messages/en/value.toml")),
    ("journey", include_str!("../messages/en/journey.toml")),
    ("migration", include_str!("../messages/en/migration.toml")),
    ("checklist", include_str!("../messages/en/checklist.toml")),
    ("report", include_str!("../messages/en/report.toml")),
    ("pages", include_str!("../messages/en/pages.toml")),
];

/// Arguments of a message, by placeholder name.
pub type Args = BTreeMap<String, Arg>;

/// The sentences of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    sentences: BTreeMap<String, String>,
}

/// A message file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// It is not a table of sentences.
    #[error("message file {file}: {source}")]
    Parse {
        /// Name of the file.
        file: String,
        /// What is wrong, with its line.
        source: toml::de::Error,
    },
    /// Two files word the same message.
    #[error("message file {file}: {id} is worded twice")]
    Twice {
        /// Name of the later file.
        file: String,
        /// The message.
        id: String,
    },
}

impl Messages {
    /// The English sentences built into the program.
    ///
    /// # Panics
    /// A built-in message file is broken: a bug that the tests of this module catch.
    #[must_use]
    pub fn english() -> &'static Self {
        static LOADED: LazyLock<Messages> =
            LazyLock::new(|| Messages::parse(ENGLISH).unwrap_or_else(|error| panic!("built-in {error}")));
        &LOADED
    }

    /// Reads message files, given as name and content.
    ///
    /// # Errors
    /// A file is no table of sentences, or words what another has worded.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, MessageError> {
        let mut all = Self::default();
        for (file, content) in files {
            let sentences: BTreeMap<String, String> = toml::from_str(content)
                .map_err(|source| MessageError::Parse { file: (*file).to_owned(), source })?;
            for (id, sentence) in sentences {
                if all.sentences.insert(id.clone(), sentence).is_some() {
                    return Err(MessageError::Twice { file: (*file).to_owned(), id });
                }
            }
        }
        Ok(all)
    }

    /// Whether a message has wording.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.sentences.contains_key(id)
    }

    /// Every id with its sentence, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sentences.iter().map(|(id, sentence)| (id.as_str(), sentence.as_str()))
    }

    /// The sentence of a message with its arguments filled in. `unit` names the unit of numbers whose
    /// placeholder has no format; it is the currency of `money` unless an argument `currency` says otherwise.
    #[must_use]
    pub fn render(&self, id: &str, args: &Args, unit: &str) -> String {
        match self.sentences.get(id) {
            Some(sentence) => fill(sentence, args, unit),
            None => unworded(id, args),
        }
    }

    /// The sentence of a finding.
    #[must_use]
    pub fn finding(&self, finding: &Finding) -> String {
        self.render(&finding.message_id, &finding.args, &finding.unit)
    }

    /// What to do about a finding, where it says so.
    #[must_use]
    pub fn remedy(&self, finding: &Finding) -> Option<String> {
        finding.remedy.as_ref().map(|id| self.render(id, &finding.args, &finding.unit))
    }
}

fn fill(sentence: &str, args: &Args, unit: &str) -> String {
    let mut out = String::with_capacity(sentence.len() + 16);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((placeholder, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            break;
        };
        let (name, format) = placeholder.split_once(':').unwrap_or((placeholder, ""));
        match args.get(name) {
            Some(arg) => out.push_str(&value(arg, format, args, unit)),
            None => {
                let _ = write!(out, "[{name}: not given]");
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn value(arg: &Arg, format: &str, args: &Args, unit: &str) -> String {
    match arg {
        Arg::Text(text) => number::terminal_safe(text).into_owned(),
        Arg::Number(n) => match format {
            "int" => number::int(*n),
            "one" => number::one(*n),
            "percent" => number::percent(*n),
            "bytes" => number::bytes(*n),
            "rate" => number::rate(*n),
            "ghz" => number::ghz(*n),
            "days" => number::days(*n),
            "hours" => number::hours(*n),
            "months" => number::months(*n),
            _ if format.starts_with("count ") => counted(*n, &format["count ".len()..]),
            "to_one" => number::to_one(*n),
            "money" => match args.get("currency") {
                Some(Arg::Text(currency)) => number::money(*n, currency),
                _ => number::money(*n, unit),
            },
            _ => number::plain(*n),
        },
    }
}

/// A count with the noun that goes with it, of `singular|plural`.
fn counted(n: f64, nouns: &str) -> String {
    let (singular, plural) = nouns.split_once('|').unwrap_or((nouns, nouns));
    let count = number::int(n);
    let noun = if count == "1" { singular } else { plural };
    format!("{count} {noun}")
}

fn unworded(id: &str, args: &Args) -> String {
    let mut out = format!("[{}]", number::terminal_safe(id));
    for (name, arg) in args {
        let _ = write!(out, " {} = {};", number::terminal_safe(name), value(arg, "", args, ""));
    }
    out.trim_end_matches(';').to_owned()
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;

//! Wording: sentences by `message_id`, from the message files built into the program. An unknown id is shown
//! with its arguments, never hidden and never a crash.
// SPDX-License-Identifier: Apache-2.0

use crate::nearest::meant;
use crate::number::{self, Format};
use anyhow::{Context as _, ensure};
use built_in::{ENGLISH, GERMAN};
use cairn_schemas::finding::{Arg, Finding};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

mod built_in;

/// Arguments of a message, by placeholder name.
pub type Args = BTreeMap<String, Arg>;

/// The sentences of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    sentences: BTreeMap<String, String>,
    format: Arc<Format>,
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
    /// A language nobody has translated to.
    #[error("there is no language {code:?}; there is en and de, and --messages takes a directory of others")]
    Language {
        /// As asked for.
        code: String,
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
        static LOADED: LazyLock<Messages> = LazyLock::new(|| built_in::load(ENGLISH));
        &LOADED
    }

    /// The German sentences built into the program.
    ///
    /// # Panics
    /// As [`Self::english`].
    #[must_use]
    pub fn german() -> &'static Self {
        static LOADED: LazyLock<Messages> = LazyLock::new(|| built_in::load(GERMAN));
        &LOADED
    }

    /// The sentences of a language built into the program.
    ///
    /// # Errors
    /// There is no such language.
    pub fn built_in(code: &str) -> Result<&'static Self, MessageError> {
        match code {
            "en" => Ok(Self::english()),
            "de" => Ok(Self::german()),
            _ => Err(MessageError::Language { code: code.to_owned() }),
        }
    }

    /// Reads the message files of a directory. What they do not word stays as the language they name has it, or
    /// English: one file with one sentence changes that sentence.
    ///
    /// # Errors
    /// The directory cannot be read, a file is no table of sentences, or one words what does not exist or asks for
    /// what is not given.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let shown = || format!("read the message files in {}", dir.display());
        let entries = std::fs::read_dir(dir).with_context(shown)?;
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        ensure!(!paths.is_empty(), "{}: there is no .toml file", shown());
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
            anyhow::Ok((path.display().to_string(), text))
        };
        let files = paths.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let own = Self::parse(&files)?;
        Self::built_in(own.language()).unwrap_or(Self::english()).with(own)
    }

    /// These sentences and others over them.
    fn with(&self, own: Self) -> anyhow::Result<Self> {
        for (id, sentence) in own.iter() {
            let Some(usual) = self.sentences.get(id) else {
                let meant = meant(id, self.sentences.keys().map(String::as_str));
                anyhow::bail!("there is no message {id:?} to word{meant}");
            };
            let known = placeholders(usual);
            let strange = placeholders(sentence).into_iter().find(|name| !known.contains(name));
            if let Some(name) = strange {
                anyhow::bail!("message {id} has no {{{name}}}; it has {known:?}");
            }
        }
        let mut sentences = self.sentences.clone();
        sentences.extend(own.sentences);
        let word = |key: &str| sentences.get(&format!("format.{key}")).map(String::as_str);
        Ok(Self { format: Arc::new(Format::read(word)), sentences })
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
        let word = |key: &str| all.sentences.get(&format!("format.{key}")).map(String::as_str);
        all.format = Arc::new(Format::read(word));
        Ok(all)
    }

    /// Code of the language, as the web knows it.
    #[must_use]
    pub fn language(&self) -> &str {
        self.sentences.get("format.language").map_or("en", String::as_str)
    }

    /// How it writes numbers, money and dates.
    #[must_use]
    pub const fn format(&self) -> &Arc<Format> {
        &self.format
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

/// The names a sentence asks for.
fn placeholders(sentence: &str) -> BTreeSet<&str> {
    let inside = sentence.split('{').skip(1).filter_map(|part| part.split_once('}'));
    inside.map(|(placeholder, _)| placeholder.split_once(':').map_or(placeholder, |(name, _)| name)).collect()
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

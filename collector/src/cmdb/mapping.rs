//! A mapping: which column of a CMDB's export is which fact, and what its words mean. TOML, checked whole before it is
//! saved.
// SPDX-License-Identifier: Apache-2.0

use crate::import::{Fault, Kind};
use crate::nearest::meant;
use crate::policy_file::{PolicyError, line_of, with_nearest};
use cairn_schemas::fact::{FACTS, FactEntry, FactKind, FactValue, TAG_PREFIX, entry_of};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

/// A mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Column with the server's name.
    pub server: String,
    /// Column that says when a record was last changed.
    pub updated: Option<String>,
    /// Columns left out on purpose.
    #[serde(default)]
    pub ignore: BTreeSet<String>,
    /// Columns by name.
    pub columns: BTreeMap<String, Column>,
}

/// What a column is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name of the fact, or `tag.` and a name.
    fact: Spanned<String>,
    /// What a number is to be multiplied by to be in the fact's unit: 1073741824 for GiB.
    times: Option<Spanned<f64>>,
    /// What words of the column mean; when there are some, any other word is a fault.
    #[serde(default)]
    words: BTreeMap<String, Spanned<String>>,
    /// Words that say nothing: `n/a`, `unknown`.
    #[serde(default)]
    skip: BTreeSet<String>,
}

impl Column {
    /// Name of the fact.
    #[must_use]
    pub fn fact(&self) -> &str {
        self.fact.get_ref()
    }

    /// Unit of its numbers; empty otherwise.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        entry_of(self.fact()).map_or("", FactEntry::unit)
    }

    /// Reads a field; `None` when it says nothing.
    pub(super) fn read(&self, column: &str, text: &str) -> Result<Option<FactValue>, Fault> {
        if text.is_empty() || self.skip.iter().any(|word| word.eq_ignore_ascii_case(text)) {
            return Ok(None);
        }
        let word = self.words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        let said = match word {
            Some((_, value)) => value.get_ref(),
            None if self.words.is_empty() => text,
            None => {
                let words = || self.words.keys().map(String::as_str);
                let known = words().collect::<Vec<_>>().join(", ");
                let near = meant(text, words());
                let text = format!("{text:?} is none of the words of the mapping, {known}{near}");
                return Err(Fault::of(column, Kind::Word, text));
            }
        };
        self.value(said).map(Some).map_err(|why| Fault::of(column, Kind::Word, why))
    }

    fn value(&self, text: &str) -> Result<FactValue, String> {
        let Some(entry) = entry_of(self.fact()) else { return Ok(FactValue::Text(text.to_owned())) };
        match (entry.parse(text)?, &self.times) {
            (FactValue::Number(number), Some(times)) => Ok(FactValue::Number(number * times.get_ref())),
            (value, _) => Ok(value),
        }
    }
}

/// Reads a mapping.
///
/// # Errors
/// Not TOML, a name that does not exist, no such fact, a word that is no value of its fact.
pub fn parse(file: &str, text: &str) -> Result<Mapping, PolicyError> {
    let fault = |span: Option<Range<usize>>, text_of_fault: String| PolicyError {
        file: file.to_owned(),
        line: line_of(text, span),
        text: text_of_fault,
    };
    let mapping: Mapping =
        toml::from_str(text).map_err(|error| fault(error.span(), with_nearest(error.message())))?;
    if mapping.columns.is_empty() {
        return Err(fault(None, "`columns` names no column".to_owned()));
    }
    for (name, column) in &mapping.columns {
        check(name, column).map_err(|(span, text)| fault(Some(span), text))?;
    }
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, column) in &mapping.columns {
        if let Some(other) = seen.insert(column.fact(), name) {
            let text = format!("`{}` is given by {other:?} already", column.fact());
            return Err(fault(Some(column.fact.span()), text));
        }
    }
    Ok(mapping)
}

fn check(name: &str, column: &Column) -> Result<(), (Range<usize>, String)> {
    let entry = entry_of(column.fact());
    if entry.is_none() && !column.fact().starts_with(TAG_PREFIX) {
        let near = meant(column.fact(), FACTS.iter().map(|entry| entry.name));
        let text = format!(
            "there is no fact {:?} for column {name:?}{near} (anything else is a tag: write `tag.name`)",
            column.fact()
        );
        return Err((column.fact.span(), text));
    }
    if let Some(times) = &column.times {
        let is_number = entry.is_some_and(|entry| matches!(entry.kind, FactKind::Number(_)));
        let scales = times.get_ref().is_finite() && *times.get_ref() > 0.0;
        if !(is_number && scales) {
            let text = "`times` is a number above 0, for facts that are numbers".to_owned();
            return Err((times.span(), text));
        }
    }
    for (word, value) in &column.words {
        column.value(value.get_ref()).map_err(|why| (value.span(), format!("word {word:?}: {why}")))?;
    }
    Ok(())
}

/// A name a mapping can have: 1 to 40 of `a-z 0-9 - _`.
///
/// # Errors
/// Says so.
pub fn checked_name(name: &str) -> Result<&str, String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if (1..=40).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(name);
    }
    Err(format!("mapping name {name:?}: use 1 to 40 of a-z 0-9 - _"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_line_and_the_nearest_name() {
        let check = |text: &str, expected: &str| {
            let error = parse("m.toml", text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        };
        check(
            "server = \"N\"\n[columns.RAM]\nfact = \"memory_byte\"\n",
            "m.toml:3: there is no fact \"memory_byte\" for column \"RAM\"; was \"memory_bytes\" meant?",
        );
        check("servers = \"N\"\n", "m.toml:1: there is no `servers`; was `server` meant?");
        check("server = \"N\"\n[columns.RAM]\nfact = \"os\"\ntimes = 2\n", "m.toml:4: `times` is a number");
        check(
            "server = \"N\"\n[columns.S]\nfact = \"retire\"\nwords = { live = \"perhaps\" }\n",
            "m.toml:4: word \"live\": \"perhaps\" is neither yes nor no",
        );
        check(
            "server = \"N\"\n[columns.A]\nfact = \"os\"\n[columns.B]\nfact = \"os\"\n",
            "m.toml:5: `os` is given by \"A\" already",
        );
        check("server = \"N\"\n", "m.toml:1: missing field `columns`");
    }

    #[test]
    fn names() {
        assert!(checked_name("service-now_2").is_ok());
        assert!(checked_name("Service Now").is_err() && checked_name("").is_err());
    }
}

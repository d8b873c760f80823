//! What a text says of its server: each fact with its line, each missing one with its reason, each
//! contradiction named. A fact is never both known and unknown.
// SPDX-License-Identifier: Apache-2.0

use crate::import::problem::{Fault, Kind};
use cairn_schemas::fact::FactValue;
use std::collections::BTreeMap;

/// The facts of one server from one text.
#[derive(Debug, Default, PartialEq)]
pub(in crate::import) struct Sheet {
    /// Value and line by name.
    pub(in crate::import) facts: BTreeMap<&'static str, (FactValue, u64)>,
    /// Why a fact is not known, by name; few different texts, so that they can be counted.
    pub(in crate::import) unknown: BTreeMap<&'static str, &'static str>,
    /// Contradictions, each with the line it was seen on.
    pub(in crate::import) doubts: Vec<(u64, Fault)>,
    /// What a reader should know about facts that are there.
    pub(in crate::import) remarks: Vec<&'static str>,
}

/// A value with its line, or why there is none.
pub(in crate::import) type Found<T> = Result<(T, u64), &'static str>;

impl Sheet {
    /// Keeps a text, or why it is missing.
    pub(in crate::import) fn text(&mut self, name: &'static str, found: Found<String>) {
        self.keep(name, found.map(|(text, line)| (FactValue::Text(text), line)));
    }

    /// Keeps a number, or why it is missing.
    pub(in crate::import) fn number(&mut self, name: &'static str, found: Found<f64>) {
        self.keep(name, found.map(|(number, line)| (FactValue::Number(number), line)));
    }

    /// Keeps yes or no.
    pub(in crate::import) fn flag(&mut self, name: &'static str, yes: bool, line: u64) {
        self.keep(name, Ok((FactValue::Bool(yes), line)));
    }

    fn keep(&mut self, name: &'static str, found: Found<FactValue>) {
        match found {
            Ok(value) => {
                self.unknown.remove(name);
                self.facts.insert(name, value);
            }
            Err(why) => {
                self.facts.remove(name);
                self.unknown.insert(name, why);
            }
        }
    }

    /// Leaves out a fact that the text itself makes doubtful: `why` counts, `says` is for who reads the text.
    pub(in crate::import) fn doubt(
        &mut self,
        name: &'static str,
        line: u64,
        why: &'static str,
        says: String,
    ) {
        self.keep(name, Err(why));
        self.doubts.push((line, Fault::of(name, Kind::Doubt, says)));
    }

    /// Adds what a reader should know.
    pub(in crate::import) fn remark(&mut self, text: &'static str) {
        self.remarks.push(text);
    }

    /// Everything as lines, for tests that compare whole sheets.
    #[cfg(test)]
    pub(in crate::import) fn lines(&self) -> String {
        use std::fmt::Write as _;
        let mut out = String::new();
        for (name, (value, line)) in &self.facts {
            let value = match value {
                FactValue::Bool(yes) => yes.to_string(),
                FactValue::Number(number) => number.to_string(),
                FactValue::Text(text) => text.clone(),
            };
            writeln!(out, "{name} = {value} :{line}").unwrap();
        }
        for (name, why) in &self.unknown {
            writeln!(out, "{name} ? {why}").unwrap();
        }
        for (line, fault) in &self.doubts {
            writeln!(out, ":{line} {}", fault.text).unwrap();
        }
        self.remarks.iter().for_each(|text| writeln!(out, "* {text}").unwrap());
        out
    }
}

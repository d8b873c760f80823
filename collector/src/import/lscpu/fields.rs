//! The fields of a text of lscpu, plain or JSON, each with its line; and whether it is such a text at all.
// SPDX-License-Identifier: Apache-2.0

use crate::import::server_texts::words::meaningful;
use crate::import::server_texts::{Found, NotOurs};
use serde_json::Value;

/// Names that only the English text has.
const ENGLISH: &[&str] = &[
    "CPU op-mode(s)",
    "Byte Order",
    "On-line CPU(s) list",
    "Thread(s) per core",
    "Core(s) per socket",
    "Core(s) per cluster",
    "Vendor ID",
    "Model name",
    "Socket(s)",
];
/// Names the text must have of them to be taken for English.
const ENGLISH_MIN: usize = 2;
/// What a text of any language holds.
const ANY_LANGUAGE: &[&str] =
    &["BogoMIPS", "GenuineIntel", "AuthenticAMD", "x86_64", "aarch64", "ppc64", "s390x"];
/// No machine has more of anything that is counted.
const COUNT_MAX: u64 = 1 << 20;

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) line: u64,
}

/// All fields, in order.
#[derive(Debug)]
pub(super) struct Fields(Vec<Field>);

impl Fields {
    pub(super) fn read(text: &str) -> Result<Self, NotOurs> {
        let json = text.trim_start().starts_with('{');
        let fields = if json { of_json(text)? } else { of_lines(text) };
        let english = ENGLISH.iter().filter(|name| fields.iter().any(|f| f.name == **name)).count();
        if english >= ENGLISH_MIN {
            return Ok(Self(fields));
        }
        if text.contains("DMI type") || text.trim_start().starts_with("# dmidecode") {
            return Err(NotOurs::Of("dmidecode"));
        }
        let why = if text.trim().is_empty() {
            "is empty"
        } else if text.contains("The following is the parsable format") || text.contains("CPU NODE") {
            "is the table of lscpu -p or -e; send the text of lscpu without options"
        } else if ANY_LANGUAGE.iter().any(|sign| text.contains(sign)) {
            "is not in English; run it with LC_ALL=C, as in LC_ALL=C lscpu"
        } else {
            "is no text of lscpu"
        };
        Err(NotOurs::Useless(None, why))
    }

    /// The first field of a name.
    pub(super) fn first(&self, name: &str) -> Option<&Field> {
        self.all(name).next()
    }

    /// Every field of a name: one for each type of CPU.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(move |field| field.name == name)
    }

    /// Fields by type of CPU: each begins with its model's name; those before the first belong to the first.
    pub(super) fn by_model(&self) -> Vec<&[Field]> {
        let starts: Vec<usize> =
            self.0.iter().enumerate().filter(|(_, f)| f.name == "Model name").map(|(at, _)| at).collect();
        let mut edges = vec![0];
        edges.extend(starts.iter().skip(1));
        edges.push(self.0.len());
        edges.windows(2).map(|edge| &self.0[edge[0]..edge[1]]).collect()
    }

    /// A text that is no placeholder.
    pub(super) fn text(&self, name: &str, missing: &'static str) -> Found<String> {
        let field = self.first(name).ok_or(missing)?;
        meaningful(&field.value).map(|text| (text, field.line)).ok_or(missing)
    }

    /// A count of at least one.
    pub(super) fn count(&self, name: &str, missing: &'static str) -> Found<u64> {
        let field = self.first(name).ok_or(missing)?;
        count_of(field).map(|count| (count, field.line)).ok_or(missing)
    }
}

/// The count in a field, if it is one and not zero.
pub(super) fn count_of(field: &Field) -> Option<u64> {
    field.value.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count))
}

/// `Name: value`. Lines that a tab begins are dmidecode's, where both were sent in one file.
fn of_lines(text: &str) -> Vec<Field> {
    let field = |(at, line): (usize, &str)| {
        let (name, value) = line.split_once(':').filter(|_| !line.starts_with('\t'))?;
        Some(Field { name: name.trim().to_owned(), value: value.trim().to_owned(), line: at as u64 + 1 })
    };
    text.lines().enumerate().filter_map(field).collect()
}

fn of_json(text: &str) -> Result<Vec<Field>, NotOurs> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        NotOurs::Useless(Some(error.line() as u64), "is damaged JSON; send the whole text of lscpu -J")
    })?;
    let mut found = Vec::new();
    collect(&value["lscpu"], &mut found);
    // The parser keeps no lines: each name is looked for behind the one before it.
    let mut at = 0;
    let mut line = 1;
    for field in &mut found {
        let quoted = serde_json::to_string(&field.name).unwrap_or_default();
        if let Some(ahead) = text[at..].find(&quoted) {
            let end = at + ahead + quoted.len();
            line += text[at..end].matches('\n').count() as u64;
            at = end;
        }
        field.line = line;
        field.name = field.name.trim().trim_end_matches(':').trim_end().to_owned();
    }
    Ok(found)
}

/// Fields of a list, each before its children. The parser bounds how deep they are.
fn collect(list: &Value, found: &mut Vec<Field>) {
    for entry in list.as_array().into_iter().flatten() {
        if let Some(name) = entry["field"].as_str() {
            let value = entry["data"].as_str().unwrap_or_default().trim().to_owned();
            found.push(Field { name: name.to_owned(), value, line: 0 });
        }
        collect(&entry["children"], found);
    }
}

//! `servers.csv`: one row a server, or several with `valid_from`; columns of the fact catalogue, every other
//! one a tag. `cairn facts import` reads the same rows.
// SPDX-License-Identifier: Apache-2.0

use super::moment::Moments;
use super::{name_of, text_of};
use crate::import::problem::{Fault, Kind};
use cairn_schemas::fact::{FACTS, Fact, FactEntry, FactValue, TAG_PREFIX, entry_of};
use cairn_schemas::time::Timestamp;
use csv::ByteRecord;

/// What each column of a file means.
#[derive(Debug)]
pub(crate) struct Columns {
    server: usize,
    valid_from: Option<usize>,
    confirmed_by: Option<usize>,
    facts: Vec<(usize, String, Option<&'static FactEntry>)>,
    moments: Moments,
}

/// One row read.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) server: String,
    pub(crate) facts: Vec<(String, Fact)>,
}

/// What every fact of a file shares.
#[derive(Clone, Debug)]
pub(crate) struct Provenance<'a> {
    /// Beginning of the source: `import csv servers.csv`; the line is added.
    pub(crate) source: &'a str,
    /// When it was seen or entered.
    pub(crate) observed_at: Timestamp,
    /// Who stands for it, where no column says so.
    pub(crate) confirmed_by: Option<&'a str>,
    /// Whether one fault refuses the whole file: what people know is corrected and handed in again, and half of it would
    /// look like all of it. A column that is nearly a fact is a fault then.
    pub(crate) whole: bool,
}

impl Columns {
    pub(crate) fn of(header: &[String]) -> Result<Self, Fault> {
        let place = |wanted: &str| header.iter().position(|name| name == wanted);
        let server = place("server").ok_or_else(|| {
            Fault::new(Kind::File, "there is no column \"server\"; add it, or leave this file out")
        })?;
        let mut facts = Vec::new();
        for (index, name) in header.iter().enumerate() {
            if !["server", "valid_from", "confirmed_by", ""].contains(&name.as_str()) {
                let entry = entry_of(name);
                let tag = || format!("{TAG_PREFIX}{}", name.strip_prefix(TAG_PREFIX).unwrap_or(name));
                let name = entry.map_or_else(tag, |entry| entry.name.to_owned());
                facts.push((index, name, entry));
            }
        }
        let (valid_from, confirmed_by) = (place("valid_from"), place("confirmed_by"));
        Ok(Self { server, valid_from, confirmed_by, facts, moments: Moments::default() })
    }

    /// Columns that became tags, each with the fact it may have meant.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        let tags = self.facts.iter().filter_map(|(_, name, _)| name.strip_prefix(TAG_PREFIX));
        tags.map(|tag| (tag, super::nearest(tag, FACTS.iter().map(|entry| entry.name))))
    }

    /// The unit guessed for `valid_from`, if one had to be.
    pub(crate) fn guessed(&self) -> Option<&'static str> {
        self.moments.guessed()
    }

    /// Reads a row; a blank field says nothing.
    pub(crate) fn read(
        &mut self,
        record: &ByteRecord,
        line: u64,
        from: &Provenance<'_>,
    ) -> Result<Row, Fault> {
        let server = name_of(&record[self.server])?.to_owned();
        let valid_from = match self.valid_from.map(|at| text_of("valid_from", &record[at])).transpose()? {
            None | Some("") => None,
            Some(date) if date.len() == 10 && date.contains('-') => {
                Some(self.moments.read("valid_from", &format!("{date}T00:00:00Z"))?)
            }
            Some(text) => Some(self.moments.read("valid_from", text)?),
        };
        let by = self.confirmed_by.map(|at| text_of("confirmed_by", &record[at])).transpose()?;
        let confirmed_by = by.filter(|by| !by.is_empty()).or(from.confirmed_by);
        let mut facts = Vec::new();
        for (at, name, entry) in &self.facts {
            let text = text_of(name, &record[*at])?;
            if text.is_empty() {
                continue;
            }
            let value = match entry {
                Some(entry) => entry.parse(text).map_err(|why| {
                    let field = entry.name;
                    Fault::of(field, Kind::Word, format!("{why}; correct it, or leave it blank when unknown"))
                })?,
                None => FactValue::Text(text.to_owned()),
            };
            let fact = Fact {
                value,
                unit: entry.map_or("", FactEntry::unit).to_owned(),
                source: format!("{}:{line}", from.source),
                observed_at: from.observed_at,
                valid_from,
                confirmed_by: confirmed_by.map(str::to_owned),
            };
            facts.push((name.clone(), fact));
        }
        Ok(Row { server, facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, row: &str) -> Result<Row, String> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let mut columns = Columns::of(&header).map_err(|fault| fault.text)?;
        let record = ByteRecord::from(row.split(',').collect::<Vec<_>>());
        let from = Provenance {
            source: "import csv servers.csv",
            observed_at: Timestamp(9),
            confirmed_by: Some("ada"),
            whole: false,
        };
        columns
            .read(&record, 7, &from)
            .map_err(|fault| format!("{}: {}", fault.field.unwrap_or_default(), fault.text))
    }

    #[test]
    fn rows_become_facts_with_their_provenance() {
        let row = read("server,cpu_cores,rack,owner,valid_from", "db1, 8 ,R7,,2026-01-31").unwrap();
        let fact = |value, unit: &str| Fact {
            value,
            unit: unit.to_owned(),
            source: "import csv servers.csv:7".into(),
            observed_at: Timestamp(9),
            valid_from: Some(Timestamp(1_769_817_600)),
            confirmed_by: Some("ada".into()),
        };
        let expected = vec![
            ("cpu_cores".to_owned(), fact(FactValue::Number(8.0), "cores")),
            ("tag.rack".to_owned(), fact(FactValue::Text("R7".into()), "")),
        ];
        assert_eq!(row, Row { server: "db1".into(), facts: expected });
    }

    #[test]
    fn bad_rows_name_field_and_remedy() {
        let check = |header, row, expected: &str| {
            let text = read(header, row).unwrap_err();
            assert!(text.starts_with(expected), "{row}: {text}");
        };
        check(
            "server,memory_bytes",
            "db1,64GB",
            "memory_bytes: \"64GB\" is not a number of bytes; correct it",
        );
        check("server,cpu_cores", "db1,-8", "cpu_cores: \"-8\" is out of range");
        check("server,retire", "db1,maybe", "retire: \"maybe\" is neither yes nor no");
        check("server,warranty_end", "db1,31.12.2026", "warranty_end: not an RFC 3339 time");
        check("server,valid_from", "db1,31.12.2026", "valid_from: \"31.12.2026\" is no time");
        check("server,owner", " ,IT", "server: is empty");
        check("name,owner", "x,IT", "there is no column \"server\"");
    }
}

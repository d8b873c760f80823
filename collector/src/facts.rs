//! What people and inventories know of servers: imported with who stands for it, shown with where it came
//! from. A file is taken whole or not at all.
// SPDX-License-Identifier: Apache-2.0

use crate::import::csv::servers::Provenance;
use crate::import::csv::{Met, open, read_facts};
use crate::import::{Context, FileReport, ImportError, ImportReport};
use cairn_schemas::fact::{FACTS, FactValue, Facts, TAG_PREFIX};
use std::io::{self, Write};
use std::path::Path;

/// Imports a CSV file with a `server` column and columns of the fact catalogue. `by` stands for every row
/// that has no `confirmed_by` of its own.
///
/// # Errors
/// The file cannot be read, or the store refuses.
pub fn import(path: &Path, by: Option<&str>, context: &mut Context<'_>) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let name = path.display().to_string();
    let rows = match open(path)? {
        Ok(rows) => rows,
        Err(fault) => {
            report.refuse(&name, fault);
            report.finish(FileReport { file: name, ..FileReport::default() });
            return Ok(report);
        }
    };
    let base = path.file_name().map_or_else(|| name.clone(), |base| base.to_string_lossy().into_owned());
    let source = format!("facts import {base}");
    let from = Provenance { source: &source, observed_at: context.now, confirmed_by: by, whole: true };
    let known = context.store.servers()?;
    let mut met = Met::default();
    read_facts(path, rows, &from, context, &mut met, &mut report)?;
    report.servers = met.with_facts.len();
    let new = met.with_facts.iter().filter(|server| known.binary_search(server).is_err()).count();
    if new > 0 {
        report.notes.push(format!("{new} of them were not known before: they have facts and no samples"));
    }
    Ok(report)
}

/// Writes the facts of a server, catalogue first, then tags, each with where it came from.
///
/// # Errors
/// The output refuses.
pub fn write(facts: &Facts, out: &mut impl Write) -> io::Result<()> {
    let catalogue = FACTS.iter().map(|entry| entry.name);
    let others =
        facts.keys().map(String::as_str).filter(|name| FACTS.iter().all(|entry| entry.name != *name));
    for name in catalogue.chain(others) {
        for fact in facts.get(name).into_iter().flatten() {
            let label =
                name.strip_prefix(TAG_PREFIX).map_or_else(|| name.to_owned(), |tag| format!("tag {tag}"));
            let value = match &fact.value {
                FactValue::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
                FactValue::Number(number) => format!("{number} {}", fact.unit).trim_end().to_owned(),
                FactValue::Text(text) => text.escape_debug().to_string(),
            };
            write!(out, "{:<24} {value}", label.escape_debug().to_string())?;
            if let Some(from) = fact.valid_from {
                write!(out, ", since {from}")?;
            }
            write!(out, "  [{}, {}", fact.source.escape_debug(), fact.observed_at)?;
            if let Some(by) = &fact.confirmed_by {
                write!(out, ", confirmed by {}", by.escape_debug())?;
            }
            writeln!(out, "]")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::fact::Fact;
    use cairn_schemas::time::Timestamp;

    #[test]
    fn facts_are_shown_with_provenance_and_escaped() {
        let fact = |value, unit: &str, by: Option<&str>| Fact {
            value,
            unit: unit.into(),
            source: "import csv servers.csv:2".into(),
            observed_at: Timestamp(0),
            valid_from: None,
            confirmed_by: by.map(str::to_owned),
        };
        let facts = Facts::from([
            ("tag.rack".to_owned(), vec![fact(FactValue::Text("\u{1b}[31mR7".into()), "", None)]),
            ("cpu_cores".to_owned(), vec![fact(FactValue::Number(8.0), "cores", Some("ada"))]),
        ]);
        let mut text = Vec::new();
        write(&facts, &mut text).unwrap();
        let expected = "\
cpu_cores                8 cores  [import csv servers.csv:2, 1970-01-01T00:00:00Z, confirmed by ada]
tag rack                 \\u{1b}[31mR7  [import csv servers.csv:2, 1970-01-01T00:00:00Z]
";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}

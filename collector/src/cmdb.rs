//! An export of a CMDB by a saved mapping of its columns: taken whole or not at all. What an agent has seen or a
//! person has confirmed is not overwritten by it; it stays beside, for the reconciliation.
// SPDX-License-Identifier: Apache-2.0

use crate::import::csv::{base_name, name_of, open, text_of, unreadable};
use crate::import::{Context, Fault, FileReport, ImportError, ImportReport, Kind};
use crate::nearest::meant;
use cairn_schemas::fact::Fact;
use cairn_schemas::time::Timestamp;
use csv::ByteRecord;
use std::collections::BTreeMap;
use std::path::Path;

mod mapping;
pub use mapping::{Column, Mapping, checked_name, parse};

/// Facts by server.
type ByServer = BTreeMap<String, Vec<(String, Fact)>>;

/// Imports a file by a mapping, `name` in the engagement; `by` goes into the audit.
///
/// # Errors
/// The file cannot be read, or the store refuses. What is wrong with its rows stands in the report, and then nothing
/// of it was taken.
pub fn import(
    path: &Path,
    (name, mapping): (&str, &Mapping),
    by: &str,
    context: &mut Context<'_>,
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let file = path.display().to_string();
    let mut counts = FileReport { file: file.clone(), holds: "servers", ..FileReport::default() };
    let mut rows = match open(path)? {
        Ok(rows) => rows,
        Err(fault) => {
            report.refuse(&file, fault);
            report.finish(counts);
            return Ok(report);
        }
    };
    let places = match Places::of(rows.header(), mapping) {
        Ok(places) => places,
        Err(faults) => {
            faults.into_iter().for_each(|fault| report.problem(fault.at(&file, Some(1))));
            report.finish(counts);
            return Ok(report);
        }
    };
    let mut servers = ByServer::new();
    while let Some((place, record)) = rows.next().map_err(|e| unreadable(path, e))? {
        counts.rows.read += 1;
        let source = format!("cmdb {name} {}:{}", base_name(path), place.line);
        let row = record.and_then(|record| places.read(record, mapping, &source, context.now));
        if let Err(fault) = row.and_then(|(server, facts)| add(&mut servers, server, facts)) {
            report.problem(fault.at(&file, Some(place.line)));
        }
    }
    if report.problems_by_kind.is_empty() {
        counts.rows.kept = counts.rows.read;
        report.servers = servers.len();
        let what = format!("took {} servers of {} by mapping {name}", servers.len(), base_name(path));
        let beside = context.store.put_cmdb(&format!("cmdb {name}"), &servers, by, &what, context.now)?;
        counts.notes.extend(places.left_out.iter().map(|column| {
            format!(
                "column {column:?} is not in the mapping and was left out; list it under `ignore` to say so"
            )
        }));
        if beside > 0 {
            counts.notes.push(format!(
                "{beside} values stand beside what an agent saw or a person confirmed; see `cairn facts reconcile`"
            ));
        }
    } else {
        counts.rows.rejected = counts.rows.read;
        counts
            .notes
            .push("nothing of it was taken: correct the file or the mapping and import it again".into());
    }
    report.finish(counts);
    Ok(report)
}

/// Where the columns of a mapping stand in a file.
struct Places<'a> {
    server: usize,
    updated: Option<usize>,
    columns: Vec<(usize, &'a str, &'a Column)>,
    left_out: Vec<String>,
}

impl<'a> Places<'a> {
    fn of(header: &[String], mapping: &'a Mapping) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut place = |wanted: &str| {
            let found = header.iter().position(|name| name == wanted);
            if found.is_none() {
                let near = meant(wanted, header.iter().map(String::as_str));
                let text = format!("the mapping names this column and the file has none{near}");
                faults.push(Fault::of(wanted, Kind::File, text));
            }
            found.unwrap_or_default()
        };
        let (server, updated) = (place(&mapping.server), mapping.updated.as_deref().map(&mut place));
        let columns: Vec<_> =
            mapping.columns.iter().map(|(name, c)| (place(name), name.as_str(), c)).collect();
        let taken: Vec<usize> = columns.iter().map(|(at, ..)| *at).chain([server]).chain(updated).collect();
        let open = |(at, name): &(usize, &String)| {
            !taken.contains(at) && !name.is_empty() && !mapping.ignore.contains(*name)
        };
        let left_out = header.iter().enumerate().filter(open).map(|(_, name)| name.clone()).collect();
        if faults.is_empty() { Ok(Self { server, updated, columns, left_out }) } else { Err(faults) }
    }

    fn read(
        &self,
        record: &ByteRecord,
        mapping: &Mapping,
        source: &str,
        now: Timestamp,
    ) -> Result<(String, Vec<(String, Fact)>), Fault> {
        let server = name_of(&record[self.server])?.to_owned();
        let observed_at = match (self.updated, &mapping.updated) {
            (Some(at), Some(name)) => updated(name, text_of(name, &record[at])?, now)?,
            _ => now,
        };
        let mut facts = Vec::new();
        for (at, name, column) in &self.columns {
            if let Some(value) = column.read(name, text_of(name, &record[*at])?)? {
                let (unit, source) = (column.unit().to_owned(), source.to_owned());
                let fact = Fact { value, unit, source, observed_at, valid_from: None, confirmed_by: None };
                facts.push((column.fact().to_owned(), fact));
            }
        }
        Ok((server, facts))
    }
}

/// When a record was last changed: a date, or a date and a time with a blank or a T between, UTC unless it says.
fn updated(field: &str, text: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let whole = match text.len() {
        0 => return Ok(now),
        10 => format!("{text}T00:00:00Z"),
        19 => format!("{}Z", text.replacen(' ', "T", 1)),
        _ => text.to_owned(),
    };
    let moment = Timestamp::parse_rfc3339(&whole);
    let fault = |_| {
        Fault::of(field, Kind::Time, format!("{text:?} is no time; write 2026-11-25 or 2026-11-25 15:00:00"))
    };
    moment.map(|moment| moment.min(now)).map_err(fault)
}

/// Adds a row; a server twice must say the same.
fn add(servers: &mut ByServer, server: String, facts: Vec<(String, Fact)>) -> Result<(), Fault> {
    let known = servers.entry(server).or_default();
    for (name, fact) in facts {
        match known.iter().find(|(other, _)| *other == name) {
            Some((_, other)) if other.value != fact.value => {
                let text = format!("the server has another value at {}; a server is one row", other.source);
                return Err(Fault::of(&name, Kind::Conflict, text));
            }
            Some(_) => {}
            None => known.push((name, fact)),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "cmdb/cmdb_tests.rs"]
mod tests;

//! A whole file of facts into the store: contradictions inside the file are refused, what is stored already
//! is repeated, and what a person confirmed stays.
// SPDX-License-Identifier: Apache-2.0

use super::servers::{Columns, Provenance, Row};
use super::{FileRows, Met, quoted, unreadable};
use crate::import::problem::{Fault, Kind};
use crate::import::{Context, FileReport, ImportError, ImportReport, RowCounts};
use cairn_schemas::fact::{Fact, FactValue, Facts};
use cairn_schemas::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a fact of the file said first, and on which line.
type Said = BTreeMap<(String, Option<Timestamp>), (FactValue, u64)>;

/// Reads a file of facts.
pub(crate) fn read_facts(
    path: &Path,
    mut rows: FileRows,
    from: &Provenance<'_>,
    context: &Context<'_>,
    met: &mut Met,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let file = path.display().to_string();
    let mut counts = FileReport { file: file.clone(), holds: "servers", ..FileReport::default() };
    let mut columns = match Columns::of(rows.header()) {
        Ok(columns) => columns,
        Err(fault) => {
            report.refuse(&file, fault);
            report.finish(counts);
            return Ok(());
        }
    };
    if from.whole {
        nearly_facts(rows.header(), &columns).for_each(|fault| report.problem(fault.at(&file, Some(1))));
    }
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    let mut good: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    while let Some((place, record)) = rows.next().map_err(|e| unreadable(path, e))? {
        counts.rows.read += 1;
        if place.unterminated && record.is_ok() {
            counts.notes.push(format!(
                "line {} has no line break; if the file was cut, check its last field",
                place.line
            ));
        }
        let row = record.and_then(|record| columns.read(record, place.line, from)).and_then(|row| {
            let new = !said.contains_key(&row.server);
            let before = said.entry(row.server.clone()).or_default();
            Ok((new | compare(&row, before, place.line)?, row))
        });
        match row {
            Ok((true, row)) => good.entry(row.server.clone()).or_default().push(row),
            Ok((false, _)) => counts.rows.repeated += 1,
            Err(fault) => {
                counts.rows.rejected += 1;
                report.problem(fault.at(&file, Some(place.line)));
            }
        }
    }
    if from.whole && !report.problems_by_kind.is_empty() {
        counts.rows =
            RowCounts { read: counts.rows.read, rejected: counts.rows.read, ..RowCounts::default() };
        counts.notes.push("nothing of it was taken: correct the file and import it again".into());
    } else {
        met.with_facts.extend(good.keys().cloned());
        store_rows(good, context, &mut counts)?;
    }
    say(&columns, &mut counts);
    report.finish(counts);
    Ok(())
}

/// Columns that are no fact but nearly one, unless they are written as tags.
fn nearly_facts<'a>(header: &'a [String], columns: &'a Columns) -> impl Iterator<Item = Fault> + 'a {
    columns.tags().filter(|(tag, _)| header.iter().any(|name| name == tag)).filter_map(|(tag, near)| {
        let text = format!("is no known fact; was {} meant? A tag is written tag.{tag}", near?);
        Some(Fault::of(tag, Kind::Word, text))
    })
}

/// Whether a row says something new; a fault when it contradicts a row before it.
fn compare(row: &Row, said: &mut Said, line: u64) -> Result<bool, Fault> {
    for (name, fact) in &row.facts {
        if let Some((value, first)) = said.get(&(name.clone(), fact.valid_from))
            && *value != fact.value
        {
            let text = format!("{} has another value on line {first}, which stays", quoted(&row.server));
            return Err(Fault::of(name, Kind::Conflict, text));
        }
    }
    let mut new = false;
    for (name, fact) in &row.facts {
        let key = (name.clone(), fact.valid_from);
        new |= !said.contains_key(&key);
        said.entry(key).or_insert_with(|| (fact.value.clone(), line));
    }
    Ok(new)
}

/// Puts rows into the store, all in one transaction.
fn store_rows(
    good: BTreeMap<String, Vec<Row>>,
    context: &Context<'_>,
    counts: &mut FileReport,
) -> Result<(), ImportError> {
    let known: BTreeSet<String> = context.store.servers()?.into_iter().collect();
    let stored = context.store.all_facts()?;
    let none = Facts::new();
    let (mut all, mut confirmed) = (BTreeMap::new(), 0_u64);
    for (server, rows) in good {
        let facts = stored.get(&server).unwrap_or(&none);
        let mut new = Vec::new();
        for row in rows {
            if known.contains(&server) && row.facts.iter().all(|(name, fact)| is_stored(facts, name, fact)) {
                counts.rows.repeated += 1;
                continue;
            }
            counts.rows.kept += 1;
            confirmed +=
                row.facts.iter().filter(|(name, fact)| stays_confirmed(facts, name, fact)).count() as u64;
            new.extend(row.facts);
        }
        if !new.is_empty() {
            all.insert(server, new);
        }
    }
    context.store.put_all_facts(&all)?;
    if confirmed > 0 {
        counts
            .notes
            .push(format!("{confirmed} facts differ from what a person confirmed; the person's stay"));
    }
    Ok(())
}

fn same_place<'a>(facts: &'a Facts, name: &str, fact: &Fact) -> Option<&'a Fact> {
    facts.get(name)?.iter().find(|stored| stored.valid_from == fact.valid_from)
}

fn is_stored(facts: &Facts, name: &str, fact: &Fact) -> bool {
    same_place(facts, name, fact).is_some_and(|stored| {
        stored.value == fact.value
            && (fact.confirmed_by.is_none() || stored.confirmed_by == fact.confirmed_by)
    })
}

fn stays_confirmed(facts: &Facts, name: &str, fact: &Fact) -> bool {
    same_place(facts, name, fact).is_some_and(|stored| {
        stored.confirmed_by.is_some() && fact.confirmed_by.is_none() && stored.value != fact.value
    })
}

fn say(columns: &Columns, counts: &mut FileReport) {
    if let Some(unit) = columns.guessed() {
        counts.notes.push(format!("valid_from holds numbers: read as {unit} since 1970, by their size"));
    }
    for (tag, near) in columns.tags() {
        let meant = near.map_or(String::new(), |near| format!("; was {near} meant?"));
        counts.notes.push(format!("column {} is no known fact and became a tag{meant}", quoted(tag)));
    }
    if counts.rows.read == 0 {
        counts.notes.push("there is no row below the header".into());
    }
}

//! A CSV file of the register: steps of servers, outcomes, or reasons for delays, by its columns.
// SPDX-License-Identifier: Apache-2.0

use super::{Chains, Said, delay, outcome, step};
use crate::decisions::{Words, Wrong};
use crate::import::{ImportError, Problem, csv as csv_import};
use crate::nearest::meant;
use crate::store::outcomes::Entries;
use cairn_schemas::outcome::Witness;
use cairn_schemas::time::Timestamp;
use std::path::Path;

const STEP: &[&str] = &["server", "step", "on", "due", "by", "witness", "ticket", "words", "annual_cash"];
#[rustfmt::skip]
const OUTCOME: &[&str] = &[
    "outcome", "owner", "unit", "baseline", "baseline_on", "baseline_source", "target", "due", "planned",
    "value_unit", "indicator", "realised", "basis", "on", "cause", "words", "by",
];
const DELAY: &[&str] = &["server", "cause", "words", "by", "on"];

/// What a file holds, by its columns.
#[derive(Clone, Copy)]
enum Shape {
    Steps,
    Outcomes,
    Delays,
}

/// Reads a file: all of it, or everything that is wrong. `by` stands for rows that name nobody.
///
/// # Errors
/// The file cannot be read from the disk.
pub fn read_file(
    path: &Path,
    servers: &[String],
    mut chains: Chains,
    by: &str,
    now: Timestamp,
) -> Result<Result<Entries, Vec<Problem>>, ImportError> {
    let file = path.display().to_string();
    let base = csv_import::base_name(path);
    let mut rows = match csv_import::open(path)? {
        Ok(rows) => rows,
        Err(fault) => return Ok(Err(vec![fault.at(&file, None)])),
    };
    let (shape, columns) = match header_of(rows.header(), &file) {
        Ok(found) => found,
        Err(problems) => return Ok(Err(problems)),
    };
    let (mut entries, mut wrong) = (Entries::default(), Vec::new());
    while let Some((place, row)) = rows.next().map_err(|e| csv_import::unreadable(path, e))? {
        let record = match row {
            Ok(record) => record,
            Err(fault) => {
                wrong.push(fault.at(&file, Some(place.line)));
                continue;
            }
        };
        let text = |at: usize| String::from_utf8_lossy(&record[at]).into_owned();
        let texts: Vec<(&'static str, String)> =
            columns.iter().map(|(at, name)| (*name, text(*at))).collect();
        let words: Words<'_> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let source = format!("file {base}:{}", place.line);
        let said = Said { words: &words, by, source: &source, witness: Witness::Import, now };
        if let Err(Wrong { field, text }) = take(shape, said, servers, &mut chains, &mut entries) {
            wrong.push(Problem::of_field(&file, Some(place.line), field, text));
        }
    }
    Ok(if wrong.is_empty() { Ok(entries) } else { Err(wrong) })
}

fn take(
    shape: Shape,
    said: Said<'_>,
    servers: &[String],
    chains: &mut Chains,
    entries: &mut Entries,
) -> Result<(), Wrong> {
    match shape {
        Shape::Steps => {
            let step = step(said, servers)?;
            chains.accept(&step, said.now)?;
            entries.steps.push(step);
        }
        Shape::Outcomes => entries.outcomes.push(outcome(said)?),
        Shape::Delays => entries.delays.push(delay(said, servers)?),
    }
    Ok(())
}

type Columns = Vec<(usize, &'static str)>;

fn header_of(header: &[String], file: &str) -> Result<(Shape, Columns), Vec<Problem>> {
    let has = |name: &str| header.iter().any(|column| column == name);
    let (shape, known) = if has("outcome") {
        (Shape::Outcomes, OUTCOME)
    } else if has("cause") && !has("step") {
        (Shape::Delays, DELAY)
    } else {
        (Shape::Steps, STEP)
    };
    let (mut columns, mut wrong) = (Columns::new(), Vec::new());
    for (at, name) in header.iter().enumerate() {
        match known.iter().find(|column| *column == name) {
            Some(column) => columns.push((at, *column)),
            None => {
                let text = format!("there is no such column{}", meant(name, known.iter().copied()));
                wrong.push(Problem::of_field(file, Some(1), name, text));
            }
        }
    }
    if wrong.is_empty() { Ok((shape, columns)) } else { Err(wrong) }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;

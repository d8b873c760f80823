//! CSV files of what people said (decisions, steps, outcomes, reasons): their columns by name, each row as words, and
//! everything that is wrong with a file in one go.
// SPDX-License-Identifier: Apache-2.0

use crate::decisions::{Words, Wrong};
use crate::import::{ImportError, Problem, csv as csv_import};
use crate::nearest::meant;
use std::path::Path;

/// Columns a file may have.
type Known = &'static [&'static str];

/// Reads every row of a file. `shape_of` tells from the header what the file holds and which columns it may have;
/// `take` gets that shape, the words of a row and where they stand. What it took of a refused file is to be dropped.
///
/// # Errors
/// The file cannot be read from the disk. Within: all columns nobody knows, or all rows that are wrong.
pub(crate) fn read<S: Copy>(
    path: &Path,
    shape_of: impl FnOnce(&[String]) -> (S, Known),
    mut take: impl FnMut(S, &Words<'_>, &str) -> Result<(), Wrong>,
) -> Result<Result<(), Vec<Problem>>, ImportError> {
    let file = path.display().to_string();
    let base = csv_import::base_name(path);
    let mut rows = match csv_import::open(path)? {
        Ok(rows) => rows,
        Err(fault) => return Ok(Err(vec![fault.at(&file, Some(1))])),
    };
    let (shape, known) = shape_of(rows.header());
    let columns = match columns_of(rows.header(), known, &file) {
        Ok(columns) => columns,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut wrong = Vec::new();
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
        let words = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        if let Err(fault) = take(shape, &words, &format!("file {base}:{}", place.line)) {
            wrong.push(Problem::of_field(&file, Some(place.line), fault.field, fault.text));
        }
    }
    Ok(if wrong.is_empty() { Ok(()) } else { Err(wrong) })
}

fn columns_of(
    header: &[String],
    known: Known,
    file: &str,
) -> Result<Vec<(usize, &'static str)>, Vec<Problem>> {
    let (mut columns, mut wrong) = (Vec::new(), Vec::new());
    for (at, name) in header.iter().enumerate() {
        match known.iter().find(|column| *column == name) {
            Some(column) => columns.push((at, *column)),
            None => {
                let text = format!("there is no such column{}", meant(name, known.iter().copied()));
                wrong.push(Problem::of_field(file, Some(1), name, text));
            }
        }
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}

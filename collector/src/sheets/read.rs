//! Reads a workbook back: who answered, when, and each answer with its place. Cells are read one by one, so that a
//! cell far out costs nothing; a formula is no answer.
// SPDX-License-Identifier: Apache-2.0

use super::{ABOUT, ANSWER, FORMAT, HEADINGS, QUESTION, QUESTIONS, REMARK, SERVER, STATE};
use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read as _};
use zip::ZipArchive;

/// Largest file read; a sheet of thousands of questions has a tenth of it.
const FILE_BYTES_MAX: usize = 4 << 20;
/// Most bytes of all its parts once they are unpacked: 4 MiB of zeros would unpack to 4 GiB.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// Most rows of a worksheet.
const ROWS_MAX: u32 = 100_000;
/// Longest text of a cell.
const CELL_CHARS_MAX: usize = 32_000;

/// A workbook cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It is too large.
    #[error("it has {0} bytes, an owner sheet at most {FILE_BYTES_MAX}")]
    Large(usize),
    /// It is small, and what it unpacks to is not.
    #[error("unpacked it has more than {UNPACKED_BYTES_MAX} bytes: it is no owner sheet")]
    Bloated,
    /// It is no workbook, or a worksheet of it is missing.
    #[error("{0}; send the owner the sheet again and ask to have it saved as XLSX")]
    Broken(#[from] XlsxError),
    /// Its cells or ranges lie where nothing can lie.
    #[error(
        "its cells lie outside of any worksheet; send the owner the sheet again and ask to have it saved as XLSX"
    )]
    Positions,
    /// It is another kind of workbook.
    #[error("its first cell is {0:?}, not {FORMAT:?}: it is no owner sheet of this version")]
    Foreign(String),
    /// A worksheet is longer than any that was exported.
    #[error("{0} has more than {ROWS_MAX} rows")]
    Long(&'static str),
    /// A cell that must be text is a formula.
    #[error("{0}: is a formula; write the word itself")]
    Formula(String),
    /// A heading was changed.
    #[error("{QUESTIONS} row 1: {0:?} was moved or renamed; export the sheet again")]
    Heading(&'static str),
}

/// A workbook as it came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// The engagement it is of.
    pub engagement: String,
    /// Who answered; empty when they did not say.
    pub by: String,
    /// When, as written: a date or the number of a spreadsheet's day.
    pub on: String,
    /// Rows with an answer or a remark.
    pub answers: Vec<Answer>,
}

/// One row that was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Row, from 1.
    pub row: u32,
    /// Server, as written.
    pub server: String,
    /// Id of the question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// The remark.
    pub remark: String,
    /// What was known when it was asked.
    pub state: String,
}

type Cells = BTreeMap<(u32, u32), String>;

/// Reads a workbook.
///
/// # Errors
/// It is no owner sheet, or was changed where it must not be.
pub fn read(bytes: Vec<u8>) -> Result<Returned, SheetError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(SheetError::Large(bytes.len()));
    }
    if is_bloated(&bytes) {
        return Err(SheetError::Bloated);
    }
    // Positions that are no positions overflow in calamine, which where overflow is looked for is a panic.
    std::panic::catch_unwind(|| read_workbook(bytes)).unwrap_or(Err(SheetError::Positions))
}

fn read_workbook(bytes: Vec<u8>) -> Result<Returned, SheetError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes))?;
    let about = cells(&mut workbook, ABOUT, 2)?;
    let line = |row| text(&about, row, 1);
    if line(0) != FORMAT {
        return Err(SheetError::Foreign(line(0)));
    }
    let questions = cells(&mut workbook, QUESTIONS, HEADINGS.len() as u32)?;
    for (column, heading) in (0..).zip(HEADINGS) {
        if text(&questions, 0, column) != heading {
            return Err(SheetError::Heading(heading));
        }
    }
    let rows = questions.keys().map(|(row, _)| *row).max().unwrap_or_default();
    let answer = |row| Answer {
        row: row + 1,
        server: text(&questions, row, SERVER.into()),
        question: text(&questions, row, QUESTION.into()),
        answer: text(&questions, row, ANSWER.into()),
        remark: text(&questions, row, REMARK.into()),
        state: text(&questions, row, STATE.into()),
    };
    let answers = (1..=rows).map(answer).filter(|row| !row.answer.is_empty() || !row.remark.is_empty());
    Ok(Returned { engagement: line(1), by: line(5), on: line(6), answers: answers.collect() })
}

/// Whether the parts of an archive are too large together. They are unpacked to know: what the archive says of their
/// sizes may be a lie. What cannot be unpacked is found broken by whoever reads it, after no more bytes.
fn is_bloated(bytes: &[u8]) -> bool {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    let mut left = UNPACKED_BYTES_MAX;
    for at in 0..archive.len() {
        let Ok(part) = archive.by_index(at) else { continue };
        let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink()).unwrap_or(0);
        let Some(rest) = left.checked_sub(unpacked) else { return true };
        left = rest;
    }
    false
}

fn text(cells: &Cells, row: u32, column: u32) -> String {
    cells.get(&(row, column)).cloned().unwrap_or_default()
}

/// The cells of a worksheet's first columns.
fn cells(
    workbook: &mut Xlsx<Cursor<Vec<u8>>>,
    page: &'static str,
    columns: u32,
) -> Result<Cells, SheetError> {
    let mut reader = workbook.worksheet_cells_reader(page)?;
    let mut cells = Cells::new();
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = cell.pos;
        let text = words(&cell.value);
        if column >= columns || (text.is_empty() && cell.formula.is_none()) {
            continue;
        }
        if row >= ROWS_MAX {
            return Err(SheetError::Long(page));
        }
        if cell.formula.is_some() {
            return Err(SheetError::Formula(format!("{page} row {}", row + 1)));
        }
        cells.insert(cell.pos, text);
    }
    Ok(cells)
}

fn words(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(moment) => moment.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    };
    text.trim().chars().take(CELL_CHARS_MAX).collect()
}

//! Owner sheets as a person's spreadsheet handles them: read, filled in, saved again.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, reason = "a sheet that cannot be handled fails the test, with its place")]

use calamine::{DataRef, Reader as _, Xlsx};
use rust_xlsxwriter::Workbook;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

const PAGES: [&str; 3] = ["About", "Questions", "Servers"];

/// Text by page, row and column.
pub type Cells = BTreeMap<(String, u32, u16), String>;

/// Every cell of a workbook, each of which must be text.
///
/// # Panics
/// It is no such workbook.
#[must_use]
pub fn cells_of(path: &Path) -> Cells {
    let mut workbook: Xlsx<_> = calamine::open_workbook::<Xlsx<_>, _>(path).unwrap();
    assert_eq!(workbook.sheet_names(), PAGES);
    let mut cells = Cells::new();
    for page in PAGES {
        let mut reader = workbook.worksheet_cells_reader(page).unwrap();
        while let Some(cell) = reader.next_cell_with_formula().unwrap() {
            assert_eq!(cell.formula, None, "{page} {:?}", cell.pos);
            match cell.value {
                DataRef::SharedString(text) => {
                    cells.insert((page.into(), cell.pos.0, u16::try_from(cell.pos.1).unwrap()), text.into());
                }
                DataRef::Empty => {}
                other => panic!("{page} {:?}: {other:?} is no text", cell.pos),
            }
        }
    }
    cells
}

/// Texts and formulas of any workbook.
///
/// # Panics
/// It is no workbook.
#[must_use]
pub fn texts_and_formulas(path: &Path) -> (Vec<String>, Vec<String>) {
    let mut workbook: Xlsx<_> = calamine::open_workbook::<Xlsx<_>, _>(path).unwrap();
    let (mut texts, mut formulas) = (Vec::new(), Vec::new());
    for page in workbook.sheet_names() {
        let mut reader = workbook.worksheet_cells_reader(&page).unwrap();
        while let Some(cell) = reader.next_cell_with_formula().unwrap() {
            formulas.extend(cell.formula.map(|formula| formula.to_string()));
            if let DataRef::SharedString(text) = cell.value {
                texts.push(text.to_owned());
            }
        }
    }
    (texts, formulas)
}

/// Saves a workbook as a spreadsheet would.
///
/// # Panics
/// It cannot be written.
pub fn save(cells: &Cells, path: &Path) {
    let mut workbook = Workbook::new();
    for page in PAGES {
        let sheet = workbook.add_worksheet().set_name(page).unwrap();
        for ((_, row, column), text) in cells.iter().filter(|((of, ..), _)| of == page) {
            sheet.write_string(*row, *column, text).unwrap();
        }
    }
    workbook.save_to_writer(File::create(path).unwrap()).unwrap();
}

/// The row of a question about a server.
///
/// # Panics
/// There is none.
#[must_use]
pub fn row_of(cells: &Cells, server: &str, question: &str) -> u32 {
    let is = |row: u32, column: u16, text: &str| {
        cells.get(&("Questions".to_owned(), row, column)).is_some_and(|cell| cell == text)
    };
    let rows = cells.keys().map(|(_, row, _)| *row);
    rows.max()
        .into_iter()
        .flat_map(|last| 1..=last)
        .find(|row| is(*row, 0, server) && is(*row, 1, question))
        .unwrap()
}

/// A sheet as somebody fills it in: server, question, answer, remark.
///
/// # Panics
/// It does not ask this.
#[must_use]
pub fn fill(sheet: &Path, by: &str, answers: &[(&str, &str, &str, &str)]) -> Cells {
    let mut cells = cells_of(sheet);
    cells.insert(("About".into(), 5, 1), by.into());
    for (server, question, answer, remark) in answers {
        let row = row_of(&cells, server, question);
        cells.insert(("Questions".into(), row, 5), (*answer).into());
        cells.insert(("Questions".into(), row, 6), (*remark).into());
    }
    cells
}

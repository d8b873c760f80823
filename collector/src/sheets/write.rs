//! Writes a workbook. Every cell is a string cell with the mark that keeps a spreadsheet from reading it as anything
//! else; what is not for answering is locked.
// SPDX-License-Identifier: Apache-2.0

use super::{
    ABOUT, ANSWER, FORMAT, HEADINGS, LINES, OwnerSheet, QUESTION, QUESTIONS, REMARK, SERVER, SERVERS, STATE,
};
use crate::number::terminal_safe;
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

/// Most characters of a cell; a spreadsheet takes 32,767.
const CELL_CHARS_MAX: usize = 32_000;
/// Colour of cells to answer in.
const TO_ANSWER: u32 = 0x00FF_F2CC;

/// How cells look.
struct Looks {
    heading: Format,
    text: Format,
    answer: Format,
}

/// The bytes of a workbook; the same sheet, the same cells.
///
/// # Errors
/// There are more rows than a worksheet can have.
pub fn write(sheet: &OwnerSheet) -> Result<Vec<u8>, XlsxError> {
    let text = Format::new().set_quote_prefix().set_text_wrap().set_align(FormatAlign::Top);
    let looks = Looks {
        heading: Format::new().set_bold().set_align(FormatAlign::Top),
        answer: text.clone().set_unlocked().set_background_color(TO_ANSWER),
        text,
    };
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(sheet.exported.0)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    about(workbook.add_worksheet(), sheet, &looks)?;
    questions(workbook.add_worksheet(), sheet, &looks)?;
    servers(workbook.add_worksheet(), sheet, &looks)?;
    workbook.save_to_buffer()
}

fn about(page: &mut Worksheet, sheet: &OwnerSheet, looks: &Looks) -> Result<(), XlsxError> {
    page.set_name(ABOUT)?.set_column_width(0, 28)?.set_column_width(1, 60)?.protect();
    let values = [
        FORMAT.to_owned(),
        sheet.engagement.clone(),
        sheet.assessment.to_string(),
        sheet.exported.to_string(),
        sheet.owner.clone(),
    ];
    for (row, name) in (0_u32..).zip(LINES) {
        page.write_string_with_format(row, 0, name, &looks.heading)?;
        match values.get(row as usize) {
            Some(value) => page.write_string_with_format(row, 1, safe(value), &looks.text)?,
            None => page.write_blank(row, 1, &looks.answer)?,
        };
    }
    Ok(())
}

fn questions(page: &mut Worksheet, sheet: &OwnerSheet, looks: &Looks) -> Result<(), XlsxError> {
    page.set_name(QUESTIONS)?.set_freeze_panes(1, 1)?.protect();
    for ((column, heading), width) in (0..).zip(HEADINGS).zip([24, 16, 50, 50, 18, 18, 40, 18]) {
        page.set_column_width(column, width)?;
        page.write_string_with_format(0, column, heading, &looks.heading)?;
    }
    for (row, question) in (1_u32..).zip(&sheet.questions) {
        let mut text = |column, text: &str| {
            page.write_string_with_format(row, column, safe(text), &looks.text).map(|_| ())
        };
        text(SERVER, &question.server)?;
        text(QUESTION, question.id)?;
        text(2, &question.asks)?;
        text(3, &question.todo)?;
        text(4, &question.answers.join(" / "))?;
        text(STATE, &question.state)?;
        page.write_blank(row, ANSWER, &looks.answer)?;
        page.write_blank(row, REMARK, &looks.answer)?;
        if !question.answers.is_empty() {
            let list = DataValidation::new().allow_list_strings(question.answers)?;
            page.add_data_validation(row, ANSWER, row, ANSWER, &list)?;
        }
    }
    Ok(())
}

fn servers(page: &mut Worksheet, sheet: &OwnerSheet, looks: &Looks) -> Result<(), XlsxError> {
    let headings = ["Server", "Operating system", "Role", "Category", "Readiness, of 100", "What was found"];
    page.set_name(SERVERS)?.set_freeze_panes(1, 1)?.protect();
    for ((column, heading), width) in (0..).zip(headings).zip([24, 28, 16, 14, 16, 100]) {
        page.set_column_width(column, width)?;
        page.write_string_with_format(0, column, heading, &looks.heading)?;
    }
    for (row, server) in (1_u32..).zip(&sheet.servers) {
        let cells = [&server.name].into_iter().chain(&server.words).chain([&server.findings]);
        for (column, cell) in (0..).zip(cells) {
            page.write_string_with_format(row, column, safe(cell), &looks.text)?;
        }
    }
    Ok(())
}

/// Text that fits a cell; line breaks between findings stay.
fn safe(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(terminal_safe).collect();
    lines.join("\n").chars().take(CELL_CHARS_MAX).collect()
}

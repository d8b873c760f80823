//! The report as a workbook to calculate with: what went into each figure stands in cells, and the figure beside it
//! is a formula over them, with the value this assessment gave. Text from outside is always a string cell.
// SPDX-License-Identifier: Apache-2.0

use crate::number::terminal_safe;
use crate::report::Context;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

mod catalogue;
mod changes;
mod hosts;
mod months;
mod realised;
mod servers;
mod showback;
mod summary;
mod value;

/// Most characters of a cell; a spreadsheet takes 32,767.
const CELL_CHARS_MAX: usize = 32_000;

/// What a formula gives where nothing is known; an empty result would be shown as zero until it is calculated.
const NONE: &str = "\"\u{2013}\"";

/// The assessment as a workbook. Same assessment, same bytes.
///
/// # Errors
/// There are more servers than a worksheet has rows.
pub fn xlsx(cx: &Context<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(cx.assessment.created.0)?;
    workbook.set_properties(
        &DocProperties::new().set_title(cx.say("document.title")).set_creation_datetime(&created),
    );
    let looks = Looks::new();
    summary::write(cx, &mut Page::new(&mut workbook, cx, &looks, "summary")?)?;
    hosts::write(cx, &mut Page::new(&mut workbook, cx, &looks, "hosts")?)?;
    value::write(cx, &mut Page::new(&mut workbook, cx, &looks, "value")?)?;
    months::write(cx, &mut Page::new(&mut workbook, cx, &looks, "months")?)?;
    catalogue::write(cx, &mut Page::new(&mut workbook, cx, &looks, "catalogue")?)?;
    showback::write(cx, &mut Page::new(&mut workbook, cx, &looks, "showback")?)?;
    realised::write(cx, &mut Page::new(&mut workbook, cx, &looks, "realised")?)?;
    changes::write(cx, &mut Page::new(&mut workbook, cx, &looks, "changes")?)?;
    servers::write(cx, &mut Page::new(&mut workbook, cx, &looks, "servers")?)?;
    workbook.save_to_buffer()
}

/// How cells look: what may be changed is on a ground of its own.
struct Looks {
    title: Format,
    heading: Format,
    text: Format,
    input: Format,
    result: Format,
    note: Format,
}

impl Looks {
    fn new() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            heading: top.clone().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap(),
            text: top.clone().set_quote_prefix(),
            input: top.clone().set_background_color(0x00FF_F2CC),
            result: top.clone().set_bold(),
            note: top.set_italic().set_font_color(0x0055_636F),
        }
    }
}

/// A worksheet under way, written from top to bottom.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    looks: &'a Looks,
    row: u32,
}

/// A cell of a row.
enum Put {
    Text(String),
    /// A number that went in; it may be changed.
    Input(Option<f64>),
    /// A formula and what it gave.
    Result(String, Option<f64>),
    Nothing,
}

impl<'a> Page<'a> {
    fn new(
        workbook: &'a mut Workbook,
        cx: &Context<'_>,
        looks: &'a Looks,
        id: &str,
    ) -> Result<Self, XlsxError> {
        let sheet = workbook.add_worksheet();
        let name: String = cx.say(&format!("xlsx.{id}")).chars().take(31).collect();
        sheet.set_name(&name)?.set_column_width(0, 38)?;
        sheet.write_string_with_format(0, 0, cx.say(&format!("xlsx.{id}.title")), &looks.title)?;
        sheet.write_string_with_format(1, 0, cx.say(&format!("xlsx.{id}.note")), &looks.note)?;
        Ok(Self { sheet, looks, row: 3 })
    }

    /// A row of headings; says where it stands, counted as a spreadsheet counts.
    fn headings(&mut self, names: &[String]) -> Result<u32, XlsxError> {
        for (column, name) in (0..).zip(names) {
            self.sheet.write_string_with_format(self.row, column, safe(name), &self.looks.heading)?;
        }
        self.row += 1;
        Ok(self.row)
    }

    /// A row of cells; says where it stands, counted as a spreadsheet counts.
    fn put(&mut self, cells: impl IntoIterator<Item = Put>) -> Result<u32, XlsxError> {
        for (column, cell) in (0..).zip(cells) {
            let (row, looks) = (self.row, self.looks);
            match cell {
                Put::Text(text) => {
                    self.sheet.write_string_with_format(row, column, safe(&text), &looks.text)?
                }
                Put::Input(Some(value)) => {
                    self.sheet.write_number_with_format(row, column, value, &looks.input)?
                }
                Put::Input(None) => self.sheet.write_blank(row, column, &looks.input)?,
                Put::Result(formula, value) => {
                    let value =
                        value.map_or_else(|| NONE.trim_matches('"').to_owned(), |value| value.to_string());
                    let formula = Formula::new(formula).set_result(value);
                    self.sheet.write_formula_with_format(row, column, formula, &looks.result)?
                }
                Put::Nothing => continue,
            };
        }
        self.row += 1;
        Ok(self.row)
    }

    /// An empty row.
    fn gap(&mut self) {
        self.row += 1;
    }
}

/// Text that fits a cell and steers nothing.
fn safe(text: &str) -> String {
    terminal_safe(text).chars().take(CELL_CHARS_MAX).collect()
}

#[cfg(test)]
#[path = "xlsx_tests.rs"]
mod tests;

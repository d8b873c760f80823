//! A table of figures, for people as columns and for programs as CSV, and money in its cells.
// SPDX-License-Identifier: Apache-2.0

use crate::number;
use crate::report::render::csv::disarmed;
use std::io::{self, Write};

/// Columns of text; the first is set to the left, the others to the right.
pub(super) struct Table(Vec<Vec<String>>);

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        Self(vec![headings.iter().map(|heading| (*heading).to_owned()).collect()])
    }

    pub(super) fn row(&mut self, cells: impl Into<Vec<String>>) {
        self.0.push(cells.into());
    }

    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let safe = |cell: &String| number::terminal_safe(cell).into_owned();
        let rows: Vec<Vec<String>> = self.0.iter().map(|row| row.iter().map(safe).collect()).collect();
        let width =
            |at: usize| rows.iter().map(|row| console::measure_text_width(&row[at])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.0[0].len()).map(width).collect();
        for row in &rows {
            let mut line = String::new();
            for ((at, cell), width) in row.iter().enumerate().zip(&widths) {
                let fill = " ".repeat(width.saturating_sub(console::measure_text_width(cell)));
                match at {
                    0 => line += &format!("{cell}{fill}"),
                    _ => line += &format!("  {fill}{cell}"),
                }
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// As CSV; what a spreadsheet would run is disarmed.
    pub(super) fn csv(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let mut writer = ::csv::Writer::from_writer(out);
        for row in &self.0 {
            writer.write_record(row.iter().map(|cell| disarmed(number::terminal_safe(cell).into_owned())))?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// Money for a program: `1234.50`.
pub(super) fn cents(amount: i64) -> String {
    format!("{:.2}", amount as f64 / 100.0)
}

/// Money for people, or that it is not known.
pub(super) fn shown(amount: Option<i64>) -> String {
    amount.map_or_else(|| "not known".to_owned(), |amount| number::decimals(amount as f64 / 100.0, 2))
}

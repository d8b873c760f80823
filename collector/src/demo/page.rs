//! A screen of labelled lines, indented and broken where the terminal ends.
// SPDX-License-Identifier: Apache-2.0

use console::Style;
use std::io::{self, Write};

/// Columns of the labels.
const LABEL: usize = 14;
/// Narrowest and widest lines written, whatever the terminal says.
const COLUMNS: (usize, usize) = (60, 110);

/// How to write.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of the terminal.
    pub columns: usize,
    /// Whether it shows colours.
    pub colour: bool,
}

/// Lines of a screen, indented, labelled and broken where the terminal ends.
pub(super) struct Page<'a, W> {
    pub(super) look: Look,
    pub(super) out: &'a mut W,
}

impl<W: Write> Page<'_, W> {
    /// Columns of a line after its indent.
    fn columns(&self) -> usize {
        self.look.columns.clamp(COLUMNS.0, COLUMNS.1) - 3
    }

    fn paint(&self, style: Style, text: &str) -> String {
        style.force_styling(self.look.colour).apply_to(text).to_string()
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(super) fn headline(&self, text: &str) -> String {
        self.paint(Style::new().bold().cyan(), text)
    }

    pub(super) fn good(&self, text: &str) -> String {
        self.paint(Style::new().bold().green(), text)
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {text}")
    }

    pub(super) fn dim(&mut self, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.columns()) {
            let line = self.paint(Style::new().dim(), &line);
            self.line(&line)?;
        }
        Ok(())
    }

    pub(super) fn row(&mut self, label: &str, text: &str) -> io::Result<()> {
        let width = self.columns() - LABEL;
        for (n, line) in wrapped(text, width).iter().enumerate() {
            let label = format!("{:LABEL$}", if n == 0 { label } else { "" });
            let label = self.paint(Style::new().dim(), &label);
            self.line(&format!("{label}{line}"))?;
        }
        Ok(())
    }

    /// Places with their meanings beside them, or below where one of them is too long for that.
    pub(super) fn places(&mut self, places: &[(String, String)]) -> io::Result<()> {
        let length = |text: &str| text.chars().count();
        let column = places.iter().map(|(place, _)| length(place)).max().unwrap_or(0);
        let widest = places.iter().map(|(_, meaning)| column + length(meaning) + 6).max().unwrap_or(0);
        for (place, meaning) in places {
            let meaning = self.paint(Style::new().dim(), meaning);
            if widest <= self.look.columns {
                self.line(&format!("  {place:column$}  {meaning}"))?;
            } else {
                self.line(&format!("  {meaning}"))?;
                self.line(&format!("    {place}"))?;
            }
        }
        Ok(())
    }
}

/// Breaks text at spaces that may break, so that no line is longer than `width` unless a word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && visible(line) + 1 + visible(word) > width {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}

fn visible(text: &str) -> usize {
    console::strip_ansi_codes(text).chars().count()
}

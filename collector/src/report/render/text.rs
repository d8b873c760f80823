//! Documents of prose, facts and tables as plain text, for a terminal. Drawings and tiles have no place there.
// SPDX-License-Identifier: Apache-2.0

use crate::report::{Block, ReportModel, Table};
use std::fmt::Write as _;

/// Widest line of prose.
const WIDTH: usize = 100;

/// A document as text.
#[must_use]
pub fn text(report: &ReportModel) -> String {
    let mut out = format!("{}: {}\n", report.title, report.engagement);
    for fact in &report.facts {
        let _ = writeln!(out, "{}: {}", fact.name, fact.value);
    }
    for section in &report.sections {
        let _ = write!(out, "\n{}\n{}\n", section.title, "=".repeat(section.title.chars().count()));
        section.blocks.iter().for_each(|block| put(block, &mut out));
    }
    let _ = write!(out, "\n{}\n", report.footer);
    out
}

fn put(block: &Block, out: &mut String) {
    match block {
        Block::Headline(text, under) => wrapped(&format!("{text} {under}"), out),
        Block::Heading(text) | Block::Prose(text) | Block::Note(_, text) => wrapped(text, out),
        Block::Facts(facts) => facts.iter().for_each(|fact| {
            let _ = writeln!(out, "{}: {}", fact.name, fact.value);
        }),
        Block::Table(table) => rows(table, out),
        _ => {}
    }
}

/// Each row as its name and, below it, what the other columns say.
fn rows(table: &Table, out: &mut String) {
    let _ = writeln!(out);
    for row in &table.rows {
        let mut cells = row.cells.iter().zip(&table.columns);
        if let Some((name, _)) = cells.next() {
            let _ = writeln!(out, "{}", name.text);
        }
        for (cell, column) in cells.filter(|(cell, _)| !cell.text.is_empty()) {
            let _ = writeln!(out, "    {}: {}", column.title, cell.text);
        }
    }
}

fn wrapped(text: &str, out: &mut String) {
    let mut width = 0;
    for word in text.split(' ') {
        let long = word.chars().count();
        if width > 0 && width + 1 + long > WIDTH {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += long;
    }
    out.push('\n');
}

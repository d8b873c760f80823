//! What changed since an earlier assessment, and why: computed for whoever chooses one, since it takes as long as some
//! assessments.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, nothing_yet, section};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal};
use crate::assessments::word;
use crate::number;
use crate::report::{self, Block, Cell, Row, Table};
use crate::store::AssessmentRow;

pub(super) static PAGE: Page =
    Page { id: "changes", least: Role::Viewer, in_navigation: true, live: false, build };

/// Earlier assessments offered: the latest.
const ROWS: usize = 40;

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let Some(assessment) = &visit.assessment else { return Ok(vec![nothing_yet(visit)?]) };
    let before = visit.asked("since").and_then(|id| id.parse().ok()).filter(|id| *id < assessment.id);
    let change = before.map(|before| visit.change(before)).transpose()?.flatten();
    let cx = context(assessment).since(change.as_deref());
    let mut pieces = Vec::new();
    if let Some(told) = report::section(&cx, "changes") {
        pieces.push(told.html().map_err(internal)?);
    }
    pieces.extend(choice(visit, assessment.id)?);
    Ok(pieces)
}

/// The earlier assessments, each a link to what changed since it.
fn choice(visit: &Visit, of: u64) -> Result<Option<String>, Refused> {
    let rows = visit.store.assessments().map_err(internal)?;
    let earlier: Vec<&AssessmentRow> = rows.iter().rev().filter(|row| row.id < of).take(ROWS).collect();
    if earlier.is_empty() {
        return Ok(None);
    }
    let row = |row: &&AssessmentRow| {
        let link = format!("/e/{}/changes?since={}", visit.engagement(), row.id);
        Row::new([
            Cell::new(with("changes.since", [("number", number::count(row.id as usize))])).leading_to(link),
            Cell::new(number::moment(row.created)),
            Cell::new(say(&format!("state.{}", word(row.state)))),
        ])
    };
    let table = Table {
        caption: say("earlier.title"),
        columns: columns("earlier", &["number", "created", "state"]),
        rows: earlier.iter().map(row).collect(),
        foot: None,
    };
    section("earlier", vec![Block::Table(table)]).map(Some)
}

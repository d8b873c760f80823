//! The numbered assessments: who has read and signed them, and the files of each.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{nothing_yet, section, steps};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, files, internal};
use crate::assessments::word;
use crate::number;
use crate::report::{Block, Cell, Row, Table, Tone};
use crate::store::{AssessmentRow, ReviewState};
use cairn_schemas::assessment::Signature;
use cairn_schemas::time::Timestamp;

pub(super) static PAGE: Page =
    Page { id: "assessments", least: Role::Viewer, in_navigation: true, live: false, build };

/// Rows: the latest.
const ROWS: usize = 100;

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let rows = visit.store.assessments().map_err(internal)?;
    if rows.is_empty() {
        return Ok(vec![nothing_yet(visit)?]);
    }
    let left = rows.len().saturating_sub(ROWS);
    let left = (left > 0).then(|| with("assessments.left", [("left", left as f64)]));
    let no_pdf = (!files::HAS_PDF).then(|| say("assessments.no-pdf"));
    let foot: Vec<String> = [left, no_pdf].into_iter().flatten().collect();
    let of_each = ["number", "created", "state", "reviewed", "issued"];
    let names: Vec<&str> = of_each.into_iter().chain(files::offered().map(|file| file.id)).collect();
    let table = Table {
        caption: say("assessments.title"),
        columns: columns("assessments", &names),
        rows: rows.iter().rev().take(ROWS).map(|line| row(visit.engagement(), line)).collect(),
        foot: Some(foot.join(" ")).filter(|foot| !foot.is_empty()),
    };
    let blocks = [Some(table), schedules(visit)?].into_iter().flatten().map(Block::Table).collect();
    Ok(vec![
        section("assessments", blocks)?,
        steps(visit, "sign", &["review", "issue", "bundle", "schedule"])?,
    ])
}

fn row(engagement: &str, line: &AssessmentRow) -> Row {
    let file = |name: &str| format!("/e/{engagement}/assessments/{}/{name}", line.id);
    let named = |name: &Option<Signature>| {
        let on = |name: &Signature| name.at.map_or_else(String::new, |at| format!(", {}", number::date(at)));
        name.as_ref().map_or_else(String::new, |name| format!("{}{}", name.by, on(name)))
    };
    let tone = if line.state == ReviewState::Issued { Tone::Good } else { Tone::Plain };
    let cells = [
        Cell::new(number::count(line.id as usize)),
        Cell::new(number::moment(line.created)),
        Cell::new(say(&format!("state.{}", word(line.state)))).tone(tone),
        Cell::new(named(&line.reviewed)),
        Cell::new(named(&line.issued)),
    ];
    let files = files::offered().map(|kind| Cell::new(kind.name).leading_to(file(kind.name)));
    Row::new(cells.into_iter().chain(files).collect::<Vec<_>>())
}

/// What is assessed by itself, and what became of the last runs.
fn schedules(visit: &Visit) -> Result<Option<Table>, Refused> {
    let (schedules, runs) =
        (visit.store.schedules().map_err(internal)?, visit.store.runs().map_err(internal)?);
    let never = |at: Option<Timestamp>| at.map_or_else(|| say("schedules.never"), number::moment);
    let rows: Vec<Row> = schedules
        .iter()
        .map(|kept| {
            let last = runs.iter().rev().find(|run| run.schedule == kept.id);
            let became = last.map_or_else(String::new, |run| match (run.assessment, &run.failure) {
                (Some(number), _) => with("schedules.made", [("number", number as f64)]),
                (None, Some(why)) => why.clone(),
                (None, None) => say("schedules.running"),
            });
            let schedule = &kept.schedule;
            let when = format!("{} {}", schedule.cron, schedule.zone);
            Row::new([schedule.name.clone(), when, never(last.map(|run| run.due)), became].map(Cell::new))
        })
        .collect();
    let columns = columns("schedules", &["name", "when", "last", "became"]);
    Ok((!rows.is_empty()).then(|| Table { caption: say("schedules.title"), columns, rows, foot: None }))
}

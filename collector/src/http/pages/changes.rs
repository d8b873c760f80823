//! What changed between two assessments, and why: computed for whoever chooses them, since it takes about
//! as long as an assessment.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, nothing_yet, section};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal};
use crate::assessments::word;
use crate::number;
use crate::report::{self, Block, Cell, Row, Table};
use crate::store::AssessmentRow;
use askama::Template;

pub(super) static PAGE: Page =
    Page { id: "changes", least: Role::Viewer, in_navigation: true, live: false, build };

/// Earlier assessments offered as links, and assessments to choose from: the latest.
const ROWS: usize = 40;

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    title: String,
    lead: String,
    action: String,
    choices: Vec<Choice>,
    go: String,
    /// Why what was chosen cannot be compared.
    refused: Option<String>,
}

/// One of the two sides, with every assessment it may be.
struct Choice {
    name: &'static str,
    label: String,
    options: Vec<(u64, String, bool)>,
}

/// What was chosen.
enum Chosen {
    /// Nothing, or not both yet.
    Nothing,
    /// The numbers of two that can be compared, the earlier one first.
    Two(u64, u64),
    /// Why they cannot, as the id of its wording.
    Refused(&'static str),
}

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let Some(latest) = &visit.assessment else { return Ok(vec![nothing_yet(visit)?]) };
    let rows = visit.store.assessments().map_err(internal)?;
    let chosen = chosen(visit, &rows, latest.id);
    let change = match chosen {
        Chosen::Two(before, after) => visit.change(before, after)?,
        Chosen::Nothing | Chosen::Refused(_) => None,
    };
    let cx = context(latest).since(change.as_deref());
    let mut pieces = Vec::new();
    if let Some(told) = report::section(&cx, "changes") {
        pieces.push(told.html().map_err(internal)?);
    }
    if rows.len() > 1 {
        pieces.push(compare(visit, &rows, &chosen).render().map_err(internal)?);
    }
    pieces.extend(choice(visit, &rows, latest.id)?);
    Ok(pieces)
}

/// Reads `since`, the earlier one, and `of`, the later one: the latest unless somebody says.
fn chosen(visit: &Visit, rows: &[AssessmentRow], latest: u64) -> Chosen {
    let Some(since) = visit.asked("since") else { return Chosen::Nothing };
    let known = |text: &str| text.parse().ok().filter(|id| rows.iter().any(|row| row.id == *id));
    let after = visit.asked("of").map_or(Some(latest), known);
    match (known(since), after) {
        (Some(before), Some(after)) if before < after => Chosen::Two(before, after),
        (Some(_), Some(_)) => Chosen::Refused("compare.order"),
        _ => Chosen::Refused("compare.unknown"),
    }
}

/// Both sides to choose from, by keyboard and without a script.
fn compare(visit: &Visit, rows: &[AssessmentRow], chosen: &Chosen) -> Compare {
    let latest: Vec<&AssessmentRow> = rows.iter().rev().take(ROWS).collect();
    let (before, after) = match chosen {
        Chosen::Two(before, after) => (Some(*before), Some(*after)),
        _ => (latest.get(1).map(|row| row.id), latest.first().map(|row| row.id)),
    };
    let options = |selected: Option<u64>| {
        let option = |row: &&AssessmentRow| {
            let said = [
                ("number", number::count(row.id as usize)),
                ("created", number::moment(row.created)),
                ("state", say(&format!("state.{}", word(row.state)))),
            ];
            (row.id, with("compare.option", said), selected == Some(row.id))
        };
        latest.iter().map(option).collect()
    };
    Compare {
        title: say("compare.title"),
        lead: say("compare.lead"),
        action: format!("/e/{}/changes", visit.engagement()),
        choices: vec![
            Choice { name: "since", label: say("compare.since"), options: options(before) },
            Choice { name: "of", label: say("compare.of"), options: options(after) },
        ],
        go: say("compare.go"),
        refused: if let Chosen::Refused(why) = chosen { Some(say(why)) } else { None },
    }
}

/// The earlier assessments, each a link to what changed since it.
fn choice(visit: &Visit, rows: &[AssessmentRow], of: u64) -> Result<Option<String>, Refused> {
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

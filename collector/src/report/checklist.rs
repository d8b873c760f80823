//! How ready the organisation is: ten areas with their level, the steps that come next, and every point.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tone, date};
use crate::number;
use cairn_schemas::assessment::{ChecklistPoint, TriggerState};

/// The section.
pub(super) static SECTION: Section = Section { id: "checklist", build };

fn build(cx: &Context<'_>) -> Vec<Block> {
    let checklist = &cx.assessment.checklist;
    if checklist.areas.is_empty() {
        return vec![Block::Note(Tone::Unknown, cx.say("checklist.none"))];
    }
    vec![
        Block::Prose(cx.with("checklist.lead", [("source", checklist.source.clone())])),
        Block::Table(areas(cx)),
        Block::Table(steps(cx)),
        Block::Table(points(cx)),
    ]
}

fn worded(cx: &Context<'_>, id: &str) -> String {
    cx.name(&[format!("checklist.{id}")], id)
}

fn areas(cx: &Context<'_>) -> Table {
    let row = |area: &cairn_schemas::assessment::ChecklistArea| {
        let count = |state| area.points.iter().filter(|point| point.state == state).count();
        let tone = if area.level == 0 { Tone::Attention } else { Tone::Plain };
        let level = format!("{}, {}", area.level, worded(cx, &format!("level.{}", area.level)));
        Row::new([
            Cell::new(worded(cx, &format!("{}.title", area.id))),
            Cell::new(level).tone(tone),
            Cell::new(number::count(count(TriggerState::Met))),
            Cell::new(number::count(count(TriggerState::Unmet))),
            Cell::new(number::count(count(TriggerState::Unknown))),
        ])
    };
    Table {
        caption: cx.say("checklist.areas"),
        columns: cx.columns("checklist", &["area", "level", "#met", "#unmet", "#unknown"]),
        rows: cx.assessment.checklist.areas.iter().map(row).collect(),
        foot: Some(cx.say("checklist.areas.foot")),
    }
}

fn steps(cx: &Context<'_>) -> Table {
    let row = |id: &String| {
        let part = |part: &str| Cell::new(worded(cx, &format!("{id}.{part}")));
        Row::new([Cell::new(id.clone()), part("question"), part("evidence")])
    };
    Table {
        caption: cx.say("checklist.next"),
        columns: cx.columns("checklist", &["point", "question", "evidence"]),
        rows: cx.assessment.checklist.next.iter().map(row).collect(),
        foot: None,
    }
}

fn points(cx: &Context<'_>) -> Table {
    let row = |point: &ChecklistPoint| {
        let (state, tone) = match point.state {
            TriggerState::Met => ("met", Tone::Good),
            TriggerState::Unmet => ("unmet", Tone::Attention),
            TriggerState::Unknown | TriggerState::NotRequired => ("unknown", Tone::Unknown),
        };
        Row::new([
            Cell::new(point.id.clone()),
            Cell::new(number::int(f64::from(point.level))),
            Cell::new(worded(cx, &format!("{}.question", point.id))),
            Cell::new(cx.say(&format!("trigger.state.{state}"))).tone(tone),
            Cell::new(basis(cx, point)),
        ])
    };
    Table {
        caption: cx.say("checklist.points"),
        columns: cx.columns("checklist", &["point", "#level-of", "question", "state", "basis"]),
        rows: cx.assessment.checklist.areas.iter().flat_map(|area| &area.points).map(row).collect(),
        foot: None,
    }
}

/// What an answer stands on: a measurement, or a person with date and evidence.
fn basis(cx: &Context<'_>, point: &ChecklistPoint) -> String {
    match (point.have, point.need, &point.by, point.on) {
        (Some(have), Some(need), ..) => {
            cx.with("checklist.measured", [("have", number::plain(have)), ("need", number::plain(need))])
        }
        (_, _, Some(by), Some(on)) => {
            let evidence = point.evidence.as_deref().unwrap_or_default();
            cx.with(
                "checklist.said",
                [("by", by.clone()), ("on", date(on)), ("evidence", evidence.to_owned())],
            )
        }
        _ => cx.say("checklist.unanswered"),
    }
}

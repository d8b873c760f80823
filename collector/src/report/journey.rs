//! Where on the journey the estate stands, what opens the next phase, and the step that comes next.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Stage, Table, Tone};
use crate::number;
use cairn_schemas::assessment::{Trigger, TriggerState};
use cairn_schemas::finding::Finding;
use cairn_schemas::moment::{Moment, MomentFigure};

/// The section.
pub(super) static SECTION: Section = Section { id: "journey", build };

/// Phases of the journey.
const PHASES: u8 = 4;
/// What is said of a phase, in reading order.
const PARTS: [&str; 7] =
    ["capability", "inflection", "workloads", "sponsor", "stakeholders", "confidence", "value"];

fn build(cx: &Context<'_>) -> Vec<Block> {
    let journey = &cx.assessment.journey;
    let share = cx.known(journey.virtualised_share_ratio.map(number::percent), "share");
    let lead = cx.with("journey.lead", [("phase", phase_name(cx, journey.phase)), ("share", share)]);
    let mut blocks = vec![Block::Prose(lead), Block::Stages(stages(cx))];
    blocks.push(next_step(cx));
    blocks.extend(moments(cx));
    blocks.extend((1..=journey.phase + 1).filter_map(|phase| conditions(cx, phase)));
    blocks.extend(in_short(cx));
    if let Some(evidence) = cx.findings(&journey.evidence) {
        blocks.push(Block::Heading(cx.say("journey.evidence")));
        blocks.push(evidence);
    }
    blocks
}

/// What the phase that opens gives, or the next one, and what stands in its way.
fn in_short(cx: &Context<'_>) -> Vec<Block> {
    let journey = &cx.assessment.journey;
    let number = journey.opened.last().map_or(journey.phase + 1, |opened| opened.phase);
    let Some(sheet) = journey.phases.iter().find(|sheet| sheet.number == number) else { return Vec::new() };
    let worded = |part: &str| cx.name(&[format!("phase.{}.{part}", sheet.id)], part);
    let mut facts: Vec<_> =
        PARTS.iter().map(|part| cx.fact(&format!("journey.phase.{part}"), worded(part))).collect();
    let obstacles = sheet.obstacles.iter().map(|id| cx.name(&[format!("obstacle.{id}")], id));
    facts.push(cx.fact("journey.phase.obstacles", obstacles.collect::<Vec<_>>().join(" ")));
    let sponsors = journey.sponsors.iter().map(|id| cx.name(&[format!("sponsor.{id}")], id));
    facts.push(cx.fact("journey.phase.order", sponsors.collect::<Vec<_>>().join(", ")));
    facts.push(cx.fact("journey.phase.source", sheet.source.clone()));
    let heading = cx.with("journey.phase", [("phase", phase_name(cx, number))]);
    vec![Block::Heading(heading), Block::Facts(facts)]
}

/// What has happened for the first time, with its figures and the words of whoever it was done for.
fn moments(cx: &Context<'_>) -> Option<Block> {
    let row = |told: &Moment| {
        let figure = |figure: &MomentFigure| {
            cx.with(&format!("moment.figure.{}", figure.figure), [("amount", figure.amount)])
        };
        let figures: Vec<String> = told.figures.iter().map(figure).collect();
        let said_by = if told.owner.is_empty() { &told.by } else { &told.owner };
        let quote = [("words", told.words.as_str()), ("by", said_by.as_str())];
        Row::new([
            Cell::new(cx.name(&[format!("{}.condition", told.moment)], &told.moment)),
            Cell::new(number::date(told.on)),
            stated(cx, &figures.join("; ")),
            if told.words.is_empty() { stated(cx, "") } else { Cell::new(cx.with("moment.quote", quote)) },
            stated(cx, &told.evidence),
            Cell::new(&told.by),
        ])
    };
    let moments = &cx.assessment.journey.moments;
    let table = Table {
        caption: cx.say("moment.table"),
        columns: cx.columns("moment", &["moment", "on", "figures", "words", "evidence", "by"]),
        rows: moments.iter().map(row).collect(),
        foot: None,
    };
    (!moments.is_empty()).then_some(Block::Table(table))
}

/// What somebody said, or that nobody did.
fn stated(cx: &Context<'_>, text: &str) -> Cell {
    if text.is_empty() { Cell::new(cx.say("moment.nothing")).tone(Tone::Unknown) } else { Cell::new(text) }
}

fn phase_name(cx: &Context<'_>, phase: u8) -> String {
    let id = format!("report.phase.{phase}.name");
    cx.name(&[id], &cx.assessment.journey.phase_id)
}

fn stages(cx: &Context<'_>) -> Vec<Stage> {
    let journey = &cx.assessment.journey;
    let stage = |phase: u8| {
        let opened = journey.opened.iter().any(|opened| opened.phase == phase);
        let (state, label) = match phase {
            p if p < journey.phase => ("past", None),
            p if p == journey.phase && opened => ("here", Some(cx.say("phase.open"))),
            p if p == journey.phase => ("here", Some(cx.say("phase.here"))),
            _ if opened => ("next", Some(cx.say("phase.open"))),
            p if p == journey.phase + 1 => ("next", Some(cx.say("phase.next"))),
            _ => ("ahead", None),
        };
        Stage {
            number: number::int(f64::from(phase)),
            name: phase_name(cx, phase),
            note: cx.say(&format!("phase.{phase}.note")),
            state,
            label,
        }
    };
    (0..PHASES).map(stage).collect()
}

/// The next step: the phase that opens, or the first condition that does not hold yet.
fn next_step(cx: &Context<'_>) -> Block {
    let journey = &cx.assessment.journey;
    if let Some(opened) = journey.opened.last() {
        let first = cx.names(opened.first_wave.iter().map(String::as_str), 8);
        let args = [("phase", phase_name(cx, opened.phase)), ("servers", first)];
        return Block::Note(Tone::Good, cx.with("journey.step.opened", args));
    }
    let open = journey.triggers.iter().find(|trigger| trigger.phase == journey.phase + 1 && !trigger.holds());
    match open {
        Some(trigger) => {
            let condition = condition(cx, trigger);
            Block::Note(Tone::Attention, cx.with("journey.step.condition", [("condition", condition)]))
        }
        None => Block::Note(Tone::Unknown, cx.say("journey.step.none")),
    }
}

fn condition(cx: &Context<'_>, trigger: &Trigger) -> String {
    let id = &trigger.condition;
    let ids = [
        format!("journey.{id}"),
        format!("journey.trigger.{id}"),
        format!("trigger.{id}"),
        format!("{id}.condition"),
        format!("report.trigger.{id}"),
    ];
    cx.name(&ids, id)
}

/// What is missing, and what would change that.
fn said(cx: &Context<'_>, finding: &Finding) -> impl Iterator<Item = String> {
    let said = cx.said(finding);
    std::iter::once(said.text).chain(said.remedy)
}

fn conditions(cx: &Context<'_>, phase: u8) -> Option<Block> {
    let row = |trigger: &Trigger| {
        let (id, tone) = match trigger.state {
            TriggerState::Met => ("met", Tone::Good),
            TriggerState::Unmet => ("unmet", Tone::Attention),
            TriggerState::Unknown => ("unknown", Tone::Unknown),
            TriggerState::NotRequired => ("not-required", Tone::Plain),
        };
        // A condition that is no number is met or not; there is nothing to have or to need.
        let have = match (trigger.have, trigger.need) {
            (None, None) => Cell::new(cx.say("trigger.nothing")),
            (have, _) => cx.known_cell(have.map(number::plain), "have"),
        };
        let no_need = if trigger.have.is_some() { "trigger.no-need" } else { "trigger.no-number" };
        let need = trigger.need.map_or_else(|| cx.say(no_need), number::plain);
        let missing: Vec<_> = trigger.missing.iter().flat_map(|finding| said(cx, finding)).collect();
        let missing = if missing.is_empty() { cx.say("trigger.nothing") } else { missing.join(" ") };
        Row::new([
            Cell::new(condition(cx, trigger)),
            Cell::new(cx.say(&format!("trigger.state.{id}"))).tone(tone),
            have,
            Cell::new(need),
            Cell::new(missing),
        ])
    };
    let triggers: Vec<_> = cx.assessment.journey.triggers.iter().filter(|t| t.phase == phase).collect();
    let table = Table {
        caption: cx.with("journey.conditions", [("phase", phase_name(cx, phase))]),
        columns: cx.columns("journey", &["condition", "state", "#have", "#need", "missing"]),
        rows: triggers.iter().copied().map(row).collect(),
        foot: Some(cx.say("journey.foot")),
    };
    (!triggers.is_empty()).then_some(Block::Table(table))
}

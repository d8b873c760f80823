//! What changed since an earlier assessment, and why: each figure in parts, one a cause, that add up to it exactly.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tone};
use crate::chart::{self, Caption, Step};
use crate::number;
use cairn_schemas::assessment::{Category, Resource};
use cairn_schemas::change::{
    AssessmentChange, Cause, CauseCount, ChangeBasis, FigureChange, ServerChange, VerdictLevel,
};

/// The section.
pub(super) static SECTION: Section = Section { id: "changes", build };

/// Servers named; all are in the JSON of `cairn diff`.
const SERVERS: usize = 100;

/// Figures drawn, where they changed.
const DRAWN: [&str; 2] = ["all_hosts", "readiness_score"];

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(change) = cx.change else { return vec![Block::Note(Tone::Unknown, cx.say("changes.none"))] };
    let mut blocks = vec![Block::Prose(lead(cx, change)), Block::Note(tone(change), verdict(cx, change))];
    blocks.extend(DRAWN.iter().filter_map(|id| drawn(cx, change, id)));
    blocks.push(Block::Table(figures(cx, change)));
    blocks.extend(causes(cx, &change.causes).map(Block::Table));
    blocks.extend(servers(cx, change).map(Block::Table));
    blocks
}

fn lead(cx: &Context<'_>, change: &AssessmentChange) -> String {
    let (before, after) = (&change.before, &change.after);
    let basis = match change.basis {
        ChangeBasis::Recomputed => "recomputed",
        ChangeBasis::RecomputedSince => "recomputed-since",
        ChangeBasis::Compared => "compared",
    };
    cx.with(
        "changes.lead",
        [
            ("before", number::int(before.id as f64)),
            ("on", number::date(before.created)),
            ("after", number::int(after.id as f64)),
            ("now", number::date(after.created)),
            ("basis", cx.say(&format!("changes.basis.{basis}"))),
        ],
    )
}

const fn tone(change: &AssessmentChange) -> Tone {
    match change.verdict.level {
        VerdictLevel::Nothing => Tone::Plain,
        VerdictLevel::Drift | VerdictLevel::TriggerChanged => Tone::Attention,
    }
}

fn verdict(cx: &Context<'_>, change: &AssessmentChange) -> String {
    cx.say(match change.verdict.level {
        VerdictLevel::Nothing => "changes.verdict.nothing",
        VerdictLevel::Drift => "changes.verdict.drift",
        VerdictLevel::TriggerChanged => "changes.verdict.trigger",
    })
}

/// A number of steps as people read it.
fn shown(figure: &FigureChange, steps: i64) -> String {
    number::plain(figure.value(steps))
}

fn signed(figure: &FigureChange, steps: i64) -> String {
    let sign = if steps > 0 { "+" } else { "" };
    format!("{sign}{}", shown(figure, steps))
}

fn name(cx: &Context<'_>, figure: &FigureChange) -> String {
    cx.name(&[format!("report.changes.figure.{}", figure.id)], &figure.id)
}

fn cause(cx: &Context<'_>, cause: Cause) -> String {
    cx.say(&format!("changes.cause.{}", cause.name()))
}

/// From the one to the other, one cause after another.
fn drawn(cx: &Context<'_>, change: &AssessmentChange, id: &str) -> Option<Block> {
    let figure = change.figures.iter().find(|figure| figure.id == id)?;
    let (before, after) = (figure.before?, figure.after?);
    if figure.parts.is_empty() {
        return None;
    }
    let step = |part: &cairn_schemas::change::ChangePart| Step {
        label: cause(cx, part.cause),
        change: figure.value(part.change),
        text: signed(figure, part.change),
    };
    let steps: Vec<Step> = figure.parts.iter().map(step).collect();
    let title = name(cx, figure);
    let description = cx.with("changes.chart", [("figure", title.as_str())]);
    let id = format!("chart-changes-{}", id.replace('_', "-"));
    let caption = Caption { id: &id, title: &title, description: &description };
    let ends = [
        (
            cx.with("changes.assessment", [("id", change.before.id as f64)]),
            figure.value(before),
            shown(figure, before),
        ),
        (
            cx.with("changes.assessment", [("id", change.after.id as f64)]),
            figure.value(after),
            shown(figure, after),
        ),
    ];
    let svg = chart::steps(&caption, &ends, &steps);
    cx.chart(svg, Vec::new(), parts(cx, figure)).map(Block::Chart)
}

fn parts(cx: &Context<'_>, figure: &FigureChange) -> Table {
    let row = |part: &cairn_schemas::change::ChangePart| {
        Row::new([Cell::new(cause(cx, part.cause)), Cell::new(signed(figure, part.change))])
    };
    let mut rows: Vec<Row> = figure.parts.iter().map(row).collect();
    let whole = figure.change.map_or_else(|| cx.say("not-known"), |change| signed(figure, change));
    rows.push(Row::new([Cell::new(cx.say("changes.whole")), Cell::new(whole)]).total());
    Table {
        caption: cx.with("changes.parts", [("figure", name(cx, figure))]),
        columns: cx.columns("changes.parts", &["cause", "#change"]),
        rows,
        foot: None,
    }
}

fn figures(cx: &Context<'_>, change: &AssessmentChange) -> Table {
    let unknown = |steps: Option<i64>, figure: &FigureChange| {
        cx.known_cell(steps.map(|steps| shown(figure, steps)), "value")
    };
    let row = |figure: &FigureChange| {
        let part = |part: &cairn_schemas::change::ChangePart| {
            format!("{} {}", cause(cx, part.cause), signed(figure, part.change))
        };
        let parts: Vec<String> = figure.parts.iter().map(part).collect();
        let change = figure.change.map(|change| signed(figure, change));
        let unit = if figure.unit == "1" { "" } else { figure.unit.as_str() };
        let unit = unit.replace("currency", &cx.assessment.value.currency);
        Row::new([
            Cell::new(format!(
                "{}{}",
                name(cx, figure),
                if unit.is_empty() { String::new() } else { format!(", {unit}") }
            )),
            unknown(figure.before, figure),
            unknown(figure.after, figure),
            Cell::new(change.unwrap_or_else(|| cx.say("not-known"))),
            Cell::new(parts.join("; ")),
        ])
    };
    let changed =
        change.figures.iter().filter(|figure| figure.before != figure.after || !figure.parts.is_empty());
    let mut rows: Vec<Row> = changed.map(row).collect();
    if rows.is_empty() {
        rows.push(Row::new([Cell::new(cx.say("changes.unchanged"))]));
    }
    Table {
        caption: cx.say("changes.figures"),
        columns: cx.columns("changes.figures", &["figure", "#before", "#after", "#change", "parts"]),
        rows,
        foot: Some(cx.say("changes.figures.foot")),
    }
}

fn causes(cx: &Context<'_>, causes: &[CauseCount]) -> Option<Table> {
    let row = |count: &CauseCount| {
        Row::new([Cell::new(cause(cx, count.cause)), Cell::new(number::int(count.servers as f64))])
    };
    let table = Table {
        caption: cx.say("changes.causes"),
        columns: cx.columns("changes.causes", &["cause", "#servers"]),
        rows: causes.iter().map(row).collect(),
        foot: None,
    };
    (!causes.is_empty()).then_some(table)
}

fn servers(cx: &Context<'_>, change: &AssessmentChange) -> Option<Table> {
    let left = change.servers.len().saturating_sub(SERVERS);
    let table = Table {
        caption: cx.say("changes.servers"),
        columns: cx.columns("changes.servers", &["server", "cause", "load", "category", "score"]),
        rows: change.servers.iter().take(SERVERS).map(|server| server_row(cx, server)).collect(),
        foot: (left > 0).then(|| cx.with("changes.servers.left", [("left", left as f64)])),
    };
    (!change.servers.is_empty()).then_some(table)
}

fn server_row(cx: &Context<'_>, server: &ServerChange) -> Row {
    let category = |category: Option<Category>| match category {
        None => cx.say("changes.outside"),
        Some(category) => cx.say(&format!("category.{}", format!("{category:?}").to_lowercase())),
    };
    let score = |score: Option<f64>| score.map_or_else(|| cx.say("not-known"), number::one);
    let to = |before: String, after: String| match before == after {
        true => after,
        false => cx.with("changes.to", [("before", before), ("after", after)]),
    };
    let load = server.load.map(|load| {
        let amount = |value: f64| match load.resource {
            Resource::Cpu => number::ghz(value),
            Resource::Memory => number::bytes(value),
            Resource::Disk | Resource::Network => number::rate(value),
        };
        format!("{} {}", cx.resource(load.resource), to(amount(load.before), amount(load.after)))
    });
    Row::new([
        Cell::new(&server.server),
        Cell::new(cause(cx, server.cause)),
        Cell::new(load.unwrap_or_default()),
        Cell::new(to(category(server.category_before), category(server.category_after))),
        Cell::new(to(score(server.score_before), score(server.score_after))),
    ])
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;

//! How ready the servers are: the spread of scores, the best candidates, what blocks the others, when they work,
//! and every decision needed.
// SPDX-License-Identifier: Apache-2.0

use super::decisions::{decisions, register};
use super::{Block, Cell, Chart, Context, Row, Section, Table};
use crate::chart::{self, Caption, HeatRow, ScoreColumn};
use crate::number;
use cairn_schemas::assessment::{Category, ServerReadiness};

/// The section.
pub(super) static SECTION: Section = Section { id: "readiness", build };

/// Servers in the table of candidates, in the heat strips, and decisions shown.
const CANDIDATES: usize = 15;
const STRIPS: usize = 24;
const DECISIONS: usize = 20;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let readiness = &cx.assessment.readiness;
    let lead = match readiness.score {
        Some(score) => cx.with("readiness.lead", [("score", score)]),
        None => cx.say("readiness.lead.none"),
    };
    let mut blocks = vec![Block::Prose(lead)];
    blocks.extend(spread(cx).map(Block::Chart));
    blocks.push(Block::Table(categories(cx)));
    blocks.extend(candidates(cx));
    blocks.extend(strips(cx).map(Block::Chart));
    blocks.extend(decisions(cx, DECISIONS));
    blocks.extend(register(cx, DECISIONS));
    blocks
}

fn spread(cx: &Context<'_>) -> Option<Chart> {
    let servers = &cx.assessment.readiness.servers;
    let in_bin = |bin: usize, category: Category| {
        let bin_of = |score: f64| ((score / 10.0).floor() as usize).min(9);
        servers.iter().filter(|s| s.category == category && s.score.map(bin_of) == Some(bin)).count()
    };
    let column = |bin: usize| ScoreColumn {
        label: if bin == 9 {
            "90\u{2013}100".into()
        } else {
            format!("{}\u{2013}{}", bin * 10, bin * 10 + 9)
        },
        stack: vec![
            ("ready", in_bin(bin, Category::Ready)),
            ("conditional", in_bin(bin, Category::Conditional)),
        ],
        apart: false,
    };
    let counts = cx.assessment.readiness.counts;
    let without = |id: &str, class, count, apart| ScoreColumn {
        label: cx.say(&format!("category.{id}")),
        stack: vec![(class, count)],
        apart,
    };
    let mut columns: Vec<_> = (0..10).map(column).collect();
    columns.push(without("blocked", "blocked", counts.blocked, true));
    columns.push(without("unknown", "unknown", counts.unknown, false));
    let (title, description) = (cx.say("spread.title"), cx.say("spread.description"));
    let caption = Caption { id: "chart-spread", title: &title, description: &description };
    let svg = chart::scores(&caption, &cx.say("spread.axis"), &columns);
    let row = |column: &ScoreColumn| {
        let sum: usize = column.stack.iter().map(|(_, n)| n).sum();
        Row::new([Cell::new(&column.label), Cell::new(number::count(sum))])
    };
    let rows = columns.iter().map(row).collect();
    let table = Table {
        caption: title.clone(),
        columns: cx.columns("spread", &["score", "#servers"]),
        rows,
        foot: None,
    };
    let key = ["ready", "conditional", "blocked", "unknown"]
        .map(|class| (class, cx.say(&format!("category.{class}"))))
        .to_vec();
    cx.chart(svg, key, table)
}

fn categories(cx: &Context<'_>) -> Table {
    let counts = cx.assessment.readiness.counts;
    let row = |category: Category, id: &str, count: usize| {
        Row::new([
            cx.category(category),
            Cell::new(number::count(count)),
            Cell::new(cx.say(&format!("category.{id}.meaning"))),
        ])
    };
    Table {
        caption: cx.say("categories.title"),
        columns: cx.columns("categories", &["category", "#servers", "meaning"]),
        rows: vec![
            row(Category::Ready, "ready", counts.ready),
            row(Category::Conditional, "conditional", counts.conditional),
            row(Category::Blocked, "blocked", counts.blocked),
            row(Category::Unknown, "unknown", counts.unknown),
        ],
        foot: None,
    }
}

fn candidates(cx: &Context<'_>) -> Option<Block> {
    let scored: Vec<_> = cx.assessment.readiness.servers.iter().filter(|s| s.score.is_some()).collect();
    if scored.is_empty() {
        return None;
    }
    let row = |server: &&ServerReadiness| {
        let parts = server.parts.map(|p| [p.fit, p.steadiness, p.room, p.ease, p.ownership]);
        let mut cells = vec![
            Cell::new(&server.server),
            cx.known_cell(server.score.map(number::int), "score"),
            cx.category(server.category),
        ];
        cells.extend((0..5).map(|i| cx.known_cell(parts.map(|p| number::int(p[i])), "score")));
        cells.push(Cell::new(cx.confidence(server.confidence)));
        Row::new(cells).marked(cx.mark([server.server.as_str()]))
    };
    let left = scored.len().checked_sub(CANDIDATES).filter(|left| *left > 0);
    Some(Block::Table(Table {
        caption: cx.say("candidates.title"),
        columns: cx.columns(
            "candidates",
            &[
                "server",
                "#score",
                "category",
                "#fit",
                "#steadiness",
                "#room",
                "#ease",
                "#ownership",
                "confidence",
            ],
        ),
        rows: scored.iter().take(CANDIDATES).map(row).collect(),
        foot: left.map(|left| cx.with("candidates.foot", [("left", left as f64)])),
    }))
}

/// When the busiest servers work, hour by hour.
#[must_use]
pub fn strips(cx: &Context<'_>) -> Option<Chart> {
    let p95 = |s: &ServerReadiness| s.utilisation.cpu_busy_ratio.map_or(0.0, |p| p.p95);
    let mut servers: Vec<_> = cx.assessment.readiness.servers.iter().collect();
    servers.retain(|server| !server.utilisation.cpu_by_hour.is_empty());
    servers.sort_by(|a, b| p95(b).total_cmp(&p95(a)).then_with(|| a.server.cmp(&b.server)));
    servers.truncate(STRIPS);
    let rows: Vec<_> = servers
        .iter()
        .map(|s| HeatRow { label: marked(cx, s), hours: s.utilisation.cpu_by_hour.clone() })
        .collect();
    let (title, description) = (cx.say("strips.title"), cx.say("strips.description"));
    let caption = Caption { id: "chart-strips", title: &title, description: &description };
    let svg = chart::heat(&caption, &rows, &cx.say("not-known"));
    let mut columns = cx.columns("strips", &["server"]);
    columns.extend((0..24).map(|hour| super::summary::numeric(format!("{hour:02}"))));
    let field = |value: Option<f64>| cx.known_cell(value.map(number::percent), "hour");
    let table_row = |server: &&ServerReadiness| {
        let hours = (0..24).map(|h| field(server.utilisation.cpu_by_hour.get(h).copied().flatten()));
        let cells: Vec<_> = std::iter::once(Cell::new(&server.server)).chain(hours).collect();
        Row::new(cells).marked(cx.mark([server.server.as_str()]))
    };
    let rows = servers.iter().map(table_row).collect();
    let table = Table { caption: title.clone(), columns, rows, foot: None };
    cx.chart(svg, Vec::new(), table)
}

fn marked(cx: &Context<'_>, server: &ServerReadiness) -> String {
    if server.simulated {
        cx.with("simulated.label", [("name", server.server.as_str())])
    } else {
        server.server.clone()
    }
}

//! What was measured, what is missing and why, and how long to go on.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tile};
use crate::number;
use cairn_schemas::assessment::{Coverage, ServerReadiness};
use cairn_schemas::finding::Arg;
use cairn_schemas::time::{DAY_S, HOUR_S};

/// The section.
pub(super) static SECTION: Section = Section { id: "coverage", build };

/// Servers listed, the poorest first.
const ROWS: usize = 15;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let coverage = &cx.assessment.coverage;
    let mut blocks = vec![Block::Prose(cx.say("coverage.lead"))];
    blocks.push(Block::Tiles(tiles(cx, coverage)));
    blocks.extend(missing(cx, coverage));
    blocks.extend(poorest(cx));
    blocks
}

fn tiles(cx: &Context<'_>, coverage: &Coverage) -> Vec<Tile> {
    let month_end = if coverage.month_end_seen { "month-end.seen" } else { "month-end.unseen" };
    let days = f64::from(coverage.days_still_to_measure);
    let more = if coverage.days_still_to_measure == 0 { "tile.more.none" } else { "tile.more.days" };
    let span = cx.with(
        "tile.span.note",
        [("weekdays", Arg::from(f64::from(coverage.weekdays))), ("month_end", Arg::from(cx.say(month_end)))],
    );
    let off = cx.with("tile.coverage.note", [("off", coverage.off_s as f64 / HOUR_S as f64)]);
    vec![
        cx.tile("tile.coverage", coverage.ratio.map(number::percent), off, "coverage_ratio"),
        cx.tile("tile.span", Some(number::days(coverage.span_days)), span, "span_days"),
        cx.tile(
            "tile.confidence",
            Some(cx.confidence(coverage.confidence)),
            cx.with(more, [("days", days)]),
            "confidence",
        ),
    ]
}

/// The words of a gap reason.
pub(super) fn gap(cx: &Context<'_>, reason: cairn_schemas::gap::GapReason) -> String {
    cx.say(&format!("gap.{}", reason.name()))
}

fn missing(cx: &Context<'_>, coverage: &Coverage) -> Option<Block> {
    let due = coverage.due_s.max(1) as f64;
    let mut reasons: Vec<_> = coverage.missing_s.iter().filter(|(_, seconds)| **seconds > 0).collect();
    reasons.sort_by_key(|(reason, seconds)| (-**seconds, **reason));
    if reasons.is_empty() {
        return None;
    }
    let row = |(reason, seconds): (_, &i64)| {
        let seconds = *seconds as f64;
        Row::new([
            Cell::new(gap(cx, reason)),
            Cell::new(number::int(seconds / HOUR_S as f64)),
            Cell::new(number::percent(seconds / due)),
        ])
    };
    Some(Block::Table(Table {
        caption: cx.say("missing.title"),
        columns: cx.columns("missing", &["reason", "#hours", "#share"]),
        rows: reasons.into_iter().map(|(reason, seconds)| row((*reason, seconds))).collect(),
        foot: Some(cx.say("missing.foot")),
    }))
}

fn poorest(cx: &Context<'_>) -> Option<Block> {
    let mut servers: Vec<_> = cx.assessment.readiness.servers.iter().collect();
    servers.sort_by(|a, b| {
        let ratio = |s: &ServerReadiness| s.coverage_ratio.unwrap_or(-1.0);
        ratio(a).total_cmp(&ratio(b)).then_with(|| a.server.cmp(&b.server))
    });
    let all = servers.len();
    servers.truncate(ROWS);
    let foot = all.checked_sub(ROWS).filter(|left| *left > 0);
    let table = Table {
        caption: cx.say("poorest.title"),
        columns: cx.columns("poorest", &["server", "#coverage", "#span", "confidence", "reason", "#more"]),
        rows: servers.into_iter().map(|server| row(cx, server)).collect(),
        foot: foot.map(|left| cx.with("poorest.foot", [("left", left as f64)])),
    };
    (all > 0).then_some(Block::Table(table))
}

fn row(cx: &Context<'_>, server: &ServerReadiness) -> Row {
    let coverage = &server.coverage;
    let worst = coverage.missing_s.iter().max_by_key(|(reason, seconds)| (**seconds, **reason));
    let reason = worst.filter(|(_, seconds)| **seconds > 0).map_or_else(
        || cx.say(if coverage.due_s == 0 { "poorest.nothing-due" } else { "poorest.nothing-missing" }),
        |(reason, seconds)| {
            let days = *seconds as f64 / DAY_S as f64;
            cx.with("poorest.missing", [("reason", Arg::from(gap(cx, *reason))), ("days", Arg::from(days))])
        },
    );
    Row::new([
        Cell::new(&server.server),
        cx.known_cell(server.coverage_ratio.map(number::percent), "coverage"),
        Cell::new(number::days(coverage.span_days)),
        Cell::new(cx.confidence(server.confidence)),
        Cell::new(reason),
        Cell::new(number::days(f64::from(coverage.days_still_to_measure))),
    ])
    .marked(cx.mark([server.server.as_str()]))
}

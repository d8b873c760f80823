//! What would have gone wrong: the plan made again and again from the past alone, held against the week after.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tile, Tone};
use crate::number;
use cairn_schemas::assessment::{Backtest, Fold};

/// The section.
pub(super) static SECTION: Section = Section { id: "risk", build };

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(plan) = cx.assessment.consolidation.as_ref() else { return cx.no_plan() };
    let lead = Block::Prose(cx.say("risk.lead"));
    let mut blocks = vec![lead];
    match &plan.backtest {
        Some(test) => blocks.extend([Block::Tiles(tiles(cx, test)), Block::Table(folds(cx, test))]),
        None => blocks.push(Block::Note(Tone::Unknown, cx.known(None, "backtest"))),
    }
    let said: Vec<_> = plan.findings.iter().filter(|finding| finding.id == "backtest").cloned().collect();
    blocks.extend(cx.findings(&said));
    blocks
}

fn tiles(cx: &Context<'_>, test: &Backtest) -> Vec<Tile> {
    let unobserved = cx.with("tile.violations.note", [("unobserved", test.unobserved as f64)]);
    let folds = cx.with("tile.worst.note", [("folds", test.folds as f64)]);
    let percent = |ratio: Option<f64>| ratio.map(number::percent);
    vec![
        cx.tile(
            "tile.risk",
            test.minutes_per_host_year.map(number::one),
            cx.say("tile.risk.note"),
            "minutes_per_host_year",
        ),
        cx.tile("tile.violations", percent(test.violation_ratio), unobserved, "violation_ratio"),
        cx.tile("tile.worst", percent(test.worst_fold_violation_ratio), folds, "worst_fold_violation_ratio"),
        cx.tile(
            "tile.affected",
            percent(test.hosts_ever_affected_ratio),
            cx.say("tile.affected.note"),
            "hosts_ever_affected_ratio",
        ),
    ]
}

fn folds(cx: &Context<'_>, test: &Backtest) -> Table {
    let row = |fold: &Fold| {
        let share = (fold.host_intervals > 0).then(|| fold.violations as f64 / fold.host_intervals as f64);
        Row::new([
            Cell::new(number::date(fold.week)),
            Cell::new(number::count(fold.hosts)),
            Cell::new(number::int(fold.host_intervals as f64)),
            Cell::new(number::int(fold.unobserved as f64)),
            Cell::new(number::int(fold.violations as f64)),
            cx.known_cell(share.map(number::percent), "unobserved"),
        ])
    };
    Table {
        caption: cx.say("folds.title"),
        columns: cx
            .columns("folds", &["week", "#hosts", "#observed", "#unobserved", "#violations", "#share"]),
        rows: test.by_fold.iter().map(row).collect(),
        foot: Some(cx.say("folds.foot")),
    }
}

//! Where CMDB, agents and imports differ: how often, and the first of them by name.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Table};
use crate::reconcile::words;

/// Differences shown; the others are in `cairn facts reconcile`.
const ROWS: usize = 20;

/// The differences; `None` when there is none.
pub(super) fn differences(cx: &Context<'_>) -> Option<Block> {
    let all = &cx.assessment.differences;
    let left = all.len().checked_sub(ROWS).filter(|left| *left > 0);
    let rows = all.iter().take(ROWS).map(|difference| {
        let reason = cx.say(&format!("reconcile.{}.reason", difference.reason.name()));
        let cells =
            [Cell::new(&difference.server), Cell::new(reason), Cell::new(words(difference, cx.words()))];
        Row::new(cells).marked(cx.mark([difference.server.as_str()]))
    });
    let table = Table {
        caption: cx.say("reconcile.title"),
        columns: cx.columns("reconcile", &["server", "reason", "why"]),
        rows: rows.collect(),
        foot: left.map(|left| cx.with("reconcile.more", [("left", left as f64)])),
    };
    (!all.is_empty()).then_some(Block::Table(table))
}

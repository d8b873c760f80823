//! How the readiness scores are spread: one column per step of ten, then the servers without a score.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH};
use crate::number;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreColumn {
    /// Under it.
    pub label: String,
    /// Servers by colour class (`ready`, `conditional`, `blocked`, `unknown`), from the ground up.
    pub stack: Vec<(&'static str, usize)>,
    /// Whether a gap stands before it.
    pub apart: bool,
}

const TOP: f64 = 26.0;
const FULL: f64 = 170.0;
const GAP: f64 = 8.0;
const APART: f64 = 34.0;

/// Draws the columns; empty when there are none.
#[must_use]
pub fn scores(caption: &Caption<'_>, axis: &str, columns: &[ScoreColumn]) -> String {
    let sum = |column: &ScoreColumn| column.stack.iter().map(|(_, n)| n).sum::<usize>();
    let most = columns.iter().map(sum).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let apart = APART * columns.iter().filter(|column| column.apart).count() as f64;
    let width = (WIDTH - apart) / columns.len() as f64 - GAP;
    let scale = FULL / most as f64;
    let ground = TOP + FULL;
    let mut svg = Svg::new(caption, ground + 46.0);
    let mut x = 0.0;
    for column in columns {
        x += if column.apart { APART } else { 0.0 };
        let mut y = ground;
        for (class, count) in &column.stack {
            let height = *count as f64 * scale;
            y -= height;
            svg.rect(&format!("fill-{class}"), [x, y, width, height]);
        }
        if sum(column) > 0 {
            svg.text("chart-count", [x + width / 2.0, y - 7.0], Anchor::Middle, &number::count(sum(column)));
        }
        svg.line("axis", [x, ground], [x + width, ground]);
        svg.text("chart-label", [x + width / 2.0, ground + 19.0], Anchor::Middle, &column.label);
        x += width + GAP;
    }
    svg.text("chart-note", [0.0, ground + 40.0], Anchor::Start, axis);
    svg.finish()
}

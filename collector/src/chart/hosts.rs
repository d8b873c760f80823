//! How full the planned hosts are: used in the fullest cell, free up to the limit, and headroom beyond it.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, short, short_start};
use crate::number;

/// One host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostBar {
    /// Its name.
    pub label: String,
    /// Right of it: who is on it and what fills it.
    pub note: String,
    /// Colour class of the fullest resource, `cpu` say; `None` for an empty host kept for failover.
    pub resource: Option<&'static str>,
    /// Share used in the fullest cell.
    pub used: f64,
    /// Share the plan may use of that resource; `None` when the assessment does not say.
    pub limit: Option<f64>,
}

const LABEL: f64 = 190.0;
const NOTE: f64 = 310.0;
const ROW: f64 = 24.0;
const THICK: f64 = 15.0;
const TOP: f64 = 24.0;

/// Draws a bar a host; empty when there are none.
#[must_use]
pub fn hosts(caption: &Caption<'_>, bars: &[HostBar]) -> String {
    if bars.is_empty() {
        return String::new();
    }
    let full = WIDTH - LABEL - NOTE;
    let bottom = TOP + ROW * bars.len() as f64;
    let mut svg = Svg::new(caption, bottom + 4.0);
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = full.mul_add(tick, LABEL);
        svg.line("grid", [x, TOP - 4.0], [x, bottom]);
        svg.text("chart-note", [x, 14.0], Anchor::Middle, &number::percent(tick));
    }
    for (index, bar) in bars.iter().enumerate() {
        let y = ROW.mul_add(index as f64, TOP);
        svg.text("chart-label", [LABEL - 10.0, y + 12.5], Anchor::End, &short_start(&bar.label, 24));
        let used = bar.used.clamp(0.0, 1.0) * full;
        match bar.resource {
            Some(resource) => {
                svg.rect("fill-free", [LABEL, y, full, THICK]);
                svg.rect(&format!("fill-{resource}"), [LABEL, y, used, THICK]);
            }
            None => svg.rect("fill-failover-empty", [LABEL, y, full, THICK]),
        }
        if let (Some(limit), Some(_)) = (bar.limit, bar.resource) {
            let x = full.mul_add(limit.clamp(0.0, 1.0), LABEL);
            svg.rect("fill-headroom", [x, y, LABEL + full - x, THICK]);
            svg.line("limit", [x, y - 2.0], [x, y + THICK + 2.0]);
        }
        svg.text("chart-note", [LABEL + full + 14.0, y + 12.0], Anchor::Start, &short(&bar.note, 48));
    }
    svg.finish()
}

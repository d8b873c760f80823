//! Scenarios side by side: hosts and failover hosts stacked, the proven bound as a mark.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, short};
use crate::number;

/// One scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioBar {
    /// Its name.
    pub label: String,
    /// Under the name: its limits.
    pub note: String,
    /// Hosts of the plan.
    pub hosts: usize,
    /// Hosts besides, for failures.
    pub failover_hosts: usize,
    /// No plan can do with fewer than this.
    pub lower_bound_hosts: usize,
    /// Whether this is the plan of the report.
    pub chosen: bool,
}

const LABEL: f64 = 250.0;
const END: f64 = 130.0;
const ROW: f64 = 54.0;
const THICK: f64 = 26.0;

/// Draws a bar a scenario; empty when there are none. `bound` names the mark.
#[must_use]
pub fn scenarios(caption: &Caption<'_>, bound: &str, bars: &[ScenarioBar]) -> String {
    let most = bars.iter().map(|bar| bar.hosts + bar.failover_hosts).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let scale = (WIDTH - LABEL - END) / most as f64;
    let bottom = ROW * bars.len() as f64;
    let mut svg = Svg::new(caption, bottom + 26.0);
    for (index, bar) in bars.iter().enumerate() {
        let y = ROW.mul_add(index as f64, 6.0);
        let class = if bar.chosen { "chart-count" } else { "chart-label" };
        svg.text(class, [LABEL - 14.0, y + 12.0], Anchor::End, &short(&bar.label, 30));
        svg.text("chart-note", [LABEL - 14.0, y + 29.0], Anchor::End, &short(&bar.note, 44));
        let (hosts, spare) = (bar.hosts as f64 * scale, bar.failover_hosts as f64 * scale);
        svg.rect("fill-host", [LABEL, y, hosts, THICK]);
        svg.rect("fill-failover", [LABEL + hosts, y, spare, THICK]);
        let mark = (bar.lower_bound_hosts as f64).mul_add(scale, LABEL);
        svg.line("limit", [mark, y - 4.0], [mark, y + THICK + 4.0]);
        let sum = format!("{} + {}", number::count(bar.hosts), number::count(bar.failover_hosts));
        svg.text(class, [LABEL + hosts + spare + 12.0, y + 18.0], Anchor::Start, &sum);
    }
    svg.line("limit", [LABEL, bottom + 4.0], [LABEL, bottom + 18.0]);
    svg.text("chart-note", [LABEL + 10.0, bottom + 15.0], Anchor::Start, bound);
    svg.finish()
}

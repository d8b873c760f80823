//! Cumulated cash by year: the base as a line within the band from low to high.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, round_step};
use crate::number;

/// Cumulated cash at the end of a year.
#[derive(Clone, Debug, PartialEq)]
pub struct CashYear {
    /// Under it.
    pub label: String,
    /// Low, base and high.
    pub range: [f64; 3],
}

const LEFT: f64 = 96.0;
const RIGHT: f64 = 120.0;
const TOP: f64 = 22.0;
const FULL: f64 = 230.0;

/// Draws the band; empty when there is no year or a figure is not a number. `names` words low, base and high.
#[must_use]
pub fn cash(caption: &Caption<'_>, currency: &str, names: [&str; 3], years: &[CashYear]) -> String {
    let all = || years.iter().flat_map(|year| year.range).chain([0.0]);
    let (lowest, highest) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    if years.is_empty() || !all().all(f64::is_finite) || highest <= lowest {
        return String::new();
    }
    let step = round_step(highest - lowest, 5.0);
    let (from, to) = ((lowest / step).floor() * step, (highest / step).ceil() * step);
    let y_of = |value: f64| (FULL / (to - from)).mul_add(to - value, TOP);
    let width = WIDTH - LEFT - RIGHT;
    let x_of = |index: usize| (width / years.len() as f64).mul_add(index as f64 + 0.5, LEFT);
    let mut svg = Svg::new(caption, TOP + FULL + 30.0);
    for tick in 0..=((to - from) / step).round() as usize {
        let value = step.mul_add(tick as f64, from);
        let class = if value.abs() < step / 2.0 { "axis" } else { "grid" };
        svg.line(class, [LEFT, y_of(value)], [WIDTH - RIGHT, y_of(value)]);
        svg.text("chart-note", [LEFT - 10.0, y_of(value) + 4.0], Anchor::End, &number::money(value, ""));
    }
    let along = |which: usize| -> Vec<String> {
        let point = |(i, year): (usize, &CashYear)| format!("{:.1} {:.1}", x_of(i), y_of(year.range[which]));
        years.iter().enumerate().map(point).collect()
    };
    let mut back = along(0);
    back.reverse();
    svg.path("cash-band", &format!("M{}L{}Z", along(2).join("L"), back.join("L")));
    for (which, class) in ["cash-edge", "cash-line", "cash-edge"].into_iter().enumerate() {
        svg.path(class, &format!("M{}", along(which).join("L")));
    }
    for (index, year) in years.iter().enumerate() {
        svg.circle("cash-point", [x_of(index), y_of(year.range[1])], 4.0);
        svg.text("chart-label", [x_of(index), TOP + FULL + 22.0], Anchor::Middle, &year.label);
    }
    ends(&mut svg, names, currency, years, x_of(years.len() - 1), y_of);
    svg.finish()
}

/// Names the three ends, kept apart.
fn ends(
    svg: &mut Svg,
    names: [&str; 3],
    currency: &str,
    years: &[CashYear],
    x: f64,
    y_of: impl Fn(f64) -> f64,
) {
    let Some(last) = years.last() else { return };
    let mut free = f64::NEG_INFINITY;
    for which in [2, 1, 0] {
        let y = (y_of(last.range[which]) + 4.0).max(free + 17.0);
        free = y;
        let class = if which == 1 { "chart-count" } else { "chart-label" };
        let text = format!("{} {}", names[which], number::money(last.range[which], currency));
        svg.text(class, [x + 12.0, y], Anchor::Start, &text);
    }
}

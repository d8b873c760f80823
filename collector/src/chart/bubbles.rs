//! Where the load of an estate is concentrated: each server a circle, further right the busier, higher the more its
//! peak takes, larger the more memory it uses.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, escape, round_step};
use std::fmt::Write as _;

/// A server.
#[derive(Clone, Debug, PartialEq)]
pub struct Bubble {
    /// Its name.
    pub label: String,
    /// Colour class: `ready`, `conditional`, `blocked`, `unknown`.
    pub class: &'static str,
    /// Usual share of its CPU in use, 0 to 1.
    pub busy: f64,
    /// What its peak takes, in the unit of the axis.
    pub peak: f64,
    /// What its area stands for.
    pub weight: f64,
}

const LEFT: f64 = 70.0;
const TOP: f64 = 52.0;
const FULL: f64 = 260.0;
const RADIUS_MAX: f64 = 26.0;
const RADIUS_MIN: f64 = 3.0;

/// Draws them, the largest first so that none hides another; empty when there are none. `axes` name what runs right
/// and up, `top` words the highest peak.
#[must_use]
pub fn bubbles(caption: &Caption<'_>, [right, up]: [&str; 2], top: &str, bubbles: &[Bubble]) -> String {
    let most = |of: fn(&Bubble) -> f64| bubbles.iter().map(of).fold(0.0, f64::max);
    let (peak, weight) = (most(|b| b.peak), most(|b| b.weight));
    if bubbles.is_empty() || peak <= 0.0 {
        return String::new();
    }
    let ground = TOP + FULL;
    let mut svg = Svg::new(caption, ground + 44.0);
    // As wide as needed, in four round steps: idle estates would stand in a corner.
    let step = round_step(most(|b| b.busy).clamp(0.04, 1.0), 4.0);
    let widest = 4.0 * step;
    let across =
        |busy: f64| LEFT + RADIUS_MAX + (WIDTH - LEFT - 2.0 * RADIUS_MAX) * (busy / widest).clamp(0.0, 1.0);
    for share in [0.0, 1.0, 2.0, 3.0, 4.0].map(|steps| steps * step) {
        let x = across(share);
        svg.line("grid", [x, TOP], [x, ground]);
        svg.text("chart-note", [x, ground + 18.0], Anchor::Middle, &crate::number::percent(share));
    }
    svg.line("axis", [LEFT, ground], [WIDTH, ground]);
    svg.text("chart-note", [LEFT - 8.0, TOP + 4.0], Anchor::End, top);
    svg.text("chart-note", [LEFT - 8.0, ground], Anchor::End, "0");
    svg.text("chart-note", [0.0, 14.0], Anchor::Start, up);
    svg.text("chart-note", [WIDTH, ground + 38.0], Anchor::End, right);
    let mut order: Vec<&Bubble> = bubbles.iter().collect();
    order.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.label.cmp(&b.label)));
    for bubble in order {
        let share = if weight > 0.0 { bubble.weight / weight } else { 0.0 };
        let radius = (RADIUS_MAX * share.max(0.0).sqrt()).max(RADIUS_MIN);
        let x = across(bubble.busy);
        let y = ground - FULL * (bubble.peak / peak).clamp(0.0, 1.0);
        let _ = write!(
            svg.body,
            "<circle class=\"bubble fill-{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{}</title></circle>",
            bubble.class,
            escape(&bubble.label)
        );
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_lie_over_the_large_and_names_are_escaped() {
        let bubble = |label: &str, weight: f64| Bubble {
            label: label.into(),
            class: "ready",
            busy: 0.5,
            peak: 1.0,
            weight,
        };
        let caption = Caption { id: "c", title: "t", description: "d" };
        let drawn = bubbles(&caption, ["x", "y"], "1", &[bubble("<b>", 1.0), bubble("large", 9.0)]);
        let (large, small) = (drawn.find("large").unwrap(), drawn.find("&lt;b&gt;").unwrap());
        assert!(large < small && !drawn.contains("<b>"), "{drawn}");
        assert_eq!(bubbles(&caption, ["x", "y"], "1", &[]), "");
    }
}

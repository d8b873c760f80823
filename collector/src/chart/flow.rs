//! The estate today, what becomes of it, and what stands tomorrow: three bars to one scale, joined by bands.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, short};
use crate::number;

/// A part of the middle or right bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowPart {
    /// Its name.
    pub label: String,
    /// Machines in it.
    pub count: usize,
    /// Colour class: `virtualise`, `stay`, `retire`, `outside`, `host` or `failover`.
    pub class: &'static str,
}

/// What the chart shows. `paths` add up to today's machines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Over the three bars.
    pub headings: [String; 3],
    /// What becomes of the machines of today; parts of class `virtualise` and `stay` lead on to tomorrow.
    pub paths: Vec<FlowPart>,
    /// The machines of tomorrow, those of class `stay` last.
    pub tomorrow: Vec<FlowPart>,
}

const TOP: f64 = 46.0;
const FULL: f64 = 250.0;
const BAR: f64 = 30.0;
const LEFT_X: f64 = 0.0;
const MIDDLE_X: f64 = 310.0;
const RIGHT_X: f64 = 640.0;
const LABEL_STEP: f64 = 21.0;

/// Draws the flow; empty when there are no machines.
#[must_use]
pub fn flow(caption: &Caption<'_>, flow: &Flow) -> String {
    let today: usize = flow.paths.iter().map(|part| part.count).sum();
    if today == 0 {
        return String::new();
    }
    let tomorrow: usize = flow.tomorrow.iter().map(|part| part.count).sum();
    // A plan may add machines: the scale follows the higher bar.
    let scale = FULL / today.max(tomorrow) as f64;
    let middle = stack(&flow.paths, scale);
    let right = stack(&flow.tomorrow, scale);
    let labels_end = [&middle, &right].map(|spans| labels(spans).last().copied().unwrap_or(TOP));
    let height = labels_end.into_iter().fold(TOP + FULL, f64::max) + 16.0;

    let mut svg = Svg::new(caption, height);
    for (x, heading) in [LEFT_X, MIDDLE_X, RIGHT_X].into_iter().zip(&flow.headings) {
        svg.text("chart-heading", [x, 16.0], Anchor::Start, heading);
    }
    let whole = today as f64 * scale;
    let mut left_y = TOP;
    for (part, [y, h]) in flow.paths.iter().zip(&middle) {
        let real = part.count as f64 * scale;
        band(&mut svg, part.class, [LEFT_X + BAR, left_y, real], [MIDDLE_X, *y, *h]);
        left_y += real;
    }
    lead_on(&mut svg, flow, &middle, &right);
    svg.rect("fill-today", [LEFT_X, TOP, BAR, whole]);
    svg.text("chart-big", [LEFT_X + BAR + 12.0, TOP + 28.0], Anchor::Start, &number::count(today));
    draw_parts(&mut svg, &flow.paths, &middle, MIDDLE_X, 34);
    draw_parts(&mut svg, &flow.tomorrow, &right, RIGHT_X, 36);
    svg.finish()
}

/// Start and height of each part; even one machine of thousands stays visible.
fn stack(parts: &[FlowPart], scale: f64) -> Vec<[f64; 2]> {
    let mut y = TOP;
    parts
        .iter()
        .map(|part| {
            let height = (part.count as f64 * scale).max(2.0);
            let span = [y, height];
            y += height + 3.0;
            span
        })
        .collect()
}

/// Where the labels stand: beside their part, never over one another.
fn labels(spans: &[[f64; 2]]) -> Vec<f64> {
    let mut free = TOP;
    spans
        .iter()
        .map(|[y, height]| {
            let at = (y + height / 2.0 + 5.0).max(free + 5.0);
            free = at + LABEL_STEP - 5.0;
            at
        })
        .collect()
}

fn draw_parts(svg: &mut Svg, parts: &[FlowPart], spans: &[[f64; 2]], x: f64, room: usize) {
    for ((part, [y, height]), label_y) in parts.iter().zip(spans).zip(labels(spans)) {
        let said = format!("{} {}", number::count(part.count), part.label);
        svg.rect_titled(&format!("fill-{}", part.class), [x, *y, BAR, *height], &said);
        let middle = y + height / 2.0;
        if (label_y - 5.0 - middle).abs() > 2.0 {
            svg.line("leader", [x + BAR + 1.0, middle], [x + BAR + 9.0, label_y - 5.0]);
        }
        let number_x = x + BAR + 12.0;
        let count = number::count(part.count);
        svg.text("chart-count", [number_x, label_y], Anchor::Start, &count);
        let label_x = number_x + 9.5 * count.chars().count() as f64 + 6.0;
        svg.text("chart-label", [label_x, label_y], Anchor::Start, &short(&part.label, room));
    }
}

/// Bands from what is virtualised or stays to the machines of tomorrow.
fn lead_on(svg: &mut Svg, flow: &Flow, middle: &[[f64; 2]], right: &[[f64; 2]]) {
    for (class, goes_to) in [("virtualise", &["host", "failover"][..]), ("stay", &["stay"][..])] {
        let from = flow.paths.iter().zip(middle).find(|(part, _)| part.class == class);
        let to: Vec<_> =
            flow.tomorrow.iter().zip(right).filter(|(part, _)| goes_to.contains(&part.class)).collect();
        if let (Some((_, [y, h])), Some((_, first)), Some((_, last))) = (from, to.first(), to.last()) {
            let height = last[0] + last[1] - first[0];
            band(svg, class, [MIDDLE_X + BAR, *y, *h], [RIGHT_X, first[0], height]);
        }
    }
}

fn band(svg: &mut Svg, class: &str, [x1, y1, h1]: [f64; 3], [x2, y2, h2]: [f64; 3]) {
    let half = f64::midpoint(x1, x2);
    debug_assert!(x2 <= WIDTH);
    let path = format!(
        "M{x1:.1} {y1:.1}C{half:.1} {y1:.1} {half:.1} {y2:.1} {x2:.1} {y2:.1}L{x2:.1} {:.1}\
         C{half:.1} {:.1} {half:.1} {:.1} {x1:.1} {:.1}Z",
        y2 + h2,
        y2 + h2,
        y1 + h1,
        y1 + h1
    );
    svg.path(&format!("band fill-{class}"), &path);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(label: &str, count: usize, class: &'static str) -> FlowPart {
        FlowPart { label: label.into(), count, class }
    }

    #[test]
    fn labels_never_overlap() {
        let parts: Vec<_> = (0..12).map(|n| part(&format!("p{n}"), 1, "host")).collect();
        let at = labels(&stack(&parts, 0.1));
        assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= LABEL_STEP - 1e-9), "{at:?}");
    }

    #[test]
    fn an_empty_estate_draws_nothing_and_a_growing_plan_still_fits() {
        let caption = Caption { id: "f", title: "t", description: "d" };
        assert_eq!(flow(&caption, &Flow::default()), "");
        let growing = Flow {
            paths: vec![part("v", 1, "virtualise")],
            tomorrow: vec![part("h", 3, "host")],
            ..Flow::default()
        };
        assert!(flow(&caption, &growing).contains("3 h"));
    }
}

//! What one server did over time: the usual and the largest value of each stretch, and where nothing was measured.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH};

/// One stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeriesPoint {
    /// Mean over it; `None` where nothing was measured.
    pub mean: Option<f64>,
    /// Largest value seen in it.
    pub max: Option<f64>,
}

/// How a series is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesAxes<'a> {
    /// Colour class, `cpu` say.
    pub class: &'a str,
    /// Top of the scale; the highest value is drawn below it.
    pub top: f64,
    /// Its words, and those of the middle.
    pub marks: [String; 2],
    /// Words under the drawing, by the number of the point they stand at.
    pub days: Vec<(usize, String)>,
}

const LEFT: f64 = 70.0;
const TOP: f64 = 12.0;
const FULL: f64 = 150.0;
const LABEL: f64 = 120.0;

/// Draws it; empty where nothing was measured at all.
#[must_use]
pub fn series(caption: &Caption<'_>, axes: &SeriesAxes<'_>, points: &[SeriesPoint]) -> String {
    if axes.top <= 0.0 || points.iter().all(|point| point.mean.is_none()) {
        return String::new();
    }
    let step = (WIDTH - LEFT) / points.len() as f64;
    let ground = TOP + FULL;
    let height = |value: f64| FULL * (value / axes.top).clamp(0.0, 1.0);
    let mut svg = Svg::new(caption, ground + 28.0);
    for (share, words) in [(1.0, &axes.marks[0]), (0.5, &axes.marks[1])] {
        let y = ground - FULL * share;
        svg.line("grid", [LEFT, y], [WIDTH, y]);
        svg.text("chart-note", [LEFT - 8.0, y + 4.0], Anchor::End, words);
    }
    for (at, point) in points.iter().enumerate() {
        let x = LEFT + step * at as f64;
        let mut bar = |class: &str, value: f64| {
            svg.rect(class, [x, ground - height(value), step.max(0.6), height(value)]);
        };
        match point.mean {
            None => bar("fill-gap", axes.top),
            Some(mean) => {
                bar("fill-peak", point.max.unwrap_or(mean));
                bar(&format!("fill-{}", axes.class), mean);
            }
        }
    }
    svg.line("axis", [LEFT, ground], [WIDTH, ground]);
    // A label begins at its point and needs room.
    for (at, words) in axes.days.iter().filter(|(at, _)| LEFT + step * *at as f64 + LABEL <= WIDTH) {
        svg.text("chart-note", [LEFT + step * *at as f64, ground + 18.0], Anchor::Start, words);
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(points: &[SeriesPoint]) -> String {
        let caption = Caption { id: "c", title: "t", description: "d" };
        let axes =
            SeriesAxes { class: "cpu", top: 1.0, marks: ["100 %".into(), "50 %".into()], days: vec![] };
        series(&caption, &axes, points)
    }

    #[test]
    fn a_stretch_without_a_measurement_is_no_idle_one() {
        let idle = SeriesPoint { mean: Some(0.0), max: None };
        let unknown = SeriesPoint::default();
        assert_eq!(drawn(&[idle, unknown]).matches("fill-gap").count(), 1);
        assert_eq!(drawn(&[unknown, unknown]), "", "nothing was measured");
        assert_eq!(drawn(&[]), "");
    }

    #[test]
    fn what_is_above_the_scale_ends_at_it() {
        let high = SeriesPoint { mean: Some(0.5), max: Some(9.0) };
        assert!(
            drawn(&[high])
                .contains("class=\"fill-peak\" x=\"70.0\" y=\"12.0\" width=\"890.0\" height=\"150.0\"")
        );
    }
}

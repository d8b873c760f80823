//! From one amount to another, one step after the other: a bar for each end, a floating one for each step.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, short};

/// A step from one end towards the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What made it.
    pub label: String,
    /// By how much.
    pub change: f64,
    /// The same as people read it.
    pub text: String,
}

const LABELS: f64 = 250.0;
const RIGHT: f64 = 90.0;
const ROW: f64 = 28.0;
const BAR: f64 = 16.0;
const LABEL_CHARS: usize = 34;

/// Draws them from top to bottom; empty where an amount is no number. `ends`: name, amount, and the amount as people
/// read it.
#[must_use]
pub fn steps(caption: &Caption<'_>, ends: &[(String, f64, String); 2], steps: &[Step]) -> String {
    let mut level = ends[0].1;
    let mut spans = vec![[0.0, level]];
    for step in steps {
        spans.push([level, level + step.change]);
        level += step.change;
    }
    spans.push([0.0, ends[1].1]);
    let all = || spans.iter().flatten().copied();
    let (lowest, highest) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    if !all().all(f64::is_finite) || highest <= lowest {
        return String::new();
    }
    let x_of = |value: f64| ((WIDTH - LABELS - RIGHT) / (highest - lowest)).mul_add(value - lowest, LABELS);
    let mut svg = Svg::new(caption, ROW * spans.len() as f64 + 8.0);
    svg.line("axis", [x_of(0.0), 0.0], [x_of(0.0), ROW * spans.len() as f64]);
    let first = std::iter::once((ends[0].0.as_str(), ends[0].2.as_str(), "step-end"));
    let between = steps.iter().map(|step| {
        (step.label.as_str(), step.text.as_str(), if step.change < 0.0 { "step-less" } else { "step-more" })
    });
    let last = std::iter::once((ends[1].0.as_str(), ends[1].2.as_str(), "step-end"));
    for (row, ((label, text, class), [from, to])) in first.chain(between).chain(last).zip(&spans).enumerate()
    {
        let y = ROW * row as f64 + (ROW - BAR) / 2.0;
        let (left, right) = (x_of(from.min(*to)), x_of(from.max(*to)));
        svg.text("chart-label", [LABELS - 12.0, y + 13.0], Anchor::End, &short(label, LABEL_CHARS));
        svg.rect(class, [left, y, (right - left).max(1.0), BAR]);
        svg.text("chart-count", [right + 8.0, y + 13.0], Anchor::Start, text);
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'_> = Caption { id: "c", title: "Hosts", description: "From 4 to 5." };

    fn drawn(ends: [f64; 2], changes: &[f64]) -> String {
        let end = |amount: f64| ("an assessment".to_owned(), amount, amount.to_string());
        let step = |change: &f64| Step { label: "grown".into(), change: *change, text: change.to_string() };
        steps(&CAPTION, &[end(ends[0]), end(ends[1])], &changes.iter().map(step).collect::<Vec<_>>())
    }

    #[test]
    fn each_end_and_each_step_is_a_bar() {
        let svg = drawn([4.0, 5.0], &[2.0, -1.0]);
        let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
        assert_eq!((count("step-end"), count("step-more"), count("step-less")), (2, 1, 1), "{svg}");
    }

    #[test]
    fn what_cannot_be_drawn_is_not() {
        assert_eq!(drawn([0.0, 0.0], &[]), "");
        assert_eq!(drawn([f64::NAN, 1.0], &[1.0]), "");
    }
}

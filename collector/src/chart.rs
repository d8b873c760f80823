//! Charts as SVG made on the server: no script, colours by class so that pages, reports and dark mode share one
//! style sheet, and text escaped in one place. Each chart is a pure function from figures to a drawing.
// SPDX-License-Identifier: Apache-2.0

use std::fmt::Write as _;

mod bubbles;
mod cash;
mod flow;
mod heat;
mod hosts;
mod scenarios;
mod scores;
mod series;
mod steps;

pub use bubbles::{Bubble, bubbles};
pub use cash::{CashMonth, CashWords, cash};
pub use flow::{Flow, FlowPart, flow};
pub use heat::{HeatRow, heat};
pub use hosts::{HostBar, hosts};
pub use scenarios::{ScenarioBar, scenarios};
pub use scores::{ScoreColumn, scores};
pub use series::{SeriesAxes, SeriesPoint, series};
pub use steps::{Step, steps};

/// Width of every chart in its own units; it scales to the column it stands in.
const WIDTH: f64 = 960.0;

/// What a chart is called and says, for those who cannot see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption<'a> {
    /// Unique in the document; letters, digits and hyphens.
    pub id: &'a str,
    /// Its name.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub description: &'a str,
}

/// Which way a text runs from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing under way.
struct Svg {
    head: String,
    body: String,
}

impl Svg {
    fn new(caption: &Caption<'_>, height: f64) -> Self {
        let id = escape(caption.id);
        let head = format!(
            "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
             aria-labelledby=\"{id}-title {id}-desc\" xmlns=\"http://www.w3.org/2000/svg\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
            escape(caption.title),
            escape(caption.description)
        );
        Self { head, body: String::new() }
    }

    fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4]) {
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            width.max(0.0),
            height.max(0.0)
        );
    }

    fn rect_titled(&mut self, class: &str, place: [f64; 4], title: &str) {
        let _ = write!(self.body, "<g><title>{}</title>", escape(title));
        self.rect(class, place);
        self.body.push_str("</g>");
    }

    fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        );
    }

    fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }

    fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        let _ =
            write!(self.body, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>");
    }

    fn path(&mut self, class: &str, path: &str) {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"{path}\"/>");
    }

    fn finish(self) -> String {
        format!("{}{}</svg>", self.head, self.body)
    }
}

/// Text made safe inside an element or a quoted attribute of SVG and HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::number::terminal_safe(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A name cut to what a label has room for.
fn short(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let head: String = text.chars().take(characters.saturating_sub(1)).collect();
    format!("{}\u{2026}", head.trim_end())
}

/// A name cut at its beginning, where its end tells it from its neighbours.
fn short_start(text: &str, characters: usize) -> String {
    let cut = text.chars().count().saturating_sub(characters.saturating_sub(1));
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(cut).collect();
    format!("\u{2026}{tail}")
}

/// A round step that divides `span` into at most `ticks` parts.
fn round_step(span: f64, ticks: f64) -> f64 {
    let raw = (span / ticks).max(f64::MIN_POSITIVE);
    let magnitude = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|f| f * magnitude >= raw).unwrap_or(10.0);
    factor * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption<'_> = Caption { id: "c", title: "<t>", description: "d & \"e\"" };

    #[test]
    fn hostile_text_stays_text() {
        let mut svg = Svg::new(&CAPTION, 10.0);
        svg.text("t", [0.0, 0.0], Anchor::Start, "</text><script>alert('1')</script>");
        let drawn = svg.finish();
        assert!(!drawn.contains("<script") && drawn.contains("&lt;script&gt;alert(&#39;1&#39;)"), "{drawn}");
        assert!(drawn.contains("<title id=\"c-title\">&lt;t&gt;</title>"), "{drawn}");
    }

    #[test]
    fn steps_are_round() {
        for (span, ticks, expected) in [(100.0, 5.0, 20.0), (9.0, 4.0, 2.5), (1_300_000.0, 4.0, 500_000.0)] {
            assert!((round_step(span, ticks) - expected).abs() < 1e-9 * expected, "{span} in {ticks}");
        }
    }

    #[test]
    fn long_names_are_cut_by_characters() {
        assert_eq!(short("überlange-namen", 6), "überl\u{2026}");
        assert_eq!(short_start("überlange-namen", 6), "\u{2026}namen");
        assert_eq!(short_start("kurz", 6), "kurz");
        assert_eq!(short("web-01", 6), "web-01");
    }
}

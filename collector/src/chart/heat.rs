//! When servers work: one row a server, one field an hour of the day, the darker the busier.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, short};
use crate::number;

/// One server.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatRow {
    /// Its name.
    pub label: String,
    /// Share of its CPU in use by hour, `None` where nothing was measured.
    pub hours: Vec<Option<f64>>,
}

const LABEL: f64 = 190.0;
const TOP: f64 = 24.0;
const ROW: f64 = 17.0;
/// Upper ends of the steps of colour; the last one is open.
const STEPS: [f64; 7] = [0.05, 0.10, 0.20, 0.40, 0.60, 0.80, f64::INFINITY];

/// Draws the strips with a key; empty when there are none. `unknown` names fields without a measurement.
#[must_use]
pub fn heat(caption: &Caption<'_>, rows: &[HeatRow], unknown: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let field = (WIDTH - LABEL) / 24.0;
    let bottom = TOP + ROW * rows.len() as f64;
    let mut svg = Svg::new(caption, bottom + 42.0);
    for hour in (0..24).step_by(3) {
        let x = LABEL + field * f64::from(hour);
        svg.text("chart-note", [x, 14.0], Anchor::Start, &format!("{hour:02}:00"));
    }
    for (index, row) in rows.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        svg.text("chart-label", [LABEL - 10.0, y + 12.5], Anchor::End, &short(&row.label, 24));
        for hour in 0..24 {
            let value = row.hours.get(hour).copied().flatten();
            let place = [LABEL + field * hour as f64, y, field - 1.0, ROW - 1.0];
            svg.rect(&class(value), place);
        }
    }
    key(&mut svg, bottom + 16.0, unknown);
    svg.finish()
}

fn class(value: Option<f64>) -> String {
    value.map_or("heat-unknown".to_owned(), |v| {
        format!("heat-{}", STEPS.iter().position(|end| v < *end).unwrap_or(STEPS.len() - 1))
    })
}

fn key(svg: &mut Svg, y: f64, unknown: &str) {
    let mut x = LABEL;
    let mut from = 0.0;
    for end in STEPS {
        svg.rect(&class(Some(from)), [x, y, 22.0, 12.0]);
        let label = if end.is_finite() {
            format!("< {}", number::percent(end))
        } else {
            format!("\u{2265} {}", number::percent(from))
        };
        svg.text("chart-note", [x + 27.0, y + 10.5], Anchor::Start, &label);
        x += 84.0;
        from = end;
    }
    svg.rect(&class(None), [x, y, 22.0, 12.0]);
    svg.text("chart-note", [x + 27.0, y + 10.5], Anchor::Start, unknown);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_hour_is_not_an_idle_one() {
        assert_eq!(class(None), "heat-unknown");
        assert_eq!(class(Some(0.0)), "heat-0");
        assert_eq!(class(Some(0.8)), "heat-6");
        assert_eq!(class(Some(1.4)), "heat-6");
    }
}

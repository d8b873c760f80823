//! Cumulated cash by month: the base as a line within the band from low to high, and the month that has it back.
// SPDX-License-Identifier: Apache-2.0

use super::{Anchor, Caption, Svg, WIDTH, round_step};
use crate::number;

/// Cumulated cash at the end of a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CashMonth {
    /// 0 is before the first.
    pub month: u32,
    /// Low, base and high.
    pub range: [f64; 3],
}

/// What is said in the drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct CashWords<'a> {
    /// Low, base and high.
    pub names: [&'a str; 3],
    /// Under the months they name.
    pub years: Vec<(u32, String)>,
    /// The month from which on nothing is missing at the base, where one of them is it.
    pub back: Option<(u32, String)>,
}

const LEFT: f64 = 96.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 26.0;
const FULL: f64 = 230.0;
/// Room for the name of a year.
const LABEL: f64 = 76.0;

/// Where months and amounts are in the drawing.
struct Plane {
    from: f64,
    to: f64,
    last: f64,
}

impl Plane {
    fn x(&self, month: u32) -> f64 {
        ((WIDTH - LEFT - RIGHT) / self.last).mul_add(f64::from(month), LEFT)
    }

    fn y(&self, amount: f64) -> f64 {
        (FULL / (self.to - self.from)).mul_add(self.to - amount, TOP)
    }
}

/// Draws the band of months in ascending order; empty when there are fewer than two, or a figure is not a number.
#[must_use]
pub fn cash(caption: &Caption<'_>, words: &CashWords<'_>, months: &[CashMonth]) -> String {
    let all = || months.iter().flat_map(|month| month.range).chain([0.0]);
    let (lowest, highest) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let Some(last) = months.last().filter(|last| last.month > 0 && months.len() > 1) else {
        return String::new();
    };
    if !all().all(f64::is_finite) || highest <= lowest {
        return String::new();
    }
    let step = round_step(highest - lowest, 5.0);
    let plane = Plane {
        from: (lowest / step).floor() * step,
        to: (highest / step).ceil() * step,
        last: f64::from(last.month),
    };
    let mut svg = Svg::new(caption, TOP + FULL + 30.0);
    amounts(&mut svg, &plane, step);
    years(&mut svg, &plane, &words.years);
    band(&mut svg, &plane, months);
    if let Some((month, name)) = &words.back {
        back(&mut svg, &plane, months, *month, name);
    }
    ends(&mut svg, &plane, words, last);
    svg.finish()
}

fn amounts(svg: &mut Svg, plane: &Plane, step: f64) {
    for tick in 0..=((plane.to - plane.from) / step).round() as usize {
        let value = step.mul_add(tick as f64, plane.from);
        let class = if value.abs() < step / 2.0 { "axis" } else { "grid" };
        svg.line(class, [LEFT, plane.y(value)], [WIDTH - RIGHT, plane.y(value)]);
        svg.text("chart-note", [LEFT - 10.0, plane.y(value) + 4.0], Anchor::End, &number::money(value, ""));
    }
}

/// Every year has its line; of many only some have room for their names.
fn years(svg: &mut Svg, plane: &Plane, years: &[(u32, String)]) {
    let room = (WIDTH - LEFT - RIGHT) / LABEL;
    let every = (years.len() as f64 / room).ceil().max(1.0) as usize;
    for (at, (month, name)) in years.iter().enumerate() {
        let x = plane.x(*month);
        svg.line("grid", [x, TOP], [x, TOP + FULL]);
        if (at + 1).is_multiple_of(every) {
            svg.text("chart-label", [x, TOP + FULL + 22.0], Anchor::Middle, name);
        }
    }
}

fn band(svg: &mut Svg, plane: &Plane, months: &[CashMonth]) {
    let along = |which: usize| -> Vec<String> {
        let point =
            |month: &CashMonth| format!("{:.1} {:.1}", plane.x(month.month), plane.y(month.range[which]));
        months.iter().map(point).collect()
    };
    let mut low = along(0);
    low.reverse();
    svg.path("cash-band", &format!("M{}L{}Z", along(2).join("L"), low.join("L")));
    for (which, class) in ["cash-edge", "cash-line", "cash-edge"].into_iter().enumerate() {
        svg.path(class, &format!("M{}", along(which).join("L")));
    }
}

/// Marks the month that has the cash back; its words stand on the side that has room.
fn back(svg: &mut Svg, plane: &Plane, months: &[CashMonth], month: u32, name: &str) {
    let Some(found) = months.iter().find(|found| found.month == month) else { return };
    let x = plane.x(month);
    svg.line("cash-back", [x, TOP - 14.0], [x, TOP + FULL]);
    svg.circle("cash-point", [x, plane.y(found.range[1])], 5.0);
    let (side, anchor) = match x < WIDTH / 2.0 {
        true => (8.0, Anchor::Start),
        false => (-8.0, Anchor::End),
    };
    svg.text("chart-count", [x + side, TOP - 6.0], anchor, name);
}

/// Names the three ends, kept apart.
fn ends(svg: &mut Svg, plane: &Plane, words: &CashWords<'_>, last: &CashMonth) {
    let mut free = f64::NEG_INFINITY;
    for which in [2, 1, 0] {
        let y = (plane.y(last.range[which]) + 4.0).max(free + 17.0);
        free = y;
        let class = if which == 1 { "chart-count" } else { "chart-label" };
        let text = format!("{} {}", words.names[which], number::money(last.range[which], ""));
        svg.text(class, [plane.x(last.month) + 12.0, y], Anchor::Start, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(months: &[CashMonth], back: Option<u32>, years: u32) -> String {
        let caption = Caption { id: "c", title: "t", description: "d" };
        let words = CashWords {
            names: ["low", "base", "high"],
            years: (1..=years).map(|year| (year * 12, format!("Y{year}"))).collect(),
            back: back.map(|month| (month, format!("back in {month}"))),
        };
        cash(&caption, &words, months)
    }

    fn months(count: u32) -> Vec<CashMonth> {
        let at = |month: u32| f64::from(month) * 10.0 - 100.0;
        (0..=count)
            .map(|month| CashMonth { month, range: [at(month) - 50.0, at(month), at(month) + 50.0] })
            .collect()
    }

    #[test]
    fn the_month_that_has_it_back_is_marked_and_no_other() {
        let svg = drawn(&months(24), Some(10), 2);
        assert!(svg.contains("back in 10") && svg.matches("cash-back").count() == 1, "{svg}");
        // 694 wide over 24 months, from 96 on.
        assert!(svg.contains("class=\"cash-point\" cx=\"385.2\""), "{svg}");
        assert!(!drawn(&months(24), None, 2).contains("cash-back"));
        assert!(!drawn(&months(24), Some(99), 2).contains("cash-back"), "a month that is not drawn");
    }

    #[test]
    fn years_are_named_where_there_is_room() {
        assert_eq!(drawn(&months(60), None, 5).matches(">Y").count(), 5);
        let many = drawn(&months(360), None, 30).matches(">Y").count();
        assert!((5..=10).contains(&many), "{many} names");
    }

    #[test]
    fn what_is_no_course_is_not_drawn() {
        assert_eq!(drawn(&[], None, 0), "");
        assert_eq!(drawn(&months(0), None, 0), "");
        let mut broken = months(12);
        broken[3].range[2] = f64::NAN;
        assert_eq!(drawn(&broken, None, 1), "");
        assert_eq!(drawn(&[0, 1].map(|month| CashMonth { month, range: [0.0; 3] }), None, 0), "");
    }
}

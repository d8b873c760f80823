//! The why of a figure: its formula, what went in, the constants with their sources, and the section of the
//! method that defines it.
// SPDX-License-Identifier: Apache-2.0

use super::{Context, Fact, Why};
use crate::number;
use cairn_schemas::assessment::{Constant, Figure};

/// The why of one figure.
pub(super) fn why(cx: &Context<'_>, id: &str, figure: &Figure) -> Why {
    let mut facts = vec![cx.fact("why.formula", figure.formula.clone())];
    for input in &figure.inputs {
        let value = with_unit(cx, input.value, &input.unit);
        facts.push(Fact { name: number::terminal_safe(&input.id).into_owned(), value });
    }
    for constant in &figure.constants {
        facts.push(Fact {
            name: number::terminal_safe(&constant.id).into_owned(),
            value: constant_text(cx, constant),
        });
    }
    if let Some(samples) = figure.samples {
        facts.push(cx.fact("why.samples", number::int(samples as f64)));
    }
    facts.push(cx.fact("why.method", figure.method.clone()));
    Why {
        brief: brief(cx, figure),
        label: cx.say("why.label"),
        id: number::terminal_safe(id).into_owned(),
        value: with_unit(cx, figure.value, &figure.unit),
        facts,
    }
}

/// Inputs in a footnote; the page with every why has all of them.
const INPUTS: usize = 5;

fn brief(cx: &Context<'_>, figure: &Figure) -> String {
    let named = |name: &str, value: String| format!("{name}: {value}");
    let fact = |id: &str, value: String| named(&cx.say(id), number::terminal_safe(&value).into_owned());
    let mut parts = vec![fact("why.formula", figure.formula.clone())];
    let inputs = figure.inputs.iter().take(INPUTS);
    parts.extend(
        inputs.map(|input| named(&number::terminal_safe(&input.id), with_unit(cx, input.value, &input.unit))),
    );
    if !figure.constants.is_empty() {
        parts.push(cx.with("why.constants", [("count", figure.constants.len() as f64)]));
    }
    parts.extend(figure.samples.map(|samples| fact("why.samples", number::int(samples as f64))));
    parts.push(fact("why.method", figure.method.clone()));
    parts.join("; ")
}

/// A constant with its range, source and date.
pub(super) fn constant_text(cx: &Context<'_>, constant: &Constant) -> String {
    let range = constant.value;
    let value = |v: f64| number::plain(v);
    let numbers = if (range.low - range.high).abs() < f64::EPSILON {
        value(range.base)
    } else {
        cx.with(
            "range",
            [("low", value(range.low)), ("base", value(range.base)), ("high", value(range.high))],
        )
    };
    let unit = if constant.unit == "1" { String::new() } else { format!(" {}", constant.unit) };
    let (source, date) = (constant.source.clone(), constant.date.clone());
    cx.with("why.constant", [("value", numbers), ("unit", unit), ("source", source), ("date", date)])
}

fn with_unit(cx: &Context<'_>, value: Option<f64>, unit: &str) -> String {
    let Some(value) = value else { return cx.say("not-known") };
    match unit {
        "" | "1" => number::plain(value),
        "bytes" | "B" => number::bytes(value),
        "bytes/s" | "B/s" => number::rate(value),
        unit => format!("{}\u{a0}{}", number::plain(value), number::terminal_safe(unit)),
    }
}

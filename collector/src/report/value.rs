//! What the plan is worth: cash apart from soft savings and carbon, each constant with its source and date.
// SPDX-License-Identifier: Apache-2.0

use super::cash;
use super::why::constant_text;
use super::{Block, Cell, Context, Row, Section, Table, Tile, Tone};
use crate::number;
use cairn_schemas::assessment::{Benefit, Constant, Range, Value, ValueKind, ValueLine, ValueView};

/// The section.
pub(super) static SECTION: Section = Section { id: "value", build };

fn build(cx: &Context<'_>) -> Vec<Block> {
    let value = &cx.assessment.value;
    let mut blocks = Vec::new();
    if value.lines.is_empty() {
        blocks.push(Block::Note(Tone::Unknown, cx.known(None, "value")));
    } else {
        blocks.push(Block::Prose(cx.with("value.lead", [("years", f64::from(value.years))])));
        blocks.push(Block::Tiles(tiles(cx, value)));
        blocks.extend(cash::chart(cx, value, "chart-cash").map(Block::Chart));
        blocks.extend(views(cx, value).map(Block::Table));
        blocks.push(Block::Table(lines(cx, value)));
    }
    blocks.extend(benefits(cx, value).map(Block::Table));
    blocks.extend(cx.findings(&value.findings));
    blocks.extend(constants(cx, value));
    blocks
}

/// The value at a glance, for the page that says why.
pub(super) fn in_short(cx: &Context<'_>) -> Vec<Block> {
    let value = &cx.assessment.value;
    let chart = cash::chart(cx, value, "chart-cash-reasons").map(Block::Chart);
    std::iter::once(Block::Tiles(tiles(cx, value))).chain(chart).collect()
}

fn tonnes(kg: f64) -> String {
    if kg.abs() >= 99_500.0 { number::int(kg / 1000.0) } else { number::plain((kg / 100.0).round() / 10.0) }
}

fn range_note(cx: &Context<'_>, range: Range, show: impl Fn(f64) -> String) -> String {
    cx.with("value.range", [("low", show(range.low)), ("high", show(range.high))])
}

fn tiles(cx: &Context<'_>, value: &Value) -> Vec<Tile> {
    let cash = |amount: f64| number::money(amount, &value.currency);
    let mass = |kg: f64| cx.with("value.tonnes", [("tonnes", tonnes(kg))]);
    let tile = |id: &str, range: Range, show: &dyn Fn(f64) -> String, figure: &str| {
        cx.tile(id, Some(show(range.base)), range_note(cx, range, show), figure)
    };
    vec![
        tile("tile.annual-cash", value.annual_cash, &cash, "annual_cash"),
        tile("tile.one-off", value.one_off_cash, &cash, "one_off_cash"),
        tile("tile.soft", value.annual_soft, &cash, "annual_soft"),
        tile("tile.carbon", value.annual_carbon_kg, &mass, "annual_carbon_kg"),
    ]
}

fn lines(cx: &Context<'_>, value: &Value) -> Table {
    let row = |line: &ValueLine| {
        let kind = match line.kind {
            ValueKind::CashAnnual => "cash-annual",
            ValueKind::CashOnce => "cash-once",
            ValueKind::AvoidedAnnual => "avoided-annual",
            ValueKind::SoftAnnual => "soft-annual",
            ValueKind::CarbonAnnual => "carbon-annual",
        };
        let name = cx.name(
            &[
                format!("value.{}", line.id),
                format!("value-{}", line.id),
                format!("report.value-line.{}", line.id),
            ],
            &line.id,
        );
        let show = |amount: f64| {
            let amount = if line.kind == ValueKind::CarbonAnnual {
                cx.with("value.tonnes", [("tonnes", tonnes(amount))])
            } else {
                number::money(amount, &value.currency)
            };
            Cell::new(amount)
        };
        let amount = line.amount;
        Row::new([
            Cell::new(name),
            Cell::new(cx.say(&format!("value.kind.{kind}"))),
            show(amount.low),
            show(amount.base),
            show(amount.high),
            Cell::new(&line.formula),
        ])
    };
    Table {
        caption: cx.say("value.lines"),
        columns: cx.columns("value", &["line", "kind", "#low", "#base", "#high", "formula"]),
        rows: value.lines.iter().map(row).collect(),
        foot: Some(cx.say("value.lines.foot")),
    }
}

/// Three years, five, and the years looked at.
fn views(cx: &Context<'_>, value: &Value) -> Option<Table> {
    let money = |range: Range| number::money(range.base, "");
    let row = |view: &ValueView| {
        let worth = view.present_value.map_or_else(|| cx.say("value.views.no-rate"), money);
        Row::new([
            Cell::new(cx.with("value.views.years", [("years", f64::from(view.years))])),
            Cell::new(money(view.cash)),
            Cell::new(range_note(cx, view.cash, |amount| number::money(amount, ""))),
            Cell::new(worth),
            Cell::new(money(view.avoided)),
            Cell::new(money(view.soft)),
            Cell::new(tonnes(view.carbon_kg.base)),
        ])
    };
    let table = Table {
        caption: cx.with("value.views.title", [("currency", value.currency.as_str())]),
        columns: cx
            .columns("value.views", &["years", "#cash", "#range", "#worth", "#avoided", "#soft", "#carbon"]),
        rows: value.views.iter().map(row).collect(),
        foot: Some(match value.hurdle_ratio {
            Some(rate) => cx.with("value.views.foot", [("rate", rate)]),
            None => cx.say("value.views.foot.no-rate"),
        }),
    };
    (!value.views.is_empty()).then_some(table)
}

/// What the later phases are worth, or what it would take to say so.
fn benefits(cx: &Context<'_>, value: &Value) -> Option<Table> {
    let row = |benefit: &Benefit| {
        let missing = benefit.inputs.iter().filter(|input| input.value.is_none());
        let missing: Vec<&str> = missing.map(|input| input.id.as_str()).collect();
        let amount = benefit.amount.map(|amount| format!("{} {}", number::plain(amount), benefit.unit));
        let asks = || cx.with("benefits.asks", [("inputs", missing.join(", "))]);
        Row::new([
            Cell::new(cx.with("benefits.phase", [("phase", f64::from(benefit.phase))])),
            Cell::new(cx.say(&format!("benefit.{}", benefit.id))),
            Cell::new(amount.unwrap_or_else(asks)),
            Cell::new(&benefit.formula),
        ])
    };
    let table = Table {
        caption: cx.say("benefits.title"),
        columns: cx.columns("benefits", &["phase", "metric", "amount", "formula"]),
        rows: value.benefits.iter().map(row).collect(),
        foot: Some(cx.say("benefits.foot")),
    };
    (!value.benefits.is_empty()).then_some(table)
}

fn constants(cx: &Context<'_>, value: &Value) -> Option<Block> {
    let row =
        |constant: &Constant| Row::new([Cell::new(&constant.id), Cell::new(constant_text(cx, constant))]);
    let table = Table {
        caption: cx.say("constants.title"),
        columns: cx.columns("constants", &["name", "value"]),
        rows: value.constants.iter().map(row).collect(),
        foot: None,
    };
    (!value.constants.is_empty()).then_some(Block::Table(table))
}

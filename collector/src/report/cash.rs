//! The cash over time: by month as a drawing with its table, by year for page one.
// SPDX-License-Identifier: Apache-2.0

use super::summary::{not_within, numeric};
use super::{Block, Cell, Chart, Context, Row, Table, Tone};
use crate::chart::{self, Caption, CashMonth, CashWords};
use crate::number;
use cairn_schemas::assessment::{Range, Value, ValueMonth, ValueYear};

const CASES: [&str; 3] = ["case.low", "case.base", "case.high"];

/// Cumulated cash by year, for page one.
pub(super) fn by_year(cx: &Context<'_>) -> Block {
    let value = &cx.assessment.value;
    if value.by_year.is_empty() {
        return Block::Note(
            Tone::Unknown,
            cx.with("value.by-year.unknown", [("why", cx.say("unknown.value"))]),
        );
    }
    Block::Table(year_table(cx, value))
}

fn year_table(cx: &Context<'_>, value: &Value) -> Table {
    let mut columns = cx.columns("value.years", &["case"]);
    columns.extend(value.by_year.iter().map(|year| numeric(year_name(cx, year.year))));
    let row = |(case, id): (usize, &str)| {
        let amount = |year: &ValueYear| Cell::new(number::money(ends(year.cumulated_cash)[case], ""));
        let name = std::iter::once(Cell::new(cx.say(id)));
        let row = Row::new(name.chain(value.by_year.iter().map(amount)).collect::<Vec<_>>());
        if case == 1 { row.total() } else { row }
    };
    Table {
        caption: cx.with("value.years.title", [("currency", value.currency.as_str())]),
        columns,
        rows: CASES.into_iter().enumerate().map(row).collect(),
        foot: None,
    }
}

fn year_name(cx: &Context<'_>, year: u32) -> String {
    cx.with("value.year", [("year", f64::from(year))])
}

const fn ends(range: Range) -> [f64; 3] {
    [range.low, range.base, range.high]
}

/// Cumulated cash by month, the month that has it back marked; by year where an assessment of an earlier version knows no
/// months.
pub(super) fn chart(cx: &Context<'_>, value: &Value, id: &str) -> Option<Chart> {
    let month = |month: &ValueMonth| CashMonth { month: month.month, range: ends(month.cumulated_cash) };
    let year = |year: &ValueYear| CashMonth { month: year.year * 12, range: ends(year.cumulated_cash) };
    let by_month = !value.by_month.is_empty();
    let months: Vec<CashMonth> = match by_month {
        true => value.by_month.iter().map(month).collect(),
        false => value.by_year.iter().map(year).collect(),
    };
    let back = value.payback_months.base.map(|month| month as u32);
    let said = back.map_or_else(|| not_within(cx), |month| number::months(f64::from(month)));
    let title = cx.say("cash.title");
    let description = cx.with("cash.description", [("back", said)]);
    let names = CASES.map(|id| cx.say(id));
    let words = CashWords {
        names: [names[0].as_str(), names[1].as_str(), names[2].as_str()],
        years: value.by_year.iter().map(|year| (year.year * 12, year_name(cx, year.year))).collect(),
        back: back.map(|month| (month, cx.with("cash.back", [("month", f64::from(month))]))),
    };
    let svg = chart::cash(&Caption { id, title: &title, description: &description }, &words, &months);
    let table = if by_month { month_table(cx, value) } else { year_table(cx, value) };
    cx.chart(svg, Vec::new(), table)
}

fn month_table(cx: &Context<'_>, value: &Value) -> Table {
    let row = |month: &ValueMonth| {
        let amounts = ends(month.cumulated_cash).map(|amount| Cell::new(number::money(amount, "")));
        Row::new(std::iter::once(Cell::new(month.month.to_string())).chain(amounts).collect::<Vec<_>>())
    };
    Table {
        caption: cx.with("cash.months.title", [("currency", value.currency.as_str())]),
        columns: cx.columns("cash.months", &["month", "#low", "#base", "#high"]),
        rows: value.by_month.iter().map(row).collect(),
        foot: Some(cx.say("cash.months.foot")),
    }
}

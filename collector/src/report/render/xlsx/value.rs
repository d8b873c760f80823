//! The value: each line low, base and high, the sums over them by kind, the years, the payback, and the constants
//! with their sources.
// SPDX-License-Identifier: Apache-2.0

use super::{NONE, Page, Put, months};
use crate::report::Context;
use cairn_schemas::assessment::{Range, Value, ValueKind};
use rust_xlsxwriter::XlsxError;

const ENDS: [char; 3] = ['C', 'D', 'E'];

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let value = &cx.assessment.value;
    if value.lines.is_empty() {
        page.put([Put::Text(cx.known(None, "value"))])?;
        return Ok(());
    }
    page.sheet.set_column_width(1, 18)?.set_column_width(5, 70)?;
    let names = ["line", "kind", "low", "base", "high", "formula"];
    page.headings(&names.map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    let first = page.row + 1;
    for line in &value.lines {
        let [low, base, high] = ends(line.amount).map(|amount| Put::Input(Some(amount)));
        let kind = Put::Text(kind(line.kind).to_owned());
        page.put([Put::Text(line.id.clone()), kind, low, base, high, Put::Text(line.formula.clone())])?;
    }
    let last = page.row;
    page.gap();
    sums(cx, page, value, [first, last])?;
    constants(cx, page, value)
}

fn ends(range: Range) -> [f64; 3] {
    [range.low, range.base, range.high]
}

const fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::CashAnnual => "cash_annual",
        ValueKind::CashOnce => "cash_once",
        ValueKind::AvoidedAnnual => "avoided_annual",
        ValueKind::SoftAnnual => "soft_annual",
        ValueKind::CarbonAnnual => "carbon_annual",
    }
}

/// Sums by kind (what is spent once is a positive amount here, as in the assessment), the years and the payback by the
/// sheet of months, in three columns.
fn sums(
    cx: &Context<'_>,
    page: &mut Page<'_>,
    value: &Value,
    [first, last]: [u32; 2],
) -> Result<(), XlsxError> {
    let row =
        |page: &mut Page<'_>, name: String, formula: &dyn Fn(char) -> String, results: [Option<f64>; 3]| {
            let cells = ENDS.into_iter().zip(results).map(|(end, result)| Put::Result(formula(end), result));
            page.put([Put::Text(name), Put::Nothing].into_iter().chain(cells))
        };
    let of_kind = |sign: &'static str, kind: &'static str| {
        move |end: char| format!("={sign}SUMIF($B${first}:$B${last},\"{kind}\",{end}{first}:{end}{last})")
    };
    let say = |id: &str| cx.say(&format!("xlsx.value.{id}"));
    row(page, say("annual"), &of_kind("", "cash_annual"), ends(value.annual_cash).map(Some))?;
    row(page, say("once"), &of_kind("-", "cash_once"), ends(value.one_off_cash).map(Some))?;
    row(page, say("soft"), &of_kind("", "soft_annual"), ends(value.annual_soft).map(Some))?;
    row(page, say("carbon"), &of_kind("", "carbon_annual"), ends(value.annual_carbon_kg).map(Some))?;
    let sheet = cx.say("xlsx.months");
    let column = |end: char| months::CUMULATED[ENDS.iter().position(|known| *known == end).unwrap_or(0)];
    for year in &value.by_year {
        let name = cx.with("value.year", [("year", f64::from(year.year))]);
        let formula = |end: char| format!("='{sheet}'!{}{}", column(end), months::row(year.year * 12));
        row(page, name, &formula, ends(year.cumulated_cash).map(Some))?;
    }
    let (first, last) = (months::row(0), months::row(value.years * 12));
    let payback = |end: char| {
        let own = column(end);
        let (course, months) =
            (format!("'{sheet}'!{own}{first}:{own}{last}"), format!("'{sheet}'!A{first}:A{last}"));
        // The month after the last one in which something is missing.
        let back = format!("SUMPRODUCT(MAX(({course}<0)*{months}))+1");
        format!("=IF(COUNTIF({course},\"<0\")=0,0,IF('{sheet}'!{own}{last}<0,{NONE},{back}))")
    };
    let back = value.payback_months;
    row(page, say("payback"), &payback, [back.low, back.base, back.high])?;
    page.gap();
    Ok(())
}

fn constants(cx: &Context<'_>, page: &mut Page<'_>, value: &Value) -> Result<(), XlsxError> {
    let names = ["constant", "unit", "low", "base", "high", "source"];
    page.headings(&names.map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    for constant in &value.constants {
        let [low, base, high] = ends(constant.value).map(|amount| Put::Input(Some(amount)));
        let source = Put::Text(format!("{}, {}", constant.source, constant.date));
        page.put([
            Put::Text(constant.id.clone()),
            Put::Text(constant.unit.clone()),
            low,
            base,
            high,
            source,
        ])?;
    }
    Ok(())
}

//! Cash by month: what each brings, and what there is by its end.
// SPDX-License-Identifier: Apache-2.0

use super::{Page, Put};
use crate::report::Context;
use cairn_schemas::assessment::{Range, ValueMonth};
use rust_xlsxwriter::XlsxError;

/// Columns of what there is by the end of a month: low, base, high.
pub(super) const CUMULATED: [char; 3] = ['E', 'F', 'G'];

/// Columns of what a month brings.
const BRINGS: [char; 3] = ['B', 'C', 'D'];

/// The row of a month, counted as a spreadsheet counts: a title, a note, an empty row and the headings stand above.
pub(super) const fn row(month: u32) -> u32 {
    5 + month
}

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let months = &cx.assessment.value.by_month;
    if months.is_empty() {
        page.put([Put::Text(cx.known(None, "value"))])?;
        return Ok(());
    }
    let names = ["month", "low", "base", "high", "low", "base", "high"];
    page.headings(&names.map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    let mut before = Range::default();
    for month in months {
        let place = page.put(cells(month, before))?;
        debug_assert_eq!(place, row(month.month), "other sheets point here");
        before = month.cumulated_cash;
    }
    Ok(())
}

fn cells(month: &ValueMonth, before: Range) -> Vec<Put> {
    let now = month.cumulated_cash;
    let brings = [now.low - before.low, now.base - before.base, now.high - before.high];
    let mut cells = vec![Put::Input(Some(f64::from(month.month)))];
    cells.extend(brings.map(|amount| Put::Input(Some(amount))));
    let at = row(month.month);
    for ((own, of), amount) in CUMULATED.into_iter().zip(BRINGS).zip([now.low, now.base, now.high]) {
        let formula = match month.month {
            0 => format!("={of}{at}"),
            _ => format!("={own}{}+{of}{at}", at - 1),
        };
        cells.push(Put::Result(formula, Some(amount)));
    }
    cells
}

//! What changed since an earlier assessment: each change is the sum of its parts.
// SPDX-License-Identifier: Apache-2.0

use super::{Page, Put};
use crate::report::Context;
use cairn_schemas::change::FigureChange;
use rust_xlsxwriter::XlsxError;

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(change) = cx.change else {
        page.put([Put::Text(cx.say("changes.none"))])?;
        return Ok(());
    };
    page.sheet.set_column_width(1, 34)?;
    let names = [
        "changes.figures.column.figure",
        "changes.parts.column.cause",
        "changes.figures.column.before",
        "changes.figures.column.after",
        "changes.figures.column.change",
    ];
    page.headings(&names.map(|id| cx.say(id)))?;
    for figure in &change.figures {
        let row = page.row + 1;
        page.put(whole(cx, figure, row))?;
        for part in &figure.parts {
            let cause = cx.say(&format!("changes.cause.{}", part.cause.name()));
            let amount = Put::Input(Some(figure.value(part.change)));
            page.put([Put::Nothing, Put::Text(cause), Put::Nothing, Put::Nothing, amount])?;
        }
    }
    Ok(())
}

/// A figure before and after; the change is the sum of the parts in the rows below it.
fn whole(cx: &Context<'_>, figure: &FigureChange, row: u32) -> [Put; 5] {
    let value = |steps: Option<i64>| steps.map(|steps| figure.value(steps));
    let name = cx.name(&[format!("report.changes.figure.{}", figure.id)], &figure.id);
    let formula = match figure.parts.len() as u32 {
        0 => format!("=D{row}-C{row}"),
        parts => format!("=SUM(E{}:E{})", row + 1, row + parts),
    };
    let change = match figure.change {
        Some(change) => Put::Result(formula, Some(figure.value(change))),
        None => Put::Text(cx.say("not-known")),
    };
    [Put::Text(name), Put::Nothing, Put::Input(value(figure.before)), Put::Input(value(figure.after)), change]
}

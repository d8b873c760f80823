//! The showback: a row an owner and a row an application, sums as formulas over their parts.
// SPDX-License-Identifier: Apache-2.0

use super::{Page, Put};
use crate::report::{Context, application_of, owner_of};
use cairn_schemas::assessment::{Cents, MissingInput, ShowbackLine};
use rust_xlsxwriter::XlsxError;

/// Columns of the parts of today.
const PARTS: [char; 4] = ['D', 'E', 'F', 'G'];

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(showback) = &cx.assessment.showback else {
        page.put([Put::Text(cx.known(None, "showback"))])?;
        return Ok(());
    };
    table(cx, page, "owner", &showback.owners, &showback.total, owner_of)?;
    page.gap();
    table(cx, page, "application", &showback.applications, &showback.total, application_of)
}

fn table(
    cx: &Context<'_>,
    page: &mut Page<'_>,
    of: &str,
    lines: &[ShowbackLine],
    total: &ShowbackLine,
    name: fn(&Context<'_>, &ShowbackLine) -> String,
) -> Result<(), XlsxError> {
    let names = [
        of,
        "servers",
        "moving",
        "energy",
        "maintenance",
        "lease",
        "space",
        "today",
        "proposed",
        "change",
        "missing",
    ];
    page.headings(&names.map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    let first = page.row + 1;
    for line in lines {
        let at = page.row + 1;
        let parts = line.parts.iter().map(|part| Put::Input(Some(base(part.amount))));
        let cells =
            [Put::Text(name(cx, line)), count(line.count), count(line.moving)].into_iter().chain(parts);
        let change = line.change.map(base);
        // What lacks an input has no difference, whatever is put into the other cells.
        let formula = if change.is_some() { format!("=I{at}-H{at}") } else { format!("={}", super::NONE) };
        let sums = [
            Put::Result(format!("=SUM(D{at}:G{at})"), Some(base(line.today))),
            Put::Input(Some(base(line.proposed))),
            Put::Result(formula, change),
            Put::Text(missing(line)),
        ];
        page.put(cells.chain(sums))?;
    }
    let last = page.row;
    let sum =
        |column: char, value: f64| Put::Result(format!("=SUM({column}{first}:{column}{last})"), Some(value));
    let mut cells = vec![
        Put::Text(cx.say("showback.total")),
        sum('B', total.count as f64),
        sum('C', total.moving as f64),
    ];
    cells.extend(PARTS.into_iter().zip(&total.parts).map(|(column, part)| sum(column, base(part.amount))));
    cells.push(sum('H', base(total.today)));
    cells.push(sum('I', base(total.proposed)));
    page.put(cells)?;
    Ok(())
}

fn count(count: usize) -> Put {
    Put::Input(Some(count as f64))
}

fn base(amount: Cents) -> f64 {
    amount.money().base
}

fn missing(line: &ShowbackLine) -> String {
    let mut all: Vec<String> = line
        .today_missing
        .iter()
        .chain(&line.proposed_missing)
        .map(|m: &MissingInput| m.input.clone())
        .collect();
    all.sort();
    all.dedup();
    all.join(", ")
}

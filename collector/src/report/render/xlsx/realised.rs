//! Promised and arrived: server by server with their sums, and what is left once the new hosts are paid.
// SPDX-License-Identifier: Apache-2.0

use super::{NONE, Page, Put};
use crate::number;
use crate::report::Context;
use cairn_schemas::assessment::{NetCash, Range, Realised};
use rust_xlsxwriter::XlsxError;

/// Columns of money of the servers: promised, arrived, still paid.
const MONEY: [char; 3] = ['D', 'E', 'F'];

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(found) = &cx.assessment.realised else {
        page.put([Put::Text(cx.say("realised.none"))])?;
        return Ok(());
    };
    let total = servers(cx, page, found)?;
    page.gap();
    if let Some(net) = &found.net {
        net_of_hosts(cx, page, found, net, total)?;
        page.gap();
    }
    outcomes(cx, page, found)
}

/// Base figures; says where their sums stand.
fn servers(cx: &Context<'_>, page: &mut Page<'_>, found: &Realised) -> Result<u32, XlsxError> {
    let names = ["server", "state", "due", "promised", "realised", "paid", "why"];
    let top = page.headings(&names.map(|id| cx.say(&format!("realised.column.{id}"))))?;
    for server in &found.servers {
        let why: Vec<String> = server.why.iter().map(|finding| cx.words().finding(finding)).collect();
        page.put([
            Put::Text(server.server.clone()),
            Put::Text(crate::report::realised::state(cx, server.state).text),
            Put::Text(number::date(server.due)),
            Put::Input(server.promised_annual_cash.map(|cash| cash.base)),
            Put::Input(Some(server.realised_annual_cash.base)),
            Put::Input(Some(server.still_paid_annual_cash.base)),
            Put::Text(why.join(" ")),
        ])?;
    }
    let (first, last) = (top + 1, page.row);
    let totals = &found.totals;
    let sums = [totals.promised_annual_cash, totals.realised_annual_cash, totals.still_paid_annual_cash];
    let sum = |(column, amount): (char, Range)| {
        let formula =
            if last < first { "=0".to_owned() } else { format!("=SUM({column}{first}:{column}{last})") };
        Put::Result(formula, Some(amount.base))
    };
    let name = [Put::Text(cx.say("total")), Put::Nothing, Put::Nothing];
    page.put(name.into_iter().chain(MONEY.into_iter().zip(sums).map(sum)))
}

/// Low, base and high; what is left is what arrived less the hosts, whose ends stand the other way round.
fn net_of_hosts(
    cx: &Context<'_>,
    page: &mut Page<'_>,
    found: &Realised,
    net: &NetCash,
    total: u32,
) -> Result<(), XlsxError> {
    page.headings(&["what", "low", "base", "high"].map(|id| cx.say(&format!("realised.net.column.{id}"))))?;
    let ends = |range: Range| [range.low, range.base, range.high];
    let spent = |range: Option<Range>| {
        range.map_or([None; 3], |cost| [Some(-cost.high), Some(-cost.base), Some(-cost.low)])
    };
    let arrived = ends(found.totals.realised_annual_cash);
    let parts = [
        ("cash", ends(net.gross_cash), net.hosts_cash, net.net_cash),
        ("annual", arrived, net.hosts_annual_cash, net.net_annual_cash),
    ];
    for (of, gross, hosts, left) in parts {
        let name = |part: &str| Put::Text(cx.say(&format!("realised.net.{part}-{of}")));
        let whole = |(end, amount): (usize, f64)| match (of, end) {
            ("annual", 1) => Put::Result(format!("={}{total}", MONEY[1]), Some(amount)),
            _ => Put::Input(Some(amount)),
        };
        page.put(std::iter::once(name("gross")).chain(gross.into_iter().enumerate().map(whole)))?;
        let row = page.put(std::iter::once(name("hosts")).chain(spent(hosts).map(Put::Input)))?;
        let results = left.map_or([None; 3], |left| ends(left).map(Some));
        let result = |(column, amount): (char, Option<f64>)| {
            let formula = format!("=IF({column}{row}=\"\",{NONE},{column}{}+{column}{row})", row - 1);
            Put::Result(formula, amount)
        };
        page.put(std::iter::once(name("net")).chain(['B', 'C', 'D'].into_iter().zip(results).map(result)))?;
    }
    Ok(())
}

fn outcomes(cx: &Context<'_>, page: &mut Page<'_>, found: &Realised) -> Result<(), XlsxError> {
    let names = ["outcome", "state", "owner", "baseline", "target", "planned", "arrived", "variance"];
    page.headings(&names.map(|id| cx.say(&format!("outcomes.column.{id}"))))?;
    for state in &found.outcomes {
        let (outcome, row) = (&state.outcome, page.row + 1);
        let variance = format!("=IF(OR(F{row}=\"\",G{row}=\"\"),{NONE},G{row}-F{row})");
        page.put([
            Put::Text(outcome.outcome.clone()),
            Put::Text(crate::report::realised::state(cx, state.state).text),
            Put::Text(outcome.owner.clone()),
            Put::Input(Some(outcome.baseline)),
            Put::Input(Some(outcome.target)),
            Put::Input(outcome.planned),
            Put::Input(state.realised),
            Put::Result(variance, state.variance),
        ])?;
    }
    Ok(())
}

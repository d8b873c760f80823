//! The catalogue: each entry with its rate and how many are taken, and what that comes to; and the parts of the pool's cost.
// SPDX-License-Identifier: Apache-2.0

use super::{Page, Put};
use crate::report::Context;
use cairn_schemas::assessment::Cents;
use rust_xlsxwriter::XlsxError;

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let catalogue = cx.assessment.service_catalogue.as_ref();
    let Some(catalogue) = catalogue.filter(|catalogue| !catalogue.entries.is_empty()) else {
        page.put([Put::Text(cx.known(None, "catalogue"))])?;
        return Ok(());
    };
    let say = |id: &str| cx.say(&format!("xlsx.column.{id}"));
    page.headings(
        &["entry", "tier", "vcpu", "size_memory", "servers", "low", "rate", "high", "shown"].map(say),
    )?;
    let first = page.row + 1;
    for entry in &catalogue.entries {
        let size = catalogue.sizes.iter().find(|size| size.size == entry.size);
        let at = page.row + 1;
        let [low, base, high] = ends(entry.rate).map(Put::Input);
        let shown = entry.rate.map(|rate| rate.times(entry.count).money().base);
        page.put([
            Put::Text(entry.id.clone()),
            Put::Text(entry.tier.name().to_owned()),
            Put::Input(size.map(|size| f64::from(size.vcpu))),
            Put::Input(size.map(|size| size.memory_bytes)),
            Put::Input(Some(entry.count as f64)),
            low,
            base,
            high,
            Put::Result(format!("=IF(ISNUMBER(G{at}),E{at}*G{at},{})", super::NONE), shown),
        ])?;
    }
    let last = page.row;
    let shown = catalogue.entries.iter().map(|entry| Some(entry.rate?.times(entry.count)));
    let shown: Option<Vec<Cents>> = shown.collect();
    let shown = shown.map(|all| all.into_iter().fold(Cents::default(), Cents::plus).money().base);
    let total = Put::Result(format!("=SUM(I{first}:I{last})"), shown);
    let blank = [(); 7].map(|()| Put::Nothing);
    page.put([Put::Text(cx.say("xlsx.column.shown"))].into_iter().chain(blank).chain([total]))?;
    page.gap();
    pool(cx, page)
}

fn ends(amount: Option<Cents>) -> [Option<f64>; 3] {
    let money = amount.map(Cents::money);
    [money.map(|range| range.low), money.map(|range| range.base), money.map(|range| range.high)]
}

fn pool(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(catalogue) = &cx.assessment.service_catalogue else { return Ok(()) };
    page.headings(
        &["line", "low", "base", "high", "formula"].map(|id| cx.say(&format!("xlsx.column.{id}"))),
    )?;
    let first = page.row + 1;
    for part in &catalogue.pool.parts {
        let [low, base, high] = ends(part.amount).map(Put::Input);
        page.put([Put::Text(part.id.clone()), low, base, high, Put::Text(part.formula.clone())])?;
    }
    let last = page.row;
    let sums = ['B', 'C', 'D'].into_iter().zip(ends(catalogue.pool.cash));
    let sums = sums.map(|(column, sum)| Put::Result(format!("=SUM({column}{first}:{column}{last})"), sum));
    page.put([Put::Text(cx.say("catalogue-pool.total"))].into_iter().chain(sums))?;
    Ok(())
}

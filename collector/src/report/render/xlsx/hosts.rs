//! What the host count rests on: each host's fullest hour, by resource and limit, and a rough sum to play with. The
//! plan itself goes by hours of the week, which no sum over a column can; the page says so.
// SPDX-License-Identifier: Apache-2.0

use super::{NONE, Page, Put};
use crate::report::Context;
use cairn_schemas::assessment::Resource;
use rust_xlsxwriter::XlsxError;

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(plan) = &cx.assessment.consolidation else {
        page.put([Put::Text(cx.say("no-plan"))])?;
        return Ok(());
    };
    page.sheet
        .set_column_width(1, 18)?
        .set_column_width(2, 18)?
        .set_column_width(3, 18)?
        .set_column_width(4, 18)?;
    let names = |ids: &[&str]| ids.iter().map(|id| cx.say(&format!("xlsx.column.{id}"))).collect::<Vec<_>>();
    page.headings(&names(&["cluster", "servers", "hosts", "failover", "bound"]))?;
    let first = page.row + 1;
    for cluster in &plan.clusters {
        let number = |value: usize| Put::Input(Some(value as f64));
        let counts = [cluster.servers, cluster.hosts, cluster.failover_hosts].map(number);
        page.put(std::iter::once(Put::Text(cluster.name.clone())).chain(counts))?;
    }
    let last = page.row;
    let sum = |column: char, value: usize| {
        Put::Result(format!("=SUM({column}{first}:{column}{last})"), Some(value as f64))
    };
    let servers = plan.clusters.iter().map(|cluster| cluster.servers).sum();
    page.put([
        Put::Text(cx.say("total")),
        sum('B', servers),
        sum('C', plan.hosts),
        sum('D', plan.failover_hosts),
        Put::Input(Some(plan.lower_bound_hosts as f64)),
    ])?;
    page.gap();
    fullest(cx, page)?;
    by_memory(cx, page)
}

/// Each host in its fullest hour, and what is left up to the limit.
fn fullest(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(plan) = &cx.assessment.consolidation else { return Ok(()) };
    let names = ["host", "servers", "used", "limit", "left", "resource", "when"];
    page.headings(&names.map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    for host in &plan.placement {
        let peak = host.peak;
        let limit = peak.and_then(|peak| cx.limit(plan, peak.resource));
        let row = page.row + 1;
        let left = peak.zip(limit).map(|(peak, limit)| limit - peak.used);
        page.put([
            Put::Text(host.host.clone()),
            Put::Input(Some(host.servers.len() as f64)),
            Put::Input(peak.map(|peak| peak.used)),
            Put::Input(limit),
            Put::Result(format!("=IF(OR(C{row}=\"\",D{row}=\"\"),{NONE},D{row}-C{row})"), left),
            Put::Text(peak.map(|peak| cx.resource(peak.resource)).unwrap_or_default()),
            Put::Text(peak.map(|peak| crate::number::cell(peak.cell)).unwrap_or_default()),
        ])?;
    }
    page.gap();
    Ok(())
}

/// Memory alone, since it is never overcommitted: what all servers of the plan are given, over what a host may hold.
fn by_memory(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let Some(plan) = &cx.assessment.consolidation else { return Ok(()) };
    let placed = plan.placement.iter().flat_map(|host| &host.servers);
    let given: f64 = placed.filter_map(|name| Some(cx.server(name)?.size?.memory_bytes)).sum();
    let capacity = plan.placement.first().map(|host| host.capacity.memory_bytes);
    let limit = cx.limit(plan, Resource::Memory);
    let mut input = |id: &str, value: Option<f64>| {
        page.put([Put::Text(cx.say(&format!("xlsx.memory.{id}"))), Put::Input(value)])
    };
    let given_at = input("given", Some(given))?;
    let host_at = input("host", capacity)?;
    let limit_at = input("limit", limit)?;
    let hosts = capacity.zip(limit).filter(|(c, l)| c * l > 0.0).map(|(c, l)| (given / (c * l)).ceil());
    let formula =
        format!("=IF(B{host_at}*B{limit_at}=0,{NONE},ROUNDUP(B{given_at}/(B{host_at}*B{limit_at}),0))");
    page.put([
        Put::Text(cx.say("xlsx.memory.hosts")),
        Put::Result(formula, hosts),
        Put::Text(cx.say("xlsx.memory.note")),
    ])?;
    Ok(())
}

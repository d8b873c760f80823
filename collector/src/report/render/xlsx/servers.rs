//! Every server: what it has and uses, and its score as the sum of its parts.
// SPDX-License-Identifier: Apache-2.0

use super::{NONE, Page, Put};
use crate::report::Context;
use cairn_schemas::assessment::ServerReadiness;
use rust_xlsxwriter::XlsxError;

const NAMES: [&str; 21] = [
    "server",
    "category",
    "fit",
    "steadiness",
    "room",
    "ease",
    "ownership",
    "score",
    "coverage",
    "cpu",
    "memory",
    "cpu_p95",
    "cpu_max",
    "memory_max",
    "vcpu",
    "size_memory",
    "host",
    "owner",
    "role",
    "os",
    "reasons",
];

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let servers = &cx.assessment.readiness.servers;
    let heading = page.headings(&NAMES.map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    page.sheet.set_freeze_panes(heading, 1)?.set_column_width(20, 90)?;
    let first = page.row + 1;
    for server in servers {
        let row = page.row + 1;
        page.put(cells(cx, server, row))?;
    }
    let last = page.row.max(first);
    if servers.is_empty() {
        return Ok(());
    }
    page.gap();
    let formula = format!("=SUM(H{first}:H{last})/ROWS(H{first}:H{last})");
    let nothing = (0..6).map(|_| Put::Nothing);
    let mean = Put::Result(formula, cx.assessment.readiness.score);
    page.put(std::iter::once(Put::Text(cx.say("xlsx.servers.mean"))).chain(nothing).chain([mean]))?;
    Ok(())
}

fn cells(cx: &Context<'_>, server: &ServerReadiness, row: u32) -> Vec<Put> {
    let (cpu, memory) = (server.utilisation.cpu_busy_ratio, server.utilisation.memory_used_bytes);
    let parts = server.parts;
    let part = |pick: fn(cairn_schemas::assessment::ScoreParts) -> f64| Put::Input(parts.map(pick));
    let said = server.findings.iter().map(|finding| cx.said(finding).text).collect::<Vec<_>>().join(" | ");
    let text = |text: &Option<String>| Put::Text(text.clone().unwrap_or_default());
    let host = cx.host_of(&server.server).map(|host| host.host.clone());
    vec![
        Put::Text(server.server.clone()),
        Put::Text(cx.category(server.category).text),
        part(|p| p.fit),
        part(|p| p.steadiness),
        part(|p| p.room),
        part(|p| p.ease),
        part(|p| p.ownership),
        Put::Result(format!("=IF(COUNT(C{row}:G{row})=0,{NONE},SUM(C{row}:G{row}))"), server.score),
        Put::Input(server.coverage_ratio),
        Put::Input(server.capacity.cpu_mhz),
        Put::Input(server.capacity.memory_bytes),
        Put::Input(cpu.map(|p| p.p95)),
        Put::Input(cpu.map(|p| p.max)),
        Put::Input(memory.map(|p| p.max)),
        Put::Input(server.size.map(|size| f64::from(size.vcpu))),
        Put::Input(server.size.map(|size| size.memory_bytes)),
        text(&host),
        text(&server.owner),
        text(&server.role),
        text(&server.os),
        Put::Text(said),
    ]
}

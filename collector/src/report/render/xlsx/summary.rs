//! The population and the ratios: counts that went in, and each ratio as a formula over them.
// SPDX-License-Identifier: Apache-2.0

use super::{NONE, Page, Put};
use crate::report::Context;
use rust_xlsxwriter::XlsxError;

pub(super) fn write(cx: &Context<'_>, page: &mut Page<'_>) -> Result<(), XlsxError> {
    let a = cx.assessment;
    let text = |id: &str, value: String| [Put::Text(cx.say(id)), Put::Text(value)];
    page.sheet.set_column_width(1, 28)?.set_column_width(2, 60)?;
    page.put(text("document.number", a.id.to_string()))?;
    page.put(text("document.created", a.created.to_string()))?;
    page.put(text("document.window", format!("{} / {}", a.window.from, a.window.to)))?;
    page.put(text("document.policy", format!("{} {}", a.policy.name, a.policy.version)))?;
    page.put(text("xlsx.inputs", a.inputs_sha256.clone()))?;
    page.gap();
    let Some(plan) = &a.consolidation else {
        page.put([Put::Text(cx.say("no-plan"))])?;
        return Ok(());
    };
    page.headings(&["what", "value", "meaning"].map(|id| cx.say(&format!("xlsx.column.{id}"))))?;
    let mut input = |id: &str, value: usize| {
        let note = cx.say(&format!("sum.{id}.note"));
        let name = cx.say(&format!("sum.{id}"));
        page.put([Put::Text(name), Put::Input(Some(value as f64)), Put::Text(note)])
    };
    let assessed = input("assessed", plan.population.assessed)?;
    let placed = input("placed", plan.population.placed)?;
    let stay = input("stay", plan.population.stay)?;
    let hosts = input("hosts", plan.hosts)?;
    let failover = input("failover", plan.failover_hosts)?;
    page.gap();
    let tomorrow = format!("(B{hosts}+B{failover}+B{stay})");
    let mut result = |id: &str, formula: String, value: Option<f64>| {
        page.put([
            Put::Text(cx.say(id)),
            Put::Result(formula.clone(), value),
            Put::Text(formula.trim_start_matches('=').to_owned()),
        ])
    };
    let machines = (plan.hosts + plan.failover_hosts + plan.population.stay) as f64;
    result("sum.tomorrow", format!("={tomorrow}"), Some(machines))?;
    result("tile.removed.label", format!("=B{assessed}-{tomorrow}"), Some(plan.servers_removed as f64))?;
    let ratio = |top: u32, bottom: &str| format!("=IF({bottom}=0,{NONE},B{top}/{bottom})");
    result("ratio.net", ratio(assessed, &tomorrow), plan.net_consolidation_ratio)?;
    result("ratio.source", ratio(placed, &format!("B{hosts}")), plan.source_to_destination_ratio)?;
    result("ratio.density", ratio(placed, &format!("(B{hosts}+B{failover})")), plan.vm_density)?;
    Ok(())
}

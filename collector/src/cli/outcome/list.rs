//! `cairn outcome list` and `compare`: what the register holds, and what came of servers that moved.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, SqliteStore, Timestamp};
use crate::cli::assess::Stretch;
use crate::cli::sentence;
use crate::estate;
use crate::number::terminal_safe;
use crate::store::outcomes::{KeptStep, Outcomes as _};
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::BeforeAfter;
use clap::Args;
use serde_json::json;
use std::io::Write;

/// What is looked at.
#[derive(Debug, Args)]
pub(super) struct Compare {
    #[command(flatten)]
    stretch: Stretch,
}

pub(super) fn list(store: &SqliteStore, all: bool, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let (register, steps) = (store.outcomes()?, store.steps()?);
    if json {
        let step = |kept: &KeptStep| {
            let (by, at) = kept.withdrawn.clone().unzip();
            json!({ "step": kept.step, "withdrawn_by": by, "withdrawn_at": at })
        };
        let steps: Vec<_> = steps.iter().map(step).collect();
        let value = json!({
            "outcomes": register.outcomes, "steps": steps, "delays": register.delays,
            "baselines": register.baselines,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        return Ok(Exit::Done);
    }
    if register.is_empty() && steps.is_empty() {
        writeln!(out, "nothing is promised; `cairn outcome plan` and `cairn outcome add` promise")?;
    }
    for o in &register.outcomes {
        let line = format!(
            "outcome {}  {}  for {}: from {} to {} {} by {}",
            o.id,
            o.outcome,
            o.owner,
            o.baseline,
            o.target,
            o.unit,
            o.due.date()
        );
        writeln!(out, "{}", terminal_safe(&line))?;
        for realised in &o.realised {
            let basis = realised.basis.name().replace('_', " ");
            let line =
                format!("  {}  {}, {basis}, says {}", realised.on.date(), realised.indicator, realised.by);
            writeln!(out, "{}", terminal_safe(&line))?;
        }
    }
    for KeptStep { step, withdrawn } in steps.iter().filter(|kept| all || kept.withdrawn.is_none()) {
        let due = step.promise.as_ref().map(|p| format!(", due {}", p.due.date())).unwrap_or_default();
        let ticket = step.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
        let gone = withdrawn.as_ref().map(|(by, _)| format!("  [withdrawn by {by}]")).unwrap_or_default();
        let kind = step.step.name().replace('_', " ");
        let (number, server, on, by) = (step.id, &step.server, step.on.date(), &step.by);
        let line = format!("{number:>4}  {server}  {kind} on {on}{due}, says {by}{ticket}{gone}");
        writeln!(out, "{}", terminal_safe(&line))?;
    }
    Ok(Exit::Done)
}

pub(super) fn compare(
    store: &SqliteStore,
    args: &Compare,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let estate = estate::load(store, args.stretch.window(store)?)?;
    let found = cairn_assess::realised::realised(&estate, &Policy::default(), now);
    let sheets = found.map(|found| found.before_after).unwrap_or_default();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&sheets)?)?;
        return Ok(Exit::Done);
    }
    if sheets.is_empty() {
        writeln!(out, "no baseline is frozen; `cairn outcome freeze` does, before the move")?;
    }
    sheets.iter().try_for_each(|sheet| write(sheet, out))?;
    Ok(Exit::Done)
}

fn write(sheet: &BeforeAfter, out: &mut impl Write) -> anyhow::Result<()> {
    let copy = sheet.seen_as.as_deref().unwrap_or("not seen");
    let line = format!("{} ({copy}): {}", sheet.server, sheet.verdict.name());
    writeln!(out, "{}", terminal_safe(&line))?;
    for change in &sheet.metrics {
        let ratio =
            change.change_ratio.map_or_else(|| "no change known".into(), |r| format!("{:+.1} %", r * 100.0));
        writeln!(
            out,
            "  {:<22} {:>16.3} {:>16.3}  {ratio}, {} hours of the week",
            change.metric.name(),
            change.before,
            change.after,
            change.hours
        )?;
    }
    sheet.findings.iter().try_for_each(|finding| writeln!(out, "  {}", sentence(finding)))?;
    Ok(())
}

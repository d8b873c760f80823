//! Page two: how the population adds up, and which assumptions differ from the standard.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Fact, Row, Section, Table, Tone};
use crate::number;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::{Consolidation, ExclusionReason};
use cairn_schemas::finding::{Arg, Finding, Severity};

/// Page two.
pub(super) static SECTION: Section = Section { id: "population", build };

/// Rows of the lists; the others are in the CSV and JSON files.
const ROWS: usize = 25;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Prose(cx.say("population.lead"))];
    blocks.push(Block::Table(sum(cx)));
    blocks.extend(ratios(cx));
    blocks.extend(said(cx));
    blocks.push(Block::Heading(cx.say("assumptions.title")));
    blocks.extend(assumptions(cx));
    blocks.extend(super::reconciliation::differences(cx));
    blocks.extend(excluded(cx));
    blocks.extend(cx.assessment.consolidation.as_ref().and_then(|plan| stay(cx, plan)));
    blocks
}

/// What is said of the whole; changed assumptions stand with the assumptions, and the banner says the rest.
fn said(cx: &Context<'_>) -> Option<Block> {
    let elsewhere = |f: &&Finding| f.id.starts_with("policy") || f.message_id == "estate.simulated";
    let own: Vec<_> = cx.assessment.findings.iter().filter(|f| !elsewhere(f)).cloned().collect();
    cx.findings(&own)
}

fn sum(cx: &Context<'_>) -> Table {
    let estate = &cx.assessment.estate;
    let outside = |reason| estate.excluded.iter().filter(|e| e.reason == reason).count();
    let line = |id: &str, sign: &str, count: usize| {
        let note = cx.say(&format!("sum.{id}.note"));
        Row::new([
            Cell::new(cx.say(&format!("sum.{id}"))),
            Cell::new(format!("{sign}{}", number::count(count))),
            Cell::new(note),
        ])
    };
    let mut rows = vec![
        line("known", "", estate.servers),
        line("virtual", "\u{2212} ", outside(ExclusionReason::AlreadyVirtual)),
        line("hypervisor", "\u{2212} ", outside(ExclusionReason::Hypervisor)),
        line("retiring", "\u{2212} ", outside(ExclusionReason::Retiring)),
        line("assessed", "= ", estate.assessed).total(),
    ];
    if let Some(plan) = &cx.assessment.consolidation {
        for reason in
            ["blocked", "vetoed", "unknown", "oversized", "unplaceable", "conflict", "kept_physical"]
        {
            let count = plan.stay.iter().filter(|stay| stay.reason == reason).count();
            rows.push(line(reason, "\u{2212} ", count));
        }
        rows.push(line("placed", "= ", plan.population.placed).total());
        rows.push(line("hosts", "", plan.hosts));
        rows.push(line("failover", "+ ", plan.failover_hosts));
        rows.push(line("stay", "+ ", plan.population.stay));
        rows.push(line("tomorrow", "= ", plan.hosts + plan.failover_hosts + plan.population.stay).total());
    }
    let columns = cx.columns("sum", &["what", "#count", "meaning"]);
    Table { caption: cx.say("sum.title"), columns, rows, foot: None }
}

fn ratios(cx: &Context<'_>) -> Option<Block> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let population = plan.population;
    let numbers = [
        ("assessed", population.assessed as f64),
        ("placed", population.placed as f64),
        ("stay", population.stay as f64),
        ("hosts", plan.hosts as f64),
        ("failover", plan.failover_hosts as f64),
    ];
    let row = |id: &str, value: Option<f64>| {
        Row::new([
            Cell::new(cx.say(&format!("ratio.{id}"))),
            cx.known_cell(value.map(number::to_one), "ratio"),
            Cell::new(cx.with(&format!("ratio.{id}.formula"), numbers)),
        ])
    };
    Some(Block::Table(Table {
        caption: cx.say("ratio.title"),
        columns: cx.columns("ratio", &["what", "#value", "formula"]),
        rows: vec![
            row("net", plan.net_consolidation_ratio).total(),
            row("source", plan.source_to_destination_ratio),
            row("density", plan.vm_density),
        ],
        foot: None,
    }))
}

fn assumptions(cx: &Context<'_>) -> Vec<Block> {
    let (a, standard) = (cx.assessment, Policy::default());
    let args = [("name", a.policy.name.clone()), ("version", a.policy.version.clone())];
    let rows = compared(cx, &standard);
    let differing = rows.iter().filter(|row| row.cells.iter().any(|cell| cell.tone != Tone::Plain)).count();
    let verdict = if a.policy == standard.reference() {
        Block::Note(Tone::Good, cx.with("assumptions.standard", args))
    } else if differing > 0 {
        let count = [("count", Arg::from(differing as f64))];
        let named = args.map(|(name, text)| (name, Arg::from(text)));
        Block::Note(
            Tone::Attention,
            cx.with("assumptions.differ", [named[0].clone(), named[1].clone(), count[0].clone()]),
        )
    } else {
        Block::Note(Tone::Attention, cx.with("assumptions.differ.elsewhere", args))
    };
    let changed: Vec<_> = a.findings.iter().filter(|f| f.id.starts_with("policy")).cloned().collect();
    let table = Block::Table(Table {
        caption: cx.say("assumptions.table"),
        columns: cx.columns("assumptions", &["what", "#used", "#standard", "differs"]),
        rows,
        foot: Some(cx.with("assumptions.foot", [("sha", a.policy.sha256.as_str())])),
    });
    [Some(verdict), cx.findings(&changed), Some(table)].into_iter().flatten().collect()
}

/// What the assessment itself says of its assumptions, beside the standard.
fn compared(cx: &Context<'_>, standard: &Policy) -> Vec<Row> {
    let plan = cx.assessment.consolidation.as_ref();
    let chosen = plan.and_then(|plan| plan.scenarios.iter().find(|s| s.name == plan.scenario));
    let template = plan.and_then(super::plan::templates);
    let capacity = plan.and_then(|plan| plan.placement.first()).map(|host| host.capacity);
    let usual = standard.template.capacity(&standard.normalisation);
    let value = &cx.assessment.value;
    let pairs = [
        (
            "cpu-limit",
            chosen.map(|s| number::percent(s.cpu_limit_ratio)),
            number::percent(standard.limits.cpu_ratio),
        ),
        (
            "memory-limit",
            chosen.map(|s| number::percent(s.memory_limit_ratio)),
            number::percent(standard.limits.memory_ratio),
        ),
        (
            "growth",
            chosen.map(|s| number::percent(s.growth_ratio)),
            number::percent(standard.sizing.growth_ratio),
        ),
        ("template", template, standard.template.name.clone()),
        ("host-cpu", capacity.map(|c| number::ghz(c.cpu_mhz)), number::ghz(usual.cpu_mhz)),
        ("host-memory", capacity.map(|c| number::bytes(c.memory_bytes)), number::bytes(usual.memory_bytes)),
        ("currency", Some(value.currency.clone()), standard.value.currency.clone()),
        ("years", Some(number::int(f64::from(value.years))), number::int(f64::from(standard.value.years))),
    ];
    let unchanged = cx.assessment.policy == standard.reference();
    let row = |(id, used, usual): (&str, Option<String>, String)| {
        let used = used.or_else(|| unchanged.then(|| usual.clone()));
        let verdict = match &used {
            Some(used) if *used == usual => Cell::new(cx.say("assumptions.same")),
            Some(_) => Cell::new(cx.say("assumptions.different")).tone(Tone::Attention),
            None => Cell::new(cx.say("not-known")),
        };
        let used = Cell::new(cx.known(used, "limit"));
        Row::new([Cell::new(cx.say(&format!("assumption.{id}"))), used, Cell::new(usual), verdict])
    };
    pairs.into_iter().map(row).collect()
}

fn excluded(cx: &Context<'_>) -> Option<Block> {
    let excluded = &cx.assessment.estate.excluded;
    let row = |e: &cairn_schemas::assessment::Excluded| {
        let reason = match e.reason {
            ExclusionReason::AlreadyVirtual => "virtual",
            ExclusionReason::Hypervisor => "hypervisor",
            ExclusionReason::Retiring => "retiring",
            ExclusionReason::Moved => "moved",
        };
        Row::new([
            Cell::new(&e.server),
            Cell::new(cx.say(&format!("excluded.{reason}"))),
            Cell::new(&e.evidence),
        ])
        .marked(cx.mark([e.server.as_str()]))
    };
    let table = Table {
        caption: cx.say("excluded.title"),
        columns: cx.columns("excluded", &["server", "reason", "evidence"]),
        rows: excluded.iter().take(ROWS).map(row).collect(),
        foot: left_out(cx, excluded.len()),
    };
    (!excluded.is_empty()).then_some(Block::Table(table))
}

fn stay(cx: &Context<'_>, plan: &Consolidation) -> Option<Block> {
    let row = |stay: &cairn_schemas::assessment::Stay| {
        let gate = cx
            .server(&stay.server)
            .and_then(|server| server.findings.iter().find(|finding| finding.severity == Severity::Gate))
            .map(|finding| cx.said(finding).text);
        let why = gate.unwrap_or_else(|| cx.say(&format!("stay.{}", stay.reason)));
        let reason = cx.name(&[format!("report.sum.{}", stay.reason)], &stay.reason);
        Row::new([Cell::new(&stay.server), Cell::new(reason), Cell::new(why)])
            .marked(cx.mark([stay.server.as_str()]))
    };
    let table = Table {
        caption: cx.say("stay.title"),
        columns: cx.columns("stay", &["server", "reason", "why"]),
        rows: plan.stay.iter().take(ROWS).map(row).collect(),
        foot: left_out(cx, plan.stay.len()),
    };
    (!plan.stay.is_empty()).then_some(Block::Table(table))
}

fn left_out(cx: &Context<'_>, all: usize) -> Option<String> {
    let left = all.checked_sub(ROWS).filter(|left| *left > 0)?;
    Some(cx.with("left-out", [("left", left as f64)]))
}

/// A fact of a figure and its reason when it is missing.
pub(super) fn fact(cx: &Context<'_>, id: &str, value: Option<String>, reason: &str) -> Fact {
    cx.fact(id, cx.known(value, reason))
}

//! What: the proposal on one page, for whoever decides and has five minutes.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tone};
use crate::number;
use cairn_schemas::assessment::{Consolidation, Wave};

/// The section.
pub(super) static SECTION: Section = Section { id: "proposal", build };

/// Waves listed; the others are counted.
pub(super) const WAVES: usize = 8;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(plan) = &cx.assessment.consolidation else {
        return vec![Block::Note(Tone::Unknown, cx.say("proposal.none"))];
    };
    let numbers = numbers(plan);
    let mut blocks = vec![
        Block::Headline(cx.with("proposal.headline", numbers), cx.with("proposal.lead", numbers)),
        Block::Table(changes(cx, plan)),
        Block::Heading(cx.say("proposal.stays.title")),
        Block::Prose(cx.say("proposal.stays")),
    ];
    if cx.assessment.waves.is_empty() {
        blocks.push(Block::Note(Tone::Unknown, cx.known(None, "waves")));
    } else {
        blocks.push(Block::Table(waves(cx)));
    }
    blocks.push(Block::Note(Tone::Plain, cx.say("proposal.asked")));
    blocks
}

/// The numbers sentences about the plan are made of.
pub(super) fn numbers(plan: &Consolidation) -> [(&'static str, f64); 5] {
    [
        ("placed", plan.population.placed as f64),
        ("hosts", plan.hosts as f64),
        ("failover", plan.failover_hosts as f64),
        ("stay", plan.population.stay as f64),
        ("assessed", plan.population.assessed as f64),
    ]
}

/// Machines today and tomorrow.
fn changes(cx: &Context<'_>, plan: &Consolidation) -> Table {
    let row = |id: &str, today: usize, tomorrow: usize| {
        Row::new([
            Cell::new(cx.say(&format!("proposed.{id}"))),
            Cell::new(number::count(today)),
            Cell::new(number::count(tomorrow)),
        ])
    };
    let population = plan.population;
    let tomorrow = plan.hosts + plan.failover_hosts + population.stay;
    Table {
        caption: cx.say("proposed.title"),
        columns: cx.columns("proposed", &["what", "#today", "#tomorrow"]),
        rows: vec![
            row("physical", population.assessed, population.stay),
            row("hosts", 0, plan.hosts),
            row("failover", 0, plan.failover_hosts),
            row("machines", population.assessed, tomorrow).total(),
            row("virtual", 0, population.placed),
        ],
        foot: Some(cx.say("proposed.foot")),
    }
}

/// The first waves in short.
pub(super) fn waves(cx: &Context<'_>) -> Table {
    let all = &cx.assessment.waves;
    let row = |wave: &Wave| {
        let servers = wave.servers.iter().map(String::as_str);
        Row::new([
            Cell::new(cx.with("waves.number", [("number", f64::from(wave.number))])),
            Cell::new(cx.name(&[format!("report.wave.{}", wave.reason)], &wave.reason)),
            Cell::new(number::count(wave.servers.len())),
            Cell::new(number::count(wave.hosts)),
            Cell::new(cx.names(servers.clone(), 6)),
        ])
        .marked(cx.mark(servers))
    };
    let left = all.len().checked_sub(WAVES).filter(|left| *left > 0);
    Table {
        caption: cx.say("waves.table"),
        columns: cx.columns("waves", &["wave", "reason", "#servers", "#hosts", "names"]),
        rows: all.iter().take(WAVES).map(row).collect(),
        foot: left.map(|left| cx.with("left-out", [("left", left as f64)])),
    }
}

//! The same estate under other assumptions, and where the host count changes.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Chart, Context, Row, Section, Table, Tone};
use crate::chart::{self, Caption, ScenarioBar};
use crate::number;
use cairn_schemas::assessment::{Consolidation, FlipPoint, Scenario};

/// The section.
pub(super) static SECTION: Section = Section { id: "scenarios", build };

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(plan) = cx.assessment.consolidation.as_ref() else { return cx.no_plan() };
    if plan.scenarios.is_empty() {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "scenarios"))];
    }
    let mut blocks = vec![Block::Prose(cx.say("scenarios.lead"))];
    blocks.extend(comparison(cx, plan).map(Block::Chart));
    blocks.push(Block::Table(table(cx, plan)));
    blocks.extend(flips(cx, plan));
    blocks
}

fn name(cx: &Context<'_>, scenario: &Scenario) -> String {
    cx.name(&[format!("report.scenario.{}", scenario.name)], &scenario.name)
}

fn comparison(cx: &Context<'_>, plan: &Consolidation) -> Option<Chart> {
    let bar = |scenario: &Scenario| ScenarioBar {
        label: name(cx, scenario),
        note: cx.with(
            "scenarios.note",
            [
                ("cpu", scenario.cpu_limit_ratio),
                ("memory", scenario.memory_limit_ratio),
                ("growth", scenario.growth_ratio),
            ],
        ),
        hosts: scenario.hosts,
        failover_hosts: scenario.failover_hosts,
        lower_bound_hosts: scenario.lower_bound_hosts,
        chosen: scenario.name == plan.scenario,
    };
    let bars: Vec<_> = plan.scenarios.iter().map(bar).collect();
    let (title, description) = (cx.say("scenarios.chart"), cx.say("scenarios.description"));
    let caption = Caption { id: "chart-scenarios", title: &title, description: &description };
    let svg = chart::scenarios(&caption, &cx.say("scenarios.bound"), &bars);
    let key = ["host", "failover"].map(|id| (id, cx.say(&format!("scenarios.key.{id}")))).to_vec();
    cx.chart(svg, key, counts(cx, plan))
}

fn counts(cx: &Context<'_>, plan: &Consolidation) -> Table {
    let row = |scenario: &Scenario| {
        let numbers = [scenario.hosts, scenario.failover_hosts, scenario.lower_bound_hosts];
        let mut cells = vec![Cell::new(name(cx, scenario))];
        cells.extend(numbers.map(|n| Cell::new(number::count(n))));
        Row::new(cells)
    };
    Table {
        caption: cx.say("scenarios.chart"),
        columns: cx.columns("scenarios", &["name", "#hosts", "#failover", "#bound"]),
        rows: plan.scenarios.iter().map(row).collect(),
        foot: None,
    }
}

fn table(cx: &Context<'_>, plan: &Consolidation) -> Table {
    let row = |scenario: &Scenario| {
        let chosen = scenario.name == plan.scenario;
        let label = name(cx, scenario);
        let label = if chosen { cx.with("scenarios.chosen", [("name", label)]) } else { label };
        let row = Row::new([
            Cell::new(label),
            Cell::new(number::percent(scenario.cpu_limit_ratio)),
            Cell::new(number::percent(scenario.memory_limit_ratio)),
            Cell::new(number::percent(scenario.growth_ratio)),
            Cell::new(number::count(scenario.hosts)),
            Cell::new(number::count(scenario.failover_hosts)),
            cx.known_cell(scenario.net_consolidation_ratio.map(number::to_one), "ratio"),
            cx.known_cell(scenario.violation_ratio.map(number::percent), "untested"),
        ]);
        if chosen { row.total() } else { row }
    };
    let columns = ["name", "#cpu", "#memory", "#growth", "#hosts", "#failover", "#ratio", "#violations"];
    Table {
        caption: cx.say("scenarios.table"),
        columns: cx.columns("scenarios", &columns),
        rows: plan.scenarios.iter().map(row).collect(),
        foot: None,
    }
}

fn flips(cx: &Context<'_>, plan: &Consolidation) -> Option<Block> {
    let row = |flip: &FlipPoint| {
        Row::new([
            Cell::new(number::count(flip.hosts)),
            Cell::new(number::percent(flip.cpu_limit_ratio)),
            Cell::new(
                cx.with("flips.sentence", [("hosts", flip.hosts as f64), ("limit", flip.cpu_limit_ratio)]),
            ),
        ])
    };
    let table = Table {
        caption: cx.say("flips.title"),
        columns: cx.columns("flips", &["hosts", "#limit", "meaning"]),
        rows: plan.flip_points.iter().map(row).collect(),
        foot: Some(cx.say("flips.foot")),
    };
    (!plan.flip_points.is_empty()).then_some(Block::Table(table))
}

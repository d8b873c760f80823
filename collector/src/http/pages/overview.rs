//! The estate at a glance: what is promised, when servers work, where their load is, and how the agents are.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, nothing_yet, of_report, section};
use super::telemetry::{hourly, mean, tables};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal};
use crate::chart::{self, Bubble, Caption};
use crate::number;
use crate::report::{Block, Cell, Chart, Row, Table, Tone, strips};
use crate::store::{Agent, Source, SourceKind};
use cairn_schemas::assessment::{Assessment, Category, ServerReadiness};
use cairn_schemas::metric::{AGENT_CPU, AGENT_RESIDENT};
use cairn_schemas::time::{DAY_S, HOUR_S, Timestamp, Window};
use std::collections::BTreeMap;

pub(super) static PAGE: Page = Page { id: "", least: Role::Viewer, in_navigation: true, live: false, build };

/// Agents on the page: those heard of longest ago first; every one is in `cairn agents`.
const AGENTS: usize = 25;
/// Servers drawn as circles: those with the largest peaks.
const BUBBLES: usize = 500;
/// Rows of the table beside them.
const BUBBLE_ROWS: usize = 25;
/// An agent that resends each quarter of an hour and was not heard of for so long is looked at. Ours.
const SILENT_S: i64 = 2 * HOUR_S;

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let mut pieces = match &visit.assessment {
        None => vec![nothing_yet(visit)?],
        Some(assessment) => {
            let mut pieces = of_report(visit, &["summary", "population"])?;
            let cx = context(assessment);
            let charts = [strips(&cx), concentration(assessment)].into_iter().flatten().map(Block::Chart);
            pieces.push(section("load", charts.collect())?);
            // Most come here first and go on to the plan, where a slider should not wait.
            visit.make_ready();
            pieces
        }
    };
    let measured = [agents(visit)?, sources(visit)?].into_iter().flatten().map(Block::Table);
    let measured: Vec<Block> = measured.collect();
    if !measured.is_empty() {
        pieces.push(section("measured", measured)?);
    }
    Ok(pieces)
}

/// Each server by how busy it usually is and what its peak takes.
fn concentration(assessment: &Assessment) -> Option<Chart> {
    let bubble = |server: &ServerReadiness| {
        let (cpu, used) = (server.capacity.cpu_mhz?, server.utilisation.cpu_busy_ratio?);
        Some(Bubble {
            label: number::terminal_safe(&server.server).into_owned(),
            class: class(server.category),
            busy: used.p50,
            peak: used.p99 * cpu,
            weight: server.utilisation.memory_used_bytes.map_or(0.0, |memory| memory.p99),
        })
    };
    let mut all: Vec<Bubble> = assessment.readiness.servers.iter().filter_map(bubble).collect();
    all.sort_by(|a, b| b.peak.total_cmp(&a.peak).then_with(|| a.label.cmp(&b.label)));
    let left = all.len().saturating_sub(BUBBLES);
    all.truncate(BUBBLES);
    let highest = all.first().map_or(0.0, |bubble| bubble.peak);
    let (title, description) = (say("concentration.title"), say("concentration.description"));
    let caption = Caption { id: "chart-concentration", title: &title, description: &description };
    let axes = [say("concentration.right"), say("concentration.up")];
    let svg = chart::bubbles(&caption, [&axes[0], &axes[1]], &number::ghz(highest), &all);
    let row = |bubble: &Bubble| {
        let figures = [number::percent(bubble.busy), number::ghz(bubble.peak), number::bytes(bubble.weight)];
        Row::new([Cell::new(&bubble.label)].into_iter().chain(figures.map(Cell::new)).collect::<Vec<_>>())
    };
    let table = Table {
        caption: title.clone(),
        columns: columns("concentration", &["server", "#busy", "#peak", "#memory"]),
        rows: all.iter().take(BUBBLE_ROWS).map(row).collect(),
        foot: (left > 0).then(|| with("concentration.left", [("left", left as f64)])),
    };
    let names = ["ready", "conditional", "blocked", "unknown"];
    let key = names.map(|class| (class, say(&format!("concentration.{class}")))).to_vec();
    (!svg.is_empty()).then(|| Chart { title, svg, key, table_label: say("figures"), table })
}

const fn class(category: Category) -> &'static str {
    match category {
        Category::Ready => "ready",
        Category::Conditional => "conditional",
        Category::Blocked => "blocked",
        Category::Unknown => "unknown",
    }
}

fn agents(visit: &Visit) -> Result<Option<Table>, Refused> {
    let mut agents = visit.store.agents().map_err(internal)?;
    agents.sort_by_key(|agent| (agent.revoked_at.is_some(), agent.last_upload_at, agent.id));
    let sources: BTreeMap<i64, Source> =
        visit.store.sources().map_err(internal)?.into_iter().map(|source| (source.id, source)).collect();
    // Silence is told against the last word of any agent: a page knows no clock, and a demonstration is of the past.
    let latest = agents.iter().filter_map(|agent| agent.last_upload_at).max();
    let rows: Result<Vec<Row>, Refused> = agents
        .iter()
        .take(AGENTS)
        .map(|agent| agent_row(visit, agent, sources.get(&agent.source), latest))
        .collect();
    let names = ["host", "state", "seen", "#cpu", "#memory", "version"];
    let left = agents.len().saturating_sub(AGENTS);
    let table = Table {
        caption: say("agents.title"),
        columns: columns("agents", &names),
        rows: rows?,
        foot: (left > 0).then(|| with("agents.more", [("left", left as f64)])),
    };
    Ok((!agents.is_empty()).then_some(table))
}

/// How an agent is, and what it costs its host: the mean of the last day it measured.
fn agent_row(
    visit: &Visit,
    agent: &Agent,
    source: Option<&Source>,
    latest: Option<Timestamp>,
) -> Result<Row, Refused> {
    let mut cost = [None, None];
    if let Some((source, until)) = source.and_then(|source| Some((source, source.last_seen?))) {
        let window = Window { from: Timestamp(until.0 - DAY_S), to: until };
        let tables = tables(visit.store.as_ref(), std::slice::from_ref(source), window)?;
        cost = [&AGENT_CPU, &AGENT_RESIDENT].map(|metric| mean(&hourly(&tables, metric, window)));
    }
    let unknown = || say("unknown");
    let silent = agent.last_upload_at.zip(latest).is_none_or(|(seen, latest)| seen.0 < latest.0 - SILENT_S);
    let (state, tone) = match (agent.revoked_at, silent) {
        (Some(_), _) => ("agents.revoked", Tone::Unknown),
        (None, true) => ("agents.silent", Tone::Attention),
        (None, false) => ("agents.active", Tone::Good),
    };
    let seen = agent.last_upload_at.map_or_else(|| say("agents.never"), number::moment);
    let cpu = cost[0].map_or_else(unknown, |ratio| format!("{} %", number::decimals(ratio * 100.0, 3)));
    Ok(Row::new([
        Cell::new(&agent.hostname),
        Cell::new(say(state)).tone(tone),
        Cell::new(seen),
        Cell::new(cpu),
        Cell::new(cost[1].map_or_else(unknown, number::bytes)),
        Cell::new(&agent.version),
    ]))
}

fn sources(visit: &Visit) -> Result<Option<Table>, Refused> {
    let sources = visit.store.sources().map_err(internal)?;
    let kinds = [
        (SourceKind::Agent, "sources.agent"),
        (SourceKind::Import, "sources.import"),
        (SourceKind::Simulated, "sources.simulated"),
    ];
    let row = |(kind, id): (SourceKind, &str)| {
        let of_kind = || sources.iter().filter(move |source| source.kind == kind);
        let moment = |at: Option<Timestamp>| at.map_or_else(|| say("sources.nothing"), number::moment);
        let mark = (kind == SourceKind::Simulated).then(|| say("sources.mark"));
        let (first, last) =
            (of_kind().filter_map(|s| s.first_seen).min(), of_kind().filter_map(|s| s.last_seen).max());
        let cells = [say(id), number::count(of_kind().count()), moment(first), moment(last)];
        (of_kind().count() > 0).then(|| Row::new(cells.map(Cell::new)).marked(mark))
    };
    let rows: Vec<_> = kinds.into_iter().filter_map(row).collect();
    let columns = columns("sources", &["kind", "#count", "first", "last"]);
    Ok((!rows.is_empty()).then(|| Table { caption: say("sources.title"), columns, rows, foot: None }))
}

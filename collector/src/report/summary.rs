//! Page one: where the estate stands, what becomes of it, what that is worth, what it risks, and who must decide.
// SPDX-License-Identifier: Apache-2.0

use super::decisions::{decisions, overruled};
use super::{Block, Cell, Chart, Column, Context, Row, Section, Table, Tile, Tone};
use crate::chart::{self, Caption, Flow, FlowPart};
use crate::number;
use cairn_schemas::assessment::{Consolidation, ExclusionReason, Peak};
use cairn_schemas::finding::Arg;

/// Page one.
pub(super) static SECTION: Section = Section { id: "summary", build };

/// Decisions on page one; the others stand with the readiness.
const DECISIONS: usize = 4;
/// Clusters named in the picture; the others are summed.
const CLUSTERS: usize = 7;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let mut blocks = super::realised::page_one(cx);
    blocks.push(headline(cx));
    blocks.extend(flow(cx).map(Block::Chart));
    blocks.push(Block::Tiles(tiles(cx)));
    blocks.push(super::cash::by_year(cx));
    let nothing = match cx.assessment.consolidation {
        Some(_) => Block::Note(Tone::Good, cx.say("decisions.none")),
        None => Block::Note(Tone::Unknown, cx.say("decisions.measure-first")),
    };
    blocks.extend(overruled(cx));
    blocks.push(decisions(cx, DECISIONS).unwrap_or(nothing));
    blocks
}

fn headline(cx: &Context<'_>) -> Block {
    let assessed = cx.assessment.estate.assessed as f64;
    let confidence = sureness(cx);
    let Some(plan) = &cx.assessment.consolidation else {
        return Block::Headline(cx.with("summary.headline.none", [("assessed", assessed)]), confidence);
    };
    let numbers = [
        ("assessed", assessed),
        ("removed", plan.servers_removed as f64),
        ("placed", plan.population.placed as f64),
        ("stay", plan.population.stay as f64),
        ("hosts", plan.hosts as f64),
        ("failover", plan.failover_hosts as f64),
        ("added", -plan.servers_removed as f64),
    ];
    let id = match plan.servers_removed {
        1.. => "summary.headline",
        0 => "summary.headline.same",
        _ => "summary.headline.adds",
    };
    Block::Headline(cx.with(id, numbers), format!("{} {confidence}", cx.with("summary.lead", numbers)))
}

fn sureness(cx: &Context<'_>) -> String {
    let coverage = &cx.assessment.coverage;
    let Some(measured) = coverage.ratio.map(number::percent) else { return cx.say("summary.sure.unknown") };
    let more = f64::from(coverage.days_still_to_measure);
    let id = if coverage.days_still_to_measure == 0 { "summary.sure" } else { "summary.sure.more" };
    cx.with(
        id,
        [
            ("confidence", Arg::from(cx.confidence(coverage.confidence))),
            ("coverage", Arg::from(measured)),
            ("days", Arg::from(more)),
        ],
    )
}

fn flow(cx: &Context<'_>) -> Option<Chart> {
    let plan = cx.assessment.consolidation.as_ref()?;
    let flow = Flow {
        headings: ["today", "path", "tomorrow"].map(|id| cx.say(&format!("flow.{id}"))),
        paths: paths(cx, plan),
        tomorrow: tomorrow(cx, plan),
    };
    let (title, description) = (cx.say("flow.title"), cx.say("flow.description"));
    let svg = chart::flow(&Caption { id: "chart-flow", title: &title, description: &description }, &flow);
    let part = |stage: &str, part: &FlowPart| {
        Row::new([Cell::new(cx.say(stage)), Cell::new(&part.label), Cell::new(number::count(part.count))])
    };
    let rows = flow.paths.iter().map(|p| part("flow.path", p));
    let rows = rows.chain(flow.tomorrow.iter().map(|p| part("flow.tomorrow", p))).collect();
    let columns = cx.columns("flow", &["stage", "part", "#count"]);
    let table = Table { caption: title.clone(), columns, rows, foot: None };
    cx.chart(svg, Vec::new(), table)
}

fn paths(cx: &Context<'_>, plan: &Consolidation) -> Vec<FlowPart> {
    let excluded = &cx.assessment.estate.excluded;
    let outside = |reason| excluded.iter().filter(|e| e.reason == reason).count();
    let parts = [
        ("flow.virtualise", plan.population.placed, "virtualise"),
        ("flow.stay", plan.population.stay, "stay"),
        ("flow.retire", outside(ExclusionReason::Retiring), "retire"),
        ("flow.moved", outside(ExclusionReason::Moved), "outside"),
        ("flow.virtual", outside(ExclusionReason::AlreadyVirtual), "outside"),
        ("flow.hypervisor", outside(ExclusionReason::Hypervisor), "outside"),
    ];
    let part = |(id, count, class): (&str, usize, &'static str)| FlowPart { label: cx.say(id), count, class };
    parts.into_iter().filter(|(_, count, _)| *count > 0).map(part).collect()
}

fn tomorrow(cx: &Context<'_>, plan: &Consolidation) -> Vec<FlowPart> {
    let host = |cluster: &cairn_schemas::assessment::Cluster| FlowPart {
        label: cx.with("flow.hosts", [("cluster", cluster.name.as_str())]),
        count: cluster.hosts,
        class: "host",
    };
    let mut parts: Vec<_> = plan.clusters.iter().take(CLUSTERS).map(host).collect();
    let others = plan.clusters.iter().skip(CLUSTERS);
    let (clusters, hosts) = others.fold((0, 0), |(n, hosts), cluster| (n + 1, hosts + cluster.hosts));
    if clusters > 0 {
        let label = cx.with("flow.hosts.others", [("clusters", f64::from(clusters))]);
        parts.push(FlowPart { label, count: hosts, class: "host" });
    }
    let rest = [
        ("flow.failover", plan.failover_hosts, "failover"),
        ("flow.stay.tomorrow", plan.population.stay, "stay"),
    ];
    parts.extend(rest.map(|(id, count, class)| FlowPart { label: cx.say(id), count, class }));
    parts.retain(|part| part.count > 0);
    parts
}

fn tiles(cx: &Context<'_>) -> Vec<Tile> {
    let a = cx.assessment;
    let plan = a.consolidation.as_ref();
    let counts = a.readiness.counts;
    let ratio = plan.and_then(|plan| plan.net_consolidation_ratio).map(number::to_one);
    let minutes = plan.and_then(|plan| plan.backtest.as_ref()).and_then(|test| test.minutes_per_host_year);
    let risk = if minutes.is_some() { cx.say("tile.risk.note") } else { cx.say("unknown.backtest") };
    let removed = plan.map(|plan| number::int(plan.servers_removed as f64));
    let ready = cx.with(
        "tile.score.note",
        [
            ("ready", counts.ready as f64),
            ("conditional", counts.conditional as f64),
            ("blocked", counts.blocked as f64),
            ("unknown", counts.unknown as f64),
        ],
    );
    vec![
        cx.tile(
            "tile.removed",
            removed,
            cx.with("tile.removed.note", [("assessed", a.estate.assessed as f64)]),
            "servers_removed",
        ),
        cx.tile("tile.ratio", ratio, cx.say("tile.ratio.note"), "net_consolidation_ratio"),
        limiting_tile(cx),
        cx.tile("tile.risk", minutes.map(number::one), risk, "minutes_per_host_year"),
        cx.tile("tile.score", a.readiness.score.map(number::int), ready, "readiness_score"),
        payback_tile(cx),
    ]
}

fn limiting_tile(cx: &Context<'_>) -> Tile {
    let plan = cx.assessment.consolidation.as_ref();
    let peaks = plan.into_iter().flat_map(|plan| plan.clusters.iter().filter_map(|c| c.limiting));
    let fullest = peaks.fold(None, |best: Option<Peak>, peak| match best {
        Some(best) if best.used >= peak.used => Some(best),
        _ => Some(peak),
    });
    let note = match (fullest, plan) {
        (Some(peak), Some(plan)) => {
            let limit = cx.limit(plan, peak.resource).map(number::percent);
            cx.with(
                "tile.limiting.note",
                [
                    ("used", number::percent(peak.used)),
                    ("limit", cx.known(limit, "limit")),
                    ("cell", number::cell(peak.cell)),
                ],
            )
        }
        _ => cx.say("unknown.plan"),
    };
    cx.tile("tile.limiting", fullest.map(|peak| cx.resource(peak.resource)), note, "limiting_resource")
}

/// Where no month of the years looked at has the cash back.
pub(super) fn not_within(cx: &Context<'_>) -> String {
    cx.with("value.not-within", [("years", f64::from(cx.assessment.value.years))])
}

fn payback_tile(cx: &Context<'_>) -> Tile {
    let value = &cx.assessment.value;
    let payback = value.payback_months;
    let avoided = value.payback_with_avoided_months.base;
    let range = [("low", payback.low), ("high", payback.high), ("avoided", avoided)];
    let never = |months: Option<f64>| months.map_or_else(|| not_within(cx), number::months);
    let note = cx.with("tile.payback.note", range.map(|(name, months)| (name, never(months))));
    let (shown, note) = if value.by_year.is_empty() {
        (None, cx.say("unknown.value"))
    } else {
        (Some(never(payback.base)), note)
    };
    cx.tile("tile.payback", shown, note, "payback_months")
}

/// A column of text, for tables whose headings are made elsewhere.
pub(super) fn numeric(title: String) -> Column {
    Column { title, numeric: true }
}

//! The plan: host clusters, how full each host is, and how near the plan is to the proven bound.
// SPDX-License-Identifier: Apache-2.0

use super::outlook;
use super::{Block, Cell, Chart, Context, Row, Section, Table, Tile, Tone};
use crate::chart::{self, Caption, HostBar};
use crate::number;
use cairn_schemas::assessment::{
    BoundBasis, Cluster, Consolidation, HostPlacement, IntervalLevel, Peak, Resource,
};
use cairn_schemas::finding::Arg;
use std::collections::BTreeSet;

/// The section.
pub(super) static SECTION: Section = Section { id: "plan", build };

/// Hosts drawn and listed; the others are in the JSON file.
const HOSTS: usize = 40;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(plan) = cx.assessment.consolidation.as_ref() else { return cx.no_plan() };
    let lead = cx.with(
        "plan.lead",
        [
            ("placed", plan.population.placed as f64),
            ("hosts", plan.hosts as f64),
            ("failover", plan.failover_hosts as f64),
            ("clusters", plan.clusters.len() as f64),
        ],
    );
    let mut blocks = vec![Block::Prose(lead), Block::Tiles(tiles(cx, plan))];
    blocks.extend(dropped(cx, plan));
    blocks.push(Block::Table(clusters(cx, plan)));
    blocks.extend(super::constraints::tables(cx, &plan.constraints));
    blocks.extend(fullness(cx, plan).map(Block::Chart));
    let own: Vec<_> = plan
        .findings
        .iter()
        .filter(|f| f.id != "backtest" && !outlook::FINDINGS.contains(&f.id.as_str()))
        .cloned()
        .collect();
    blocks.extend(cx.findings(&own));
    blocks
}

fn tiles(cx: &Context<'_>, plan: &Consolidation) -> Vec<Tile> {
    let interval =
        plan.interval.map(|i| format!("{}\u{2013}{}", number::count(i.low), number::count(i.high)));
    let interval_note = plan.interval.map_or_else(
        || cx.say("unknown.interval"),
        |i| match i.level {
            IntervalLevel::Range => cx.with("tile.interval.note", [("origins", i.origins as f64)]),
        },
    );
    let gap = plan.proven_gap_ratio.map(number::percent);
    let gap_note = match plan.estimated_gap_ratio {
        Some(estimated) => cx.with("tile.gap.estimated", [("percent", estimated * 100.0)]),
        None if gap.is_some() => cx.say("tile.gap.note"),
        None => cx.say("unknown.gap"),
    };
    let failover = cx.with("tile.hosts.note", [("failover", plan.failover_hosts as f64)]);
    vec![
        cx.tile("tile.hosts", Some(number::count(plan.hosts)), failover, "hosts"),
        cx.tile(
            "tile.bound",
            Some(number::count(plan.lower_bound_hosts)),
            cx.say("tile.bound.note"),
            "lower_bound_hosts",
        ),
        cx.tile("tile.gap", gap, gap_note, "proven_gap_ratio"),
        cx.tile("tile.interval", interval, interval_note, "interval"),
    ]
}

fn dropped(cx: &Context<'_>, plan: &Consolidation) -> Vec<Block> {
    let note = |dropped: &cairn_schemas::assessment::DroppedDimension| {
        let args = [
            ("resource", Arg::from(cx.resource(dropped.resource))),
            ("servers", Arg::from(dropped.servers_without_data as f64)),
        ];
        Block::Note(Tone::Attention, cx.with("plan.dropped", args))
    };
    // The plan usually says so itself, and better.
    if plan.findings.iter().any(|finding| finding.id == "dropped-dimension") {
        return Vec::new();
    }
    plan.dropped_dimensions.iter().map(note).collect()
}

fn clusters(cx: &Context<'_>, plan: &Consolidation) -> Table {
    let in_cluster = |cluster: &Cluster| {
        let hosts = plan.placement.iter().filter(|host| host.cluster == cluster.name);
        cx.mark(hosts.flat_map(|host| &host.servers).map(String::as_str))
    };
    let row = |cluster: &Cluster| {
        let parts = [&cluster.site, &cluster.zone, &cluster.licence_pool];
        let known: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
        let partition = (!known.is_empty()).then(|| known.join(" \u{b7} "));
        Row::new([
            Cell::new(&cluster.name),
            cx.known_cell(partition, "partition"),
            Cell::new(number::count(cluster.servers)),
            Cell::new(number::count(cluster.hosts)),
            Cell::new(number::count(cluster.failover_hosts)),
            Cell::new(number::count(cluster.failures_survived)),
            Cell::new(number::count(cluster.partition_lower_bound_hosts)),
            cx.known_cell(cluster.partition_bound_basis.map(|basis| cx.say(basis_words(basis))), "basis"),
            cx.known_cell(cluster.limiting.map(|peak| peak_text(cx, peak)), "peak"),
        ])
        .marked(in_cluster(cluster))
    };
    let total = Row::new([
        Cell::new(cx.say("total")),
        Cell::default(),
        Cell::new(number::count(plan.population.placed)),
        Cell::new(number::count(plan.hosts)),
        Cell::new(number::count(plan.failover_hosts)),
        Cell::default(),
        Cell::new(number::count(plan.lower_bound_hosts)),
        Cell::default(),
        Cell::default(),
    ]);
    let columns = [
        "cluster",
        "partition",
        "#servers",
        "#hosts",
        "#failover",
        "#survives",
        "#bound",
        "basis",
        "limiting",
    ];
    Table {
        caption: cx.say("clusters.title"),
        columns: cx.columns("clusters", &columns),
        rows: plan.clusters.iter().map(row).chain([total.total()]).collect(),
        foot: templates(plan).map(|template| cx.with("clusters.foot", [("template", template)])),
    }
}

/// The host templates of the clusters, each once; `None` without clusters.
pub(super) fn templates(plan: &Consolidation) -> Option<String> {
    let names: BTreeSet<&str> = plan.clusters.iter().map(|cluster| cluster.template.as_str()).collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(", "))
}

/// The wording of what proves a bound.
const fn basis_words(basis: BoundBasis) -> &'static str {
    match basis {
        BoundBasis::Load => "bound_basis.load",
        BoundBasis::LargeServers => "bound_basis.large_servers",
        BoundBasis::VmsMax => "bound_basis.vms_max",
        BoundBasis::KeptApart => "bound_basis.kept_apart",
        BoundBasis::MixOfHosts => "bound_basis.mix_of_hosts",
        BoundBasis::SetsOfServers => "bound_basis.sets_of_servers",
    }
}

/// A peak in words: `memory 84 %, Tuesday 10:00 UTC`.
pub(super) fn peak_text(cx: &Context<'_>, peak: Peak) -> String {
    let args = [
        ("resource", cx.resource(peak.resource)),
        ("used", number::percent(peak.used)),
        ("cell", number::cell(peak.cell)),
    ];
    cx.with("peak", args)
}

fn fullness(cx: &Context<'_>, plan: &Consolidation) -> Option<Chart> {
    let shown: Vec<_> = plan.placement.iter().take(HOSTS).collect();
    let bars: Vec<_> = shown.iter().map(|host| bar(cx, plan, host)).collect();
    let (title, description) = (cx.say("hosts.title"), cx.say("hosts.description"));
    let svg = chart::hosts(&Caption { id: "chart-hosts", title: &title, description: &description }, &bars);
    let left = plan.placement.len().checked_sub(HOSTS).filter(|left| *left > 0);
    let table = Table {
        caption: title.clone(),
        columns: cx.columns("hosts", &["host", "cluster", "#servers", "resource", "#used", "#limit", "cell"]),
        rows: shown.iter().map(|host| host_row(cx, plan, host)).collect(),
        foot: left.map(|left| cx.with("left-out.hosts", [("left", left as f64)])),
    };
    let resources = Resource::ALL.map(|r| (r.name(), cx.resource(r)));
    let others = ["free", "headroom", "failover"].map(|id| (id, cx.say(&format!("hosts.key.{id}"))));
    let key = resources.into_iter().chain(others).collect();
    cx.chart(svg, key, table)
}

fn bar(cx: &Context<'_>, plan: &Consolidation, host: &HostPlacement) -> HostBar {
    let servers = [("servers", Arg::from(host.servers.len() as f64))];
    let note = match host.peak {
        Some(peak) => {
            let [servers] = servers;
            cx.with("hosts.note", [servers, ("peak", Arg::from(peak_text(cx, peak)))])
        }
        None if host.failover => cx.say("hosts.note.failover"),
        None => cx.with("hosts.note.unknown", servers),
    };
    HostBar {
        label: host.host.clone(),
        note,
        resource: host.peak.map(|peak| peak.resource.name()),
        used: host.peak.map_or(0.0, |peak| peak.used),
        limit: host.peak.and_then(|peak| cx.limit(plan, peak.resource)),
    }
}

fn host_row(cx: &Context<'_>, plan: &Consolidation, host: &HostPlacement) -> Row {
    let reason = if host.failover { "failover" } else { "peak" };
    let limit = host.peak.and_then(|peak| cx.limit(plan, peak.resource));
    Row::new([
        Cell::new(&host.host),
        Cell::new(&host.cluster),
        Cell::new(number::count(host.servers.len())),
        cx.known_cell(host.peak.map(|peak| cx.resource(peak.resource)), reason),
        cx.known_cell(host.peak.map(|peak| number::percent(peak.used)), reason),
        cx.known_cell(limit.map(number::percent), "limit"),
        cx.known_cell(host.peak.map(|peak| number::cell(peak.cell)), reason),
    ])
    .marked(cx.mark(host.servers.iter().map(String::as_str)))
}

//! Server by server: what each has, used, scores and becomes, with every reason.
// SPDX-License-Identifier: Apache-2.0

use super::population::fact;
use super::sizing::grade_id;
use super::{Block, Context, Fact, Part, Section, ServerCard, Tone};
use super::{disposition, waves};
use crate::number;
use cairn_schemas::assessment::{MemoryBasis, Percentiles, ServerReadiness, Size};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "appendix", build };

/// Servers in full; a report stays readable, and the CSV file holds every one.
const SERVERS: usize = 300;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let servers = &cx.assessment.readiness.servers;
    if servers.is_empty() {
        return vec![Block::Note(Tone::Unknown, cx.say("appendix.none"))];
    }
    let mut blocks = vec![Block::Prose(cx.say("appendix.lead"))];
    if let Some(left) = servers.len().checked_sub(SERVERS).filter(|left| *left > 0) {
        let args = [("shown", SERVERS as f64), ("left", left as f64)];
        blocks.push(Block::Note(Tone::Attention, cx.with("appendix.left-out", args)));
    }
    blocks.push(Block::Servers(servers.iter().take(SERVERS).map(|server| card(cx, server)).collect()));
    blocks
}

/// A server with all that is said of it.
#[must_use]
pub fn card(cx: &Context<'_>, server: &ServerReadiness) -> ServerCard {
    let parts = server.parts.map(|p| {
        vec![
            part(cx, "fit", p.fit, 40.0),
            part(cx, "steadiness", p.steadiness, 15.0),
            part(cx, "room", p.room, 15.0),
            part(cx, "ease", p.ease, 15.0),
            part(cx, "ownership", p.ownership, 15.0),
        ]
    });
    let mut facts = identity(cx, server);
    facts.extend(capacity(cx, server));
    facts.extend(use_of(cx, server));
    facts.push(fact(cx, "server.size", server.size.map(|size| size_text(cx, size)), "size"));
    let moved = disposition::of(cx, &server.server);
    facts.extend(moved.map(|moved| disposition::facts(cx, moved)).unwrap_or_default());
    facts.extend(waves::facts(cx, &server.server));
    let reasons: Vec<_> =
        server.findings.iter().chain(moved.into_iter().flat_map(|moved| &moved.why)).cloned().collect();
    ServerCard {
        name: number::terminal_safe(&server.server).into_owned(),
        mark: cx.mark([server.server.as_str()]),
        score: server.score.map_or_else(|| cx.say("no-score"), number::int),
        category: cx.category(server.category),
        outcome: outcome(cx, server),
        facts,
        parts: parts.unwrap_or_default(),
        reasons: cx.findings(&reasons),
    }
}

fn part(cx: &Context<'_>, id: &str, given: f64, of: f64) -> Part {
    let points = cx.with("points", [("given", number::plain(given)), ("of", number::plain(of))]);
    Part { name: cx.say(&format!("part.{id}")), given, of, points }
}

fn outcome(cx: &Context<'_>, server: &ServerReadiness) -> String {
    match (cx.host_of(&server.server), server.size) {
        (Some(host), Some(size)) => cx.with(
            "server.placed",
            [
                ("host", Arg::from(host.host.as_str())),
                ("vcpu", Arg::from(f64::from(size.vcpu))),
                ("memory", Arg::from(size.memory_bytes)),
            ],
        ),
        (Some(host), None) => cx.with("server.placed.unsized", [("host", host.host.as_str())]),
        (None, _) if cx.assessment.consolidation.is_none() => cx.say("server.no-plan"),
        (None, _) => cx.say("server.stays"),
    }
}

fn identity(cx: &Context<'_>, server: &ServerReadiness) -> Vec<Fact> {
    let coverage = server.coverage_ratio.map(|ratio| {
        cx.with(
            "server.coverage.value",
            [
                ("ratio", Arg::from(ratio)),
                ("span", Arg::from(server.coverage.span_days)),
                ("confidence", Arg::from(cx.confidence(server.confidence))),
            ],
        )
    });
    vec![
        fact(cx, "server.owner", server.owner.clone(), "owner"),
        fact(cx, "server.role", server.role.clone(), "role"),
        fact(cx, "server.os", server.os.clone(), "os"),
        fact(cx, "server.coverage", coverage, "coverage"),
    ]
}

fn capacity(cx: &Context<'_>, server: &ServerReadiness) -> Vec<Fact> {
    let capacity = &server.capacity;
    let grade = cx.say(&format!("grade.{}", grade_id(capacity.cpu_grade)));
    let cpu = capacity.cpu_mhz.map(|mhz| {
        cx.with("server.cpu.value", [("cpu", Arg::from(mhz)), ("grade", Arg::from(grade.clone()))])
    });
    vec![
        fact(cx, "server.cpu", cpu, "capacity"),
        fact(cx, "server.memory", capacity.memory_bytes.map(number::bytes), "capacity"),
    ]
}

fn use_of(cx: &Context<'_>, server: &ServerReadiness) -> Vec<Fact> {
    let used = &server.utilisation;
    let text = |percentiles: Option<Percentiles>, show: fn(f64) -> String| {
        percentiles.map(|p| {
            let points = [("p50", p.p50), ("p95", p.p95), ("p99", p.p99), ("max", p.max)];
            cx.with("server.percentiles", points.map(|(name, v)| (name, show(v))))
        })
    };
    let cpu = text(used.cpu_busy_ratio, number::percent);
    let second = used.cpu_busy_ratio_max_1s.map(number::percent);
    vec![
        fact(cx, "server.cpu-used", cpu, "use"),
        fact(cx, "server.cpu-second", second, "second"),
        fact(cx, "server.memory-used", text(used.memory_used_bytes, number::bytes), "use"),
        fact(cx, "server.disk-used", text(used.disk_bytes_per_s, number::rate), "use"),
        fact(cx, "server.network-used", text(used.network_bytes_per_s, number::rate), "use"),
        fact(cx, "server.busiest", used.busiest_hour_of_week.map(number::cell), "use"),
    ]
}

fn size_text(cx: &Context<'_>, size: Size) -> String {
    let basis = match size.memory_basis {
        MemoryBasis::MeasuredPeak => "measured",
        MemoryBasis::MatchedPercentile => "matched",
        MemoryBasis::Installed => "installed",
        MemoryBasis::LargerOfInstalledAndObserved => "larger",
    };
    cx.with(
        "server.size.value",
        [
            ("vcpu", Arg::from(f64::from(size.vcpu))),
            ("vcpu_exact", Arg::from(size.vcpu_exact)),
            ("memory", Arg::from(size.memory_bytes)),
            ("memory_exact", Arg::from(size.memory_bytes_exact)),
            ("disk", Arg::from(cx.known(size.disk_bytes.map(number::bytes), "disk"))),
            ("basis", Arg::from(cx.say(&format!("basis.{basis}")))),
        ],
    )
}

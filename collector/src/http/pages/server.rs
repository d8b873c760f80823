//! One server: what it did hour by hour and where nothing was measured, what it has, what is found, where it would land
//! and with whom.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, section};
use super::servers::query;
use super::telemetry::{hourly, tables};
use super::words::{columns, current, say, with};
use super::{Page, Refused, Role, Visit, internal, not_found};
use crate::chart::{self, Caption, SeriesAxes, SeriesPoint};
use crate::number;
use crate::report::{Block, Cell, Chart, Context, Row, Table, Tone, card};
use crate::store::Source;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::gap::Gap;
use cairn_schemas::metric::{CPU_BUSY, MEMORY_USED, Metric};
use cairn_schemas::time::{DAY_S, HOUR_S, Timestamp, Window};

pub(super) static PAGE: Page =
    Page { id: "server", least: Role::Viewer, in_navigation: false, live: false, build };

/// Days drawn: the last ones of the assessment.
const DAYS: i64 = 28;
/// Gaps in the list: the longest.
const GAPS: usize = 20;

/// Where the page of a server is.
pub(super) fn address(engagement: &str, server: &str) -> String {
    format!("/e/{engagement}/server?{}", query(&[("name", server)]))
}

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let name = visit.asked("name").ok_or_else(|| not_found("server without a name".into()))?;
    let sources = visit.store.sources().map_err(internal)?;
    let sources: Vec<Source> = sources.into_iter().filter(|source| source.server == name).collect();
    let known = visit.assessment.as_ref().and_then(|a| a.readiness.servers.iter().find(|s| s.server == name));
    if sources.is_empty() && known.is_none() {
        return Err(not_found(format!("server {name:?}")));
    }
    let mut pieces = Vec::new();
    if let (Some(assessment), Some(server)) = (&visit.assessment, known) {
        let cx = context(assessment);
        let card = card(&cx, server);
        let args = [("category", card.category.text.clone()), ("score", card.score.clone())];
        let mut first = vec![Block::Headline(card.outcome.clone(), with("place.ready", args))];
        first.extend(place(&cx, assessment, name));
        pieces.push(section("place", first)?);
        pieces.push(section("measured-of", measured(visit, &sources)?)?);
        let found = [Some(Block::Facts(card.facts)), card.reasons].into_iter().flatten();
        pieces.push(section("found", found.collect())?);
    } else {
        let text = say("place.not-assessed");
        pieces.push(section("place", vec![Block::Note(Tone::Unknown, text)])?);
        pieces.push(section("measured-of", measured(visit, &sources)?)?);
    }
    Ok(pieces)
}

/// The host it would be on, and who else.
fn place(cx: &Context<'_>, assessment: &Assessment, name: &str) -> Vec<Block> {
    let Some(host) = cx.host_of(name) else {
        let plan = assessment.consolidation.as_ref();
        let stay = plan.and_then(|plan| plan.stay.iter().find(|stay| stay.server == name));
        let why = stay.map_or_else(
            || say("place.none"),
            |stay| with("place.stays", [("reason", stay.reason.replace('_', " "))]),
        );
        return vec![Block::Note(Tone::Attention, why)];
    };
    let others = host.servers.iter().filter(|other| *other != name).map(String::as_str);
    let count = host.servers.len().saturating_sub(1);
    let args =
        [("host", host.host.clone()), ("cluster", host.cluster.clone()), ("template", host.template.clone())];
    let mut blocks = vec![Block::Prose(with("place.host", args))];
    let names = cx.names(others, 40);
    blocks.push(Block::Prose(if count == 0 {
        say("place.alone")
    } else {
        with("place.others", [("names", names)])
    }));
    blocks
}

fn measured(visit: &Visit, sources: &[Source]) -> Result<Vec<Block>, Refused> {
    let until = visit.assessment.as_ref().map(|a| a.window.to);
    let until = until.or_else(|| sources.iter().filter_map(|source| source.last_seen).max());
    let Some(until) = until else { return Ok(vec![Block::Note(Tone::Unknown, say("measured-of.nothing"))]) };
    let to = Timestamp((until.0 + HOUR_S - 1).div_euclid(HOUR_S) * HOUR_S);
    let window = Window { from: Timestamp(to.0 - DAYS * DAY_S), to };
    let tables = tables(visit.store.as_ref(), sources, window)?;
    let cpu = hourly(&tables, &CPU_BUSY, window);
    let memory = hourly(&tables, &MEMORY_USED, window);
    let mut blocks = Vec::new();
    blocks.extend(drawn("cpu", &CPU_BUSY, &cpu, window, 1.0).map(Block::Chart));
    let most = memory.iter().filter_map(|point| point.max).fold(0.0, f64::max);
    blocks.extend(drawn("memory", &MEMORY_USED, &memory, window, most).map(Block::Chart));
    if blocks.is_empty() {
        blocks.push(Block::Note(Tone::Unknown, say("measured-of.nothing")));
    }
    blocks.extend(gaps(visit, sources, window)?.map(Block::Table));
    Ok(blocks)
}

fn drawn(id: &str, metric: &Metric, points: &[SeriesPoint], window: Window, top: f64) -> Option<Chart> {
    let show =
        |value: f64| if metric.name == CPU_BUSY.name { number::percent(value) } else { number::bytes(value) };
    let (title, description) = (say(&format!("series.{id}")), say("series.description"));
    let caption = Caption { id: &format!("chart-{id}"), title: &title, description: &description };
    let hour = |at: usize| Timestamp(window.from.0 + at as i64 * HOUR_S);
    let monday = |at: &usize| hour(*at).hour_of_week() == 0;
    let days = (0..points.len()).filter(monday).map(|at| (at, number::date(hour(at)))).collect();
    let axes = SeriesAxes { class: id, top, marks: [show(top), show(top / 2.0)], days };
    let svg = chart::series(&caption, &axes, points);
    let days = points.chunks(24).enumerate().map(|(day, hours)| {
        let mean = super::telemetry::mean(hours).map_or_else(|| say("unknown"), show);
        let max = hours.iter().filter_map(|point| point.max).reduce(f64::max);
        let measured = hours.iter().filter(|point| point.mean.is_some()).count();
        let texts = [
            number::date(hour(day * 24)),
            mean,
            max.map_or_else(|| say("unknown"), show),
            number::count(measured),
        ];
        Row::new(texts.map(Cell::new))
    });
    let table = Table {
        caption: title.clone(),
        columns: columns("series", &["day", "#mean", "#max", "#hours"]),
        rows: days.collect(),
        foot: None,
    };
    let key = vec![(id_of(id), say("series.mean")), ("peak", say("series.max")), ("gap", say("series.gap"))];
    (!svg.is_empty()).then(|| Chart { title, svg, key, table_label: say("figures"), table })
}

fn id_of(id: &str) -> &'static str {
    if id == "cpu" { "cpu" } else { "memory" }
}

/// Where nothing was measured, and why.
fn gaps(visit: &Visit, sources: &[Source], window: Window) -> Result<Option<Table>, Refused> {
    let mut all: Vec<Gap> = Vec::new();
    for source in sources {
        all.extend(visit.store.gaps(source.id, window).map_err(internal)?);
    }
    all.sort_by_key(|gap| (-gap.window.seconds(), gap.window.from));
    let left = all.len().saturating_sub(GAPS);
    let row = |gap: &Gap| {
        let hours = number::hours(gap.window.seconds() as f64 / HOUR_S as f64);
        let reason = current().render(&format!("report.gap.{}", gap.reason.name()), &Default::default(), "");
        Row::new(
            [number::moment(gap.window.from), number::moment(gap.window.to), hours, reason].map(Cell::new),
        )
    };
    let table = Table {
        caption: say("gaps.title"),
        columns: columns("gaps", &["from", "to", "#lasts", "reason"]),
        rows: all.iter().take(GAPS).map(row).collect(),
        foot: (left > 0).then(|| with("gaps.left", [("left", left as f64)])),
    };
    Ok((!all.is_empty()).then_some(table))
}

//! Promised, arrived, late and why: first on page one where a register of outcomes is kept, and server by server here.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Section, Table, Tile, Tone};
use crate::number;
use cairn_schemas::assessment::{
    BeforeAfter, NetCash, OutcomeState, Prediction, ProgressState, Range, Realised, ServerProgress, Verdict,
};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "realised", build };

/// Late servers on page one, and servers listed here.
const FIRST: usize = 6;
const SERVERS: usize = 200;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(found) = &cx.assessment.realised else {
        return vec![Block::Note(Tone::Unknown, cx.say("realised.none"))];
    };
    let mut blocks = vec![Block::Prose(cx.say("realised.lead")), Block::Prose(seen(cx, found))];
    blocks.extend(found.net.map(|net| Block::Table(net_table(cx, found, &net))));
    blocks.extend(table(cx, found.servers.iter().collect(), SERVERS));
    blocks.extend(outcomes(cx, &found.outcomes));
    blocks.extend(before_after(cx, &found.before_after));
    blocks.extend(prediction(cx, &found.prediction));
    blocks.extend(cx.findings(&found.findings));
    blocks
}

/// What stands before everything else on page one.
pub(super) fn page_one(cx: &Context<'_>) -> Vec<Block> {
    let Some(found) = &cx.assessment.realised else { return Vec::new() };
    let totals = &found.totals;
    let counts = [
        ("promised", totals.promised as f64),
        ("arrived", totals.arrived as f64),
        ("late", totals.late as f64),
        ("way", totals.under_way as f64),
        ("running", totals.still_running as f64),
    ];
    let mut blocks = vec![
        Block::Heading(cx.say("realised.heading")),
        Block::Prose(cx.with("realised.sentence", counts)),
        Block::Tiles(tiles(cx, found)),
    ];
    let open = found
        .servers
        .iter()
        .filter(|server| server.state == ProgressState::Late || server.still_paid_annual_cash.base > 0.0);
    blocks.extend(table(cx, open.collect(), FIRST));
    blocks.extend(compared(cx, &found.before_after));
    blocks
}

/// What came of workloads whose behaviour was signed before they moved: the worse ones as plainly as the others, by
/// name.
fn compared(cx: &Context<'_>, sheets: &[BeforeAfter]) -> Option<Block> {
    let of = |verdict: Verdict| sheets.iter().filter(move |sheet| sheet.verdict == verdict);
    let count = |verdict: Verdict| of(verdict).count();
    let counts = [
        ("all", sheets.len()),
        ("better", count(Verdict::Better)),
        ("kept", count(Verdict::Kept)),
        ("worse", count(Verdict::Worse)),
        ("unknown", count(Verdict::Unknown)),
    ];
    let mut said = cx.with("before-after.sentence", counts.map(|(id, count)| (id, count as f64)));
    let tone = match () {
        () if sheets.is_empty() => return None,
        () if count(Verdict::Worse) > 0 => Tone::Bad,
        () if count(Verdict::Unknown) == sheets.len() => Tone::Unknown,
        () => Tone::Good,
    };
    if tone == Tone::Bad {
        let names = cx.names(of(Verdict::Worse).map(|sheet| sheet.server.as_str()), FIRST);
        said = format!("{said} {}", cx.with("before-after.worse", [("servers", names)]));
    }
    Some(Block::Note(tone, said))
}

fn money(found: &Realised, range: Range) -> String {
    number::money(range.base, &found.currency)
}

fn tiles(cx: &Context<'_>, found: &Realised) -> Vec<Tile> {
    let totals = &found.totals;
    let tile = |id: &str, range: Range, figure: &str| {
        let ends = [("low", range.low), ("high", range.high)];
        let note = cx.with("realised.range", ends.map(|(end, amount)| (end, number::money(amount, ""))));
        cx.tile(id, Some(money(found, range)), note, figure)
    };
    let share = found.estate.virtualised_share_ratio.map(number::percent);
    let workloads = [
        ("virtual", Arg::from(found.estate.virtual_workloads as f64)),
        ("ratio", Arg::from(seen_ratio(cx, found))),
        ("grown", Arg::from(found.estate.grown.len() as f64)),
    ];
    let mut tiles = vec![
        tile("tile.promised-cash", totals.promised_annual_cash, "promised_annual_cash"),
        tile("tile.realised-cash", totals.realised_annual_cash, "realised_annual_cash"),
        tile("tile.still-paid", totals.still_paid_annual_cash, "still_paid_annual_cash"),
        cx.tile(
            "tile.seen-virtual",
            share,
            cx.with("tile.seen-virtual.note", workloads),
            "seen_virtual_share_ratio",
        ),
    ];
    // Net stands beside gross; assessments of earlier versions know none.
    tiles.splice(2..2, found.net.map(|net| net_tile(cx, found, &net)));
    tiles
}

/// What there is once the hosts are paid; where nobody knows what those cost, no figure.
fn net_tile(cx: &Context<'_>, found: &Realised, net: &NetCash) -> Tile {
    let gross = money(found, net.gross_cash);
    let note = match net.hosts_cash {
        Some(hosts) => cx.with("tile.net-cash.note", [("gross", gross), ("hosts", money(found, hosts))]),
        None => cx.with(
            "tile.net-cash.unknown",
            [("gross", Arg::from(gross)), ("servers", Arg::from(net.hosts_unknown as f64))],
        ),
    };
    cx.tile("tile.net-cash", net.net_cash.map(|cash| money(found, cash)), note, "net_cash")
}

/// Gross, hosts and net, until today and a year.
fn net_table(cx: &Context<'_>, found: &Realised, net: &NetCash) -> Table {
    let arrived = found.totals.realised_annual_cash;
    let rows = [
        ("gross-cash", Some(net.gross_cash)),
        ("hosts-cash", net.hosts_cash.map(spent)),
        ("net-cash", net.net_cash),
        ("gross-annual", Some(arrived)),
        ("hosts-annual", net.hosts_annual_cash.map(spent)),
        ("net-annual", net.net_annual_cash),
    ];
    let row = |(id, range): (&str, Option<Range>)| {
        let end = |of: fn(Range) -> f64| {
            cx.known_cell(range.map(|range| number::money(of(range), "")), "hosts-cost")
        };
        let name = Cell::new(cx.say(&format!("realised.net.{id}")));
        let row = Row::new([name, end(|range| range.low), end(|range| range.base), end(|range| range.high)]);
        if id.starts_with("net") { row.total() } else { row }
    };
    Table {
        caption: cx.with("realised.net", [("currency", found.currency.as_str())]),
        columns: cx.columns("realised.net", &["what", "#low", "#base", "#high"]),
        rows: rows.into_iter().map(row).collect(),
        foot: None,
    }
}

/// A cost among what is saved: below zero, its ends the other way round.
const fn spent(cost: Range) -> Range {
    Range { low: -cost.high, base: -cost.base, high: -cost.low }
}

fn seen_ratio(cx: &Context<'_>, found: &Realised) -> String {
    cx.known(found.estate.consolidation_ratio.map(number::to_one), "no-host")
}

fn seen(cx: &Context<'_>, found: &Realised) -> String {
    let (seen, ratio) = (&found.estate, seen_ratio(cx, found));
    cx.with(
        "realised.seen",
        [
            ("virtual", Arg::from(seen.virtual_workloads as f64)),
            ("physical", Arg::from(seen.physical_workloads as f64)),
            ("hosts", Arg::from(seen.hosts as f64)),
            ("ratio", Arg::from(ratio)),
            ("reappeared", Arg::from(seen.reappeared.len() as f64)),
            ("grown", Arg::from(seen.grown.len() as f64)),
        ],
    )
}

pub(super) fn state(cx: &Context<'_>, state: ProgressState) -> Cell {
    let (id, tone) = match state {
        ProgressState::Late => ("late", Tone::Bad),
        ProgressState::UnderWay => ("way", Tone::Attention),
        ProgressState::Arrived => ("arrived", Tone::Good),
    };
    Cell::new(cx.say(&format!("realised.state.{id}"))).tone(tone)
}

fn table(cx: &Context<'_>, servers: Vec<&ServerProgress>, most: usize) -> Option<Block> {
    let found = cx.assessment.realised.as_ref()?;
    let row = |server: &&ServerProgress| {
        let why: Vec<String> = server.why.iter().map(|finding| cx.words().finding(finding)).collect();
        let promised = server.promised_annual_cash.map(|range| money(found, range));
        Row::new([
            Cell::new(&server.server),
            state(cx, server.state),
            Cell::new(number::date(server.due)),
            cx.known_cell(promised, "no-figure"),
            Cell::new(money(found, server.realised_annual_cash)),
            Cell::new(money(found, server.still_paid_annual_cash)),
            Cell::new(why.join(" ")),
        ])
        .marked(cx.mark([server.server.as_str()]))
    };
    let left = servers.len().checked_sub(most).filter(|left| *left > 0);
    let columns = ["server", "state", "due", "#promised", "#realised", "#paid", "why"];
    let table = Table {
        caption: cx.say("realised.table"),
        columns: cx.columns("realised", &columns),
        rows: servers.iter().take(most).map(row).collect(),
        foot: left.map(|left| cx.with("left-out", [("left", left as f64)])),
    };
    (!servers.is_empty()).then_some(Block::Table(table))
}

fn outcomes(cx: &Context<'_>, outcomes: &[OutcomeState]) -> Option<Block> {
    let row = |found: &OutcomeState| {
        let outcome = &found.outcome;
        let (unit, value) = (&outcome.unit, &outcome.value_unit);
        let with = |number: f64, unit: &str| format!("{}\u{a0}{unit}", number::plain(number));
        let why: Vec<String> = found.findings.iter().map(|finding| cx.words().finding(finding)).collect();
        Row::new([
            Cell::new(&outcome.outcome),
            state(cx, found.state),
            Cell::new(&outcome.owner),
            Cell::new(with(outcome.baseline, unit)),
            Cell::new(with(outcome.target, unit)),
            Cell::new(number::date(outcome.due)),
            cx.known_cell(outcome.planned.map(|planned| with(planned, value)), "no-figure"),
            cx.known_cell(found.realised.map(|realised| with(realised, value)), "not-realised"),
            cx.known_cell(found.variance.map(|variance| with(variance, value)), "not-realised"),
            Cell::new(why.join(" ")),
        ])
    };
    let columns = [
        "outcome",
        "state",
        "owner",
        "#baseline",
        "#target",
        "due",
        "#planned",
        "#arrived",
        "#variance",
        "why",
    ];
    let table = Table {
        caption: cx.say("outcomes.table"),
        columns: cx.columns("outcomes", &columns),
        rows: outcomes.iter().map(row).collect(),
        foot: None,
    };
    (!outcomes.is_empty()).then_some(Block::Table(table))
}

fn before_after(cx: &Context<'_>, sheets: &[BeforeAfter]) -> Option<Block> {
    let verdict = |verdict: Verdict| {
        let tone = match verdict {
            Verdict::Worse => Tone::Bad,
            Verdict::Kept | Verdict::Better => Tone::Good,
            Verdict::Unknown => Tone::Unknown,
        };
        Cell::new(cx.say(&format!("verdict.{}", verdict.name()))).tone(tone)
    };
    let row = |sheet: &BeforeAfter| {
        let changes = sheet.metrics.iter().map(|change| {
            let ratio = change.change_ratio.map_or_else(|| cx.say("not-known"), number::percent);
            format!("{}: {ratio}", change.metric.name().replace('_', " "))
        });
        let said: Vec<String> = sheet.findings.iter().map(|finding| cx.words().finding(finding)).collect();
        Row::new([
            Cell::new(&sheet.server),
            verdict(sheet.verdict),
            Cell::new(changes.collect::<Vec<_>>().join("; ")),
            Cell::new(&sheet.frozen_by),
            Cell::new(said.join(" ")),
        ])
        .marked(cx.mark([sheet.server.as_str()]))
    };
    let table = Table {
        caption: cx.say("before-after.table"),
        columns: cx.columns("before-after", &["server", "verdict", "change", "frozen", "said"]),
        rows: sheets.iter().take(SERVERS).map(row).collect(),
        foot: None,
    };
    (!sheets.is_empty()).then_some(Block::Table(table))
}

fn prediction(cx: &Context<'_>, classes: &[Prediction]) -> Option<Block> {
    let row = |found: &Prediction| {
        let class = if found.class.is_empty() { cx.say("not-known") } else { found.class.clone() };
        let ratio = |ratio: Option<f64>, why: &str| cx.known_cell(ratio.map(number::percent), why);
        Row::new([
            Cell::new(class),
            Cell::new(found.resource.replace('_', " ")),
            Cell::new(number::count(found.servers)),
            ratio(found.error_median_ratio, "ratio"),
            ratio(found.error_max_ratio, "ratio"),
            ratio(found.comfort_factor, "too-few"),
        ])
    };
    let columns = ["class", "resource", "#servers", "#median", "#most", "#factor"];
    let table = Table {
        caption: cx.say("prediction.table"),
        columns: cx.columns("prediction", &columns),
        rows: classes.iter().map(row).collect(),
        foot: None,
    };
    (!classes.is_empty()).then_some(Block::Table(table))
}

//! The showback: what the servers of each owner and application cost today, beside what they would at the rates.
// SPDX-License-Identifier: Apache-2.0

use super::catalogue::{cents, ends, input, missing as unknown, part_name};
use super::{Block, Cell, Context, Fact, Row, Section, Table, Tile, Tone};
use crate::number;
use cairn_schemas::assessment::{Cents, MissingInput, Showback, ShowbackLine, ShowbackPart};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "showback", build };

/// Owners or applications with a row; the others are added up below, and stand in the JSON and in `cairn showback --csv`.
const ROWS: usize = 50;

/// What a line is called.
type Name = fn(&Context<'_>, &ShowbackLine) -> String;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let Some(showback) = &cx.assessment.showback else {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "showback"))];
    };
    vec![
        Block::Prose(cx.say("showback.lead")),
        Block::Tiles(tiles(cx, showback)),
        Block::Table(lines(cx, showback, "owner", &showback.owners, owner)),
        Block::Table(lines(cx, showback, "application", &showback.applications, application)),
        Block::Table(parts(cx, showback)),
    ]
}

pub(crate) fn owner(cx: &Context<'_>, line: &ShowbackLine) -> String {
    line.owner.clone().unwrap_or_else(|| cx.say("showback.nobody"))
}

pub(crate) fn application(cx: &Context<'_>, line: &ShowbackLine) -> String {
    line.application.clone().unwrap_or_else(|| cx.say("showback.nothing"))
}

fn tiles(cx: &Context<'_>, showback: &Showback) -> Vec<Tile> {
    let total = &showback.total;
    let money = |amount: i64| number::money(amount as f64 / 100.0, &showback.currency);
    let tile = |id: &str, amount: Cents, missing: &[MissingInput], figure: &str| {
        let known = missing.is_empty().then(|| money(amount.base));
        let note = if missing.is_empty() {
            format!(
                "{}; {}",
                ends(cx, amount),
                cx.with("tile.showback.note", [("servers", total.count as f64)])
            )
        } else {
            let args = [("missing", named(cx, missing)), ("amount", money(amount.base))];
            cx.with("tile.showback.missing", args)
        };
        cx.tile(id, known, note, figure)
    };
    let unsold = showback.unsold.map(|unsold| money(unsold.base));
    let why_not = || unknown(cx, &["plan".to_owned()]);
    let is_planned = cx.assessment.consolidation.is_some();
    let note = if is_planned { cx.say("tile.showback-unsold.note") } else { why_not() };
    vec![
        tile("tile.showback-today", total.today, &total.today_missing, "showback_today_per_month"),
        tile(
            "tile.showback-proposed",
            total.proposed,
            &total.proposed_missing,
            "showback_proposed_per_month",
        ),
        cx.tile("tile.showback-unsold", unsold, note, "pool_cost_per_month"),
    ]
}

/// What is missing, and for how many servers.
fn named(cx: &Context<'_>, missing: &[MissingInput]) -> String {
    let one = |missing: &MissingInput| {
        let args =
            [("input", Arg::from(input(cx, &missing.input))), ("servers", Arg::from(missing.count as f64))];
        cx.with("showback.missing", args)
    };
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Money as it is written, or the least it is and what is missing.
fn amount(cx: &Context<'_>, known: String, missing: &[MissingInput]) -> String {
    if missing.is_empty() {
        known
    } else {
        cx.with("showback.at-least", [("amount", known), ("missing", named(cx, missing))])
    }
}

fn lines(cx: &Context<'_>, showback: &Showback, of: &str, all: &[ShowbackLine], name: Name) -> Table {
    let mut dearest: Vec<&ShowbackLine> = all.iter().collect();
    dearest.sort_by_key(|line| std::cmp::Reverse(line.today.base));
    let least = dearest.get(ROWS).map(|line| line.today.base);
    let (shown, others): (Vec<_>, Vec<_>) =
        all.iter().partition(|line| least.is_none_or(|least| line.today.base > least));
    let mut rows: Vec<Row> = shown.iter().map(|line| row(cx, name(cx, line), line)).collect();
    if !others.is_empty() {
        let sum = added(&others);
        rows.push(row(cx, cx.with("showback.others", [("count", others.len() as f64)]), &sum));
    }
    rows.push(row(cx, cx.say("showback.total"), &showback.total).total());
    let mut columns = cx.columns("showback", &[of]);
    let numbers =
        ["#servers", "#moving", "#today", "#proposed", "#change", "#today-labour", "#proposed-labour"];
    columns.extend(cx.columns("showback", &numbers));
    Table {
        caption: cx.with(&format!("showback-{of}s.title"), [("currency", showback.currency.as_str())]),
        columns,
        rows,
        foot: Some(cx.say("showback.foot")),
    }
}

fn row(cx: &Context<'_>, name: String, line: &ShowbackLine) -> Row {
    let shown = |sum: Cents, missing: &[MissingInput]| {
        let tone = if missing.is_empty() { Tone::Plain } else { Tone::Unknown };
        Cell::new(amount(cx, cents(sum.base), missing)).tone(tone)
    };
    let change = match line.change {
        Some(change) => Cell::new(cents(change.base)),
        None => Cell::new(cx.say("not-known")).tone(Tone::Unknown),
    };
    Row::new([
        Cell::new(name),
        Cell::new(number::count(line.count)),
        Cell::new(number::count(line.moving)),
        shown(line.today, &line.today_missing),
        shown(line.proposed, &line.proposed_missing),
        change,
        Cell::new(cents(line.today_labour.base)),
        Cell::new(cents(line.proposed_labour.base)),
    ])
}

/// The sum of the lines that have no row; what they lack is added up too.
fn added(lines: &[&ShowbackLine]) -> ShowbackLine {
    let missing = |of: fn(&ShowbackLine) -> &[MissingInput]| {
        let mut sums = std::collections::BTreeMap::new();
        for missing in lines.iter().flat_map(|line| of(line)) {
            *sums.entry(missing.input.clone()).or_insert(0) += missing.count;
        }
        sums.into_iter().map(|(input, count)| MissingInput { input, count }).collect()
    };
    let sum = |of: fn(&ShowbackLine) -> Cents| {
        lines.iter().map(|line| of(line)).fold(Cents::default(), Cents::plus)
    };
    let changes: Option<Vec<Cents>> = lines.iter().map(|line| line.change).collect();
    ShowbackLine {
        count: lines.iter().map(|line| line.count).sum(),
        moving: lines.iter().map(|line| line.moving).sum(),
        today: sum(|line| line.today),
        proposed: sum(|line| line.proposed),
        today_labour: sum(|line| line.today_labour),
        proposed_labour: sum(|line| line.proposed_labour),
        change: changes.map(|changes| changes.into_iter().fold(Cents::default(), Cents::plus)),
        today_missing: missing(|line| &line.today_missing),
        proposed_missing: missing(|line| &line.proposed_missing),
        ..ShowbackLine::default()
    }
}

fn parts(cx: &Context<'_>, showback: &Showback) -> Table {
    let cells = |name: String, amount: Cents| {
        let [low, base, high] = [amount.low, amount.base, amount.high].map(|amount| Cell::new(cents(amount)));
        Row::new([Cell::new(name), low, base, high])
    };
    let row = |part: &ShowbackPart| cells(part_name(cx, &part.id), part.amount);
    let total = &showback.total;
    let lacks = &total.today_missing;
    let foot = (!lacks.is_empty()).then(|| cx.with("unknown", [("why", named(cx, lacks))]));
    Table {
        caption: cx.with("showback-parts.title", [("currency", showback.currency.as_str())]),
        columns: cx.columns("showback-parts", &["part", "#low", "#base", "#high"]),
        rows: total
            .parts
            .iter()
            .map(row)
            .chain([cells(cx.say("showback-parts.total"), total.today).total()])
            .collect(),
        foot,
    }
}

/// For the sheet of an owner: what their servers cost today, and what they would.
pub(super) fn of_owner(cx: &Context<'_>, owner: Option<&str>) -> Option<Block> {
    let showback = cx.assessment.showback.as_ref()?;
    let line = showback.owners.iter().find(|line| line.owner.as_deref() == owner)?;
    let money = |sum: Cents, missing: &[MissingInput]| {
        let known = format!("{}\u{a0}{}", number::terminal_safe(&showback.currency), cents(sum.base));
        amount(cx, known, missing)
    };
    let fact = |id: &str, sum: Cents, missing: &[MissingInput], labour: Cents| Fact {
        name: cx.say(&format!("owners.cost.{id}")),
        value: cx.with("owners.cost", [("amount", money(sum, missing)), ("labour", money(labour, &[]))]),
    };
    Some(Block::Facts(vec![
        fact("today", line.today, &line.today_missing, line.today_labour),
        fact("proposed", line.proposed, &line.proposed_missing, line.proposed_labour),
    ]))
}

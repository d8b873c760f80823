//! One sheet for each application owner, to read and to sign: their servers, what each is doing now and becomes, what
//! they must confirm, and the way back. Servers nobody owns have a sheet too, which says so.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, ReportModel, Row, SectionModel, Table, Tile, Tone};
use super::{disposition, showback};
use crate::messages::Messages;
use crate::number;
use cairn_schemas::assessment::{Assessment, Category, ServerReadiness};
use cairn_schemas::finding::{Arg, Severity};
use std::collections::BTreeMap;

/// Servers with a row, and questions: a sheet stays a sheet. The other servers are named below, as one signs for all.
const ROWS: usize = 10;
const QUESTIONS: usize = 7;
/// Servers named below the rows; the CSV file has every one.
const NAMES: usize = 60;

/// The sheets of every owner, or of those given. Same assessment, same sheets.
#[must_use]
pub fn owner_sheets(assessment: &Assessment, words: &Messages, only: &[String]) -> ReportModel {
    number::within(words.format(), || {
        let cx = Context::new(assessment, words);
        let mut model = super::report(assessment, None, words);
        let wanted = |owner: &Option<&str>| {
            only.is_empty() || owner.is_some_and(|owner| only.iter().any(|name| name == owner))
        };
        let sheets = by_owner(assessment).into_iter().filter(|(owner, _)| wanted(owner));
        model.sections =
            sheets.enumerate().map(|(at, (owner, servers))| sheet(&cx, at, owner, &servers)).collect();
        model.title = cx.say("owners.title");
        model.sheets = true;
        model
    })
}

/// Owners by name; nobody last.
fn by_owner(assessment: &Assessment) -> Vec<(Option<&str>, Vec<&ServerReadiness>)> {
    let mut all: BTreeMap<Option<&str>, Vec<&ServerReadiness>> = BTreeMap::new();
    for server in &assessment.readiness.servers {
        all.entry(server.owner.as_deref()).or_default().push(server);
    }
    let nobody = all.remove(&None);
    all.into_iter().chain(nobody.map(|servers| (None, servers))).collect()
}

fn sheet(cx: &Context<'_>, at: usize, owner: Option<&str>, servers: &[&ServerReadiness]) -> SectionModel {
    let nobody = || cx.say("owners.nobody");
    let name = owner.map_or_else(nobody, |owner| number::terminal_safe(owner).into_owned());
    let mut blocks =
        vec![Block::Prose(cx.say(if owner.is_some() { "owners.lead" } else { "owners.lead.nobody" }))];
    blocks.push(Block::Tiles(tiles(cx, servers)));
    blocks.push(Block::Table(today(cx, servers)));
    blocks.push(Block::Table(tomorrow(cx, servers)));
    blocks.extend(showback::of_owner(cx, owner));
    blocks.extend(confirm(cx, servers));
    blocks.push(Block::Heading(cx.say("owners.back.title")));
    blocks.push(Block::Prose(back(cx, servers)));
    blocks.push(Block::Note(Tone::Plain, cx.say("owners.agree")));
    blocks.push(Block::Signature(
        ["name", "place", "sign"].map(|id| cx.say(&format!("owners.sign.{id}"))).into(),
    ));
    SectionModel { id: format!("owner-{}", at + 1).into(), title: name, blocks }
}

fn tiles(cx: &Context<'_>, servers: &[&ServerReadiness]) -> Vec<Tile> {
    let placed = servers.iter().filter(|server| cx.host_of(&server.server).is_some()).count();
    let open = servers.iter().filter(|server| server.category == Category::Conditional).count();
    let tile = |id: &str, count: usize| {
        cx.tile(
            &format!("owners.{id}"),
            Some(number::count(count)),
            cx.say(&format!("owners.{id}.note")),
            "none",
        )
    };
    vec![
        tile("servers", servers.len()),
        tile("placed", placed),
        tile("stay", servers.len() - placed),
        tile("open", open),
    ]
}

/// What each does now: typical, busy, busiest hour, and what is left free.
fn today(cx: &Context<'_>, servers: &[&ServerReadiness]) -> Table {
    let row = |server: &&ServerReadiness| {
        let cpu = server.utilisation.cpu_busy_ratio;
        let memory = server.utilisation.memory_used_bytes;
        let free = cpu.map(|cpu| number::percent((1.0 - cpu.p95).max(0.0)));
        Row::new([
            Cell::new(&server.server),
            cx.known_cell(cpu.map(|cpu| number::percent(cpu.p50)), "use"),
            cx.known_cell(cpu.map(|cpu| number::percent(cpu.p95)), "use"),
            cx.known_cell(free, "use"),
            cx.known_cell(memory.map(|memory| number::bytes(memory.max)), "use"),
            cx.known_cell(server.capacity.memory_bytes.map(number::bytes), "capacity"),
            cx.known_cell(server.utilisation.busiest_hour_of_week.map(number::cell), "use"),
        ])
        .marked(cx.mark([server.server.as_str()]))
    };
    Table {
        caption: cx.say("owners.today"),
        columns: cx.columns(
            "owners.today",
            &["server", "#typical", "#busy", "#free", "#memory", "#installed", "busiest"],
        ),
        rows: servers.iter().take(ROWS).map(row).collect(),
        foot: None,
    }
}

/// What each becomes, when, and how long it is away for that.
fn tomorrow(cx: &Context<'_>, servers: &[&ServerReadiness]) -> Table {
    let row = |server: &&ServerReadiness| {
        let moved = disposition::of(cx, &server.server);
        let wave = cx.assessment.waves.iter().find(|wave| wave.servers.contains(&server.server));
        let wave = wave.map(|wave| cx.with("waves.number", [("number", f64::from(wave.number))]));
        let size = server.size.filter(|_| cx.host_of(&server.server).is_some());
        let becomes = size.map_or_else(
            || cx.say("server.stays"),
            |size| {
                let args = [("vcpu", f64::from(size.vcpu)), ("memory", size.memory_bytes)];
                cx.with("owners.becomes", args)
            },
        );
        let outage =
            moved.and_then(|moved| moved.outage_hours).map(|hours| disposition::hours_text(cx, hours));
        Row::new([
            Cell::new(&server.server),
            cx.category(server.category),
            Cell::new(becomes),
            Cell::new(wave.unwrap_or_else(|| cx.say("trigger.nothing"))),
            match outage {
                Some(outage) => Cell::new(outage),
                None => Cell::new(cx.say("not-known")).tone(Tone::Unknown),
            },
        ])
        .marked(cx.mark([server.server.as_str()]))
    };
    Table {
        caption: cx.say("owners.tomorrow"),
        columns: cx.columns("owners.tomorrow", &["server", "category", "becomes", "wave", "#outage"]),
        rows: servers.iter().take(ROWS).map(row).collect(),
        foot: left(cx, servers),
    }
}

/// What the owner must confirm or decide: once each, with the servers it is about.
fn confirm(cx: &Context<'_>, servers: &[&ServerReadiness]) -> Vec<Block> {
    let mut asked: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for server in servers {
        for finding in server.findings.iter().filter(|finding| finding.severity > Severity::Info) {
            if let Some(remedy) = cx.said(finding).remedy {
                asked.entry(remedy).or_default().push(&server.server);
            }
        }
    }
    if asked.is_empty() {
        return vec![Block::Note(Tone::Good, cx.say("owners.confirm.none"))];
    }
    let mut rows: Vec<_> = asked.into_iter().collect();
    rows.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(&b.0)));
    let row = |(what, names): &(String, Vec<&str>)| {
        Row::new([
            Cell::new(what),
            Cell::new(cx.names(names.iter().copied(), 5)),
            Cell::new(cx.say("owners.confirm.box")),
        ])
    };
    let most = rows.len().checked_sub(QUESTIONS).filter(|left| *left > 0);
    vec![Block::Table(Table {
        caption: cx.say("owners.confirm"),
        columns: cx.columns("owners.confirm", &["what", "servers", "answer"]),
        rows: rows.iter().take(QUESTIONS).map(row).collect(),
        foot: most.map(|left| cx.with("decisions.more", [("left", left as f64)])),
    })]
}

fn back(cx: &Context<'_>, servers: &[&ServerReadiness]) -> String {
    let kept = servers.iter().filter_map(|server| disposition::of(cx, &server.server)?.way_back.as_ref());
    let mut ways: Vec<String> = kept
        .map(|kept| {
            let keep = cx.name(&[format!("report.keep.{}", kept.keep)], &kept.keep);
            cx.with("server.way-back.value", [("keep", Arg::from(keep)), ("days", Arg::from(kept.days))])
        })
        .collect();
    ways.sort();
    ways.dedup();
    if ways.is_empty() {
        cx.say("owners.back.none")
    } else {
        cx.with("owners.back", [("ways", ways.join("; "))])
    }
}

fn left(cx: &Context<'_>, servers: &[&ServerReadiness]) -> Option<String> {
    let others = servers.get(ROWS..).filter(|others| !others.is_empty())?;
    let names = cx.names(others.iter().map(|server| server.server.as_str()), NAMES);
    Some(cx.with("owners.others", [("names", names)]))
}

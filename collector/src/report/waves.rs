//! What moves together, easiest first, and why each server is where it is.
// SPDX-License-Identifier: Apache-2.0

use super::disposition::hours_text;
use super::why::constant_text;
use super::{Block, Cell, Context, Fact, Row, Section, Table, Tone};
use crate::number;
use cairn_schemas::assessment::{MoveGroup, MovingServer, Tie, Wave, WaveMethod};
use cairn_schemas::finding::Arg;

/// The section.
pub(super) static SECTION: Section = Section { id: "waves", build };

/// Servers named in a wave or a group, waves listed, and servers listed one by one: those that move first. Each server's
/// card says the same of it.
const NAMES: usize = 12;
const WAVES: usize = 60;
const SERVERS: usize = 25;

fn build(cx: &Context<'_>) -> Vec<Block> {
    let waves = &cx.assessment.waves;
    if waves.is_empty() {
        return vec![Block::Note(Tone::Unknown, cx.known(None, "waves"))];
    }
    let mut blocks = vec![Block::Prose(cx.say("waves.lead")), Block::Table(table(cx, waves))];
    if waves.iter().any(|wave| !wave.groups.is_empty()) {
        blocks.push(Block::Table(servers(cx, waves)));
    }
    if let Some(method) = &cx.assessment.wave_method {
        blocks.push(Block::Facts(weights(cx, method)));
        blocks.extend(cx.findings(&method.findings));
    }
    blocks
}

fn name(cx: &Context<'_>, wave: &Wave) -> String {
    cx.with("waves.number", [("number", f64::from(wave.number))])
}

fn reason(cx: &Context<'_>, reason: &str) -> String {
    cx.name(&[format!("report.wave.{reason}")], reason)
}

fn table(cx: &Context<'_>, waves: &[Wave]) -> Table {
    let row = |wave: &Wave| {
        let copy = wave.hours.and_then(|hours| Some((hours.copy?, hours.copy_unknown)));
        let copy = copy.map(|(copy, unknown)| match unknown {
            0 => hours_text(cx, copy),
            _ => cx.with(
                "waves.copy.partly",
                [("hours", Arg::from(hours_text(cx, copy))), ("unknown", Arg::from(unknown as f64))],
            ),
        });
        let work = wave.hours.map(|hours| hours_text(cx, hours.work));
        Row::new([
            Cell::new(name(cx, wave)),
            Cell::new(reason(cx, &wave.reason)),
            Cell::new(number::count(wave.servers.len())),
            Cell::new(number::count(wave.hosts)),
            cx.known_cell(wave.net_consolidation_ratio.map(number::to_one), "ratio"),
            cx.known_cell(wave.cumulative_net_consolidation_ratio.map(number::to_one), "cumulative"),
            cx.known_cell(copy, "copy"),
            cx.known_cell(work, "basis"),
            Cell::new(cx.names(wave.servers.iter().map(String::as_str), NAMES)),
        ])
        .marked(cx.mark(wave.servers.iter().map(String::as_str)))
    };
    let columns =
        ["wave", "reason", "#servers", "#hosts", "#ratio", "#cumulative", "#copy", "#work", "names"];
    let left = waves.len().checked_sub(WAVES).filter(|left| *left > 0);
    Table {
        caption: cx.say("waves.table"),
        columns: cx.columns("waves", &columns),
        rows: waves.iter().take(WAVES).map(row).collect(),
        foot: left.map(|left| cx.with("left-out", [("left", left as f64)])),
    }
}

/// Server by server, with whom it moves and what that rests on.
fn servers(cx: &Context<'_>, waves: &[Wave]) -> Table {
    let all = waves.iter().flat_map(|wave| wave.groups.iter().map(move |group| (wave, group)));
    let all = all.flat_map(|(wave, group)| group.members.iter().map(move |member| (wave, group, member)));
    let count: usize = waves.iter().map(|wave| wave.servers.len()).sum();
    let left = count.checked_sub(SERVERS).filter(|left| *left > 0);
    Table {
        caption: cx.say("moves.title"),
        columns: cx.columns("moves", &["wave", "server", "alone", "#ease", "with", "because"]),
        rows: all.take(SERVERS).map(|(wave, group, member)| server(cx, wave, group, member)).collect(),
        foot: left.map(|left| cx.with("moves.left-out", [("left", left as f64)])),
    }
}

fn server(cx: &Context<'_>, wave: &Wave, group: &MoveGroup, member: &MovingServer) -> Row {
    let Told { ease, with, because } = told(cx, group, member);
    Row::new([
        Cell::new(name(cx, wave)),
        Cell::new(member.server.clone()),
        Cell::new(reason(cx, &member.reason)),
        Cell::new(ease),
        Cell::new(with),
        Cell::new(because),
    ])
    .marked(cx.mark([member.server.as_str()]))
}

/// What is told of a server's place.
struct Told {
    ease: String,
    with: String,
    because: String,
}

fn told(cx: &Context<'_>, group: &MoveGroup, member: &MovingServer) -> Told {
    let others = group.members.iter().map(|m| m.server.as_str()).filter(|name| *name != member.server);
    let with = cx.names(others, NAMES);
    let ties: Vec<String> = group.ties.iter().map(|tie| tie_text(cx, tie)).collect();
    let mut because = ties.join(", ");
    if !group.left_behind.is_empty() {
        let staying = cx.names(group.left_behind.iter().map(String::as_str), NAMES);
        because = cx.with("moves.left-behind", [("ties", because), ("servers", staying)]);
    }
    let parts = [
        ("ease", number::int(member.ease)),
        ("readiness", number::percent(member.readiness)),
        ("ownership", number::percent(member.ownership)),
        ("safety", number::percent(member.safety)),
    ];
    let or = |text: String, none: &str| if text.is_empty() { cx.say(none) } else { text };
    Told {
        ease: cx.with("moves.ease", parts),
        with: or(with, "moves.nobody"),
        because: or(because, "moves.untied"),
    }
}

/// What a server's card says of its wave; nothing of one that stays.
pub(super) fn facts(cx: &Context<'_>, server: &str) -> Vec<Fact> {
    let groups =
        cx.assessment.waves.iter().flat_map(|wave| wave.groups.iter().map(move |group| (wave, group)));
    let mut members =
        groups.flat_map(|(wave, group)| group.members.iter().map(move |member| (wave, group, member)));
    let Some((wave, group, member)) = members.find(|(_, _, member)| member.server == server) else {
        return Vec::new();
    };
    let Told { ease, with, because } = told(cx, group, member);
    let (wave, alone) = (name(cx, wave), reason(cx, &member.reason));
    vec![
        cx.fact(
            "server.wave",
            cx.with("server.wave.value", [("wave", wave), ("reason", alone), ("ease", ease)]),
        ),
        cx.fact("server.with", cx.with("server.with.value", [("with", with), ("because", because)])),
    ]
}

fn tie_text(cx: &Context<'_>, tie: &Tie) -> String {
    cx.with("moves.tie", [("fact", tie.fact.replace('_', " ")), ("value", tie.value.clone())])
}

fn weights(cx: &Context<'_>, method: &WaveMethod) -> Vec<Fact> {
    let ties: Vec<String> = method.ties.iter().map(|tie| tie.replace('_', " ")).collect();
    let mut facts = vec![
        cx.fact("waves.ties", ties.join(", ")),
        cx.fact("waves.most", number::count(method.servers_max)),
    ];
    facts.extend(method.weights.iter().map(|weight| Fact {
        name: cx.name(&[format!("report.{}", weight.id)], &weight.id),
        value: constant_text(cx, weight),
    }));
    facts
}

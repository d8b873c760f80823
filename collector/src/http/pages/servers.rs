//! Every server: found by a part of its name, owner, role or system, sorted, a page at a time.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, nothing_yet};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal, server};
use crate::number;
use crate::report::{Cell, Context, Row, Table};
use askama::Template;
use cairn_schemas::assessment::ServerReadiness;
use std::cmp::Ordering;

pub(super) static PAGE: Page =
    Page { id: "servers", least: Role::Viewer, in_navigation: true, live: false, build };

/// Rows on a page.
const ROWS: usize = 100;

/// What a column is sorted by; what is not known comes last, whichever way.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Number(f64),
    Text(String),
}

/// A column: its name in the address and among the words, which way it is sorted at first, and by what. A name that
/// begins with `#` is a column of numbers.
struct Sorted {
    name: &'static str,
    falls: bool,
    key: fn(&Context<'_>, &ServerReadiness) -> Option<Key>,
}

/// Every column, in the order of the table.
const COLUMNS: [Sorted; 8] = [
    Sorted { name: "name", falls: false, key: |_, s| text(&s.server) },
    Sorted { name: "category", falls: false, key: |_, s| Some(Key::Number(f64::from(s.category as u8))) },
    Sorted { name: "#score", falls: true, key: |_, s| s.score.map(Key::Number) },
    Sorted {
        name: "#cpu",
        falls: true,
        key: |_, s| s.utilisation.cpu_busy_ratio.map(|used| Key::Number(used.p95)),
    },
    Sorted {
        name: "#memory",
        falls: true,
        key: |_, s| s.utilisation.memory_used_bytes.map(|used| Key::Number(used.p99)),
    },
    Sorted { name: "#coverage", falls: false, key: |_, s| s.coverage_ratio.map(Key::Number) },
    Sorted { name: "owner", falls: false, key: |_, s| s.owner.as_deref().and_then(text) },
    Sorted {
        name: "host",
        falls: false,
        key: |cx, s| cx.host_of(&s.server).and_then(|host| text(&host.host)),
    },
];

/// The column that is sorted by where nobody asked for another.
const USUAL: usize = 2;

impl Sorted {
    fn plain(&self) -> &'static str {
        self.name.trim_start_matches('#')
    }
}

fn text(text: &str) -> Option<Key> {
    Some(Key::Text(text.to_lowercase()))
}

#[derive(Template)]
#[template(path = "servers.html")]
struct Search {
    table: Table,
    heads: Vec<Head>,
    words: String,
    found: String,
    outside: Option<String>,
    labels: Labels,
    orders: Vec<(&'static str, String, bool)>,
    earlier: Option<String>,
    later: Option<String>,
}

/// The head of a column, which sorts by it.
struct Head {
    text: String,
    numeric: bool,
    href: String,
    sorted: Option<&'static str>,
}

struct Labels {
    search: String,
    order: String,
    go: String,
    earlier: String,
    later: String,
}

/// What was asked of the list.
struct List<'a> {
    words: &'a str,
    column: &'static Sorted,
    falls: bool,
}

impl<'a> List<'a> {
    fn asked(visit: &'a Visit) -> Self {
        let order = visit.asked("order").unwrap_or_default();
        let column = COLUMNS.iter().find(|column| column.plain() == order).unwrap_or(&COLUMNS[USUAL]);
        let falls = match visit.asked("way") {
            Some("ascending") => false,
            Some("descending") => true,
            _ => column.falls,
        };
        Self { words: visit.asked("q").unwrap_or_default(), column, falls }
    }

    /// The servers it names, sorted.
    fn of<'b>(&self, cx: &Context<'_>, servers: &'b [ServerReadiness]) -> Vec<&'b ServerReadiness> {
        let needle = self.words.to_lowercase();
        let mut found: Vec<(Option<Key>, &ServerReadiness)> = servers
            .iter()
            .filter(|server| matches(server, &needle))
            .map(|server| ((self.column.key)(cx, server), server))
            .collect();
        found.sort_by(|(a, one), (b, other)| {
            let known = b.is_some().cmp(&a.is_some());
            let way = a.partial_cmp(b).unwrap_or(Ordering::Equal);
            let way = if self.falls { way.reverse() } else { way };
            known.then(way).then_with(|| one.server.cmp(&other.server))
        });
        found.into_iter().map(|(_, server)| server).collect()
    }

    /// Where this list is, sorted by some column.
    fn address(&self, engagement: &str, column: &Sorted, falls: bool) -> String {
        let way = way(falls);
        let query = query(&[("q", self.words), ("order", column.plain()), ("way", way)]);
        format!("/e/{engagement}/servers?{query}")
    }

    fn head(&self, engagement: &str, column: &'static Sorted) -> Head {
        let here = column.name == self.column.name;
        let falls = if here { !self.falls } else { column.falls };
        Head {
            text: say(&format!("servers.{}", column.plain())),
            numeric: column.name.starts_with('#'),
            href: self.address(engagement, column, falls),
            sorted: here.then(|| way(self.falls)),
        }
    }
}

const fn way(falls: bool) -> &'static str {
    if falls { "descending" } else { "ascending" }
}

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let Some(assessment) = &visit.assessment else { return Ok(vec![nothing_yet(visit)?]) };
    let cx = context(assessment);
    let list = List::asked(visit);
    let found = list.of(&cx, &assessment.readiness.servers);
    let last = found.len().saturating_sub(1) / ROWS;
    let at = visit.number("page", (1.0, 1e6)).map_or(0, |page| page as usize - 1).min(last);
    let address = |page: usize| {
        format!("{}&page={}", list.address(visit.engagement(), list.column, list.falls), page + 1)
    };
    let shown = found.iter().skip(at * ROWS).take(ROWS);
    let counts = [("found", found.len() as f64), ("page", (at + 1) as f64), ("pages", (last + 1) as f64)];
    let outside = assessment.estate.excluded.len();
    let order = |column: &Sorted| {
        let name = column.plain();
        (name, say(&format!("servers.order.{name}")), name == list.column.plain())
    };
    let search = Search {
        table: table(&cx, visit.engagement(), shown.copied()),
        heads: COLUMNS.iter().map(|column| list.head(visit.engagement(), column)).collect(),
        words: list.words.to_owned(),
        found: with("servers.found", counts),
        outside: (outside > 0).then(|| with("servers.outside", [("outside", outside as f64)])),
        labels: Labels {
            search: say("servers.search"),
            order: say("servers.order"),
            go: say("servers.go"),
            earlier: say("servers.earlier"),
            later: say("servers.later"),
        },
        orders: COLUMNS.iter().map(order).collect(),
        earlier: (at > 0).then(|| address(at - 1)),
        later: (at < last).then(|| address(at + 1)),
    };
    Ok(vec![search.render().map_err(internal)?])
}

/// Whether a server has some words in its name, owner, role or system.
fn matches(server: &ServerReadiness, needle: &str) -> bool {
    let texts = [Some(&server.server), server.owner.as_ref(), server.role.as_ref(), server.os.as_ref()];
    needle.is_empty() || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(needle))
}

fn table<'a>(
    cx: &Context<'_>,
    engagement: &str,
    servers: impl Iterator<Item = &'a ServerReadiness>,
) -> Table {
    let row = |server: &ServerReadiness| {
        let used = &server.utilisation;
        let host = cx.host_of(&server.server).map(|host| host.host.clone());
        Row::new([
            Cell::new(&server.server).leading_to(server::address(engagement, &server.server)),
            cx.category(server.category),
            cx.known_cell(server.score.map(number::int), "score"),
            cx.known_cell(used.cpu_busy_ratio.map(|used| number::percent(used.p95)), "use"),
            cx.known_cell(used.memory_used_bytes.map(|used| number::bytes(used.p99)), "use"),
            cx.known_cell(server.coverage_ratio.map(number::percent), "coverage"),
            cx.known_cell(server.owner.clone(), "owner"),
            Cell::new(host.unwrap_or_else(|| say("servers.no-host"))),
        ])
        .marked(cx.mark([server.server.as_str()]))
    };
    Table {
        caption: say("servers.title"),
        columns: columns("servers", &COLUMNS.map(|column| column.name)),
        rows: servers.map(row).collect(),
        foot: None,
    }
}

/// Names and values as the part of an address behind `?`.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    pairs.iter().for_each(|(name, value)| {
        text.append_pair(name, value);
    });
    text.finish()
}

//! Every server: found by a part of its name, owner, role or system, sorted, a page at a time.
// SPDX-License-Identifier: Apache-2.0

use super::parts::{context, nothing_yet};
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal, server};
use crate::number;
use crate::report::{Cell, Context, Row, Table};
use askama::Template;
use cairn_schemas::assessment::ServerReadiness;

pub(super) static PAGE: Page =
    Page { id: "servers", least: Role::Viewer, in_navigation: true, live: false, build };

/// Rows on a page.
const ROWS: usize = 100;

/// A way to sort: its name in the address, and what rises from row to row.
type Order = (&'static str, fn(&ServerReadiness) -> f64);

/// Ways to sort; the first is the usual one.
const ORDERS: [Order; 4] = [
    ("score", |server| -server.score.unwrap_or(-1.0)),
    ("cpu", |server| -server.utilisation.cpu_busy_ratio.map_or(-1.0, |used| used.p95)),
    ("coverage", |server| server.coverage_ratio.unwrap_or(-1.0)),
    ("name", |_| 0.0),
];

#[derive(Template)]
#[template(path = "servers.html")]
struct Search {
    table: Table,
    words: String,
    found: String,
    labels: Labels,
    orders: Vec<(&'static str, String, bool)>,
    earlier: Option<String>,
    later: Option<String>,
}

struct Labels {
    search: String,
    order: String,
    go: String,
    earlier: String,
    later: String,
}

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    let Some(assessment) = &visit.assessment else { return Ok(vec![nothing_yet(visit)?]) };
    let cx = context(assessment);
    let words = visit.asked("q").unwrap_or_default();
    let asked = visit.asked("order").unwrap_or_default();
    let (order, key) = ORDERS.into_iter().find(|(name, _)| *name == asked).unwrap_or(ORDERS[0]);
    let needle = words.to_lowercase();
    let mut found: Vec<&ServerReadiness> =
        assessment.readiness.servers.iter().filter(|server| matches(server, &needle)).collect();
    found.sort_by(|a, b| key(a).total_cmp(&key(b)).then_with(|| a.server.cmp(&b.server)));
    let last = found.len().saturating_sub(1) / ROWS;
    let at = visit.number("page", (1.0, 1e6)).map_or(0, |page| page as usize - 1).min(last);
    let address = |page: usize| {
        let mut query = query(&[("q", words), ("order", order)]);
        query.push_str(&format!("&page={}", page + 1));
        format!("/e/{}/servers?{query}", visit.engagement())
    };
    let shown = found.iter().skip(at * ROWS).take(ROWS);
    let counts = [("found", found.len() as f64), ("page", (at + 1) as f64), ("pages", (last + 1) as f64)];
    let search = Search {
        table: table(&cx, visit.engagement(), shown.copied()),
        words: words.to_owned(),
        found: with("servers.found", counts),
        labels: Labels {
            search: say("servers.search"),
            order: say("servers.order"),
            go: say("servers.go"),
            earlier: say("servers.earlier"),
            later: say("servers.later"),
        },
        orders: ORDERS.map(|(name, _)| (name, say(&format!("servers.order.{name}")), name == order)).to_vec(),
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
    let names = ["server", "category", "#score", "#cpu", "#memory", "#coverage", "owner", "host"];
    Table {
        caption: say("servers.title"),
        columns: columns("servers", &names),
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

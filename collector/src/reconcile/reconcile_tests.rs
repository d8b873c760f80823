//! Every way in which CMDB, agents and imports can differ, and that nothing else is called a difference.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::fact::{Fact, FactValue};

const NOW: Timestamp = Timestamp(1_795_000_000);

fn said(origin: &str, name: &str, value: FactValue, days_ago: i64) -> Statement {
    let fact = Fact {
        value,
        unit: if name.ends_with("bytes") { "bytes".into() } else { String::new() },
        source: format!("{origin} file:1"),
        observed_at: Timestamp(NOW.0 - days_ago * DAY_S),
        valid_from: None,
        confirmed_by: None,
    };
    Statement { origin: origin.into(), name: name.into(), fact }
}

fn text(origin: &str, name: &str, value: &str) -> Statement {
    said(origin, name, FactValue::Text(value.into()), 1)
}

fn source(server: &str, kind: SourceKind, days_ago: i64) -> Source {
    let last_seen = Some(Timestamp(NOW.0 - days_ago * DAY_S));
    Source { id: 1, kind, key: server.into(), server: server.into(), first_seen: None, last_seen }
}

fn check(servers: &[(&str, Vec<Statement>)], sources: &[Source], expected: &[&str]) {
    let statements = servers.iter().map(|(name, said)| ((*name).to_owned(), said.clone())).collect();
    let sides = Sides { statements: &statements, sources, facts: &BTreeMap::new(), now: NOW };
    let line = |d: &Difference| {
        let more = [d.other.clone(), d.fact.clone(), d.days.map(|days| days.to_string())];
        let more: Vec<String> = more.into_iter().flatten().collect();
        format!("{} {} {}", d.reason.name(), d.server, more.join(" ")).trim_end().to_owned()
    };
    assert_eq!(reconcile(&sides).iter().map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn who_has_what() {
    let cmdb = |name: &'static str| (name, vec![text("cmdb now", "owner", "IT")]);
    let agent = |name| source(name, SourceKind::Agent, 1);
    check(&[cmdb("a")], &[agent("a")], &[]);
    check(&[cmdb("a")], &[], &["only-in-cmdb a"]);
    check(&[cmdb("a")], &[agent("a"), agent("b")], &["only-by-agent b"]);
    check(&[cmdb("a")], &[agent("a"), source("c", SourceKind::Import, 1)], &["only-by-import c"]);
    check(&[], &[agent("b"), source("c", SourceKind::Import, 1)], &[]);
}

#[test]
fn names_joined_one_by_one_are_one_machine() {
    // a is b by a serial number, b is c.example.org by an address, and that is c by its name: the agent on c has all.
    let said = |fact: &'static str, value: &'static str| text("cmdb now", fact, value);
    let (serial, mac) = (said("serial", "CZ1234AB"), said("mac", "00:1b:21:0a:0b:0c"));
    check(
        &[
            ("a", vec![serial.clone()]),
            ("b", vec![serial, mac.clone()]),
            ("c.example.org", vec![mac]),
            ("e", vec![said("owner", "IT")]),
        ],
        &[source("c", SourceKind::Agent, 1)],
        &[
            "same-server a b serial",
            "same-server b c.example.org mac",
            "same-server c c.example.org fqdn",
            "only-in-cmdb e",
        ],
    );
}

#[test]
fn one_machine_under_two_names_is_no_missing_one() {
    let agents = [source("web1", SourceKind::Agent, 1)];
    check(
        &[("web1.example.org", vec![text("cmdb now", "owner", "IT")])],
        &agents,
        &["same-server web1 web1.example.org fqdn"],
    );
    let of = |fact: &'static str, there: &'static str, here: &'static str| {
        vec![("legacy7", vec![text("cmdb now", fact, there)]), ("web1", vec![text("agent", fact, here)])]
    };
    check(&of("serial", "CZ1234AB", "cz1234ab"), &agents, &["same-server legacy7 web1 serial"]);
    check(&of("mac", "00:1b:21:0a:0b:0c", "001B.210A.0B0C"), &agents, &["same-server legacy7 web1 mac"]);
    check(
        &[
            ("WEB1", vec![text("cmdb now", "owner", "IT")]),
            ("web1.example.org", vec![text("agent", "os", "Debian 12")]),
        ],
        &[],
        &["same-server WEB1 web1.example.org fqdn"],
    );
    check(
        &[
            ("db.a.example", vec![text("cmdb now", "owner", "IT"), text("agent", "os", "Debian 12")]),
            ("db.b.example", vec![text("cmdb now", "owner", "IT"), text("agent", "os", "Debian 12")]),
        ],
        &[],
        &[],
    );
}

#[test]
fn facts_that_differ_are_named_with_what_each_says() {
    let gib = |n: f64| FactValue::Number(n * 1_073_741_824.0);
    let web1 = vec![
        said("agent", "memory_bytes", gib(62.0), 1),
        said("cmdb now", "memory_bytes", gib(32.0), 1),
        text("agent", "os", "Debian GNU/Linux 12"),
        text("cmdb now", "os", "debian 12"),
        text("cmdb now", "owner", "Finance"),
        text("import", "owner", "Sales"),
    ];
    check(&[("web1", web1.clone())], &[], &["differs web1 memory_bytes", "differs web1 owner"]);
    let statements = BTreeMap::from([("web1".to_owned(), web1)]);
    let fact = statements["web1"][0].fact.clone();
    let facts = BTreeMap::from([("web1".to_owned(), Facts::from([("memory_bytes".to_owned(), vec![fact])]))]);
    let sides = Sides { statements: &statements, sources: &[], facts: &facts, now: NOW };
    let says: Vec<(String, bool)> = reconcile(&sides)[0]
        .says
        .iter()
        .map(|said| (said.value.replace('\u{a0}', " "), said.believed))
        .collect();
    assert_eq!(says, [("62 GiB".to_owned(), true), ("32 GiB".to_owned(), false)]);
}

#[test]
fn what_nobody_touched_for_long_is_stale() {
    let record = |days| vec![said("cmdb now", "owner", FactValue::Text("IT".into()), days)];
    let agent = |days| [source("web1", SourceKind::Agent, days)];
    check(&[("web1", record(180))], &agent(14), &[]);
    check(&[("web1", record(181))], &agent(15), &["stale-record web1 181", "silent-agent web1 15"]);
}

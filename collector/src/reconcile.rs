//! Reconciliation: what the CMDB, agents and imports say of the same servers, and where they differ, each difference
//! with its reason. A pure comparison of statements; nothing is mended.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::{Args, Messages};
use crate::store::register::{Statement, origin_of};
use crate::store::{Source, SourceKind};
use cairn_schemas::difference::{Difference, Reason, Said};
use cairn_schemas::fact::{Facts, latest};
use cairn_schemas::finding::Arg;
use cairn_schemas::time::{DAY_S, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

mod alike;
mod identity;

/// Days after which a record nobody has changed is called stale (*ours*).
const RECORD_DAYS: i64 = 180;
/// Days after which an agent that sent nothing is called silent (*ours*).
const AGENT_DAYS: i64 = 14;
/// Facts that name a machine, move by themselves, or are about an agent's identity: no difference of opinion.
const NOT_COMPARED: [&str; 7] =
    ["name", "fqdn", "mac", "disk_used_bytes", "book_value", "moved_from", "identity_conflict"];

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// What each origin says of each server.
    pub statements: &'a BTreeMap<String, Vec<Statement>>,
    /// Where samples come from.
    pub sources: &'a [Source],
    /// What is believed.
    pub facts: &'a BTreeMap<String, Facts>,
    /// The moment.
    pub now: Timestamp,
}

/// The sides by server: an estate of ten thousand is looked through once, and not once for each of them.
struct Indexed<'a> {
    sides: &'a Sides<'a>,
    sources: BTreeMap<&'a str, Vec<&'a Source>>,
    has_cmdb: bool,
}

impl<'a> Indexed<'a> {
    fn new(sides: &'a Sides<'a>) -> Self {
        let mut sources: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
        for source in sides.sources {
            sources.entry(&source.server).or_default().push(source);
        }
        let has_cmdb = sides.statements.values().flatten().any(|said| is_cmdb(&said.origin));
        Self { sides, sources, has_cmdb }
    }

    fn sources(&self, server: &str) -> impl Iterator<Item = &'a Source> {
        self.sources.get(server).into_iter().flatten().copied()
    }
}

/// Every difference, by reason, server and fact.
#[must_use]
pub fn reconcile(sides: &Sides<'_>) -> Vec<Difference> {
    let pairs = identity::pairs(sides);
    let groups = groups(sides, &pairs);
    let indexed = Indexed::new(sides);
    let mut all: Vec<Difference> = pairs;
    for group in &groups {
        all.extend(presence(&indexed, group));
        all.extend(differing(sides, group));
        all.extend(group.iter().flat_map(|server| age(&indexed, server)));
    }
    all.sort_by(|a, b| {
        (a.reason, &a.server, &a.fact, &a.other).cmp(&(b.reason, &b.server, &b.fact, &b.other))
    });
    all
}

fn plain(server: &str, reason: Reason) -> Difference {
    Difference { server: server.to_owned(), reason, other: None, fact: None, days: None, says: Vec::new() }
}

/// Names of one machine each: joined by the pairs that were found.
fn groups<'a>(sides: &Sides<'a>, pairs: &[Difference]) -> Vec<BTreeSet<&'a str>> {
    let names = sides.statements.keys().chain(sides.sources.iter().map(|source| &source.server));
    let mut place_of: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        let next = place_of.len();
        place_of.entry(name).or_insert(next);
    }
    // Each points to another of its group, or to itself: the one the group is known by.
    let mut known_by: Vec<usize> = (0..place_of.len()).collect();
    for pair in pairs {
        let place = |name: &str| place_of.get(name).copied();
        let (Some(keep), Some(gone)) = (place(&pair.server), pair.other.as_deref().and_then(place)) else {
            continue;
        };
        let (keep, gone) = (found(&mut known_by, keep), found(&mut known_by, gone));
        known_by[gone] = keep;
    }
    let mut groups: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (name, place) in place_of {
        groups.entry(found(&mut known_by, place)).or_default().insert(name);
    }
    groups.into_values().collect()
}

/// The one that a group is known by; the way to it gets shorter each time.
fn found(known_by: &mut [usize], mut at: usize) -> usize {
    while known_by[at] != at {
        known_by[at] = known_by[known_by[at]];
        at = known_by[at];
    }
    at
}

fn statements<'a>(sides: &Sides<'a>, group: &BTreeSet<&'a str>) -> Vec<(&'a str, &'a Statement)> {
    let of = |server: &&'a str| {
        let said = sides.statements.get(*server).map(Vec::as_slice).unwrap_or_default();
        let server = *server;
        said.iter().map(move |said| (server, said))
    };
    group.iter().flat_map(of).collect()
}

fn is_cmdb(origin: &str) -> bool {
    origin.starts_with("cmdb ")
}

/// Who knows of a machine, and who does not. Without any CMDB nothing is missing from it.
fn presence(indexed: &Indexed<'_>, group: &BTreeSet<&str>) -> Option<Difference> {
    let said = statements(indexed.sides, group);
    let sources = || group.iter().flat_map(|server| indexed.sources(server));
    let in_cmdb = said.iter().any(|(_, said)| is_cmdb(&said.origin));
    let by_agent = sources().any(|source| source.kind == SourceKind::Agent)
        || said.iter().any(|(_, s)| s.origin == "agent");
    let imported = sources().any(|source| source.kind != SourceKind::Agent)
        || said.iter().any(|(_, said)| said.origin == "import");
    let name = group.first()?;
    match (in_cmdb, by_agent, imported) {
        (true, false, false) => Some(plain(name, Reason::OnlyInCmdb)),
        (false, true, _) if indexed.has_cmdb => Some(plain(name, Reason::OnlyByAgent)),
        (false, false, true) if indexed.has_cmdb => Some(plain(name, Reason::OnlyByImport)),
        _ => None,
    }
}

/// Facts of which two origins say what is not alike.
fn differing(sides: &Sides<'_>, group: &BTreeSet<&str>) -> Vec<Difference> {
    let mut by_fact: BTreeMap<&str, Vec<(&str, &Statement)>> = BTreeMap::new();
    for (server, said) in statements(sides, group) {
        if !NOT_COMPARED.contains(&said.name.as_str()) && !said.name.starts_with("tag.") {
            by_fact.entry(&said.name).or_default().push((server, said));
        }
    }
    let differs = |said: &[(&str, &Statement)]| {
        said.iter().enumerate().any(|(n, (_, a))| {
            let unlike = |b: &&(&str, &Statement)| !alike::alike(&a.name, &a.fact.value, &b.1.fact.value);
            said[n + 1..].iter().any(|b| unlike(&b))
        })
    };
    let differing = by_fact.into_iter().filter(|(_, said)| differs(said));
    let difference = |(fact, said): (&str, Vec<(&str, &Statement)>)| Difference {
        fact: Some(fact.to_owned()),
        says: said.iter().map(|(server, said)| in_words(sides, server, said)).collect(),
        ..plain(said[0].0, Reason::Differs)
    };
    differing.map(difference).collect()
}

fn in_words(sides: &Sides<'_>, server: &str, said: &Statement) -> Said {
    let believed = sides.facts.get(server).and_then(|facts| latest(facts, &said.name));
    Said {
        origin: said.origin.clone(),
        server: server.to_owned(),
        value: alike::shown(&said.fact),
        source: said.fact.source.clone(),
        observed_at: said.fact.observed_at,
        believed: believed
            .is_some_and(|fact| origin_of(&fact.source) == said.origin && fact.value == said.fact.value),
    }
}

/// What nobody has touched for long.
fn age(indexed: &Indexed<'_>, server: &str) -> Vec<Difference> {
    let sides = indexed.sides;
    let days_since = |moment: Timestamp| (sides.now.0 - moment.0).div_euclid(DAY_S);
    let mut old = Vec::new();
    let said = sides.statements.get(server).map(Vec::as_slice).unwrap_or_default();
    let record = said.iter().filter(|said| is_cmdb(&said.origin)).map(|said| said.fact.observed_at).max();
    if let Some(days) = record.map(days_since).filter(|days| *days > RECORD_DAYS) {
        old.push(Difference { days: Some(days), ..plain(server, Reason::StaleRecord) });
    }
    let agents = indexed.sources(server).filter(|source| source.kind == SourceKind::Agent);
    let seen = agents.filter_map(|source| source.last_seen).max();
    if let Some(days) = seen.map(days_since).filter(|days| *days > AGENT_DAYS) {
        old.push(Difference { days: Some(days), ..plain(server, Reason::SilentAgent) });
    }
    old
}

/// A difference as a sentence.
#[must_use]
pub fn words(difference: &Difference, messages: &Messages) -> String {
    let says: Vec<String> = difference.says.iter().map(|said| one(said, messages)).collect();
    let mut args = Args::from([("says".to_owned(), Arg::from(says.join("; ")))]);
    let texts = [("fact", &difference.fact), ("other", &difference.other)];
    args.extend(
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Arg::from(text.clone()?)))),
    );
    args.extend(difference.days.map(|days| ("days".to_owned(), Arg::from(days as f64))));
    messages.render(&format!("report.reconcile.{}", difference.reason.name()), &args, "")
}

fn one(said: &Said, messages: &Messages) -> String {
    let id = if said.believed { "report.reconcile.says.believed" } else { "report.reconcile.says" };
    let texts = [("origin", &said.origin), ("value", &said.value)];
    let args = texts.into_iter().map(|(name, text)| (name.to_owned(), Arg::from(text.as_str()))).collect();
    messages.render(id, &args, "")
}

#[cfg(test)]
#[path = "reconcile/reconcile_tests.rs"]
mod tests;

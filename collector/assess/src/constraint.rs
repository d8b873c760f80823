//! Constraints before packing: servers their owners keep physical, and constraints that cannot be met together.
//! Whoever is concerned stays out of the plan with the reason and the statements; the rest is planned.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::estate::{Estate, Server};
use crate::packing::Partner;
use crate::policy::Policy;
use crate::sizing;
use cairn_schemas::assessment::{Conflict, Statement, Stay};
use std::collections::{BTreeMap, BTreeSet};

/// What is left to plan once constraints are settled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// Servers to plan, by their place in the estate, ascending.
    pub planned: Vec<usize>,
    /// Contradictions found.
    pub conflicts: Vec<Conflict>,
    /// Servers left out: those that stayed before, and those with `conflict` or `kept_physical`.
    pub stay: Vec<Stay>,
}

/// A way in which an affinity group can contradict something else: its statements, if it does.
type Check = fn(&Group<'_>) -> Option<Vec<Statement>>;

/// Every contradiction looked for, the first that applies naming the conflict.
const CHECKS: &[(&str, Check)] = &[
    ("affinity-cluster", same_cluster),
    ("affinity-clusters", several_clusters),
    ("affinity-pair", paired),
    ("affinity-partition", several_partitions),
    ("affinity-kept", kept),
    ("affinity-stays", stays),
    ("affinity-count", too_many),
];

/// Servers that must share a host.
struct Group<'a> {
    policy: &'a Policy,
    servers: Vec<&'a Server>,
    /// Members that are not planned, each with the reason.
    elsewhere: Vec<(&'a Server, &'a str)>,
}

/// Takes out of the planned servers (places in the estate, whose servers are ascending by name) those that are
/// kept physical and those whose constraints contradict each other. `stay` are the servers of the estate that
/// stay physical for reasons of their own.
#[must_use]
pub fn settle(estate: &Estate, policy: &Policy, planned: &[usize], stay: Vec<Stay>) -> Settled {
    let mut planned = planned.to_vec();
    planned.sort_unstable();
    let conflicts = groups(estate, policy, &planned, &stay).iter().filter_map(conflict).collect::<Vec<_>>();
    let torn: BTreeSet<&str> = conflicts.iter().flat_map(|c| &c.servers).map(String::as_str).collect();
    let reason = |server: &Server| {
        let kept = known(server, "keep_physical").is_some();
        let torn = torn.contains(server.name.as_str()).then_some("conflict");
        if kept { Some("kept_physical") } else { torn }
    };
    let (out, planned): (Vec<usize>, Vec<usize>) =
        planned.into_iter().partition(|&index| reason(&estate.servers[index]).is_some());
    let left_out = out.into_iter().filter_map(|index| {
        let server = &estate.servers[index];
        Some(Stay { server: server.name.clone(), reason: reason(server)?.to_owned() })
    });
    Settled { planned, stay: stay.into_iter().chain(left_out).collect(), conflicts }
}

/// Affinity groups with planned members, by name.
fn groups<'a>(estate: &'a Estate, policy: &'a Policy, planned: &[usize], stay: &'a [Stay]) -> Vec<Group<'a>> {
    let nobody = || Group { policy, servers: Vec::new(), elsewhere: Vec::new() };
    let mut groups: BTreeMap<&str, Group<'a>> = BTreeMap::new();
    for server in planned.iter().map(|&index| &estate.servers[index]) {
        if let Some(group) = known(server, "affinity") {
            groups.entry(group).or_insert_with(nobody).servers.push(server);
        }
    }
    for Stay { server, reason } in stay {
        let place = estate.servers.binary_search_by(|other| other.name.cmp(server));
        let Some(server) = place.ok().map(|place| &estate.servers[place]) else { continue };
        if let Some(group) = known(server, "affinity").and_then(|group| groups.get_mut(group)) {
            group.elsewhere.push((server, reason));
        }
    }
    groups.into_values().collect()
}

fn conflict(group: &Group<'_>) -> Option<Conflict> {
    let (id, statements) = CHECKS.iter().find_map(|(id, check)| Some((*id, check(group)?)))?;
    let servers = group.servers.iter().map(|server| server.name.clone()).collect();
    Some(Conflict { id: id.to_owned(), statements, servers })
}

/// The server that takes over from a candidate at another site, if it is among the candidates (ascending by
/// name). It waits when its role in the pair says so. `server` gives a server by its place in the estate.
#[must_use]
pub fn partner<'a>(
    server: impl Fn(usize) -> Option<&'a Server>,
    candidates: &[Candidate],
    candidate: &Candidate,
) -> Option<Partner> {
    let name = named_partner(server(candidate.index)?)?;
    let place = candidates.binary_search_by(|other| other.server.as_str().cmp(name)).ok()?;
    let role = server(candidates[place].index)?.text("cluster_role").unwrap_or_default();
    let waits = ["standby", "dr", "passive"].iter().any(|waits| role.eq_ignore_ascii_case(waits));
    Some(Partner { candidate: place, waits })
}

/// The name of the server that takes over from a server, as it is stated.
#[must_use]
pub fn named_partner(server: &Server) -> Option<&str> {
    known(server, "dr_pair")
}

/// A text among the facts that says something; `none` says that there is nothing.
pub(crate) fn known<'a>(server: &'a Server, fact: &str) -> Option<&'a str> {
    server.text(fact).filter(|text| !text.eq_ignore_ascii_case("none"))
}

/// What a server's fact says, and who says so.
fn stated(server: &Server, fact: &str) -> Statement {
    let known = server.fact(fact);
    Statement {
        constraint: fact.to_owned(),
        value: server.text(fact).unwrap_or_default().to_owned(),
        server: server.name.clone(),
        source: known.map(|fact| fact.source.clone()).unwrap_or_default(),
        confirmed_by: known.and_then(|fact| fact.confirmed_by.clone()),
    }
}

fn same_cluster(group: &Group<'_>) -> Option<Vec<Statement>> {
    let mut nodes: BTreeMap<&str, Vec<&Server>> = BTreeMap::new();
    for server in &group.servers {
        if let Some(cluster) = known(server, "cluster") {
            nodes.entry(cluster).or_default().push(server);
        }
    }
    let nodes = nodes.into_values().find(|nodes| nodes.len() > 1)?;
    Some(nodes.iter().flat_map(|node| [stated(node, "affinity"), stated(node, "cluster")]).collect())
}

/// Nodes of several clusters on one host would be one server that keeps apart from two groups.
fn several_clusters(group: &Group<'_>) -> Option<Vec<Statement>> {
    let nodes: Vec<_> = group.servers.iter().filter(|server| known(server, "cluster").is_some()).collect();
    let both = |node: &&&Server| [stated(node, "affinity"), stated(node, "cluster")];
    (nodes.len() > 1).then(|| nodes.iter().flat_map(both).collect())
}

/// One takes over from the other when its host is lost: they are never on the same one.
fn paired(group: &Group<'_>) -> Option<Vec<Statement>> {
    group.servers.iter().find_map(|server| {
        let name = named_partner(server).filter(|name| *name != server.name)?;
        let partner = group.servers.iter().find(|other| other.name == name)?;
        Some(vec![stated(server, "affinity"), stated(partner, "affinity"), stated(server, "dr_pair")])
    })
}

fn several_partitions(group: &Group<'_>) -> Option<Vec<Statement>> {
    let first = group.servers.first()?;
    let other = group.servers.iter().find(|server| sizing::partition(server) != sizing::partition(first))?;
    let differs = |fact: &&str| first.text(fact) != other.text(fact);
    let facts = ["pinned_site", "site", "zone", "licence_pool"];
    let facts: Vec<&str> = std::iter::once("affinity").chain(facts.into_iter().filter(differs)).collect();
    let both = |fact: &str| [stated(first, fact), stated(other, fact)];
    Some(facts.into_iter().flat_map(both).collect())
}

fn kept(group: &Group<'_>) -> Option<Vec<Statement>> {
    let kept = group.servers.iter().find(|server| known(server, "keep_physical").is_some())?;
    (group.servers.len() > 1).then(|| vec![stated(kept, "affinity"), stated(kept, "keep_physical")])
}

fn stays(group: &Group<'_>) -> Option<Vec<Statement>> {
    let (server, reason) = group.elsewhere.first()?;
    let stays = Statement {
        constraint: "readiness".to_owned(),
        value: (*reason).to_owned(),
        server: server.name.clone(),
        source: "assessment".to_owned(),
        confirmed_by: None,
    };
    let planned = group.servers.iter().map(|server| stated(server, "affinity"));
    Some(planned.chain([stated(server, "affinity"), stays]).collect())
}

fn too_many(group: &Group<'_>) -> Option<Vec<Statement>> {
    let policy = group.policy;
    let most = policy.templates().iter().map(|template| template.vms_max).max()?;
    (most > 0 && group.servers.len() > most).then(|| {
        let limit = Statement {
            constraint: "template.vms_max".to_owned(),
            value: most.to_string(),
            server: String::new(),
            source: format!("policy {}", policy.name),
            confirmed_by: None,
        };
        group.servers.iter().map(|server| stated(server, "affinity")).chain([limit]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;
    use cairn_schemas::fact::FactValue;

    /// Servers `a`, `b`, `c` with facts, all of one affinity group but `c`.
    fn check(facts: &[(usize, &str, &str)], planned: &[usize], expected: &str) -> Settled {
        let mut servers: Vec<Server> =
            ["a", "b", "c"].map(|name| server(name, 1, |_, _| Did::Busy(0.1))).to_vec();
        let tied = [(0, "affinity", "erp"), (1, "affinity", "erp")];
        for &(index, name, value) in tied.iter().chain(facts) {
            let mut fact = servers[index].facts["cpu_cores"][0].clone();
            fact.value = FactValue::Text(value.into());
            fact.confirmed_by = Some("Ada".into());
            servers[index].facts.insert(name.into(), vec![fact]);
        }
        let settled = settle(&estate(1, servers), &policy(), &[0, 1, 2], Vec::new());
        assert_eq!(settled.planned, planned, "{facts:?}");
        let ids: Vec<&str> = settled.conflicts.iter().map(|conflict| conflict.id.as_str()).collect();
        assert_eq!(ids.join(" "), expected, "{facts:?}");
        settled
    }

    #[test]
    fn conflicts_take_their_servers_out_and_leave_the_rest() {
        check(&[], &[0, 1, 2], "");
        check(&[(0, "cluster", "none"), (1, "cluster", "none")], &[0, 1, 2], "");
        check(&[(0, "cluster", "sql"), (1, "cluster", "sql")], &[2], "affinity-cluster");
        check(&[(0, "cluster", "sql"), (1, "cluster", "web")], &[2], "affinity-clusters");
        check(&[(0, "zone", "dmz")], &[2], "affinity-partition");
        check(&[(0, "dr_pair", "b")], &[2], "affinity-pair");
        check(&[(0, "dr_pair", "c")], &[0, 1, 2], "");
        check(&[(0, "site", "north"), (1, "pinned_site", "north")], &[0, 1, 2], "");
        check(&[(0, "keep_physical", "licence dispute")], &[2], "affinity-kept");
        check(&[(2, "keep_physical", "licence dispute")], &[0, 1], "");
    }

    #[test]
    fn a_conflict_says_who_stated_what() {
        let settled = check(&[(0, "cluster", "sql"), (1, "cluster", "sql")], &[2], "affinity-cluster");
        let said: Vec<_> = settled.conflicts[0]
            .statements
            .iter()
            .map(|s| (s.server.as_str(), s.constraint.as_str(), s.value.as_str(), s.source.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("a", "affinity", "erp", "test"),
                ("a", "cluster", "sql", "test"),
                ("b", "affinity", "erp", "test"),
                ("b", "cluster", "sql", "test"),
            ]
        );
        assert_eq!(settled.conflicts[0].statements[0].confirmed_by.as_deref(), Some("Ada"));
        let stay: Vec<_> = settled.stay.iter().map(|s| (s.server.as_str(), s.reason.as_str())).collect();
        assert_eq!(stay, [("a", "conflict"), ("b", "conflict")]);
    }

    #[test]
    fn a_group_of_more_machines_than_a_host_may_have_is_a_conflict() {
        let mut small = policy();
        small.template.vms_max = 1;
        let mut servers = ["a", "b"].map(|name| server(name, 1, |_, _| Did::Busy(0.1)));
        for server in &mut servers {
            let mut fact = server.facts["cpu_cores"][0].clone();
            fact.value = FactValue::Text("erp".into());
            server.facts.insert("affinity".into(), vec![fact]);
        }
        let settled = settle(&estate(1, servers.to_vec()), &small, &[0, 1], Vec::new());
        assert_eq!((settled.conflicts[0].id.as_str(), settled.planned.len()), ("affinity-count", 0));
        assert_eq!(settled.conflicts[0].statements[2].constraint, "template.vms_max");
    }

    #[test]
    fn nobody_shares_a_host_with_a_server_that_stays() {
        let mut servers = ["a", "b", "c"].map(|name| server(name, 1, |_, _| Did::Busy(0.1)));
        for server in &mut servers[..2] {
            let mut fact = server.facts["cpu_cores"][0].clone();
            fact.value = FactValue::Text("erp".into());
            server.facts.insert("affinity".into(), vec![fact]);
        }
        let blocked = vec![Stay { server: "b".into(), reason: "blocked".into() }];
        let settled = settle(&estate(1, servers.to_vec()), &policy(), &[0, 2], blocked);
        assert_eq!(
            (settled.planned.as_slice(), settled.conflicts[0].id.as_str()),
            ([2].as_slice(), "affinity-stays")
        );
        let said: Vec<_> =
            settled.conflicts[0].statements.iter().map(|s| (s.server.as_str(), s.value.as_str())).collect();
        assert_eq!(said, [("a", "erp"), ("b", "erp"), ("b", "blocked")]);
        let stay: Vec<_> = settled.stay.iter().map(|s| (s.server.as_str(), s.reason.as_str())).collect();
        assert_eq!(stay, [("b", "blocked"), ("a", "conflict")]);
    }
}

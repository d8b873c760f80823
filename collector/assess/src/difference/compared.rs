//! What two assessments tell without their inputs: who came and went and whose score changed is exact; hosts and value
//! cannot be computed again, so that what is left of their change is one part, the remainder.
// SPDX-License-Identifier: Apache-2.0

use super::State;
use super::fate::Fates;
use super::figures::steps;
use crate::ratio::Counts;
use cairn_schemas::assessment::{Assessment, Category, CategoryCounts, ServerReadiness};
use cairn_schemas::change::Cause;
use std::collections::{BTreeMap, BTreeSet};

/// Servers in the count, as they stood.
type Counted<'a> = BTreeMap<&'a str, &'a ServerReadiness>;

/// Figures after each cause; the last are those of the later assessment.
pub(super) fn states(before: &Assessment, after: &Assessment, fates: &Fates<'_>) -> Vec<State> {
    let mut servers = counted(before);
    let there = counted(after);
    let mut stay = staying(before);
    let mut states = Vec::new();
    let bare = bare(before);
    let mut state = |cause, servers: &Counted<'_>, stay: &BTreeSet<&str>| {
        states.push((cause, steps(&tallied(&bare, servers, stay))));
    };
    for cause in [Cause::Gone, Cause::BecameVirtual, Cause::Retired] {
        for name in fates.names(cause) {
            servers.remove(name);
            stay.remove(name);
        }
        state(cause, &servers, &stay);
    }
    let later_stay = staying(after);
    for cause in [Cause::Returned, Cause::New] {
        let names = fates.names(cause);
        servers.extend(names.iter().filter_map(|name| Some((*name, *there.get(name)?))));
        stay.extend(names.iter().copied().filter(|name| later_stay.contains(name)));
        state(cause, &servers, &stay);
    }
    // With other rules, policy or method nobody can say what the load alone would have done.
    if same_settings(before, after) {
        for cause in [Cause::Knowledge, Cause::DataQuality, Cause::Grown, Cause::Shrunk] {
            let changed = servers.iter().filter_map(|(name, was)| Some((*name, *was, *there.get(name)?)));
            let changed: Vec<_> = changed.filter(|(_, was, is)| likely(fates, was, is) == cause).collect();
            servers.extend(changed.into_iter().map(|(name, _, is)| (name, is)));
            state(cause, &servers, &stay);
        }
    }
    states.push((sole(before, after), steps(after)));
    states
}

/// The only cause there can be left, if there is only one.
fn sole(before: &Assessment, after: &Assessment) -> Cause {
    let method = before.method_version != after.method_version || before.tool_version != after.tool_version;
    let rules = before.rules_sha256 != after.rules_sha256;
    let policy = before.policy != after.policy;
    let time = before.created != after.created;
    match (before.inputs_sha256 == after.inputs_sha256 && !time, method, rules, policy) {
        (true, true, false, false) => Cause::Method,
        (true, false, true, false) => Cause::Rules,
        (true, false, false, true) => Cause::Policy,
        _ => Cause::Remainder,
    }
}

fn same_settings(before: &Assessment, after: &Assessment) -> bool {
    (&before.policy, &before.rules_sha256, &before.method_version)
        == (&after.policy, &after.rules_sha256, &after.method_version)
}

/// Why a server is judged otherwise under the same rules.
fn likely(fates: &Fates<'_>, was: &ServerReadiness, is: &ServerReadiness) -> Cause {
    let loads = [Cause::Grown, Cause::Shrunk];
    let load = loads.into_iter().find(|cause| fates.names(*cause).contains(was.server.as_str()));
    match load {
        _ if was.coverage != is.coverage && was.confidence != is.confidence => Cause::DataQuality,
        Some(cause) => cause,
        None if was.coverage == is.coverage => Cause::Knowledge,
        None => Cause::DataQuality,
    }
}

fn counted(of: &Assessment) -> Counted<'_> {
    of.readiness.servers.iter().map(|server| (server.server.as_str(), server)).collect()
}

fn staying(of: &Assessment) -> BTreeSet<&str> {
    let stay = of.consolidation.iter().flat_map(|plan| &plan.stay);
    stay.map(|stay| stay.server.as_str()).collect()
}

/// An assessment without what is large and not looked at here.
pub(super) fn bare(of: &Assessment) -> Assessment {
    let mut bare = of.clone();
    bare.readiness.servers.clear();
    bare.figures.clear();
    bare.dispositions.clear();
    bare
}

/// An assessment with other servers in the count, and its hosts as they were.
fn tallied(bare: &Assessment, servers: &Counted<'_>, stay: &BTreeSet<&str>) -> Assessment {
    let mut tallied = bare.clone();
    let count = |category| servers.values().filter(|server| server.category == category).count();
    tallied.estate.assessed = servers.len();
    tallied.readiness.counts = CategoryCounts {
        ready: count(Category::Ready),
        conditional: count(Category::Conditional),
        blocked: count(Category::Blocked),
        unknown: count(Category::Unknown),
    };
    let sum: f64 = servers.values().filter_map(|server| server.score).sum();
    tallied.readiness.score = (!servers.is_empty()).then(|| sum / servers.len() as f64);
    if let Some(plan) = &mut tallied.consolidation {
        let counts = Counts {
            assessed: servers.len(),
            placed: servers.len() - stay.len(),
            hosts: plan.hosts,
            failover_hosts: plan.failover_hosts,
            lower_bound_hosts: plan.lower_bound_hosts,
        };
        (plan.population.placed, plan.population.stay) = (counts.placed, counts.stay());
        plan.servers_removed = counts.servers_removed();
        plan.net_consolidation_ratio = counts.net_consolidation();
        plan.source_to_destination_ratio = counts.source_to_destination();
    }
    tallied
}

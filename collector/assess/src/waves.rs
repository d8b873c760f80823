//! Waves: what moves together is never parted; the easiest servers that IT owns go first.
// SPDX-License-Identifier: Apache-2.0

use crate::consolidation::{plan_of, trial_hosts};
use crate::estate::Estate;
use crate::policy::Policy;
use cairn_schemas::assessment::{
    Consolidation, Disposition, MoveGroup, Range, ServerReadiness, Wave, WaveHours, WaveMethod,
};
use cairn_schemas::finding::{Finding, Severity};
use std::cmp::Ordering;

mod ease;
mod group;

use ease::Reason;

#[cfg(test)]
#[path = "waves/waves_tests.rs"]
mod tests;

/// Servers up to which the hosts of each wave with all before it are counted: every count is a packing.
const CUMULATIVE_SERVERS_MAX: usize = 1_000;

/// What waves are made of.
#[derive(Clone, Copy, Debug)]
pub struct Moving<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// The policy.
    pub policy: &'a Policy,
    /// The placed servers, each with its place in the estate. Whoever stays, by a veto say, is in no wave.
    pub placed: &'a [(usize, &'a ServerReadiness)],
    /// The plan they are placed by.
    pub plan: Option<&'a Consolidation>,
    /// What becomes of every server, ascending by name.
    pub dispositions: &'a [Disposition],
}

/// A group with what orders it.
struct Group {
    /// The last reason of its members: none moves before all can.
    reason: Reason,
    /// Members by their place among the placed servers.
    members: Vec<usize>,
    group: MoveGroup,
}

/// Waves of the placed servers: by reason, then by ease, then by name; each group in the first wave of its reason
/// that has room for all of it.
#[must_use]
pub fn waves(moving: &Moving<'_>) -> Vec<Wave> {
    let mut groups = group::groups(moving);
    groups.sort_by(order);
    let most = moving.policy.waves.servers_max;
    let mut filled: Vec<(Reason, Vec<Group>)> = Vec::new();
    for group in groups {
        let room = |(reason, groups): &&mut (Reason, Vec<Group>)| {
            *reason == group.reason && servers(groups) + group.members.len() <= most
        };
        match filled.iter_mut().find(room) {
            Some((_, groups)) => groups.push(group),
            None => filled.push((group.reason, vec![group])),
        }
    }
    let mut before = Vec::new();
    let last = filled.len();
    let numbered = filled.into_iter().zip(1..);
    numbered
        .map(|((reason, groups), number)| {
            let own: Vec<usize> = groups.iter().flat_map(|group| &group.members).copied().collect();
            before.extend(&own);
            let wave = wave(moving, reason, groups, &own);
            let together = together(moving, &before, number == last);
            Wave {
                number: number as u32,
                cumulative_servers: before.len(),
                cumulative_hosts: together,
                cumulative_net_consolidation_ratio: together.and_then(|hosts| ratio(before.len(), hosts)),
                ..wave
            }
        })
        .collect()
}

/// How they were made; `None` while nothing moves.
#[must_use]
pub fn method(policy: &Policy, waves: &[Wave]) -> Option<WaveMethod> {
    let most = policy.waves.servers_max;
    let mut findings = vec![Finding::new("waves", "peers-not-collected", Severity::Info)];
    let large = waves.iter().filter(|wave| wave.servers.len() > most);
    findings.extend(large.map(|wave| {
        let finding = Finding::new("waves", "above-maximum", Severity::Attention);
        finding
            .arg("wave", f64::from(wave.number))
            .arg("servers", wave.servers.len() as f64)
            .arg("most", most as f64)
            .remedy()
    }));
    (!waves.is_empty()).then(|| WaveMethod {
        ties: policy.waves.ties.clone(),
        servers_max: most,
        weights: policy.waves.published(policy),
        findings,
    })
}

fn order(a: &Group, b: &Group) -> Ordering {
    let name = |group: &Group| group.group.members.first().map(|member| member.server.clone());
    let easier = b.group.ease.total_cmp(&a.group.ease);
    a.reason.cmp(&b.reason).then(easier).then_with(|| name(a).cmp(&name(b)))
}

fn servers(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.members.len()).sum()
}

fn ratio(servers: usize, hosts: usize) -> Option<f64> {
    (hosts > 0).then(|| servers as f64 / hosts as f64)
}

fn wave(moving: &Moving<'_>, reason: Reason, groups: Vec<Group>, own: &[usize]) -> Wave {
    let plan = plan_of(moving.estate, moving.policy, &indices(moving, own));
    let hosts = plan.hosts() + plan.failover_hosts();
    let servers: Vec<String> = own.iter().map(|&place| moving.placed[place].1.server.clone()).collect();
    Wave {
        number: 0,
        reason: reason.name().to_owned(),
        hosts,
        net_consolidation_ratio: ratio(own.len(), hosts),
        cumulative_servers: 0,
        cumulative_hosts: None,
        cumulative_net_consolidation_ratio: None,
        groups: groups.into_iter().map(|group| group.group).collect(),
        hours: Some(hours(moving, &servers)),
        servers,
    }
}

/// Places in the estate, ascending.
fn indices(moving: &Moving<'_>, places: &[usize]) -> Vec<usize> {
    let mut indices: Vec<usize> = places.iter().map(|&place| moving.placed[place].0).collect();
    indices.sort_unstable();
    indices
}

/// Hosts of all waves so far, failover hosts included. The plan's own carry any part of its servers.
fn together(moving: &Moving<'_>, places: &[usize], all: bool) -> Option<usize> {
    let plan = moving.plan.map(|plan| plan.hosts + plan.failover_hosts);
    if all && plan.is_some() {
        return plan;
    }
    (moving.placed.len() <= CUMULATIVE_SERVERS_MAX).then(|| {
        let hosts = trial_hosts(moving.estate, moving.policy, &indices(moving, places));
        plan.map_or(hosts, |plan| hosts.min(plan))
    })
}

fn hours(moving: &Moving<'_>, servers: &[String]) -> WaveHours {
    let disposition = |server: &String| {
        let place = moving.dispositions.binary_search_by(|other| other.server.cmp(server)).ok()?;
        moving.dispositions[place].copy_hours
    };
    let known: Vec<Range> = servers.iter().filter_map(disposition).collect();
    let sum = |pick: fn(&Range) -> f64| known.iter().map(pick).sum::<f64>();
    let copy = Range { low: sum(|r| r.low), base: sum(|r| r.base), high: sum(|r| r.high) };
    let constants = moving.policy.value.resolved();
    let each = constants.get("migration_hours").map(|constant| constant.value).unwrap_or_default();
    let count = servers.len() as f64;
    WaveHours {
        copy: (!known.is_empty()).then_some(copy),
        copy_unknown: servers.len() - known.len(),
        work: Range { low: each.low * count, base: each.base * count, high: each.high * count },
    }
}

//! The pipeline: one estate, one policy, one moment; one assessment.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Estate, Server};
use crate::journey::Evidence;
use crate::policy::Policy;
use crate::readiness::{self, Subject};
use crate::value::Spared;
use crate::{
    checklist, consolidation, coverage, exclusion, figure, journey, profile, recommend, sizing, value, waves,
};
use cairn_schemas::assessment::{
    Assessment, Category, CategoryCounts, Consolidation, EstateSummary, Excluded, Measured, Readiness,
    SCHEMA, ServerCapacity, ServerReadiness, Stay,
};
use cairn_schemas::digest::HashWriter;
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Version of the method: raised whenever the same input would give other figures.
pub const METHOD_VERSION: &str = "2";

/// Assesses an estate. Same input, same result; the servers' order does not matter.
#[must_use]
pub fn assess(estate: &Estate, policy: &Policy, now: Timestamp) -> Assessment {
    let estate = &*ordered(estate);
    let reference = policy.reference();
    let mut excluded = exclusion::excluded(estate);
    let (outside, judged) = judged(estate, policy, now, &excluded);
    for (excluded, (_, server)) in excluded.iter_mut().zip(outside) {
        excluded.measured = Some(measured(server));
    }

    let policy = &*recommend::settled(estate, policy, &planned_of(&judged));
    let plan = consolidate(estate, policy, &judged);
    let placed = placed(plan.as_ref(), &judged);
    let waves = waves::waves(estate, policy, &placed);
    let value = value::value(
        plan.as_ref(),
        &spared(estate, &placed),
        host_mean_ratio(plan.as_ref(), &placed),
        policy,
    );
    let servers: Vec<(usize, &ServerReadiness)> =
        judged.iter().map(|(index, server)| (*index, server)).collect();
    let evidence = Evidence {
        estate,
        policy,
        servers: &servers,
        excluded: &excluded,
        virtualised_share_ratio: exclusion::virtualised_share(estate, &excluded),
        waves: &waves,
        value: &value,
        plan: plan.as_ref(),
        now,
    };
    let (journey, checklist) = (journey::journey(&evidence), checklist::checklist(&evidence));

    let mut assessment = Assessment {
        schema: SCHEMA.to_owned(),
        id: 0,
        engagement: estate.engagement.clone(),
        created: now,
        window: estate.window,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        method_version: METHOD_VERSION.to_owned(),
        rules_sha256: readiness::rules_sha256(),
        policy: reference,
        inputs_sha256: inputs_sha256(estate),
        estate: EstateSummary {
            servers: estate.servers.len(),
            assessed: judged.len(),
            simulated: estate.servers.iter().filter(|server| server.simulated).count(),
            excluded,
        },
        coverage: coverage::of_estate(
            &judged.iter().map(|(_, s)| &s.coverage).collect::<Vec<_>>(),
            &policy.coverage,
        ),
        readiness: Readiness { score: None, counts: CategoryCounts::default(), servers: Vec::new() },
        consolidation: plan,
        value,
        waves,
        journey,
        checklist,
        figures: BTreeMap::new(),
        findings: Vec::new(),
    };
    assessment.readiness = readiness(judged.into_iter().map(|(_, server)| server).collect());
    assessment.findings = findings(&assessment, policy);
    assessment.figures = figure::figures(&assessment, policy);
    assessment
}

/// What a server has at a moment, CPU on the normalised scale.
#[must_use]
pub fn capacity_of(server: &Server, moment: Timestamp, policy: &Policy) -> ServerCapacity {
    let cpu = crate::normalize::cpu_at(server, moment, &policy.normalisation);
    ServerCapacity {
        cpu_mhz: cpu.map(|(mhz, _)| mhz),
        cpu_grade: cpu.map(|(_, grade)| grade).unwrap_or_default(),
        memory_bytes: server.number("memory_bytes"),
        disk_bytes_per_s: server.number("disk_bytes_per_s"),
        network_bytes_per_s: server.number("network_bytes_per_s"),
    }
}

/// The estate by server name; copied only when it is not in that order already, for it may be large.
fn ordered(estate: &Estate) -> Cow<'_, Estate> {
    if estate.servers.is_sorted_by(|a, b| a.name <= b.name) {
        return Cow::Borrowed(estate);
    }
    let mut estate = estate.clone();
    estate.servers.sort_by(|a, b| a.name.cmp(&b.name));
    Cow::Owned(estate)
}

/// Hashes the canonical estate as JSON, without ever holding the text.
fn inputs_sha256(estate: &Estate) -> String {
    let mut writer = HashWriter::default();
    // Writing into a hash cannot fail, and an estate is plain data.
    let _ = serde_json::to_writer(&mut writer, estate);
    writer.finish_hex()
}

fn judge(estate: &Estate, index: usize, policy: &Policy, now: Timestamp) -> ServerReadiness {
    let server = &estate.servers[index];
    let coverage = coverage::of_server(server, estate.window, &policy.coverage);
    let utilisation = profile::utilisation(server);
    let capacity = capacity_of(server, estate.window.to, policy);
    let enough = coverage.ratio.unwrap_or(0.0) >= policy.coverage.minimum_ratio;
    let growth = policy.sizing.growth_ratio;
    let candidate = sizing::candidate(server, index, &server.weeks, estate.window, policy, growth);
    let size = candidate.as_ref().and_then(|candidate| sizing::size(server, candidate, enough, policy));
    let subject = Subject {
        server,
        policy,
        now,
        capacity: &capacity,
        utilisation: &utilisation,
        size: size.as_ref(),
        coverage: &coverage,
        host: policy.template.capacity(&policy.normalisation),
    };
    let verdict = readiness::judge(&subject, candidate.is_some());
    let text = |name| server.text(name).map(str::to_owned);
    ServerReadiness {
        server: server.name.clone(),
        simulated: server.simulated,
        score: verdict.score,
        parts: verdict.parts,
        category: verdict.category,
        confidence: coverage.confidence,
        coverage_ratio: coverage.ratio,
        findings: verdict.findings,
        size,
        owner: text("owner"),
        role: text("role"),
        os: text("os"),
        coverage,
        capacity,
        utilisation,
    }
}

/// What is kept of a server that is outside the count: what it is, not what is thought of it.
fn measured(server: ServerReadiness) -> Measured {
    Measured {
        simulated: server.simulated,
        coverage_ratio: server.coverage_ratio,
        coverage: server.coverage,
        capacity: server.capacity,
        utilisation: server.utilisation,
        size: server.size,
    }
}

/// The servers a plan of this estate holds, by their place in it, and how many are assessed in all. The estate's
/// servers are ascending by name.
#[must_use]
pub fn planned(estate: &Estate, policy: &Policy, now: Timestamp) -> (Vec<usize>, usize) {
    let (_, judged) = judged(estate, policy, now, &exclusion::excluded(estate));
    (planned_of(&judged), judged.len())
}

/// Every server judged, with its place in the estate.
type Judged = Vec<(usize, ServerReadiness)>;

/// The servers outside the count, and those that are assessed.
fn judged(estate: &Estate, policy: &Policy, now: Timestamp, excluded: &[Excluded]) -> (Judged, Judged) {
    let out: BTreeSet<&str> = excluded.iter().map(|e| e.server.as_str()).collect();
    let all = (0..estate.servers.len()).map(|index| (index, judge(estate, index, policy, now)));
    all.partition(|(_, server)| out.contains(server.server.as_str()))
}

/// Servers the plan holds, by their place in the estate.
fn planned_of(judged: &[(usize, ServerReadiness)]) -> Vec<usize> {
    judged.iter().filter(|(_, server)| is_planned(server)).map(|(index, _)| *index).collect()
}

const fn is_planned(server: &ServerReadiness) -> bool {
    matches!(server.category, Category::Ready | Category::Conditional)
}

fn consolidate(
    estate: &Estate,
    policy: &Policy,
    judged: &[(usize, ServerReadiness)],
) -> Option<Consolidation> {
    let left = judged.iter().filter(|(_, server)| !is_planned(server));
    let stay = |(_, server): &(usize, ServerReadiness)| Stay {
        server: server.server.clone(),
        reason: if server.category == Category::Blocked { "blocked" } else { "unknown" }.to_owned(),
    };
    consolidation::consolidate(estate, policy, &planned_of(judged), judged.len(), left.map(stay).collect())
}

fn placed<'a>(
    plan: Option<&Consolidation>,
    judged: &'a [(usize, ServerReadiness)],
) -> Vec<(usize, &'a ServerReadiness)> {
    let placement = plan.map(|plan| plan.placement.as_slice()).unwrap_or_default();
    let names: BTreeSet<&str> = placement.iter().flat_map(|host| &host.servers).map(String::as_str).collect();
    judged.iter().filter(|(_, s)| names.contains(s.server.as_str())).map(|(i, s)| (*i, s)).collect()
}

fn spared(estate: &Estate, placed: &[(usize, &ServerReadiness)]) -> Vec<Spared> {
    let spared = |(index, server): &(usize, &ServerReadiness)| Spared {
        cpu_mean_ratio: server.utilisation.cpu_busy_ratio.map(|p| p.mean),
        maintenance: estate.servers[*index].number("annual_maintenance_cost"),
    };
    placed.iter().map(spared).collect()
}

/// Mean CPU of the hosts: what the placed servers use on average over what all hosts have.
fn host_mean_ratio(plan: Option<&Consolidation>, placed: &[(usize, &ServerReadiness)]) -> f64 {
    let mean =
        |server: &ServerReadiness| Some(server.utilisation.cpu_busy_ratio?.mean * server.capacity.cpu_mhz?);
    let used: f64 = placed.iter().filter_map(|(_, server)| mean(server)).sum();
    let has: f64 = plan.map_or(0.0, |plan| plan.placement.iter().map(|host| host.capacity.cpu_mhz).sum());
    if has > 0.0 { used / has } else { 0.0 }
}

fn readiness(mut servers: Vec<ServerReadiness>) -> Readiness {
    let mut counts = CategoryCounts::default();
    for server in &servers {
        *match server.category {
            Category::Ready => &mut counts.ready,
            Category::Conditional => &mut counts.conditional,
            Category::Blocked => &mut counts.blocked,
            Category::Unknown => &mut counts.unknown,
        } += 1;
    }
    let sum: f64 = servers.iter().filter_map(|server| server.score).sum();
    let score = (!servers.is_empty()).then(|| sum / servers.len() as f64);
    let rank = |server: &ServerReadiness| server.score.unwrap_or(-1.0);
    servers.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| a.server.cmp(&b.server)));
    Readiness { score, counts, servers }
}

/// What must be said of the whole.
fn findings(assessment: &Assessment, policy: &Policy) -> Vec<Finding> {
    let mut findings = readiness::rules_unknown(policy);
    if assessment.estate.simulated > 0 {
        let simulated = Finding::new("estate", "simulated", Severity::Attention);
        findings.push(
            simulated
                .arg("servers", assessment.estate.simulated as f64)
                .arg("of", assessment.estate.servers as f64),
        );
    }
    if assessment.estate.assessed == 0 {
        findings.push(Finding::new("estate", "empty", Severity::Attention).remedy());
    }
    let coverage = &assessment.coverage;
    if coverage.days_still_to_measure > 0 {
        let more = Finding::new("coverage", "measure-on", Severity::Attention);
        findings.push(more.arg("days", f64::from(coverage.days_still_to_measure)).unit("days"));
    }
    findings
}

#[cfg(test)]
#[path = "assess_tests.rs"]
mod tests;

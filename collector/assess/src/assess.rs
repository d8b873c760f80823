//! The pipeline: one estate, one policy, one moment; one assessment.
// SPDX-License-Identifier: Apache-2.0

use crate::constraint::{self, Settled};
use crate::disposition::Judged as Moved;
use crate::estate::{Estate, Server};
use crate::journey::Evidence;
use crate::policy::Policy;
use crate::readiness::{self, Subject};
use crate::value::Spared;
use crate::{
    checklist, consolidation, coverage, decisions, disposition, exclusion, figure, journey, normalize,
    profile, realised, recommend, service_catalogue, sizing, storage, value, waves,
};
use cairn_schemas::assessment::{
    Assessment, Category, CategoryCounts, Consolidation, Coverage, Disposition, EstateSummary, Excluded,
    Measured, Readiness, SCHEMA, ServerCapacity, ServerReadiness, Stay, Value, Wave,
};
use cairn_schemas::digest::HashWriter;
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::HostsCost;
use cairn_schemas::time::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Version of the method: raised whenever the same input would give other figures.
pub const METHOD_VERSION: &str = "6";

/// Assesses an estate. Same input, same result; the servers' order does not matter.
#[must_use]
pub fn assess(estate: &Estate, policy: &Policy, now: Timestamp) -> Assessment {
    let estate = &*canonical(estate);
    let reference = policy.reference();
    let mut excluded = exclusion::excluded(estate, now);
    let (outside, judged) = judged(estate, policy, now, &excluded);
    for (excluded, (_, server)) in excluded.iter_mut().zip(outside) {
        excluded.measured = Some(measured(server));
    }

    let settled = settled(estate, policy, &judged);
    let (planned, unplanned) = (settled.planned.clone(), settled.stay.clone());
    let policy = &*recommend::settled(estate, policy, &planned);
    let plan = consolidation::consolidate(estate, policy, settled, judged.len());
    let placed = placed(plan.as_ref(), &judged);
    let value = valued(estate, policy, now, plan.as_ref(), &placed);
    let servers: Vec<(usize, &ServerReadiness)> =
        judged.iter().map(|(index, server)| (*index, server)).collect();
    let stay = plan.as_ref().map_or(unplanned.as_slice(), |plan| plan.stay.as_slice());
    let moved = Moved { estate, policy, servers: &servers, excluded: &excluded, stay, now };
    let (dispositions, waves) = moves(&moved, plan.as_ref(), &placed);
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

    let decisions = decisions::weighed(estate, &judged, now);
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
        estate: population(estate, judged.len(), excluded),
        coverage: estate_coverage(&judged, policy),
        readiness: Readiness { score: None, counts: CategoryCounts::default(), servers: Vec::new() },
        decisions,
        differences: estate.servers.iter().flat_map(|server| server.differences.clone()).collect(),
        sizing: Some(sizing::summary(estate, policy, &judged, &planned, plan.as_ref())),
        storage: storage::storage(estate, policy, &planned),
        consolidation: plan,
        value,
        service_catalogue: None,
        showback: None,
        wave_method: waves::method(policy, &waves),
        waves,
        dispositions,
        journey,
        checklist,
        realised: realised::realised(estate, policy, now),
        figures: BTreeMap::new(),
        findings: Vec::new(),
        review: None,
    };
    assessment.readiness = readiness(judged.into_iter().map(|(_, server)| server).collect());
    concluded(assessment, estate, policy)
}

/// With what follows from all the rest.
fn concluded(mut assessment: Assessment, estate: &Estate, policy: &Policy) -> Assessment {
    (assessment.service_catalogue, assessment.showback) =
        service_catalogue::of(estate, policy, &assessment).unzip();
    assessment.findings = findings(&assessment, policy);
    assessment.figures = figure::figures(&assessment, policy);
    assessment
}

/// Puts into an assessment what the figures of a difference are read from, as [`assess`] gives it of an estate: who
/// counts, how ready they are, the plan and its value. All that is tried, tested and told beside them is left out, which
/// is most of the work.
pub(crate) fn outline(estate: &Estate, policy: &Policy, now: Timestamp, into: &mut Assessment) {
    let estate = &*canonical(estate);
    let excluded = exclusion::excluded(estate, now);
    let (_, judged) = judged(estate, policy, now, &excluded);
    let settled = settled(estate, policy, &judged);
    let policy = &*recommend::settled(estate, policy, &settled.planned);
    into.consolidation = consolidation::outline(estate, policy, settled, judged.len());
    let plan = into.consolidation.as_ref();
    into.value = valued(estate, policy, now, plan, &placed(plan, &judged));
    into.journey.virtualised_share_ratio = exclusion::virtualised_share(estate, &excluded);
    into.estate = population(estate, judged.len(), excluded);
    into.coverage = estate_coverage(&judged, policy);
    into.readiness = readiness(judged.into_iter().map(|(_, server)| server).collect());
}

fn valued(
    estate: &Estate,
    policy: &Policy,
    now: Timestamp,
    plan: Option<&Consolidation>,
    placed: &[(usize, &ServerReadiness)],
) -> Value {
    value::value(plan, &spared(estate, placed, policy, now), host_mean_ratio(plan, placed), policy)
}

/// What becomes of each server, and what moves together.
fn moves(
    moved: &Moved<'_>,
    plan: Option<&Consolidation>,
    placed: &[(usize, &ServerReadiness)],
) -> (Vec<Disposition>, Vec<Wave>) {
    let dispositions = disposition::dispositions(moved);
    let (estate, policy) = (moved.estate, moved.policy);
    let moving = waves::Moving { estate, policy, placed, plan, dispositions: &dispositions };
    let waves = waves::waves(&moving);
    (dispositions, waves)
}

fn population(estate: &Estate, assessed: usize, excluded: Vec<Excluded>) -> EstateSummary {
    let simulated = estate.servers.iter().filter(|server| server.simulated).count();
    EstateSummary { servers: estate.servers.len(), assessed, simulated, excluded }
}

fn estate_coverage(judged: &[(usize, ServerReadiness)], policy: &Policy) -> Coverage {
    let coverages: Vec<&Coverage> = judged.iter().map(|(_, server)| &server.coverage).collect();
    coverage::of_estate(&coverages, &policy.coverage)
}

/// What a server has at a moment, CPU on the normalised scale.
#[must_use]
pub fn capacity_of(server: &Server, moment: Timestamp, policy: &Policy) -> ServerCapacity {
    let cpu = normalize::cpu_at(server, moment, &policy.normalisation);
    ServerCapacity {
        cpu_mhz: cpu.map(|(mhz, _)| mhz),
        cpu_grade: cpu.map(|(_, grade)| grade).unwrap_or_default(),
        cpu_error_ratio: cpu.and_then(|(_, grade)| normalize::error::of(grade)).map(|error| error.p90_ratio),
        memory_bytes: server.number("memory_bytes"),
        disk_bytes_per_s: server.number("disk_bytes_per_s"),
        network_bytes_per_s: server.number("network_bytes_per_s"),
    }
}

/// The estate as it is assessed and hashed: by server name, decisions by number. Copied only when it is not in that
/// order already, for it may be large.
#[must_use]
pub fn canonical(estate: &Estate) -> Cow<'_, Estate> {
    let in_order = |server: &Server| server.decisions.is_sorted_by_key(|decision| decision.id);
    if estate.servers.is_sorted_by(|a, b| a.name <= b.name) && estate.servers.iter().all(in_order) {
        return Cow::Borrowed(estate);
    }
    let mut estate = estate.clone();
    estate.servers.iter_mut().for_each(|server| server.decisions.sort_by_key(|decision| decision.id));
    estate.servers.sort_by(|a, b| a.name.cmp(&b.name));
    Cow::Owned(estate)
}

/// Hashes the canonical estate as JSON, without ever holding the text.
pub(crate) fn inputs_sha256(estate: &Estate) -> String {
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
    let (_, judged) = judged(estate, policy, now, &exclusion::excluded(estate, now));
    (settled(estate, policy, &judged).planned, judged.len())
}

/// Every server judged, with its place in the estate.
type Judged = Vec<(usize, ServerReadiness)>;

/// The servers outside the count, and those that are assessed.
fn judged(estate: &Estate, policy: &Policy, now: Timestamp, excluded: &[Excluded]) -> (Judged, Judged) {
    let out: BTreeSet<&str> = excluded.iter().map(|e| e.server.as_str()).collect();
    let all = (0..estate.servers.len()).map(|index| (index, judge(estate, index, policy, now)));
    all.partition(|(_, server)| out.contains(server.server.as_str()))
}

/// What is left to plan of the servers judged, and who stays.
fn settled(estate: &Estate, policy: &Policy, judged: &[(usize, ServerReadiness)]) -> Settled {
    let (planned, left): (Vec<_>, Vec<_>) = judged.iter().partition(|(_, server)| is_planned(server));
    let stay = |(_, server): &(usize, ServerReadiness)| Stay {
        server: server.server.clone(),
        reason: match server.category {
            Category::Blocked if decisions::only_vetoed(server) => "vetoed",
            Category::Blocked => "blocked",
            _ => "unknown",
        }
        .to_owned(),
    };
    let planned: Vec<usize> = planned.into_iter().map(|(index, _)| *index).collect();
    constraint::settle(estate, policy, &planned, left.into_iter().map(stay).collect())
}

const fn is_planned(server: &ServerReadiness) -> bool {
    matches!(server.category, Category::Ready | Category::Conditional)
}

fn placed<'a>(
    plan: Option<&Consolidation>,
    judged: &'a [(usize, ServerReadiness)],
) -> Vec<(usize, &'a ServerReadiness)> {
    let names = names_placed(plan);
    judged.iter().filter(|(_, s)| names.contains(s.server.as_str())).map(|(i, s)| (*i, s)).collect()
}

fn names_placed(plan: Option<&Consolidation>) -> BTreeSet<&str> {
    let placement = plan.map(|plan| plan.placement.as_slice()).unwrap_or_default();
    placement.iter().flat_map(|host| &host.servers).map(String::as_str).collect()
}

fn spared(
    estate: &Estate,
    placed: &[(usize, &ServerReadiness)],
    policy: &Policy,
    now: Timestamp,
) -> Vec<Spared> {
    let spared = |(index, server): &(usize, &ServerReadiness)| {
        let mean = server.utilisation.cpu_busy_ratio.map(|p| p.mean);
        Spared::of(&estate.servers[*index], mean, &policy.value, now)
    };
    placed.iter().map(spared).collect()
}

/// What the hosts of an assessment's plan cost, as its value counts them; `None` without a plan.
#[must_use]
pub fn hosts_cost(assessment: &Assessment, policy: &Policy) -> Option<HostsCost> {
    let plan = assessment.consolidation.as_ref()?;
    let names = names_placed(Some(plan));
    let servers = assessment.readiness.servers.iter().enumerate();
    let placed: Vec<_> = servers.filter(|(_, server)| names.contains(server.server.as_str())).collect();
    Some(value::hosts_cost(plan, host_mean_ratio(Some(plan), &placed), policy))
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
    let mut findings = readiness::rules_off(policy);
    findings.extend(decisions::overruled(&assessment.decisions));
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
    findings.extend(exclusion::retirements(assessment));
    findings.extend(assessment.sizing.as_ref().map(sizing::findings).into_iter().flatten());
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

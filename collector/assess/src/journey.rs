//! Journey: where the estate stands, argued from evidence, and what opens the next phase (design 7.10). The
//! assessment never reads the journey.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Estate;
use crate::policy::Policy;
use cairn_schemas::assessment::{
    Coverage, Journey, OpenedPhase, ServerReadiness, Trigger, TriggerState, Value, Wave,
};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeSet;

mod business_production;
mod experiment;
mod it_as_a_service;
mod it_production;

/// The phases, in order.
pub static PHASES: &[Phase] =
    &[experiment::PHASE, it_production::PHASE, business_production::PHASE, it_as_a_service::PHASE];

/// A stage of the journey: what opens it, what it gives, who carries it.
#[derive(Debug)]
pub struct Phase {
    /// 0 to 3.
    pub number: u8,
    /// Its id, equal to its file name.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Business triggers a person records.
    pub business_triggers: &'static [&'static str],
    /// What the customer can do afterwards, and the moment it is first seen.
    pub capability: &'static str,
    /// The moment after which there is no way back.
    pub inflection_point: &'static str,
    /// Who carries it; the order of sponsors is the customer's.
    pub sponsor: &'static str,
    /// What its value is measured in.
    pub value_metric: &'static str,
    /// Share of workloads that is virtual when it is typical.
    pub typical_share: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// Its conditions beside the business trigger; `None` where no telemetry can open it yet.
    pub conditions: Option<fn(&Evidence<'_>) -> Vec<Trigger>>,
}

/// What conditions look at.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// The policy.
    pub policy: &'a Policy,
    /// Every assessed server, with its place in the estate.
    pub servers: &'a [(usize, &'a ServerReadiness)],
    /// The waves.
    pub waves: &'a [Wave],
    /// The value.
    pub value: &'a Value,
    /// Whether there is a plan at all.
    pub planned: bool,
}

/// Where the estate stands and what opens next.
#[must_use]
pub fn journey(evidence: &Evidence<'_>, virtualised_share_ratio: Option<f64>, now: Timestamp) -> Journey {
    let next = &PHASES[1];
    let mut triggers = vec![business_trigger(evidence.estate, next)];
    triggers.extend(next.conditions.map(|conditions| conditions(evidence)).unwrap_or_default());
    let holds = |t: &Trigger| matches!(t.state, TriggerState::Met | TriggerState::NotRequired);
    let opens = triggers.iter().all(holds);
    let first_wave = first_wave(evidence);
    let opened = OpenedPhase { phase: next.number, phase_id: next.id.to_owned(), at: now, first_wave };
    let produces = produces_already(evidence.estate, virtualised_share_ratio);
    let stands = if opens || produces { next } else { &PHASES[0] };
    Journey {
        phase: stands.number,
        phase_id: stands.id.to_owned(),
        virtualised_share_ratio,
        evidence: position(evidence, virtualised_share_ratio, produces),
        triggers,
        opened: if opens { vec![opened] } else { Vec::new() },
    }
}

/// Share of virtual workloads from which the technology is no experiment any more (*ours*).
const EXPERIMENT_SHARE_MAX: f64 = 0.05;

/// Whether virtual machines are in use already: a share above an experiment's, and a hypervisor host that was
/// seen. The share alone would prove nothing.
fn produces_already(estate: &Estate, share: Option<f64>) -> bool {
    let hypervisor = estate.servers.iter().any(|server| server.flag("hypervisor_role") == Some(true));
    hypervisor && share.is_some_and(|share| share > EXPERIMENT_SHARE_MAX)
}

/// Servers of the first wave that were measured long enough; the others wait for theirs.
fn first_wave(evidence: &Evidence<'_>) -> Vec<String> {
    let measured: BTreeSet<&str> = evidence
        .servers
        .iter()
        .filter(|(_, server)| measured_long_enough(&server.coverage, evidence.policy))
        .map(|(_, server)| server.server.as_str())
        .collect();
    let wave = evidence.waves.first().into_iter().flat_map(|wave| &wave.servers);
    wave.filter(|server| measured.contains(server.as_str())).cloned().collect()
}

/// What the position rests on. The share alone proves no phase: later ones need capabilities that a person
/// records and telemetry cannot see yet, and so they are never assumed.
fn position(evidence: &Evidence<'_>, share: Option<f64>, produces: bool) -> Vec<Finding> {
    let measured = evidence.servers.iter().filter(|(_, server)| server.coverage.covered_s > 0).count();
    let say = |message| Finding::new("position", message, Severity::Info);
    let mut findings =
        vec![say("measured").arg("servers", measured as f64).arg("of", evidence.servers.len() as f64)];
    findings.push(match share {
        Some(share) => say("share").arg("share", share),
        None => say("share-unknown"),
    });
    if produces {
        findings.push(say("hypervisors-seen"));
    }
    findings.push(say("capabilities-unknown").remedy());
    findings
}

fn business_trigger(estate: &Estate, phase: &Phase) -> Trigger {
    let recorded = estate.triggers.iter().filter(|trigger| trigger.phase == phase.number).count();
    let missing = Finding::new("business-trigger", "missing", Severity::Attention)
        .arg("examples", phase.business_triggers.join(", "))
        .remedy();
    trigger(phase.number, "business-trigger", recorded as f64, 1.0, missing)
}

/// A condition that holds from `need` on.
pub(crate) fn trigger(phase: u8, condition: &str, have: f64, need: f64, missing: Finding) -> Trigger {
    let met = have >= need;
    Trigger {
        phase,
        condition: condition.to_owned(),
        state: if met { TriggerState::Met } else { TriggerState::Unmet },
        have: Some(have),
        need: Some(need),
        missing: if met { Vec::new() } else { vec![missing] },
    }
}

/// Whether a server was measured as long and as well as a trigger asks.
pub(crate) fn measured_long_enough(coverage: &Coverage, policy: &Policy) -> bool {
    coverage.span_days >= policy.journey.days_min
        && coverage.ratio.is_some_and(|ratio| ratio >= policy.journey.coverage_min_ratio)
        && coverage.month_end_seen
}

#[cfg(test)]
#[path = "journey/journey_tests.rs"]
mod tests;

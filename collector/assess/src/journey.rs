//! Journey: where the estate stands, argued from evidence, and what opens the phases ahead (design 7.10). The
//! assessment never reads the journey.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Estate;
use crate::policy::Policy;
use cairn_schemas::assessment::{
    Consolidation, Excluded, Journey, OpenedPhase, PhaseSheet, ServerReadiness, Trigger, Value, Wave,
};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeSet;

mod business_production;
mod condition;
mod experiment;
mod it_as_a_service;
mod it_production;
mod moment;

pub(crate) use condition::measured_long_enough;
use condition::{Condition, business_trigger};
pub(crate) use moment::recorded;
pub use moment::{all_figures, figures, moments};

/// The phases, in order.
pub static PHASES: &[Phase] =
    &[experiment::PHASE, it_production::PHASE, business_production::PHASE, it_as_a_service::PHASE];

/// A stage of the journey as data. What it gives, who carries it and what it is worth is worded in the message file,
/// by its id.
#[derive(Debug)]
pub struct Phase {
    /// 0 to 3.
    pub number: u8,
    /// Its id, equal to its file name.
    pub id: &'static str,
    /// Business triggers a person records; typical ones.
    pub business_triggers: &'static [&'static str],
    /// Share of workloads that is virtual when it is typical, from and to.
    pub typical_share_ratio: [f64; 2],
    /// Servers a host that are typical, from and to.
    pub typical_consolidation_ratio: Option<[f64; 2]>,
    /// What stands in the way.
    pub obstacles: &'static [&'static str],
    /// Reasons of the waves it moves.
    pub moves: &'static [&'static str],
    /// Its conditions beside the business trigger and the exit of the phase before.
    pub entry: &'static [Condition],
    /// What shows that it is behind the estate.
    pub exit: &'static [Condition],
    /// Moments of it that people remember and tell, and that prove nothing further.
    pub told: &'static [&'static str],
    /// A moment that shows the estate at work in it, though nobody ever let it be opened here.
    pub at_work: Option<&'static str>,
    /// Who says so.
    pub source: &'static str,
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
    /// Servers outside the count.
    pub excluded: &'a [Excluded],
    /// Virtual workloads over all workloads, measured.
    pub virtualised_share_ratio: Option<f64>,
    /// The waves.
    pub waves: &'a [Wave],
    /// The value.
    pub value: &'a Value,
    /// The plan, if there is one.
    pub plan: Option<&'a Consolidation>,
    /// The moment looked from: what is recorded for later does not count yet.
    pub now: Timestamp,
}

/// Where the estate stands and what opens the phases ahead.
#[must_use]
pub fn journey(evidence: &Evidence<'_>) -> Journey {
    let mut stands = &PHASES[0];
    let (mut triggers, mut opened) = (Vec::new(), Vec::new());
    for (before, phase) in PHASES.iter().zip(&PHASES[1..]) {
        let conditions = conditions(before, phase, evidence);
        // No phase is skipped: whoever does not stand in the one before cannot open the next.
        let reached = stands.number == before.number;
        if reached && conditions.iter().all(Trigger::holds) {
            opened.push(opening(phase, evidence));
        }
        if reached && (opened.last().is_some_and(|o| o.phase == phase.number) || at_work(phase, evidence)) {
            stands = phase;
        }
        triggers.extend(conditions);
    }
    Journey {
        phase: stands.number,
        phase_id: stands.id.to_owned(),
        virtualised_share_ratio: evidence.virtualised_share_ratio,
        evidence: position(evidence),
        triggers,
        opened,
        phases: PHASES.iter().map(|phase| sheet(phase, evidence)).collect(),
        sponsors: evidence.policy.journey.sponsors.clone(),
        moments: moment::happened(evidence),
    }
}

/// Conditions of a phase: a person's reason to go, the phase before behind the estate (from the second on: the first
/// one leaves an experiment, which proves nothing), and its own.
fn conditions(before: &Phase, phase: &Phase, evidence: &Evidence<'_>) -> Vec<Trigger> {
    let behind = if before.number == 0 { &[] } else { before.exit };
    let judged = behind.iter().chain(phase.entry).map(|condition| condition.judge(phase.number, evidence));
    std::iter::once(business_trigger(phase, evidence)).chain(judged).collect()
}

fn opening(phase: &Phase, evidence: &Evidence<'_>) -> OpenedPhase {
    OpenedPhase {
        phase: phase.number,
        phase_id: phase.id.to_owned(),
        at: evidence.now,
        first_wave: begins_with(phase, evidence),
    }
}

/// Servers of the first wave of a phase that were measured long enough; the others wait for theirs.
fn begins_with(phase: &Phase, evidence: &Evidence<'_>) -> Vec<String> {
    let measured: BTreeSet<&str> = evidence
        .servers
        .iter()
        .filter(|(_, server)| measured_long_enough(&server.coverage, evidence.policy))
        .map(|(_, server)| server.server.as_str())
        .collect();
    let first = evidence.waves.iter().find(|wave| phase.moves.contains(&wave.reason.as_str()));
    let servers = first.into_iter().flat_map(|wave| &wave.servers);
    servers.filter(|server| measured.contains(server.as_str())).cloned().collect()
}

/// Whether an estate was at work in a phase before anybody assessed it.
fn at_work(phase: &Phase, evidence: &Evidence<'_>) -> bool {
    match phase.at_work {
        Some(moment) => recorded(moment, evidence).is_some(),
        None => produces_already(evidence),
    }
}

/// Share of virtual workloads from which the technology is no experiment any more (*ours*).
const EXPERIMENT_SHARE_MAX: f64 = 0.05;

/// Whether virtual machines are in use already: a share above an experiment's, and a hypervisor host that was
/// seen. The share alone would prove nothing.
fn produces_already(evidence: &Evidence<'_>) -> bool {
    let hypervisor =
        evidence.estate.servers.iter().any(|server| server.flag("hypervisor_role") == Some(true));
    hypervisor && evidence.virtualised_share_ratio.is_some_and(|share| share > EXPERIMENT_SHARE_MAX)
}

/// What the position rests on. The share alone proves no phase: later ones need capabilities that a person
/// records and telemetry cannot see, and so they are never assumed.
fn position(evidence: &Evidence<'_>) -> Vec<Finding> {
    let measured = evidence.servers.iter().filter(|(_, server)| server.coverage.covered_s > 0).count();
    let say = |message| Finding::new("position", message, Severity::Info);
    let mut findings =
        vec![say("measured").arg("servers", measured as f64).arg("of", evidence.servers.len() as f64)];
    findings.push(match evidence.virtualised_share_ratio {
        Some(share) => say("share").arg("share", share),
        None => say("share-unknown"),
    });
    if produces_already(evidence) {
        findings.push(say("hypervisors-seen"));
    }
    let happened = moments().filter_map(|moment| recorded(moment, evidence));
    findings.extend(happened.map(|moment| {
        let on = moment.on.date().to_string();
        say("moment").arg("moment", moment.moment.as_str()).arg("on", on).arg("by", moment.by.as_str())
    }));
    let mut conditions = PHASES.iter().flat_map(|phase| phase.entry.iter().chain(phase.exit));
    if conditions.any(|condition| condition.moment().is_some_and(|id| recorded(id, evidence).is_none())) {
        findings.push(say("capabilities-unknown").remedy());
    }
    findings
}

fn sheet(phase: &Phase, evidence: &Evidence<'_>) -> PhaseSheet {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    PhaseSheet {
        number: phase.number,
        id: phase.id.to_owned(),
        business_triggers: owned(phase.business_triggers),
        typical_share_ratio: phase.typical_share_ratio,
        typical_consolidation_ratio: phase.typical_consolidation_ratio,
        obstacles: owned(phase.obstacles),
        exit: phase.exit.iter().map(|condition| condition.judge(phase.number, evidence)).collect(),
        source: phase.source.to_owned(),
    }
}

#[cfg(test)]
#[path = "journey/journey_tests.rs"]
mod tests;

//! Outcomes: how far each has come, by what counts: a measurement or its owner's word.
// SPDX-License-Identifier: Apache-2.0

use super::is_past;
use cairn_schemas::assessment::{OutcomeState, ProgressState};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::outcome::{Outcome, Realisation};
use cairn_schemas::time::Timestamp;

pub(super) fn state(outcome: &Outcome, now: Timestamp) -> OutcomeState {
    let known: Vec<&Realisation> = outcome.realised.iter().filter(|realised| realised.on <= now).collect();
    let counted = known.iter().rev().find(|realised| realised.basis.counts()).copied();
    let way = outcome.target - outcome.baseline;
    let reached_ratio =
        counted.filter(|_| way != 0.0).map(|counted| (counted.indicator - outcome.baseline) / way);
    let is_reached = match (reached_ratio, counted) {
        (Some(ratio), _) => ratio >= 1.0,
        // Nothing was to change: it is reached while it is as it was.
        (None, Some(counted)) => (counted.indicator - outcome.target).abs() <= f64::EPSILON,
        (None, None) => false,
    };
    let state = match is_reached {
        true => ProgressState::Arrived,
        false if is_past(outcome.due, now) => ProgressState::Late,
        false => ProgressState::UnderWay,
    };
    let realised = counted.and_then(|counted| counted.value);
    OutcomeState {
        outcome: outcome.clone(),
        state,
        reached_ratio,
        realised,
        variance: realised.zip(outcome.planned).map(|(realised, planned)| realised - planned),
        findings: findings(&known, counted, state),
    }
}

fn findings(known: &[&Realisation], counted: Option<&Realisation>, state: ProgressState) -> Vec<Finding> {
    let say = |message, severity| Finding::new("outcome", message, severity);
    let mut findings = Vec::new();
    match (known.last(), counted) {
        (None, _) => findings.push(say("nothing-realised", Severity::Attention)),
        (Some(last), _) if !last.basis.counts() => {
            findings.push(say("estimated", Severity::Attention).arg("by", last.by.as_str()));
        }
        _ => {}
    }
    let Some((last, cause)) = known.last().and_then(|last| Some((last, last.cause?))) else {
        if state == ProgressState::Late {
            findings.push(say("no-reason", Severity::Attention));
        }
        return findings;
    };
    let reason = say("variance", Severity::Info)
        .arg("cause", cause.name())
        .arg("words", last.words.as_str())
        .arg("by", last.by.as_str())
        .arg("on", last.on.date());
    findings.push(reason.evidence(last.source.clone()));
    findings
}

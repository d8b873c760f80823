//! Decisions of people, heard where rules judge: a veto keeps a server where it is, an exception lets an open gate
//! pass, a confirmation answers what a rule asked. None of them gives a point, and none opens a proven gate unless
//! it was made knowing the proof, which is then said first.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Estate;
use crate::readiness::{Judgement, Subject};
use cairn_schemas::assessment::ServerReadiness;
use cairn_schemas::decision::{Decision, DecisionEffect, DecisionKind, WeighedDecision};
use cairn_schemas::finding::{Arg, Finding, Severity};
use cairn_schemas::time::Timestamp;

/// Who says the findings of this module.
const ID: &str = "decisions";
/// Gates that ask for a measurement: no word of anybody replaces it, but somebody may take the risk.
const MEASURED: [&str; 1] = ["short-coverage"];

/// What a rule says once the decisions about it are heard; what is said of them goes into `said`.
pub(crate) fn heard(
    subject: &Subject<'_>,
    rule: &str,
    judgement: Judgement,
    said: &mut Vec<Finding>,
) -> Judgement {
    let decisions = &subject.server.decisions;
    let about = |d: &&Decision| d.rule.as_deref() == Some(rule) && d.kind != DecisionKind::Veto;
    let mut followed = false;
    for decision in decisions.iter().filter(about).filter(|d| d.counts_at(subject.now)) {
        let effect = effect(decision, rule, &judgement);
        said.extend(finding(decision, effect));
        followed |= matches!(effect, DecisionEffect::Followed | DecisionEffect::ProofOverruled);
    }
    match judgement {
        // It is planned, never ready, and what proves the gate stays in sight.
        Judgement::Blocked(finding) if followed => Judgement::Open(Finding { remedy: None, ..finding }),
        Judgement::Open(finding) | Judgement::Said(finding) if followed => Judgement::Said(answered(finding)),
        Judgement::Points(points, finding) if followed => Judgement::Points(points, answered(finding)),
        other => other,
    }
}

fn effect(decision: &Decision, rule: &str, judgement: &Judgement) -> DecisionEffect {
    match judgement {
        Judgement::Blocked(_) if decision.despite_proof => DecisionEffect::ProofOverruled,
        Judgement::Blocked(_) => DecisionEffect::StoppedByProof,
        Judgement::Open(_) if decision.kind == DecisionKind::Confirmation && MEASURED.contains(&rule) => {
            DecisionEffect::NothingToDo
        }
        Judgement::Open(_) => DecisionEffect::Followed,
        Judgement::Said(finding) | Judgement::Points(_, finding) if finding.severity > Severity::Info => {
            DecisionEffect::Followed
        }
        _ => DecisionEffect::NothingToDo,
    }
}

/// A finding that waits for nobody any more.
fn answered(finding: Finding) -> Finding {
    Finding { severity: Severity::Info, remedy: None, ..finding }
}

/// What is said of a decision; one that changes nothing stands in the list of decisions only.
fn finding(decision: &Decision, effect: DecisionEffect) -> Option<Finding> {
    let finding = match (effect, decision.kind) {
        (DecisionEffect::Followed, DecisionKind::Veto) => Finding::new("decisions", "veto", Severity::Gate),
        (DecisionEffect::Followed, DecisionKind::Exception) => {
            Finding::new("decisions", "exception", Severity::Attention)
        }
        (DecisionEffect::Followed, DecisionKind::Confirmation) => {
            Finding::new("decisions", "confirmation", Severity::Info)
        }
        (DecisionEffect::ProofOverruled, _) => Finding::new("decisions", "proof-overruled", Severity::Gate),
        (DecisionEffect::StoppedByProof, _) => {
            Finding::new("decisions", "stopped-by-proof", Severity::Attention)
        }
        (DecisionEffect::Expired, _) => Finding::new("decisions", "expired", Severity::Attention),
        (DecisionEffect::NothingToDo, _) => return None,
    };
    let finding = finding
        .arg("number", decision.id as f64)
        .arg("kind", decision.kind.name())
        .arg("rule", decision.rule.as_deref().unwrap_or_default())
        .arg("by", decision.by.as_str())
        .arg("on", date(decision.on))
        .arg("until", decision.expires.map(date).unwrap_or_default())
        .arg("words", decision.words.as_str());
    let ticket = decision.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    Some(finding.evidence(format!("{}{ticket}", decision.source)))
}

fn date(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}

/// The vetoes in force, each as a proven gate.
pub(crate) fn vetoes(subject: &Subject<'_>) -> Vec<Finding> {
    let vetoes = subject.server.decisions.iter().filter(|d| d.kind == DecisionKind::Veto);
    vetoes
        .filter(|veto| veto.counts_at(subject.now))
        .filter_map(|veto| finding(veto, DecisionEffect::Followed))
        .collect()
}

/// Decisions that have run out.
pub(crate) fn expired(subject: &Subject<'_>) -> Vec<Finding> {
    let expired = subject.server.decisions.iter().filter(|d| d.has_expired(subject.now));
    expired.filter_map(|decision| finding(decision, DecisionEffect::Expired)).collect()
}

/// Whether a blocked server is so by nothing but vetoes: what a rule proves comes before them.
pub(crate) fn only_vetoed(server: &ServerReadiness) -> bool {
    server.findings.first().is_some_and(is_veto)
}

/// Whether any veto is in force.
pub(crate) fn vetoed(server: &ServerReadiness) -> bool {
    server.findings.iter().any(is_veto)
}

fn is_veto(finding: &Finding) -> bool {
    finding.message_id == "decisions.veto"
}

/// Every decision with what came of it, by server and number. `judged` are the servers in the count; decisions
/// about others change nothing.
pub(crate) fn weighed(
    estate: &Estate,
    judged: &[(usize, ServerReadiness)],
    now: Timestamp,
) -> Vec<WeighedDecision> {
    let findings = |name: &str| {
        judged
            .iter()
            .find(|(_, server)| server.server == name)
            .map_or(&[][..], |(_, server)| &server.findings)
    };
    let weigh = |decision: &Decision, findings: &[Finding]| WeighedDecision {
        decision: decision.clone(),
        effect: if decision.has_expired(now) {
            DecisionEffect::Expired
        } else {
            let own =
                |f: &&Finding| f.id == ID && f.args.get("number") == Some(&Arg::Number(decision.id as f64));
            findings.iter().find(own).map_or(DecisionEffect::NothingToDo, told)
        },
    };
    let servers = estate.servers.iter().filter(|server| !server.decisions.is_empty());
    servers
        .flat_map(|server| {
            let findings = findings(&server.name);
            server.decisions.iter().map(move |decision| weigh(decision, findings))
        })
        .collect()
}

/// The effect a finding tells of.
fn told(finding: &Finding) -> DecisionEffect {
    match finding.message_id.as_str() {
        "decisions.proof-overruled" => DecisionEffect::ProofOverruled,
        "decisions.stopped-by-proof" => DecisionEffect::StoppedByProof,
        _ => DecisionEffect::Followed,
    }
}

/// What must be said of the whole when proof was overruled anywhere.
pub(crate) fn overruled(decisions: &[WeighedDecision]) -> Option<Finding> {
    let count = decisions.iter().filter(|d| d.effect == DecisionEffect::ProofOverruled).count();
    let finding = Finding::new("decisions", "proofs-overruled", Severity::Gate);
    (count > 0).then(|| finding.arg("count", count as f64))
}

#[cfg(test)]
#[path = "decisions_tests.rs"]
mod tests;

//! It bears a pause.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 2.0;

pub(super) const RULE: Rule = Rule {
    id: "time-critical",
    title: "It bears a pause",
    part: Part::Ease,
    rationale: "A real-time kernel, telephony or trading feels the pauses of scheduling and of moving a running machine.",
    source: "Candidate practice on telephony and real-time workloads; points are ours.",
    date: "2026",
    confirm: Who::Owner,
    facts: &["time_critical"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (message, points) = match subject.server.flag("time_critical") {
        Some(false) => ("none", POINTS),
        Some(true) => ("critical", 0.0),
        None => ("unknown", 0.0),
    };
    let severity = if points == 0.0 { Severity::Attention } else { Severity::Info };
    let finding = Finding::new("time-critical", message, severity).points(points, POINTS);
    Judgement::Points(points, if points == 0.0 { finding.remedy() } else { finding })
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("time-critical", "time_critical", "false", "time-critical.none");
        check("time-critical", "time_critical", "true", "time-critical.critical");
        check("time-critical", "time_critical", "", "time-critical.unknown");
    }
}

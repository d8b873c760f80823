//! Copies of a machine, and two machines behind one identity: what was measured may be of the other.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "two-machines",
    title: "It is one machine",
    part: Part::Observation,
    rationale: "A copy that runs beside its source measures another load; two machines that share an identity cannot be told apart at all.",
    source: "Ours (delivery: forked identities, moved machines).",
    date: "2026",
    confirm: Who::Administrator,
    facts: &["identity_conflict", "moved_from"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let text = |name| subject.server.text(name);
    if let Some(at) = text("identity_conflict") {
        let finding = Finding::new("two-machines", "conflict", Severity::Attention);
        return Judgement::Said(finding.arg("at", at).remedy());
    }
    match text("moved_from") {
        Some(from) => {
            Judgement::Said(Finding::new("two-machines", "copy", Severity::Attention).arg("from", from))
        }
        None => Judgement::Silent,
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("two-machines", "moved_from", "", "silent");
        check("two-machines", "moved_from", "db1", "two-machines.copy");
        check("two-machines", "identity_conflict", "2026-11-25T16:00:00Z", "two-machines.conflict");
    }
}

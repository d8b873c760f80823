//! Said to be switched off, but confirmed by nobody: it stays in the count until somebody does.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "retiring",
    title: "Said to be switched off, not confirmed",
    part: Part::Observation,
    rationale: "A retirement flatters every ratio; it counts once the owner has confirmed it.",
    source: "Ours.",
    date: "2026",
    confirm: Who::Owner,
    facts: &["retire"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    match subject.server.fact("retire") {
        // A confirmed one is outside the count and is not judged.
        Some(fact) if fact.value.as_bool() == Some(true) => {
            let finding = Finding::new("retiring", "unconfirmed", Severity::Attention);
            Judgement::Said(finding.evidence(format!("retire: {}", fact.source)).remedy())
        }
        Some(_) | None => Judgement::Silent,
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("retiring", "retire", "", "silent");
        check("retiring", "retire", "false", "silent");
        check("retiring", "retire", "true", "retiring.unconfirmed");
    }
}

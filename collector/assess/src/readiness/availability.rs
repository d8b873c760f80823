//! A server whose loss or whose pause costs dearly.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "availability",
    title: "Is critical",
    part: Part::Observation,
    rationale: "High criticality or a recovery time promised asks for a rehearsed way back, and keeps a server out of the first wave.",
    source: "Customer checklists on candidates to 2010: required availability is a constraint or a manual review; Azure Migrate's waves (2025) keep high criticality from going first.",
    date: "2025",
    confirm: Who::Owner,
    facts: &["criticality", "rto", "rpo"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let text = |name| subject.server.text(name);
    let critical = text("criticality").is_some_and(|value| value.eq_ignore_ascii_case("high"));
    let said = if critical {
        Finding::new("availability", "critical", Severity::Info)
    } else {
        let Some(time) = text("rto").or_else(|| text("rpo")) else { return Judgement::Silent };
        Finding::new("availability", "promised", Severity::Info).arg("time", time)
    };
    Judgement::Said(said.remedy())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("availability", "criticality", "High", "availability.critical");
        check("availability", "criticality", "low", "silent");
        check("availability", "rto", "4 h", "availability.promised");
        check("availability", "rpo", "", "silent");
    }
}

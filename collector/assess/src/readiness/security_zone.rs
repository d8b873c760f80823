//! A security zone that is kept on hosts of its own.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "security-zone",
    title: "Stands in a security zone",
    part: Part::Observation,
    rationale: "Servers of a zone share no host with others, so each zone costs hosts of its own; whether it must be so is for security to say.",
    source: "SearchITChannel and customer checklists on candidates to 2010: security zones are a constraint or a manual review.",
    date: "2010",
    confirm: Who::Security,
    facts: &["zone"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    match subject.server.text("zone") {
        Some(text) if !matches!(text.to_ascii_lowercase().as_str(), "internal" | "none") => {
            Judgement::Said(Finding::new("security-zone", "said", Severity::Info).arg("value", text).remedy())
        }
        Some(_) | None => Judgement::Silent,
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("security-zone", "zone", "internal", "silent");
        check("security-zone", "zone", "", "silent");
        check("security-zone", "zone", "DMZ", "security-zone.said");
    }
}

//! Data that not everybody may hold.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "data-class",
    title: "Holds data of a protected class",
    part: Part::Observation,
    rationale: "Who may copy it, onto whose storage and in which country is decided before the move, not after it.",
    source: "Ours.",
    date: "2026",
    confirm: Who::Security,
    facts: &["data_class"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    match subject.server.text("data_class") {
        Some(text) if !matches!(text.to_ascii_lowercase().as_str(), "public" | "internal" | "none") => {
            Judgement::Said(Finding::new("data-class", "said", Severity::Info).arg("value", text).remedy())
        }
        Some(_) | None => Judgement::Silent,
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("data-class", "data_class", "public", "silent");
        check("data-class", "data_class", "", "silent");
        check("data-class", "data_class", "restricted", "data-class.said");
    }
}

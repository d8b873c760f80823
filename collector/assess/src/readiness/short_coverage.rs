//! Measured long enough to be planned by what it used.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "short-coverage",
    title: "Measured long enough to be planned by what it used",
    part: Part::Gate,
    rationale: "What was measured too little is planned at what is installed, and is not ready yet.",
    source: "Ours: on real traces one week understates hosts by 17 %, four weeks by 4 %.",
    date: "2026",
    confirm: Who::Nobody,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let minimum = subject.policy.coverage.minimum_ratio;
    let ratio = subject.coverage.ratio.unwrap_or(0.0);
    if ratio >= minimum {
        return Judgement::Clear;
    }
    let finding = Finding::new("short-coverage", "below-minimum", Severity::Attention)
        .arg("coverage", ratio)
        .arg("minimum", minimum)
        .arg("days", f64::from(subject.coverage.days_still_to_measure));
    Judgement::Open(finding.remedy())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{judge, message};
    use crate::testing::ordinary;

    #[test]
    fn half_of_the_window_must_be_covered() {
        let said = |weeks| message(&judge("short-coverage", &ordinary("web", weeks, 0.1, 1e9))).to_owned();
        assert_eq!(said(2), "clear");
        assert_eq!(said(1), "short-coverage.below-minimum");
    }
}

//! No month-end was measured.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "month-end-unseen",
    title: "A month-end was measured",
    part: Part::Observation,
    rationale: "Closing the books is the busiest time of many servers; what was not seen is planned at the maximum, and costs hosts.",
    source: "Microsoft MAP's guide asks for a month-end in the measurement; weekly and monthly load misled Guided Consolidation.",
    date: "2010",
    confirm: Who::Nobody,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    // What was never measured lacks more than a month-end.
    if subject.coverage.month_end_seen || subject.coverage.covered_s == 0 {
        return Judgement::Silent;
    }
    Judgement::Said(Finding::new("month-end-unseen", "unseen", Severity::Info).remedy())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check_server;
    use crate::testing::ordinary;

    #[test]
    fn judges() {
        // The month ends with the first day of the fifth week.
        check_server("month-end-unseen", &ordinary("web", 4, 0.1, 1e9), "month-end-unseen.unseen");
        check_server("month-end-unseen", &ordinary("web", 5, 0.1, 1e9), "silent");
        check_server("month-end-unseen", &ordinary("new", 0, 0.0, 0.0), "silent");
    }
}

//! A lease or a warranty that ends.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};
use cairn_schemas::time::{DAY_S, Timestamp};

pub(super) const RULE: Rule = Rule {
    id: "contract-end",
    title: "Its lease or warranty ends",
    part: Part::Observation,
    rationale: "What must be replaced soon is the cheapest to move: the money for its successor is not spent.",
    source: "Refresh, end of lease and end of warranty are business triggers of the journey (2010); a year ahead is ours.",
    date: "2010",
    confirm: Who::Owner,
    facts: &["lease_end", "warranty_end"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let ends = ["lease_end", "warranty_end"].into_iter().filter_map(|fact| end(subject, fact));
    let Some((end, day)) = ends.min_by_key(|(end, _)| *end) else { return Judgement::Silent };
    let left_s = (end.0 - subject.now.0) as f64;
    if left_s >= subject.policy.readiness.contract_days * DAY_S as f64 {
        return Judgement::Silent;
    }
    let message = if left_s < 0.0 { "ended" } else { "ends" };
    Judgement::Said(Finding::new("contract-end", message, Severity::Info).arg("end", day).remedy())
}

/// The last second of a day among the facts, and the day.
fn end<'a>(subject: &Subject<'a>, fact: &str) -> Option<(Timestamp, &'a str)> {
    let day = subject.server.text(fact)?.get(..10)?;
    Some((Timestamp::parse_rfc3339(&format!("{day}T23:59:59Z")).ok()?, day))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        // Judged on 2026-11-30.
        check("contract-end", "lease_end", "", "silent");
        check("contract-end", "lease_end", "2029-01-31", "silent");
        check("contract-end", "lease_end", "2027-01-31", "contract-end.ends");
        check("contract-end", "warranty_end", "2024-06-30", "contract-end.ended");
    }
}

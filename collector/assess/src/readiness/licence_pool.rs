//! Software licensed by host or by core.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "licence-pool",
    title: "Its software is licensed by host",
    part: Part::Observation,
    rationale: "A licence by host or by core counts every host the machine may run on; hosts of its own keep that number small.",
    source: "Candidate rules to 2012: what its vendor does not license as a virtual machine is reviewed; ours in naming the pool.",
    date: "2012",
    confirm: Who::Owner,
    facts: &["licence_pool"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    match subject.server.text("licence_pool") {
        Some(text) if !matches!(text.to_ascii_lowercase().as_str(), "none") => {
            Judgement::Said(Finding::new("licence-pool", "said", Severity::Info).arg("value", text).remedy())
        }
        Some(_) | None => Judgement::Silent,
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("licence-pool", "licence_pool", "none", "silent");
        check("licence-pool", "licence_pool", "", "silent");
        check("licence-pool", "licence_pool", "oracle-db", "licence-pool.said");
    }
}

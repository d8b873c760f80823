//! Its memory was full.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, saturation};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "saturated-memory",
    title: "Has enough memory today",
    part: Part::Observation,
    rationale: "Programs in a full memory make do with less than they would take: the demand may be larger.",
    source: "Ours.",
    date: "2026",
    confirm: Who::Administrator,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (used, has) = (subject.utilisation, subject.capacity);
    let share = saturation::share(used.memory_used_bytes.map(|bytes| bytes.p99), has.memory_bytes);
    saturation::judge(
        share,
        subject.policy.readiness.memory_full_ratio,
        Finding::new("saturated-memory", "seen", Severity::Attention),
    )
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{check, check_server};
    use crate::testing::ordinary;

    #[test]
    fn judges() {
        check("saturated-memory", "memory_bytes", "10100000000", "saturated-memory.seen");
        check("saturated-memory", "memory_bytes", "", "silent");
        check_server("saturated-memory", &ordinary("web", 4, 0.1, 10e9), "silent");
    }
}

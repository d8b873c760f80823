//! Its CPU was the limit of what it did.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, saturation};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "saturated-cpu",
    title: "Has enough CPU today",
    part: Part::Observation,
    rationale: "A CPU that is full measures what it could do, not what was wanted: the demand may be larger.",
    source: "Flexera CloudScape flags CPU when p95 of five-minute polls exceeds 90 %.",
    date: "2024",
    confirm: Who::Administrator,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (used, has) = (subject.utilisation, subject.capacity);
    let share = used.cpu_busy_ratio.map(|busy| busy.p95).filter(|_| has.cpu_mhz.is_some());
    saturation::judge(
        share,
        saturation::limit(subject),
        Finding::new("saturated-cpu", "seen", Severity::Attention),
    )
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{check, check_server};
    use crate::testing::ordinary;

    #[test]
    fn judges() {
        check("saturated-cpu", "cpu_cores", "8", "silent");
        check_server("saturated-cpu", &ordinary("full", 4, 0.95, 1e9), "saturated-cpu.seen");
        check_server("saturated-cpu", &ordinary("new", 0, 0.0, 0.0), "silent");
    }
}

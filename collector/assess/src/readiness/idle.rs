//! Idle: a server that does next to nothing may be retired rather than moved.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "idle",
    title: "Does next to nothing",
    part: Part::Observation,
    rationale: "Retiring a server saves more than moving it. Only its owner can say that nobody needs it.",
    source: "Azure Migrate calls 5 % CPU and memory and 2 % network idle (2024); stricter limits and 28 days with a month-end are ours.",
    date: "2024",
    confirm: Who::Owner,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    match cpu_p95_of_idle(subject) {
        Some(p95) => Judgement::Said(Finding::new("idle", "seen", Severity::Info).arg("p95", p95).remedy()),
        None => Judgement::Silent,
    }
}

/// CPU p95 of a server that was idle for long enough, a month-end included; `None` where it was not, or where
/// nobody can know.
pub(super) fn cpu_p95_of_idle(subject: &Subject<'_>) -> Option<f64> {
    let limits = &subject.policy.readiness;
    let cpu = subject.utilisation.cpu_busy_ratio?.p95;
    let network = subject.utilisation.network_bytes_per_s?.p95;
    let seen = subject.coverage.span_days >= limits.idle_days && subject.coverage.month_end_seen;
    let idle = cpu < limits.idle_cpu_ratio && network < limits.idle_network_bytes_per_s;
    (seen && idle).then_some(cpu)
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{judge, message};
    use crate::testing::{ordinary, week};
    use cairn_schemas::assessment::Resource;

    #[test]
    fn four_weeks_without_a_month_end_are_not_enough() {
        let idle = |weeks| {
            let mut server = ordinary("idle", 0, 0.0, 0.0);
            let value = |resource, _| if resource == Resource::Cpu { 0.005 } else { 1e3 };
            server.weeks = (0..weeks).map(|n| week(n, value)).collect();
            server
        };
        assert_eq!(message(&judge("idle", &idle(4))), "silent");
        assert_eq!(message(&judge("idle", &idle(5))), "idle.seen");
        assert_eq!(message(&judge("idle", &ordinary("web", 5, 0.3, 1e9))), "silent");
    }
}

//! Idle: a server that does next to nothing may be retired rather than moved.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject};
use cairn_schemas::finding::{Finding, Severity};

/// CPU p95 under which a server is called idle.
const CPU_P95_MAX: f64 = 0.02;
/// Network p95 under which a server is called idle, bytes a second.
const NETWORK_P95_MAX: f64 = 20_000.0;
/// Days, with a month-end, that must have been seen.
const DAYS_MIN: f64 = 28.0;

pub(super) const RULE: Rule = Rule {
    id: "idle",
    title: "Does next to nothing",
    part: Part::Observation,
    rationale: "Retiring a server saves more than moving it. Only its owner can say that nobody needs it.",
    source: "Azure Migrate calls 5 % CPU and memory and 2 % network idle (2024); stricter limits and 28 days with a month-end are ours.",
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let seen = subject.coverage.span_days >= DAYS_MIN && subject.coverage.month_end_seen;
    let used = subject.utilisation;
    match (used.cpu_busy_ratio, used.network_bytes_per_s) {
        (Some(cpu), Some(network)) if seen && cpu.p95 < CPU_P95_MAX && network.p95 < NETWORK_P95_MAX => {
            Judgement::Said(Finding::new("idle", "seen", Severity::Info).arg("p95", cpu.p95).remedy())
        }
        _ => Judgement::Silent,
    }
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

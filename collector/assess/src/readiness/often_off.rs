//! Switched off for much of the time.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "often-off",
    title: "Is switched off for much of the time",
    part: Part::Observation,
    rationale: "Who switches a server off does not need it then: as a machine it can be stopped by a schedule, and others use its share.",
    source: "Ours.",
    date: "2026",
    confirm: Who::Owner,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let coverage = subject.coverage;
    if coverage.covered_s == 0 {
        return Judgement::Silent;
    }
    let share = coverage.off_s as f64 / coverage.covered_s as f64;
    if share < subject.policy.readiness.often_off_ratio {
        return Judgement::Silent;
    }
    Judgement::Said(Finding::new("often-off", "seen", Severity::Info).arg("share", share).remedy())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check_server;
    use crate::testing::ordinary;

    #[test]
    fn judges() {
        let off = |seconds| {
            let mut server = ordinary("test", 4, 0.1, 1e9);
            server.weeks.iter_mut().for_each(|week| week.off_s = [seconds; 7]);
            server
        };
        check_server("often-off", &off(0), "silent");
        check_server("often-off", &off(12 * 3_600), "often-off.seen");
        check_server("often-off", &ordinary("new", 0, 0.0, 0.0), "silent");
    }
}

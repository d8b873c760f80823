//! Peaks of a second that means of minutes hide.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "short-peaks",
    title: "Has peaks of seconds that means of minutes hide",
    part: Part::Observation,
    rationale: "Who waits at such a peak notices a smaller machine before any mean does; its answer times are worth a look before the move.",
    source: "Capacity Advisor's guide (2009): peaks shorter than its five-minute means are invisible; thresholds are ours.",
    date: "2009",
    confirm: Who::Owner,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let limit = subject.policy.readiness.short_peak_ratio;
    let (Some(slots), Some(second)) =
        (subject.utilisation.cpu_busy_ratio, subject.utilisation.cpu_busy_ratio_max_1s)
    else {
        return Judgement::Silent;
    };
    if second < limit || slots.p99 >= limit / 2.0 {
        return Judgement::Silent;
    }
    let finding = Finding::new("short-peaks", "seen", Severity::Info);
    Judgement::Said(finding.arg("second", second).arg("p99", slots.p99).remedy())
}

#[cfg(test)]
mod tests {
    use crate::estate::coding;
    use crate::readiness::testing::check_server;
    use crate::testing::ordinary;
    use cairn_schemas::assessment::Resource;

    #[test]
    fn judges() {
        let peaking = |mean, second| {
            let mut server = ordinary("web", 4, mean, 1e9);
            for load in server.weeks.iter_mut().filter_map(|week| week.loads[0].as_mut()) {
                load.max_1s = Some(coding(Resource::Cpu).encode(Some(second)));
            }
            server
        };
        check_server("short-peaks", &ordinary("web", 4, 0.1, 1e9), "silent");
        check_server("short-peaks", &peaking(0.1, 1.0), "short-peaks.seen");
        check_server("short-peaks", &peaking(0.1, 0.5), "silent");
        check_server("short-peaks", &peaking(0.9, 1.0), "silent");
    }
}

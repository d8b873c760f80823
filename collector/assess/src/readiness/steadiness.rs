//! Steadiness: how far peak hours lie above usual ones.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 15.0;

pub(super) const RULE: Rule = Rule {
    id: "steadiness",
    title: "Peaks lie near the usual load",
    part: Part::Steadiness,
    rationale: "What varies much needs reserve that others cannot use, and surprises its neighbours.",
    source: "Variable workloads are scored down in candidate practice to 2010; bands of 5, 10 and 25 % are ours.",
    date: "2010",
    confirm: Who::Nobody,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(spread) = spread(subject) else {
        let finding = Finding::new("steadiness", "unknown", Severity::Attention).points(0.0, POINTS);
        return Judgement::Points(0.0, finding);
    };
    let mut bands = subject.policy.readiness.steadiness_spreads.into_iter().zip([15.0, 10.0, 5.0]);
    let points = bands.find(|(most, _)| spread <= *most).map_or(0.0, |(_, points)| points);
    let severity = if points < 10.0 { Severity::Attention } else { Severity::Info };
    let finding = Finding::new("steadiness", "spread", severity).arg("spread", spread).points(points, POINTS);
    Judgement::Points(points, finding)
}

/// Distance from p50 to p99 as a share of the host, the larger of CPU and memory.
fn spread(subject: &Subject<'_>) -> Option<f64> {
    let cpu = subject.utilisation.cpu_busy_ratio?;
    let memory = subject.utilisation.memory_used_bytes?;
    let cpu = (cpu.p99 - cpu.p50) * subject.capacity.cpu_mhz? / subject.host.cpu_mhz;
    Some(cpu.max((memory.p99 - memory.p50) / subject.host.memory_bytes))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{judge, message, points};
    use crate::testing::{ordinary, week};
    use cairn_schemas::assessment::Resource;

    #[test]
    fn spread_costs_points() {
        assert_eq!(points(&judge("steadiness", &ordinary("web", 4, 0.5, 10e9))), 15.0);
        let mut spiky = ordinary("spiky", 0, 0.0, 0.0);
        let value = |resource, hour| match resource {
            Resource::Cpu if hour % 24 == 3 => 1.0,
            Resource::Cpu => 0.05,
            _ => 1e9,
        };
        spiky.weeks = (0..4).map(|n| week(n, value)).collect();
        // 95 % of 25,000 MHz on a host of 186,240 MHz is 12.8 %.
        assert_eq!(points(&judge("steadiness", &spiky)), 5.0);
        assert_eq!(message(&judge("steadiness", &ordinary("new", 0, 0.0, 0.0))), "steadiness.unknown");
    }
}

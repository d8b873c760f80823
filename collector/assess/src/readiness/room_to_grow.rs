//! Room to grow: how often the peak fits an empty host.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::assessment::MemoryBasis;
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 15.0;

pub(super) const RULE: Rule = Rule {
    id: "room-to-grow",
    title: "Could grow on an empty host",
    part: Part::Room,
    rationale: "A server that fills a host at its peak has nowhere to go when it grows.",
    source: "After the headroom stars of HP Capacity Advisor (2009); thresholds of 4, 3, 2 and 1.5 are ours.",
    date: "2009",
    confirm: Who::Nobody,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(times) = times(subject) else {
        let finding = Finding::new("room-to-grow", "unknown", Severity::Attention).points(0.0, POINTS);
        return Judgement::Points(0.0, finding);
    };
    let mut bands = subject.policy.readiness.room_times.into_iter().zip([15.0, 12.0, 9.0, 6.0, 3.0]);
    let points = bands.find(|(least, _)| times >= *least).map_or(0.0, |(_, points)| points);
    let severity = if points < 9.0 { Severity::Attention } else { Severity::Info };
    let finding = Finding::new("room-to-grow", "times", severity).arg("times", times).points(points, POINTS);
    Judgement::Points(points, finding)
}

/// Empty host over peak, the smaller of CPU and memory.
fn times(subject: &Subject<'_>) -> Option<f64> {
    let cpu = subject.utilisation.cpu_busy_ratio?.max * subject.capacity.cpu_mhz?;
    let size = subject.size?;
    let memory = match size.memory_basis {
        MemoryBasis::MeasuredPeak | MemoryBasis::MatchedPercentile => {
            subject.utilisation.memory_used_bytes?.max
        }
        MemoryBasis::Installed | MemoryBasis::LargerOfInstalledAndObserved => size.memory_bytes_exact,
    };
    // A peak of nothing fits as often as one likes; an infinite number is no JSON.
    let times = |host: f64, peak: f64| if peak > 0.0 { (host / peak).min(1_000.0) } else { 1_000.0 };
    Some(times(subject.host.cpu_mhz, cpu).min(times(subject.host.memory_bytes, memory)))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::{judge, message, points};
    use crate::testing::ordinary;

    #[test]
    fn the_peak_decides() {
        assert_eq!(points(&judge("room-to-grow", &ordinary("web", 4, 0.5, 10e9))), 15.0);
        // 400 GB on a host of 1,082 GB: 2.7 times.
        assert_eq!(points(&judge("room-to-grow", &ordinary("big", 4, 0.5, 400e9))), 9.0);
        assert_eq!(message(&judge("room-to-grow", &ordinary("new", 0, 0.0, 0.0))), "room-to-grow.unknown");
    }
}

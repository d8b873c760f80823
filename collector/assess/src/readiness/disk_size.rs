//! Its disks are quickly copied.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 3.0;

pub(super) const RULE: Rule = Rule {
    id: "disk-size",
    title: "Its disks are quickly copied",
    part: Part::Ease,
    rationale: "What is large takes long to copy and long to bring back.",
    source: "Disk tiers of 10, 20 and 50 TB of migration-planner (2025), tightened to 2, 10 and 20 TB; points are ours.",
    date: "2025",
    confirm: Who::Nobody,
    facts: &["disk_bytes"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let Some(bytes) = subject.server.number("disk_bytes") else {
        return Judgement::Points(
            0.0,
            Finding::new("disk-size", "unknown", Severity::Attention).points(0.0, POINTS),
        );
    };
    let mut bands = subject.policy.readiness.disk_bytes.into_iter().zip([POINTS, 2.0, 1.0]);
    let points = bands.find(|(most, _)| bytes <= *most).map_or(0.0, |(_, points)| points);
    let severity = if points < 2.0 { Severity::Attention } else { Severity::Info };
    Judgement::Points(
        points,
        Finding::new("disk-size", "size", severity).arg("bytes", bytes).points(points, POINTS),
    )
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("disk-size", "disk_bytes", "500000000000", "disk-size.size");
        check("disk-size", "disk_bytes", "", "disk-size.unknown");
    }
}

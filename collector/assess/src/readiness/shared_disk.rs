//! It shares no disk with another server.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 2.0;

pub(super) const RULE: Rule = Rule {
    id: "shared-disk",
    title: "It shares no disk with another server",
    part: Part::Ease,
    rationale: "A shared disk ties servers together: they move together, on storage that can be shared.",
    source: "Forklift validation rules (2025): shareable disks are a concern; points are ours.",
    date: "2025",
    confirm: Who::Administrator,
    facts: &["shared_disk"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (message, points) = match subject.server.flag("shared_disk") {
        Some(false) => ("none", POINTS),
        Some(true) => ("shared", 0.0),
        None => ("unknown", 0.0),
    };
    let severity = if points == 0.0 { Severity::Attention } else { Severity::Info };
    let finding = Finding::new("shared-disk", message, severity).points(points, POINTS);
    Judgement::Points(points, if points == 0.0 { finding.remedy() } else { finding })
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("shared-disk", "shared_disk", "false", "shared-disk.none");
        check("shared-disk", "shared_disk", "true", "shared-disk.shared");
        check("shared-disk", "shared_disk", "", "shared-disk.unknown");
    }
}

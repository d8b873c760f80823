//! Its system has drivers for virtual devices.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 2.0;

pub(super) const RULE: Rule = Rule {
    id: "drivers",
    title: "Its system has drivers for virtual devices",
    part: Part::Ease,
    rationale: "Without drivers for the virtual disk it does not boot after the move, and without those for the network nobody reaches it.",
    source: "virt-v2v(1) and Azure Migrate's preparation steps: drivers are put in before the copy; points are ours.",
    date: "2024",
    confirm: Who::Administrator,
    facts: &["move_needs"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (message, points) = match subject.mentions("move_needs", &["without drivers"]) {
        Some(false) => ("present", POINTS),
        Some(true) => ("missing", 0.0),
        None => ("unknown", 0.0),
    };
    let severity = if points == 0.0 { Severity::Attention } else { Severity::Info };
    let finding = Finding::new("drivers", message, severity).points(points, POINTS);
    Judgement::Points(points, if points == 0.0 { finding.remedy() } else { finding })
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("drivers", "move_needs", "none", "drivers.present");
        check("drivers", "move_needs", "disks over iSCSI", "drivers.present");
        check("drivers", "move_needs", "kernel without drivers for virtual devices", "drivers.missing");
        check("drivers", "move_needs", "", "drivers.unknown");
    }
}

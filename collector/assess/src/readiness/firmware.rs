//! Its boot firmware is known.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 2.0;

pub(super) const RULE: Rule = Rule {
    id: "firmware",
    title: "Its boot firmware is known",
    part: Part::Ease,
    rationale: "A virtual machine must be given the firmware its disk boots with; UEFI takes one more setting.",
    source: "Azure Migrate readiness rules (2020): UEFI is conditional; points are ours.",
    date: "2020",
    confirm: Who::Administrator,
    facts: &["firmware"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (message, points) = match subject.server.text("firmware").map(str::to_ascii_lowercase).as_deref() {
        Some("bios") => ("bios", POINTS),
        Some("uefi") => ("uefi", POINTS / 2.0),
        _ => ("unknown", 0.0),
    };
    let severity = if points == 0.0 { Severity::Attention } else { Severity::Info };
    Judgement::Points(points, Finding::new("firmware", message, severity).points(points, POINTS))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("firmware", "firmware", "bios", "firmware.bios");
        check("firmware", "firmware", "UEFI", "firmware.uefi");
        check("firmware", "firmware", "", "firmware.unknown");
    }
}

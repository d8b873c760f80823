//! A system of 32 bits.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "thirty-two-bit",
    title: "Its system has 64 bits",
    part: Part::Observation,
    rationale: "Makers end support of 32-bit guests before that of 64-bit ones, and new drivers are no longer written for them.",
    source: "Ours; after the guest lists of hypervisor makers (2026).",
    date: "2026",
    confirm: Who::Administrator,
    facts: &["architecture", "move_needs"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let old =
        |name: &str| ["i386", "i486", "i586", "i686", "x86"].iter().any(|old| name.eq_ignore_ascii_case(old));
    let by_name = subject.server.text("architecture").is_some_and(|name| old(name.trim()));
    if by_name || subject.mentions("move_needs", &["32-bit"]) == Some(true) {
        return Judgement::Said(Finding::new("thirty-two-bit", "seen", Severity::Attention).remedy());
    }
    Judgement::Silent
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("thirty-two-bit", "architecture", "x86_64", "silent");
        check("thirty-two-bit", "architecture", "i686", "thirty-two-bit.seen");
        check("thirty-two-bit", "move_needs", "32-bit kernel", "thirty-two-bit.seen");
        check("thirty-two-bit", "architecture", "", "silent");
    }
}

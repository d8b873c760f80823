//! Devices on a cable: serial, parallel, a power supply that is watched.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, move_needs};
use cairn_schemas::finding::{Finding, Severity};

/// Words by which `move_needs` names it.
pub(super) const WORDS: &[&str] = &["serial", "parallel port", "power supply"];

pub(super) const RULE: Rule = Rule {
    id: "attached-device",
    title: "Has a device on a cable",
    part: Part::Observation,
    rationale: "What hangs on a serial, parallel or USB cable stays behind when the server moves, and so must find another way to it.",
    source: "Physical-to-virtual candidate practice to 2009: attached devices need a replacement on the network.",
    date: "2009",
    confirm: Who::Administrator,
    facts: &["move_needs"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    move_needs::named(subject, WORDS, Finding::new("attached-device", "seen", Severity::Attention))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("attached-device", "move_needs", "disks over iSCSI", "silent");
        check("attached-device", "move_needs", "", "silent");
        check("attached-device", "move_needs", "serial device by USB", "attached-device.seen");
    }
}

//! Disks on a storage network.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, move_needs};
use cairn_schemas::finding::{Finding, Severity};

/// Words by which `move_needs` names it.
pub(super) const WORDS: &[&str] = &["fibre channel", "iscsi", "nvme fabrics"];

pub(super) const RULE: Rule = Rule {
    id: "storage-network",
    title: "Has disks on a storage network",
    part: Part::Observation,
    rationale: "A disk on fibre channel, iSCSI or NVMe fabrics is no part of the machine: it is given to the hosts or copied from them.",
    source: "Ours; raw disks are a concern of Forklift's validation rules (2025).",
    date: "2025",
    confirm: Who::Administrator,
    facts: &["move_needs"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    move_needs::named(subject, WORDS, Finding::new("storage-network", "seen", Severity::Attention))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("storage-network", "move_needs", "encrypted disk", "silent");
        check("storage-network", "move_needs", "", "silent");
        check(
            "storage-network",
            "move_needs",
            "power supply by USB, disks over iSCSI",
            "storage-network.seen",
        );
    }
}

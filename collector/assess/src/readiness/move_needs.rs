//! What the move itself must provide for: drivers, storage networks, encryption, devices on a cable.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "move-needs",
    title: "What the move must provide for",
    part: Part::Observation,
    rationale: "A server without drivers for virtual devices, or with disks on a storage network, moves well when prepared and not at all when not.",
    source: "Ours; virtio and storage preparation as in virt-v2v(1) and Azure Migrate's preparation steps.",
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    match subject.server.text("move_needs") {
        // Imports seldom say; a server is not worse for that.
        None | Some("none") => Judgement::Silent,
        Some(needs) => {
            let finding = Finding::new("move-needs", "prepare", Severity::Attention);
            Judgement::Said(finding.arg("needs", needs).remedy())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("move-needs", "move_needs", "none", "silent");
        check("move-needs", "move_needs", "", "silent");
        check("move-needs", "move_needs", "disks over fibre channel", "move-needs.prepare");
    }
}

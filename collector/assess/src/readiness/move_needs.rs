//! What else the move itself must provide for, besides what rules of their own name.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, attached_device, encrypted_disk, storage_network};
use cairn_schemas::finding::{Finding, Severity};

/// What other rules say of `move_needs`.
const ELSEWHERE: &[&[&str]] =
    &[storage_network::WORDS, encrypted_disk::WORDS, attached_device::WORDS, &["32-bit", "without drivers"]];

pub(super) const RULE: Rule = Rule {
    id: "move-needs",
    title: "What else the move must provide for",
    part: Part::Observation,
    rationale: "What is known to stop an unprepared move is told, even where no rule has its own words for it.",
    source: "Ours; virtio and storage preparation as in virt-v2v(1) and Azure Migrate's preparation steps.",
    date: "2026",
    confirm: Who::Administrator,
    facts: &["move_needs"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    // Imports seldom say; a server is not worse for that.
    let Some(needs) = subject.server.text("move_needs") else { return Judgement::Silent };
    let new = |need: &&str| {
        let need = need.to_ascii_lowercase();
        need != "none" && !ELSEWHERE.iter().any(|words| words.iter().any(|word| need.contains(word)))
    };
    let rest: Vec<&str> = needs.split(", ").map(str::trim).filter(new).collect();
    if rest.is_empty() {
        return Judgement::Silent;
    }
    let finding = Finding::new("move-needs", "prepare", Severity::Attention);
    Judgement::Said(finding.arg("needs", rest.join(", ")).remedy())
}

/// Says a finding, with the whole fact, where it has any of some words; nothing is said of what is not known.
pub(super) fn named(subject: &Subject<'_>, words: &[&str], finding: Finding) -> Judgement {
    match subject.mentions("move_needs", words) {
        Some(true) => {
            let needs = subject.server.text("move_needs").unwrap_or_default();
            Judgement::Said(finding.arg("needs", needs).remedy())
        }
        Some(false) | None => Judgement::Silent,
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("move-needs", "move_needs", "none", "silent");
        check("move-needs", "move_needs", "", "silent");
        check("move-needs", "move_needs", "disks over fibre channel", "silent");
        check(
            "move-needs",
            "move_needs",
            "disks over fibre channel, a cut-over at night",
            "move-needs.prepare",
        );
    }
}

//! Encrypted disks, and those bound to a TPM.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, move_needs};
use cairn_schemas::finding::{Finding, Severity};

/// Words by which `move_needs` names it.
pub(super) const WORDS: &[&str] = &["encrypt"];

pub(super) const RULE: Rule = Rule {
    id: "encrypted-disk",
    title: "Has an encrypted disk",
    part: Part::Observation,
    rationale: "A copy opens only with its passphrase; what is bound to the machine's TPM does not open on another one at all.",
    source: "Ours; Forklift's validation rules (2025) name TPM and encryption a concern.",
    date: "2025",
    confirm: Who::Security,
    facts: &["move_needs"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    move_needs::named(subject, WORDS, Finding::new("encrypted-disk", "seen", Severity::Attention))
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("encrypted-disk", "move_needs", "disks over iSCSI", "silent");
        check("encrypted-disk", "move_needs", "", "silent");
        check("encrypted-disk", "move_needs", "disk encryption bound to the TPM", "encrypted-disk.seen");
    }
}

//! Memory planned as installed, until its owner confirms what the role needs.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::assessment::MemoryBasis;
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "confirm-memory",
    title: "Memory is planned as installed",
    part: Part::Observation,
    rationale: "Databases and Java keep what they are given: their use says nothing of their need.",
    source: "Ours (design of the method, memory).",
    date: "2026",
    confirm: Who::Owner,
    facts: &["role"],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let installed = |size: &&cairn_schemas::assessment::Size| size.memory_basis == MemoryBasis::Installed;
    let Some(size) = subject.size.filter(installed) else { return Judgement::Silent };
    let finding = match subject.server.text("role") {
        Some(role) => Finding::new("confirm-memory", "role", Severity::Attention).arg("role", role),
        None => Finding::new("confirm-memory", "no-role", Severity::Attention),
    };
    Judgement::Said(finding.arg("bytes", size.memory_bytes_exact).remedy())
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("confirm-memory", "role", "web", "silent");
        check("confirm-memory", "role", "database", "confirm-memory.role");
        check("confirm-memory", "role", "", "confirm-memory.no-role");
    }
}

//! The processor is one the hosts have.
// SPDX-License-Identifier: Apache-2.0

use super::{Part, Rule, Who, gate};

pub(super) const RULE: Rule = Rule {
    id: "architecture",
    title: "The processor is one the hosts have",
    part: Part::Gate,
    rationale: "A virtual machine runs the instructions of its host; another processor means another program.",
    source: "Virtualisation candidate rules, technet and vendor checklists to 2010: x86 and x64 only.",
    date: "2010",
    confirm: Who::Administrator,
    facts: &["architecture"],
    judge: |subject| {
        gate::by_fact(subject, "architecture", "architecture", |value| {
            ["x86_64", "amd64", "x86", "i686"].iter().any(|known| gate::is(value, known))
        })
    },
};

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("architecture", "architecture", "x86_64", "clear");
        check("architecture", "architecture", "s390x", "architecture.proven");
        check("architecture", "architecture", "", "architecture.unknown");
    }
}

//! Known to be a physical machine.
// SPDX-License-Identifier: Apache-2.0

use super::{Part, Rule, Who, gate};

pub(super) const RULE: Rule = Rule {
    id: "already-virtual",
    title: "Known to be a physical machine",
    part: Part::Gate,
    rationale: "What is virtual already is no saving. Proven ones are left out of the count; this rule says where nobody knows.",
    source: "Ours; virtual machines are excluded from the count in every practice we know.",
    date: "2010",
    confirm: Who::Administrator,
    facts: &["virtualization"],
    judge: |subject| {
        gate::by_fact(subject, "already-virtual", "virtualization", |value| gate::is(value, "none"))
    },
};

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("already-virtual", "virtualization", "none", "clear");
        check("already-virtual", "virtualization", "", "already-virtual.unknown");
    }
}

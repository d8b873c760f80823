//! The application vendor allows virtual machines.
// SPDX-License-Identifier: Apache-2.0

use super::{Part, Rule, Who, gate};

pub(super) const RULE: Rule = Rule {
    id: "vendor-support",
    title: "The application vendor allows virtual machines",
    part: Part::Gate,
    rationale: "Running what its vendor does not support or license as a virtual machine moves the risk to the owner, who must decide it.",
    source: "Virtualisation candidate rules of several vendors to 2012; ours in leaving it open until the owner answers.",
    date: "2012",
    confirm: Who::Owner,
    facts: &["vendor_support"],
    judge: |subject| {
        gate::by_fact(subject, "vendor-support", "vendor_support", |value| gate::is(value, "ok"))
    },
};

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("vendor-support", "vendor_support", "ok", "clear");
        check("vendor-support", "vendor_support", "forbidden", "vendor-support.proven");
        check("vendor-support", "vendor_support", "", "vendor-support.unknown");
    }
}

//! No hardware that a virtual machine cannot have.
// SPDX-License-Identifier: Apache-2.0

use super::{Part, Rule, Who, gate};

pub(super) const RULE: Rule = Rule {
    id: "special-hardware",
    title: "No hardware that a virtual machine cannot have",
    part: Part::Gate,
    rationale: "Dongles, tape drives, fax and crypto cards and the like are wired to one machine; they need a remedy before the server can move.",
    source: "eesipeo.com, ssbg.com.cn and Ubiquity (2009) on physical-to-virtual candidates; ours in asking for proof.",
    date: "2009",
    confirm: Who::Administrator,
    facts: &["special_hardware"],
    judge: |subject| {
        gate::by_fact(subject, "special-hardware", "special_hardware", |value| gate::is(value, "none"))
    },
};

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("special-hardware", "special_hardware", "none", "clear");
        check("special-hardware", "special_hardware", "USB dongle 0529:0001", "special-hardware.proven");
        check("special-hardware", "special_hardware", "", "special-hardware.unknown");
    }
}

//! Not a turnkey appliance.
// SPDX-License-Identifier: Apache-2.0

use super::{Part, Rule, Who, gate};

pub(super) const RULE: Rule = Rule {
    id: "appliance",
    title: "Not a turnkey appliance",
    part: Part::Gate,
    rationale: "An appliance is maintained by its maker as one piece of hardware and software.",
    source: "Virtualisation candidate rules to 2010: turnkey appliances are excluded.",
    date: "2010",
    confirm: Who::Owner,
    facts: &["appliance"],
    judge: |subject| gate::by_fact(subject, "appliance", "appliance", |value| value.as_bool() == Some(false)),
};

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("appliance", "appliance", "false", "clear");
        check("appliance", "appliance", "true", "appliance.proven");
        check("appliance", "appliance", "", "appliance.unknown");
    }
}

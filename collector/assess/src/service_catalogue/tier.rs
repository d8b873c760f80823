//! Tiers: what is promised of a virtual machine, by what facts say of its server. Gold, silver and bronze keep
//! "gold for everybody" in bounds (blogs.vmware.com/cloudops); which fact gives which tier is ours.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use cairn_schemas::assessment::ServiceTier;

/// The tier of a server. The higher of two claims holds: nobody is promised less than a fact asks for.
pub(super) fn of(server: &Server) -> ServiceTier {
    let is = |fact: &str, values: &[&str]| {
        server
            .text(fact)
            .is_some_and(|said| values.iter().any(|value| said.trim().eq_ignore_ascii_case(value)))
    };
    let says_more_than_none = |fact: &str| server.text(fact).is_some() && !is(fact, &["none"]);
    match () {
        () if is("criticality", &["high"]) || says_more_than_none("dr_pair") => ServiceTier::Gold,
        () if is("criticality", &["medium"]) || says_more_than_none("cluster") => ServiceTier::Silver,
        () if is("criticality", &["low"]) || is("environment", &["test", "development"]) => {
            ServiceTier::Bronze
        }
        () if is("environment", &["production"]) => ServiceTier::Silver,
        () => ServiceTier::Unknown,
    }
}

/// Whether a tier is promised to be restarted when its host fails, and so pays for failover hosts.
pub(super) const fn is_restarted(tier: ServiceTier) -> bool {
    !matches!(tier, ServiceTier::Bronze)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::server;

    #[test]
    fn the_higher_claim_holds_and_silence_is_unknown() {
        let check = |facts: &[(&str, &str)], expected| {
            assert_eq!(of(&server("web", facts)), expected, "{facts:?}");
        };
        check(&[], ServiceTier::Unknown);
        check(&[("criticality", "High"), ("environment", "test")], ServiceTier::Gold);
        check(&[("dr_pair", "web2"), ("criticality", "low")], ServiceTier::Gold);
        check(&[("dr_pair", "none"), ("cluster", "none")], ServiceTier::Unknown);
        check(&[("cluster", "sql"), ("environment", "test")], ServiceTier::Silver);
        check(&[("criticality", "medium")], ServiceTier::Silver);
        check(&[("environment", "production")], ServiceTier::Silver);
        check(&[("environment", "Production"), ("criticality", "low")], ServiceTier::Bronze);
        check(&[("environment", "development")], ServiceTier::Bronze);
        check(&[("environment", "lab"), ("criticality", "?")], ServiceTier::Unknown);
    }
}

//! Phase 2, Business Production: the first workload the business lives by.
// SPDX-License-Identifier: Apache-2.0

use super::condition::{trigger, unseen};
use super::{Condition, Evidence, Phase};
use crate::readiness::is_it_owned;
use cairn_schemas::assessment::{Category, ExclusionReason, Trigger};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const PHASE: Phase = Phase {
    number: 2,
    id: "business-production",
    business_triggers: &["savings-noticed", "nothing-left-of-its-own", "acquisition-or-new-data-centre"],
    typical_share_ratio: [0.35, 0.50],
    typical_consolidation_ratio: Some([4.0, 8.0]),
    obstacles: &[
        "owners-have-other-concerns",
        "owners-hold-the-budget",
        "vendor-says-no",
        "dedicated-hardware-lost",
    ],
    moves: &["agreed", "business-ready"],
    entry: &[Condition::Measured(agreed_servers), Condition::Moment("executive-cover", unseen)],
    exit: &[
        Condition::Moment("first-business-application", business_guests),
        Condition::Moment("first-recovery-test", unseen),
        Condition::Moment("owner-signed-off", unseen),
    ],
    told: &[],
    at_work: Some("first-business-application"),
    source: "Viarengo, Business Production drill-down, parts 1 and 2 (2010); share inferred from his stall at 25-35 % and from IT as a service above 50 %; ratio and conditions are ours (2026).",
};

/// Servers that others than IT own, that are ready, and whose owners have agreed.
fn agreed_servers(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    let need = evidence.policy.journey.agreed_servers_min as f64;
    let agreed = |(index, server): &&(usize, &cairn_schemas::assessment::ServerReadiness)| {
        let facts = &evidence.estate.servers[*index];
        server.category == Category::Ready
            && facts.text("owner").is_some()
            && !is_it_owned(facts)
            && facts.flag("owner_agreed") == Some(true)
    };
    let have = evidence.servers.iter().filter(agreed).count() as f64;
    let missing = Finding::new("agreed-servers", "missing", Severity::Attention)
        .arg("missing", (need - have).max(0.0))
        .remedy();
    trigger(phase, "agreed-servers", have, need, missing)
}

/// Virtual machines of an application that others than IT own.
fn business_guests(evidence: &Evidence<'_>) -> usize {
    let guest = |name: &str| {
        let found = evidence.estate.servers.binary_search_by(|server| server.name.as_str().cmp(name));
        found.is_ok_and(|index| {
            let server = &evidence.estate.servers[index];
            server.text("owner").is_some() && !is_it_owned(server) && server.text("application").is_some()
        })
    };
    let virtual_ = evidence.excluded.iter().filter(|e| e.reason == ExclusionReason::AlreadyVirtual);
    virtual_.filter(|excluded| guest(&excluded.server)).count()
}

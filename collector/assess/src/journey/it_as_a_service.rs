//! Phase 3, IT as a Service: users ask, and are served.
// SPDX-License-Identifier: Apache-2.0

use super::condition::{share, unseen};
use super::{Condition, Evidence, Phase};
use cairn_schemas::assessment::Trigger;

pub(super) const PHASE: Phase = Phase {
    number: 3,
    id: "it-as-a-service",
    business_triggers: &["demand-for-speed", "public-cloud-comparison"],
    typical_share_ratio: [0.50, 1.0],
    typical_consolidation_ratio: None,
    obstacles: &["no-catalogue", "no-cost-of-a-unit", "gold-for-everybody"],
    moves: &["conditional"],
    entry: &[Condition::Measured(half_is_virtual)],
    exit: &[
        Condition::Moment("catalogue-in-use", unseen),
        Condition::Moment("first-showback", unseen),
        Condition::Moment("first-same-day-request", unseen),
    ],
    told: &[],
    at_work: Some("catalogue-in-use"),
    source: "Viarengo, Removing IT from the boardroom agenda (2010) for share and value; triggers, conditions and exit are ours (2026).",
};

fn half_is_virtual(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    share(phase, evidence.policy.journey.service_share_min_ratio, evidence)
}

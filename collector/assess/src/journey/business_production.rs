//! Phase 2, Business Production: the first workload the business lives by.
// SPDX-License-Identifier: Apache-2.0

use super::Phase;

pub(super) const PHASE: Phase = Phase {
    number: 2,
    id: "business-production",
    title: "Business Production",
    business_triggers: &["savings-noticed", "nothing-left-of-its-own", "acquisition-or-new-data-centre"],
    capability: "High availability, tested recovery, automatic resource management.",
    inflection_point: "The first recovery test of a business application.",
    sponsor: "An executive who gives cover, with application owners at the table",
    value_metric: "Downtime hours avoided, recovery time met",
    typical_share: "35 to 50 %",
    source: "Viarengo, Business Production drill-down (2010); share inferred from his stall at 25-35 % and ITaaS above 50 %.",
    conditions: None,
};

//! Phase 3, IT as a Service: users ask, and are served.
// SPDX-License-Identifier: Apache-2.0

use super::Phase;

pub(super) const PHASE: Phase = Phase {
    number: 3,
    id: "it-as-a-service",
    title: "IT as a Service",
    business_triggers: &["demand-for-speed", "public-cloud-comparison"],
    capability: "Catalogue, showback, self-service.",
    inflection_point: "Physical needs an exception.",
    sponsor: "CIO and CFO",
    value_metric: "Time from request to ready, cost of a workload",
    typical_share: "more than 50 %",
    source: "Viarengo, Removing IT from the boardroom agenda (2010) for share and value; triggers ours.",
    conditions: None,
};

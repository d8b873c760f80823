//! Phase 0, Experiment: trying the technology.
// SPDX-License-Identifier: Apache-2.0

use super::Phase;

pub(super) const PHASE: Phase = Phase {
    number: 0,
    id: "experiment",
    title: "Experiment",
    business_triggers: &[],
    capability: "One lab workload runs virtual; agents measure the estate.",
    inflection_point: "none",
    sponsor: "An administrator",
    value_metric: "Share of the estate measured",
    typical_share: "about 0 (ours: under 5 %)",
    source: "Viarengo, The virtualization journey (2010), leaves it out of scope; exit evidence ours.",
    conditions: None,
};

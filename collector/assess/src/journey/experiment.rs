//! Phase 0, Experiment: trying the technology.
// SPDX-License-Identifier: Apache-2.0

use super::condition::trigger_if_known;
use super::{Condition, Evidence, Phase};
use cairn_schemas::assessment::{ExclusionReason, Trigger};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const PHASE: Phase = Phase {
    number: 0,
    id: "experiment",
    business_triggers: &[],
    typical_share_ratio: [0.0, super::EXPERIMENT_SHARE_MAX],
    typical_consolidation_ratio: None,
    obstacles: &["nothing-measured"],
    moves: &[],
    entry: &[],
    exit: &[Condition::Measured(estate_measured), Condition::Moment("first-virtual-machine", guests)],
    told: &[],
    at_work: None,
    source: "Viarengo, The virtualization journey (2010), leaves it out of scope; its share and exit are ours (2026).",
};

/// Share of the servers that are measured at all.
fn estate_measured(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    let need = evidence.policy.journey.coverage_min_ratio;
    let (all, measured) = (
        evidence.servers.len(),
        evidence.servers.iter().filter(|(_, server)| server.coverage.covered_s > 0).count(),
    );
    let missing = Finding::new("estate-measured", "missing", Severity::Attention)
        .arg("servers", (all - measured) as f64)
        .remedy();
    let have = (all > 0).then(|| measured as f64 / all as f64);
    trigger_if_known(phase, "estate-measured", have, need, missing)
}

fn guests(evidence: &Evidence<'_>) -> usize {
    evidence.excluded.iter().filter(|server| server.reason == ExclusionReason::AlreadyVirtual).count()
}

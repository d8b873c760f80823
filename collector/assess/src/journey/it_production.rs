//! Phase 1, IT Production: cost efficiency with what IT itself owns.
// SPDX-License-Identifier: Apache-2.0

use super::condition::{measured_long_enough, share, trigger, trigger_if_known, unseen};
use super::{Condition, Evidence, Phase};
use crate::readiness::is_it_owned;
use cairn_schemas::assessment::{Category, ServerReadiness, Trigger, TriggerState};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const PHASE: Phase = Phase {
    number: 1,
    id: "it-production",
    business_triggers: &[
        "hardware-refresh",
        "data-centre-consolidation",
        "space-power-cooling",
        "lease-or-warranty-end",
    ],
    typical_share_ratio: [0.05, 0.35],
    typical_consolidation_ratio: Some([8.0, 16.0]),
    obstacles: &["too-little-measured", "hardware-just-bought", "skills-not-there-yet"],
    moves: &["it-owned-ready"],
    entry: &[
        Condition::Measured(ready_servers),
        Condition::Measured(measured),
        Condition::Measured(first_wave_ratio),
        Condition::Measured(payback),
    ],
    exit: &[Condition::Measured(stall_reached), Condition::Moment("first-live-migration", unseen)],
    told: &["first-maintenance-without-downtime"],
    at_work: None,
    source: "Viarengo, Journey stages and IT Production (2010), with the stall at 25-35 %; ratio and conditions are ours (2026).",
};

/// What IT owns itself comes to its end.
fn stall_reached(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    share(phase, evidence.policy.journey.business_share_min_ratio, evidence)
}

/// IT-owned servers that are ready.
fn candidates<'a>(evidence: &'a Evidence<'_>) -> Vec<&'a ServerReadiness> {
    let policy = &evidence.policy.journey;
    let ready = |server: &ServerReadiness| {
        server.category == Category::Ready
            && server.score.is_some_and(|score| score >= policy.ready_score_min)
    };
    let owned = |index: usize| is_it_owned(&evidence.estate.servers[index]);
    evidence
        .servers
        .iter()
        .filter(|(index, server)| owned(*index) && ready(server))
        .map(|(_, s)| *s)
        .collect()
}

fn ready_servers(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    let need = evidence.policy.journey.ready_servers_min as f64;
    let have = candidates(evidence).len() as f64;
    let missing = Finding::new("ready-servers", "missing", Severity::Attention)
        .arg("missing", (need - have).max(0.0))
        .arg("score", evidence.policy.journey.ready_score_min)
        .remedy();
    trigger(phase, "ready-servers", have, need, missing)
}

/// As many of them as are needed must have been measured long enough; the others wait.
fn measured(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    let policy = evidence.policy;
    let need = policy.journey.ready_servers_min as f64;
    let candidates = candidates(evidence);
    let have = candidates.iter().filter(|s| measured_long_enough(&s.coverage, policy)).count() as f64;
    let days = candidates.iter().map(|s| s.coverage.days_still_to_measure).min().unwrap_or(0);
    let missing = Finding::new("measured-long-enough", "missing", Severity::Attention)
        .arg("days", policy.journey.days_min)
        .arg("coverage", policy.journey.coverage_min_ratio)
        .arg("more_days", f64::from(days))
        .remedy();
    trigger(phase, "measured-long-enough", have, need, missing)
}

fn first_wave_ratio(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    let need = evidence.policy.journey.first_wave_net_ratio_min;
    let first = evidence.waves.first().filter(|wave| wave.reason == "it-owned-ready");
    let missing = Finding::new("first-wave-ratio", "missing", Severity::Attention).arg("need", need).remedy();
    let have = first.and_then(|wave| wave.net_consolidation_ratio);
    trigger_if_known(phase, "first-wave-ratio", have, need, missing)
}

fn payback(phase: u8, evidence: &Evidence<'_>) -> Trigger {
    let need = evidence.policy.journey.payback_months_max;
    let have = evidence.value.payback_months.base;
    let state = match (need, have) {
        (None, _) => TriggerState::NotRequired,
        (Some(_), _) if evidence.plan.is_none() => TriggerState::Unknown,
        (Some(need), Some(have)) if have <= need => TriggerState::Met,
        (Some(_), _) => TriggerState::Unmet,
    };
    let say = |message| Finding::new("payback", message, Severity::Info).remedy();
    let missing = match state {
        TriggerState::Met => Vec::new(),
        TriggerState::NotRequired => vec![say("not-required")],
        _ => vec![say("missing")],
    };
    Trigger { phase, condition: "payback".into(), state, have, need, missing }
}

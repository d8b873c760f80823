//! Conditions: what telemetry answers, and what only a person can have seen.
// SPDX-License-Identifier: Apache-2.0

use super::{Evidence, Phase, recorded};
use crate::policy::Policy;
use cairn_schemas::assessment::{Coverage, Trigger, TriggerState};
use cairn_schemas::finding::{Finding, Severity};

/// One condition of a phase.
#[derive(Debug)]
pub enum Condition {
    /// Telemetry and facts answer it.
    Measured(fn(u8, &Evidence<'_>) -> Trigger),
    /// A person records that it happened; what facts show of it counts as well.
    Moment(&'static str, fn(&Evidence<'_>) -> usize),
}

impl Condition {
    /// Its moment, if it is one.
    pub(super) const fn moment(&self) -> Option<&'static str> {
        if let Self::Moment(id, _) = self { Some(id) } else { None }
    }

    pub(super) fn judge(&self, phase: u8, evidence: &Evidence<'_>) -> Trigger {
        match self {
            Self::Measured(judge) => judge(phase, evidence),
            Self::Moment(id, seen) => happened(phase, id, seen(evidence), evidence),
        }
    }
}

/// Nothing shows it but the person who was there.
pub(super) const fn unseen(_: &Evidence<'_>) -> usize {
    0
}

fn happened(phase: u8, id: &str, seen: usize, evidence: &Evidence<'_>) -> Trigger {
    let have = seen + usize::from(recorded(id, evidence).is_some());
    let missing = Finding::new("moment", "missing", Severity::Attention).arg("moment", id).remedy();
    let judged = trigger(phase, id, have as f64, 1.0, missing);
    // That nobody recorded it does not say that it never happened.
    if judged.state == TriggerState::Unmet {
        Trigger { state: TriggerState::Unknown, ..judged }
    } else {
        judged
    }
}

/// A condition that holds from `need` on.
pub(super) fn trigger(phase: u8, condition: &str, have: f64, need: f64, missing: Finding) -> Trigger {
    let met = have >= need;
    Trigger {
        phase,
        condition: condition.to_owned(),
        state: if met { TriggerState::Met } else { TriggerState::Unmet },
        have: Some(have),
        need: Some(need),
        missing: if met { Vec::new() } else { vec![missing] },
    }
}

/// The same where there may be nothing to compare.
pub(super) fn trigger_if_known(
    phase: u8,
    condition: &str,
    have: Option<f64>,
    need: f64,
    missing: Finding,
) -> Trigger {
    match have {
        Some(have) => trigger(phase, condition, have, need, missing),
        None => Trigger {
            phase,
            condition: condition.to_owned(),
            state: TriggerState::Unknown,
            have: None,
            need: Some(need),
            missing: vec![missing],
        },
    }
}

/// A person's reason to go.
pub(super) fn business_trigger(phase: &Phase, evidence: &Evidence<'_>) -> Trigger {
    let of_it = |recorded: &&crate::estate::RecordedTrigger| {
        recorded.phase == phase.number && recorded.on <= evidence.now
    };
    let recorded = evidence.estate.triggers.iter().filter(of_it).count();
    let missing = Finding::new("business-trigger", "missing", Severity::Attention)
        .arg("examples", phase.business_triggers.join(", "))
        .arg("phase", f64::from(phase.number))
        .remedy();
    trigger(phase.number, "business-trigger", recorded as f64, 1.0, missing)
}

/// The share of virtual workloads, from a ratio on.
pub(super) fn share(phase: u8, need: f64, evidence: &Evidence<'_>) -> Trigger {
    let missing =
        Finding::new("virtualised-share", "missing", Severity::Attention).arg("need", need).remedy();
    trigger_if_known(phase, "virtualised-share", evidence.virtualised_share_ratio, need, missing)
}

/// Whether a server was measured as long and as well as a trigger asks.
pub(crate) fn measured_long_enough(coverage: &Coverage, policy: &Policy) -> bool {
    coverage.span_days >= policy.journey.days_min
        && coverage.ratio.is_some_and(|ratio| ratio >= policy.journey.coverage_min_ratio)
        && coverage.month_end_seen
}

//! Whether a change matters: a trigger that changed, a figure that moved by its threshold. Needs the two assessments
//! only, so that a scheduled run can ask after each.
// SPDX-License-Identifier: Apache-2.0

use super::figures::{FOLLOWED, Followed};
use cairn_schemas::assessment::{Assessment, TriggerState};
use cairn_schemas::change::{Verdict, VerdictLevel, VerdictReason};
use std::collections::BTreeMap;

/// From which change on a figure has drifted: the larger of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The figure.
    pub figure: &'static str,
    /// Change in its unit.
    pub absolute: f64,
    /// Change as a share of what it was.
    pub relative: f64,
}

const fn threshold(figure: &'static str, absolute: f64, relative: f64) -> Threshold {
    Threshold { figure, absolute, relative }
}

/// The thresholds (*ours*): one machine and a twentieth, three points of readiness, a tenth of the money. A re-scan of
/// an estate that did nothing new should stay below all of them.
pub static THRESHOLDS: &[Threshold] = &[
    threshold("servers_assessed", 1.0, 0.05),
    threshold("all_hosts", 1.0, 0.05),
    threshold("stay", 1.0, 0.05),
    threshold("net_consolidation_ratio", 0.0, 0.05),
    threshold("readiness_score", 3.0, 0.0),
    threshold("servers_ready", 1.0, 0.05),
    threshold("annual_cash", 0.0, 0.10),
];

/// Whether what changed from one assessment to the next matters.
#[must_use]
pub fn verdict(previous: &Assessment, next: &Assessment) -> Verdict {
    let mut reasons = triggers(previous, next);
    let drift = THRESHOLDS.iter().filter_map(|threshold| passed(threshold, previous, next));
    let level = if !reasons.is_empty() { VerdictLevel::TriggerChanged } else { VerdictLevel::Nothing };
    reasons.extend(drift);
    let level = if reasons.is_empty() { level } else { level.max(VerdictLevel::Drift) };
    Verdict { level, reasons }
}

fn triggers(previous: &Assessment, next: &Assessment) -> Vec<VerdictReason> {
    type States = BTreeMap<(u8, String), TriggerState>;
    let states = |of: &Assessment| -> States {
        let triggers = of.journey.triggers.iter();
        triggers.map(|trigger| ((trigger.phase, trigger.condition.clone()), trigger.state)).collect()
    };
    let (was, is) = (states(previous), states(next));
    let mut all: Vec<&(u8, String)> = was.keys().chain(is.keys()).collect();
    all.sort();
    all.dedup();
    let changed = all.into_iter().filter(|key| was.get(*key) != is.get(*key));
    let reason = |key: &(u8, String)| VerdictReason::Trigger {
        phase: key.0,
        condition: key.1.clone(),
        before: was.get(key).copied(),
        after: is.get(key).copied(),
    };
    changed.map(reason).collect()
}

fn passed(threshold: &Threshold, previous: &Assessment, next: &Assessment) -> Option<VerdictReason> {
    let figure = FOLLOWED.iter().find(|figure| figure.id == threshold.figure)?;
    let of = |figure: &Followed, of: &Assessment| (figure.of)(of).filter(|value| value.is_finite());
    let (before, after) = (of(figure, previous), of(figure, next));
    let other_currency = figure.is_money() && previous.value.currency != next.value.currency;
    let least = threshold.absolute.max(before.unwrap_or(0.0).abs() * threshold.relative);
    let is_passed = match (before, after) {
        _ if other_currency => true,
        (Some(before), Some(after)) => before != after && (after - before).abs() >= least,
        (None, None) => false,
        _ => true,
    };
    is_passed.then(|| VerdictReason::Figure {
        figure: threshold.figure.to_owned(),
        before,
        after,
        threshold: least,
    })
}

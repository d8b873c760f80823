//! Whether a server used so much of what it has that it may have wanted more.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Subject};
use cairn_schemas::finding::Finding;

/// Says a finding when the share of what a server has reaches a limit; nothing is said of what is not known.
pub(super) fn judge(share: Option<f64>, limit: f64, finding: Finding) -> Judgement {
    match share.filter(|share| *share >= limit) {
        Some(share) => Judgement::Said(finding.arg("share", share).remedy()),
        None => Judgement::Silent,
    }
}

/// What was used of what a fact says there is.
pub(super) fn share(used: Option<f64>, has: Option<f64>) -> Option<f64> {
    Some(used? / has.filter(|has| *has > 0.0)?)
}

/// The share at which CPU, disk and network count as saturated.
pub(super) const fn limit(subject: &Subject<'_>) -> f64 {
    subject.policy.readiness.saturated_ratio
}

//! Its links were the limit of what it did.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, saturation};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "saturated-network",
    title: "Has links fast enough today",
    part: Part::Observation,
    rationale: "Links at their limit measure what they could carry, not what was wanted: the demand may be larger.",
    source: "Ours, after the limit for CPU of Flexera CloudScape.",
    date: "2026",
    confirm: Who::Administrator,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (used, has) = (subject.utilisation, subject.capacity);
    let share = saturation::share(used.network_bytes_per_s.map(|bytes| bytes.p95), has.network_bytes_per_s);
    saturation::judge(
        share,
        saturation::limit(subject),
        Finding::new("saturated-network", "seen", Severity::Attention),
    )
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("saturated-network", "network_bytes_per_s", "1050000", "saturated-network.seen");
        check("saturated-network", "network_bytes_per_s", "125000000", "silent");
        check("saturated-network", "network_bytes_per_s", "", "silent");
    }
}

//! Its disks were the limit of what it did.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who, saturation};
use cairn_schemas::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "saturated-disk",
    title: "Has disks fast enough today",
    part: Part::Observation,
    rationale: "Disks at their limit measure what they could deliver, not what was wanted: the storage of the hosts must give more.",
    source: "Ours, after the limit for CPU of Flexera CloudScape.",
    date: "2026",
    confirm: Who::Administrator,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let (used, has) = (subject.utilisation, subject.capacity);
    let share = saturation::share(used.disk_bytes_per_s.map(|bytes| bytes.p95), has.disk_bytes_per_s);
    saturation::judge(
        share,
        saturation::limit(subject),
        Finding::new("saturated-disk", "seen", Severity::Attention),
    )
}

#[cfg(test)]
mod tests {
    use crate::readiness::testing::check;

    #[test]
    fn judges() {
        check("saturated-disk", "disk_bytes_per_s", "1050000", "saturated-disk.seen");
        check("saturated-disk", "disk_bytes_per_s", "500000000", "silent");
        check("saturated-disk", "disk_bytes_per_s", "", "silent");
    }
}

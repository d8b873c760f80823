//! Fit: the share of a host that the worst resource takes.
// SPDX-License-Identifier: Apache-2.0

use super::{Judgement, Part, Rule, Subject, Who};
use cairn_schemas::assessment::{MemoryBasis, Resource};
use cairn_schemas::finding::{Finding, Severity};

const POINTS: f64 = 40.0;

pub(super) const RULE: Rule = Rule {
    id: "fit",
    title: "Takes a small share of a host",
    part: Part::Fit,
    rationale: "A server that takes much of a host raises the cost of each machine and is hard to move about.",
    source: "Large workloads are scored down in candidate practice to 2010; bands of 10, 25 and 50 % are ours.",
    date: "2010",
    confirm: Who::Nobody,
    facts: &[],
    judge,
};

fn judge(subject: &Subject<'_>) -> Judgement {
    let Some((resource, share)) = worst_share(subject) else {
        let finding = Finding::new("fit", "unknown", Severity::Attention).points(0.0, POINTS).remedy();
        return Judgement::Points(0.0, finding);
    };
    let shares = subject.policy.readiness.fit_shares;
    let points = points(share, shares);
    let severity = if share > shares[1] { Severity::Attention } else { Severity::Info };
    let finding = Finding::new("fit", resource.name(), severity)
        .arg("share", share)
        .arg("template", subject.policy.template.name.as_str())
        .points(points, POINTS);
    Judgement::Points(points, finding)
}

/// Full to the first share, then linear to half at the second, linear to a tenth at the third, nothing above.
fn points(share: f64, [full, half, tenth]: [f64; 3]) -> f64 {
    match share {
        s if s <= full => POINTS,
        s if s <= half => POINTS * (1.0 - 0.5 * (s - full) / (half - full)),
        s if s <= tenth => POINTS * (0.5 - 0.4 * (s - half) / (tenth - half)),
        _ => 0.0,
    }
}

/// The resource that takes most of an empty host: p95 of CPU, disk and network, p99 of memory, or the size
/// memory is planned at where that is not what was measured. `None` when CPU or memory is not known.
fn worst_share(subject: &Subject<'_>) -> Option<(Resource, f64)> {
    let (used, host) = (subject.utilisation, &subject.host);
    let cpu = used.cpu_busy_ratio?.p95 * subject.capacity.cpu_mhz? / host.cpu_mhz;
    let size = subject.size?;
    let memory = match size.memory_basis {
        MemoryBasis::MeasuredPeak | MemoryBasis::MatchedPercentile => used.memory_used_bytes?.p99,
        MemoryBasis::Installed | MemoryBasis::LargerOfInstalledAndObserved => size.memory_bytes_exact,
    } / host.memory_bytes;
    let disk = used.disk_bytes_per_s.map(|p| p.p95 / host.disk_bytes_per_s);
    let network = used.network_bytes_per_s.map(|p| p.p95 / host.network_bytes_per_s);
    let shares = [Some(cpu), Some(memory), disk, network];
    let shares = Resource::ALL.into_iter().zip(shares).filter_map(|(r, s)| s.map(|s| (r, s)));
    shares.max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::points;
    use crate::readiness::testing::{judge, message, points as given};
    use crate::testing::ordinary;

    #[test]
    fn points_fall_with_the_share() {
        for (share, expected) in [(0.05, 40.0), (0.10, 40.0), (0.25, 20.0), (0.50, 4.0), (0.51, 0.0)] {
            assert!((points(share, [0.10, 0.25, 0.50]) - expected).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn the_worst_resource_decides() {
        let small = judge("fit", &ordinary("web", 4, 0.10, 10e9));
        assert_eq!((message(&small), given(&small)), ("fit.cpu", 40.0));
        let mut database = ordinary("db", 4, 0.10, 10e9);
        database
            .facts
            .insert("role".into(), crate::testing::server("", &[("role", "database")]).facts["role"].clone());
        database.facts.extend(crate::testing::server("", &[("memory_bytes", "600000000000")]).facts);
        assert_eq!(message(&judge("fit", &database)), "fit.memory");
        assert_eq!(given(&judge("fit", &database)), 0.0);
        assert_eq!(message(&judge("fit", &ordinary("new", 0, 0.0, 0.0))), "fit.unknown");
    }
}

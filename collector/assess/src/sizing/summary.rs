//! What the assessment says of its sizes.
// SPDX-License-Identifier: Apache-2.0

use super::{cpu_scale, standard};
use crate::estate::Estate;
use crate::policy::Policy;
use cairn_schemas::assessment::{Consolidation, CpuGrade, ServerReadiness, Sizing};
use cairn_schemas::finding::{Finding, Severity};

/// How the assessed servers were sized; each comes with its place in the estate. `planned` are those the plan holds.
#[must_use]
pub fn summary(
    estate: &Estate,
    policy: &Policy,
    judged: &[(usize, ServerReadiness)],
    planned: &[usize],
    plan: Option<&Consolidation>,
) -> Sizing {
    Sizing {
        cpu: cpu_scale::cpu_scale(estate, policy, judged, plan),
        matched: policy.sizing.matched.clone(),
        standard_sizes: standard::standard_sizes(estate, policy, judged, planned),
    }
}

/// What must be said of it: a method that is not ours, CPUs nobody could place.
#[must_use]
pub fn findings(sizing: &Sizing) -> Vec<Finding> {
    let matched = sizing.matched.iter().map(|method| {
        Finding::new("policy", "matched-method", Severity::Attention)
            .arg("name", method.name.as_str())
            .arg("percentile", method.percentile)
            .arg("comfort", method.comfort_factor - 1.0)
            .unit("1")
    });
    let unplaced = sizing.cpu.grades.iter().filter(|grade| grade.grade == CpuGrade::Fastest).map(|grade| {
        Finding::new("cpu-scale", "unplaced", Severity::Attention)
            .arg("servers", grade.servers as f64)
            .arg("of", sizing.cpu.grades.iter().map(|grade| grade.servers).sum::<usize>() as f64)
            .remedy()
    });
    let host = (sizing.cpu.host_grade == CpuGrade::Unknown)
        .then(|| Finding::new("cpu-scale", "host-unplaced", Severity::Attention).remedy());
    matched.chain(unplaced).chain(host).collect()
}

//! What if: the scenarios of a policy side by side, and the limits at which the host count changes.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::packing::{self, Plan};
use crate::policy::{Limits, Policy};
use crate::whatif::counts;
use cairn_schemas::assessment::{FlipPoint, Scenario};

/// Name of the policy's own scenario.
pub const OWN: &str = "balanced";

/// Most servers for which flip points are looked for: every limit is a packing of its own.
pub const FLIP_SERVERS_MAX: usize = 2_000;

/// CPU limits tried for flip points, in hundredths.
const FLIP_LIMITS: std::ops::RangeInclusive<u32> = 50..=95;

/// A scenario as a policy of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The policy with what the scenario changes.
    pub policy: Policy,
}

/// The policy's own scenario, then the ones it names. A scenario moves disk and network with the CPU limit.
#[must_use]
pub fn variants(policy: &Policy) -> Vec<Variant> {
    let own = Variant { name: OWN.to_owned(), policy: policy.clone() };
    let named = policy.scenarios.iter().map(|scenario| {
        let mut changed = policy.clone();
        changed.limits = Limits {
            cpu_ratio: scenario.cpu_ratio,
            memory_ratio: scenario.memory_ratio,
            disk_ratio: scenario.cpu_ratio,
            network_ratio: scenario.cpu_ratio,
            ..policy.limits
        };
        changed.sizing.growth_ratio = scenario.growth_ratio;
        changed.sizing.cells = scenario.cells.unwrap_or(policy.sizing.cells);
        changed.cluster.failures = scenario.failures.unwrap_or(policy.cluster.failures);
        if let Some(template) = &scenario.template {
            changed = changed.on_catalogue(Vec::new());
            changed.template = template.clone();
        }
        Variant { name: scenario.name.clone(), policy: changed }
    });
    std::iter::once(own).chain(named).collect()
}

/// The row of a scenario. What it cannot place stays, and counts.
#[must_use]
pub fn row(variant: &Variant, plan: &Plan, assessed: usize, violation_ratio: Option<f64>) -> Scenario {
    let counts = counts(plan, assessed);
    let policy = &variant.policy;
    Scenario {
        name: variant.name.clone(),
        cpu_limit_ratio: policy.limits.cpu_ratio,
        memory_limit_ratio: policy.limits.memory_ratio,
        growth_ratio: policy.sizing.growth_ratio,
        hosts: counts.hosts,
        failover_hosts: counts.failover_hosts,
        lower_bound_hosts: counts.lower_bound_hosts,
        net_consolidation_ratio: counts.net_consolidation(),
        violation_ratio,
    }
}

/// The smallest CPU limit at which ever fewer hosts suffice for the candidates a plan has placed. The other
/// limits move by as much, never above the whole host; limits at which one of the candidates would not fit any
/// more are left out. What suffices at a limit suffices above it, so the plan's own count holds from its limit
/// on and no limit below it claims fewer.
#[must_use]
pub fn flip_points(placed: &[Candidate], policy: &Policy, hosts: usize) -> Vec<FlipPoint> {
    let mut points: Vec<FlipPoint> = Vec::new();
    for hundredths in FLIP_LIMITS {
        let cpu_limit_ratio = f64::from(hundredths) / 100.0;
        let mut moved = policy.clone();
        moved.limits = shifted(&policy.limits, cpu_limit_ratio);
        let Some(count) = packing::host_count(placed, &moved) else { continue };
        let below = cpu_limit_ratio < policy.limits.cpu_ratio;
        let count = if below { count.max(hosts) } else { count.min(hosts) };
        if points.last().is_none_or(|last| count < last.hosts) {
            points.push(FlipPoint { hosts: count, cpu_limit_ratio });
        }
    }
    points
}

/// Limits moved to a CPU limit, all by as much, never above the whole host.
#[must_use]
pub fn shifted(limits: &Limits, cpu_ratio: f64) -> Limits {
    let by = cpu_ratio - limits.cpu_ratio;
    let shift = |ratio: f64| (ratio + by).clamp(0.01, 1.0);
    Limits {
        cpu_ratio,
        memory_ratio: shift(limits.memory_ratio),
        disk_ratio: shift(limits.disk_ratio),
        network_ratio: shift(limits.network_ratio),
        ..*limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::testing::{candidate, policy};

    #[test]
    fn the_host_count_flips_where_one_more_server_fits() {
        let servers: Vec<Candidate> = (0..6).map(|i| candidate(&format!("s{i}"), 30.0, 1.0)).collect();
        let points = flip_points(&servers, &policy(), 3);
        let points: Vec<(usize, f64)> = points.iter().map(|p| (p.hosts, p.cpu_limit_ratio)).collect();
        assert_eq!(points, [(6, 0.50), (3, 0.60), (2, 0.90)]);
    }

    #[test]
    fn limits_at_which_a_server_would_have_to_stay_are_left_out() {
        let points = flip_points(&[candidate("a", 70.0, 1.0)], &policy(), 1);
        assert_eq!(points, [FlipPoint { hosts: 1, cpu_limit_ratio: 0.70 }]);
    }

    #[test]
    fn the_own_scenario_comes_first_and_changes_nothing() {
        let policy = policy();
        let variants = variants(&policy);
        assert_eq!(variants[0].policy, policy);
        let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
        assert_eq!(names, ["balanced", "conservative", "aggressive"]);
        assert_eq!(variants[1].policy.limits.disk_ratio, 0.70);
        assert_eq!(variants[1].policy.limits.failover_ratio, policy.limits.failover_ratio);
    }
}

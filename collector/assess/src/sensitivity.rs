//! Sensitivity: what each assumption moves alone while the others hold, the widest first; and where the host count
//! changes with growth.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::{Candidate, Partition};
use crate::estate::Estate;
use crate::packing;
use crate::policy::{CpuScale, HostTemplate, Limits, Policy, UnseenMonthEnd};
use crate::scenario::shifted;
use crate::whatif::{Prepared, counts};
use cairn_schemas::assessment::{CellMethod, GrowthFlipPoint, Sensitivity, SensitivityEnd};

/// Most servers for which it is looked for: every end of an assumption is a packing.
pub const SERVERS_MAX: usize = 2_000;

/// The assumption that shows what normalisation does to the plan.
pub const CPU_SCALE: &str = "cpu_scale";

/// Growth tried for flip points, in twentieths: up to half as much again. Every step is a packing.
const GROWTHS: std::ops::RangeInclusive<u32> = 0..=10;

/// How far each assumption is moved (*ours*, unless the constant says otherwise).
const LIMIT_BY: f64 = 0.10;
const GROWTH_HIGH: f64 = 0.40;
/// The peers' span for what a second thread adds: none, and the upper end of published factors.
const THREADS: (f64, f64) = (1.0, 1.5);
const TEMPLATE: (f64, f64) = (2.0, 0.5);
const CACHE: (f64, f64) = (0.0, 0.25);

/// The servers of a plan, and all the ratios are over.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// The policy of the plan.
    pub policy: &'a Policy,
    /// Planned servers, by their place in the estate.
    pub planned: &'a [usize],
    /// Those servers measured by that policy.
    pub prepared: &'a Prepared,
    /// All assessed servers.
    pub assessed: usize,
}

/// One row an assumption, widest swing first, in a fixed order where equal. Empty with too many servers.
#[must_use]
pub fn sensitivity(subject: Subject<'_>) -> Vec<Sensitivity> {
    if subject.planned.len() > SERVERS_MAX {
        return Vec::new();
    }
    let mut rows = ends(subject.policy).map(|[low, high]| {
        let assumption = low.assumption.to_owned();
        let (low, high) = (subject.end(&low), subject.end(&high));
        Sensitivity { assumption, swing: low.machines.abs_diff(high.machines), low, high }
    });
    rows.sort_by_key(|row| std::cmp::Reverse(row.swing));
    rows.to_vec()
}

/// An assumption moved.
struct End {
    assumption: &'static str,
    value: String,
    policy: Policy,
    /// Whether sites, zones and licence pools keep servers apart.
    separated: bool,
}

fn end(assumption: &'static str, value: impl ToString, policy: Policy) -> End {
    End { assumption, value: value.to_string(), policy, separated: true }
}

/// Both ends of every assumption, the careless one first.
fn ends(policy: &Policy) -> [[End; 2]; 10] {
    let with = |change: &dyn Fn(&mut Policy)| {
        let mut changed = policy.clone();
        change(&mut changed);
        changed
    };
    let limit = |by: f64| {
        let ratio = ((policy.limits.cpu_ratio + by) * 1e6).round() / 1e6;
        let limits: Limits = shifted(&policy.limits, ratio.clamp(0.01, 1.0));
        end("limits", limits.cpu_ratio, with(&|p| p.limits = limits))
    };
    let growth = |ratio: f64| end("growth", ratio, with(&|p| p.sizing.growth_ratio = ratio));
    let threads =
        |factor: f64| end("threads_factor", factor, with(&|p| p.normalisation.threads_factor = factor));
    let template = |by: f64| end("template", by, of_scaled_hosts(policy, by));
    let failures = |count: usize| end("failures", count, with(&|p| p.cluster.failures = count));
    let cells = |name, method| end("cells", name, with(&|p| p.sizing.cells = method));
    let month_end = |name, unseen| end("month_end", name, with(&|p| p.sizing.unseen_month_end = unseen));
    let cache = |ratio: f64| end("cache_allowance", ratio, with(&|p| p.sizing.cache_allowance_ratio = ratio));
    let scale = |name, scale| end(CPU_SCALE, name, with(&|p| p.normalisation.scale = scale));
    let apart = |name, separated| End { separated, ..end("separations", name, policy.clone()) };
    let failures_high = (policy.cluster.failures + 1).min(2);
    [
        [limit(LIMIT_BY), limit(-LIMIT_BY)],
        [growth(0.0), growth(GROWTH_HIGH.max(policy.sizing.growth_ratio * 2.0))],
        [threads(THREADS.1), threads(THREADS.0)],
        [template(TEMPLATE.0), template(TEMPLATE.1)],
        [failures(0), failures(failures_high)],
        [cells("p95", CellMethod::P95), cells("maximum", CellMethod::Maximum)],
        [
            month_end("ordinary_week", UnseenMonthEnd::OrdinaryWeek),
            month_end("maximum", UnseenMonthEnd::Maximum),
        ],
        [cache(CACHE.0), cache(CACHE.1)],
        [apart("none", false), apart("kept", true)],
        [scale("best", CpuScale::Best), scale("cores_by_clock", CpuScale::CoresByClock)],
    ]
}

/// Whether what was measured by one policy need not be measured afresh for another.
fn measured_alike(a: &Policy, b: &Policy) -> bool {
    a.normalisation == b.normalisation
        && a.sizing.cells == b.sizing.cells
        && a.sizing.unseen_month_end == b.sizing.unseen_month_end
}

/// The policy on hosts so many times as large.
fn of_scaled_hosts(policy: &Policy, by: f64) -> Policy {
    let catalogue = policy.catalogue.iter().map(|template| scaled(template, by)).collect();
    let template = scaled(&policy.template, by);
    Policy { template, ..policy.clone() }.on_catalogue(catalogue)
}

/// A host so many times as large in everything but its clock.
fn scaled(template: &HostTemplate, by: f64) -> HostTemplate {
    HostTemplate {
        cpu_cores: template.cpu_cores * by,
        cpu_threads: template.cpu_threads * by,
        memory_bytes: template.hypervisor_memory_bytes
            + (template.memory_bytes - template.hypervisor_memory_bytes) * by,
        disk_bytes_per_s: template.disk_bytes_per_s * by,
        network_bytes_per_s: template.network_bytes_per_s * by,
        ..template.clone()
    }
}

impl Subject<'_> {
    fn end(&self, end: &End) -> SensitivityEnd {
        let mut candidates = if measured_alike(self.policy, &end.policy) {
            self.prepared.candidates(&end.policy)
        } else {
            Prepared::new(self.estate, &end.policy, self.planned).candidates(&end.policy)
        };
        if !end.separated {
            candidates.iter_mut().for_each(|candidate| candidate.partition = Partition::default());
        }
        let counts = counts(&packing::trial(&candidates, &end.policy), self.assessed);
        SensitivityEnd {
            value: end.value.clone(),
            hosts: counts.hosts,
            failover_hosts: counts.failover_hosts,
            machines: counts.hosts + counts.failover_hosts + counts.stay(),
        }
    }
}

/// The smallest growth from which ever more hosts are needed for the servers a plan has placed. What is needed at
/// a growth is needed above it; the plan's own count holds at its own growth. Growth at which one of them would
/// not fit any more is left out.
#[must_use]
pub fn growth_flip_points(subject: Subject<'_>, placed: &[usize], hosts: usize) -> Vec<GrowthFlipPoint> {
    let own = subject.policy.sizing.growth_ratio;
    let mut points: Vec<GrowthFlipPoint> = Vec::new();
    if placed.len() > SERVERS_MAX {
        return points;
    }
    for step in GROWTHS {
        let growth_ratio = f64::from(step) / 20.0;
        let mut policy = subject.policy.clone();
        policy.sizing.growth_ratio = growth_ratio;
        let grown: Vec<Candidate> = subject
            .prepared
            .candidates(&policy)
            .into_iter()
            .filter(|candidate| placed.binary_search(&candidate.index).is_ok())
            .collect();
        let Some(count) = packing::host_count(&grown, &policy) else { break };
        let count = if growth_ratio > own { count.max(hosts) } else { count.min(hosts) };
        if points.last().is_none_or(|last| count > last.hosts) {
            points.push(GrowthFlipPoint { hosts: count, growth_ratio });
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;

    /// Six servers of 30 on hosts of 100 filled to 80, no growth: two a host.
    fn checked<T>(check: impl Fn(Subject<'_>, &[usize]) -> T) -> T {
        let busy = |_, _| Did::Busy(0.30);
        let estate = estate(2, (0..6).map(|n| server(&format!("s{n}"), 2, busy)).collect());
        let mut policy = policy();
        policy.sizing.growth_ratio = 0.0;
        let planned = [0, 1, 2, 3, 4, 5];
        let prepared = Prepared::new(&estate, &policy, &planned);
        let subject =
            Subject { estate: &estate, policy: &policy, planned: &planned, prepared: &prepared, assessed: 6 };
        check(subject, &planned)
    }

    #[test]
    fn each_assumption_is_moved_alone_and_the_widest_comes_first() {
        let rows = checked(|subject, _| sensitivity(subject));
        assert_eq!(rows.len(), 10);
        assert!(rows.is_sorted_by(|a, b| a.swing >= b.swing));
        let row = |name: &str| rows.iter().find(|row| row.assumption == name).unwrap();
        // 200 take five of 30, the most there may be; 50 filled to 80 % take one.
        let template = row("template");
        assert_eq!((template.low.hosts, template.high.hosts), (2, 6));
        assert_eq!((row("limits").low.value.as_str(), row("limits").low.hosts), ("0.9", 2));
        assert_eq!((row("limits").high.value.as_str(), row("limits").high.hosts), ("0.7", 3));
        // 42 of 80: one a host.
        assert_eq!(row("growth").high.hosts, 6);
        assert_eq!((row("failures").low.failover_hosts, row("cells").swing), (0, 0));
    }

    #[test]
    fn growth_flips_where_one_server_fewer_fits() {
        let points = checked(|subject, placed| growth_flip_points(subject, placed, 3));
        let points: Vec<(usize, f64)> = points.iter().map(|p| (p.hosts, p.growth_ratio)).collect();
        // 40.5 twice is above 80.
        assert_eq!(points, [(3, 0.0), (6, 0.35)]);
    }
}

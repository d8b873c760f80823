//! What a policy may say: numbers within bounds, names that exist, and what must go together.
// SPDX-License-Identifier: Apache-2.0

use super::{migration, readiness, tariff, value, with_nearest};
use cairn_assess::policy::{HostTemplate, Policy};

/// A number of the policy and where it may lie.
pub(super) struct Bound {
    field: &'static str,
    value: f64,
    low: f64,
    high: f64,
}

/// A field and what is wrong with it.
pub(super) type Fault = (String, String);

/// Everything looked at, in this order.
const CHECKS: &[fn(&Policy) -> Option<Fault>] = &[
    licence_names,
    within_bounds,
    cluster_sizes,
    benchmarks_tied,
    catalogue_offers,
    readiness::fault,
    readiness::rules_off,
    migration::waves,
    migration::fault,
    tariff::fault,
    value::fault,
];

/// The first thing wrong with a policy.
pub(super) fn fault(policy: &Policy) -> Option<Fault> {
    CHECKS.iter().find_map(|check| check(policy))
}

/// Templates that may be offered: each is tried first, with the others for what it leaves.
const TEMPLATES_MAX: usize = 6;

fn licence_names(policy: &Policy) -> Option<Fault> {
    let names = cairn_assess::licence::priced_names();
    let foreign = policy.licences.keys().find(|name| !names.contains(&name.as_str()))?;
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let unknown = format!("unknown field `{foreign}`, expected one of {}", quoted.join(", "));
    Some((foreign.clone(), with_nearest(&unknown)))
}

fn within_bounds(policy: &Policy) -> Option<Fault> {
    let wrong = bounds(policy).into_iter().find(|b| !(b.low..=b.high).contains(&b.value))?;
    let Bound { field, value, low, high } = wrong;
    Some((field.to_owned(), format!("`{field}` is {value}; it must lie between {low} and {high}")))
}

fn cluster_sizes(policy: &Policy) -> Option<Fault> {
    let cluster = &policy.cluster;
    let fault = |field: &str, text: &str| Some((field.to_owned(), text.to_owned()));
    if cluster.hosts_min > cluster.hosts_max {
        return fault("cluster.hosts_min", "`cluster.hosts_min` is above `cluster.hosts_max`");
    }
    (cluster.failures >= cluster.hosts_max)
        .then(|| fault("cluster.failures", "`cluster.failures` leaves no host of `cluster.hosts_max`"))?
}

fn benchmarks_tied(policy: &Policy) -> Option<Fault> {
    let normalisation = &policy.normalisation;
    let tied = normalisation.benchmarks.is_empty() || normalisation.mhz_per_point().is_some();
    let reference = &normalisation.reference.cpu_model;
    let fault = || {
        format!(
            "`normalisation.benchmarks` is tied to no MHz: it needs a row of `{reference}`, or \
             `normalisation.reference` must name a row of a known generation"
        )
    };
    (!tied).then(|| ("benchmarks".to_owned(), fault()))
}

fn catalogue_offers(policy: &Policy) -> Option<Fault> {
    let offers = &policy.catalogue;
    let fault = |text: String| Some(("catalogue".to_owned(), text));
    if offers.len() > TEMPLATES_MAX {
        return fault(format!("`catalogue` has {} templates; it may have {TEMPLATES_MAX}", offers.len()));
    }
    let again =
        |(n, offer): (usize, &HostTemplate)| offers[..n].iter().any(|before| before.name == offer.name);
    let twice = offers.iter().enumerate().find(|&(n, offer)| again((n, offer)));
    if let Some((_, offer)) = twice {
        return fault(format!(
            "`catalogue` has two templates named `{}`; a plan could not tell them apart",
            offer.name
        ));
    }
    let unordered = templates(policy).find(|offer| {
        let price = offer.price;
        !(0.0 <= price.low && price.low <= price.base && price.base <= price.high)
    })?;
    let text = format!("`template.price` of `{}` must be low <= base <= high, none below 0", unordered.name);
    Some(("template.price".to_owned(), text))
}

/// As good as unlimited.
pub(super) const LARGE: f64 = 1e18;

pub(super) const fn bound(field: &'static str, value: f64, low: f64, high: f64) -> Bound {
    Bound { field, value, low, high }
}

fn bounds(policy: &Policy) -> Vec<Bound> {
    let (limits, sizing) = (&policy.limits, &policy.sizing);
    vec![
        bound("limits.cpu_ratio", limits.cpu_ratio, 0.01, 1.0),
        bound("limits.memory_ratio", limits.memory_ratio, 0.01, 1.0),
        bound("limits.disk_ratio", limits.disk_ratio, 0.01, 1.0),
        bound("limits.network_ratio", limits.network_ratio, 0.01, 1.0),
        bound("limits.failover_ratio", limits.failover_ratio, 0.01, 1.0),
        bound("limits.failover_memory_ratio", limits.failover_memory_ratio, 0.01, 1.0),
        bound("coverage.minimum_ratio", policy.coverage.minimum_ratio, 0.0, 1.0),
        bound("normalisation.threads_factor", policy.normalisation.threads_factor, 1.0, 2.0),
        bound("normalisation.default_mhz", policy.normalisation.default_mhz, 1.0, 100_000.0),
        bound("sizing.growth_ratio", sizing.growth_ratio, 0.0, 10.0),
        bound("sizing.cache_allowance_ratio", sizing.cache_allowance_ratio, 0.0, 10.0),
        bound("sizing.vcpu_percentile", sizing.vcpu_percentile, 0.0, 1.0),
        bound("sizing.vcpu_fill_ratio", sizing.vcpu_fill_ratio, 0.01, 1.0),
        bound("sizing.memory_step_bytes", sizing.memory_step_bytes, 1.0, LARGE),
        bound("cluster.hosts_min", policy.cluster.hosts_min as f64, 1.0, 64.0),
        // Every set of so many failures is replayed: their number must stay one that can be.
        bound("cluster.hosts_max", policy.cluster.hosts_max as f64, 1.0, 64.0),
        bound("cluster.failures", policy.cluster.failures as f64, 0.0, 2.0),
        bound("risk.violation_ratio_max", policy.risk.violation_ratio_max, 0.0, 1.0),
        bound("risk.worst_fold_violation_ratio_max", policy.risk.worst_fold_violation_ratio_max, 0.0, 1.0),
        bound("risk.host_weeks_min", policy.risk.host_weeks_min as f64, 0.0, LARGE),
        bound("journey.coverage_min_ratio", policy.journey.coverage_min_ratio, 0.0, 1.0),
        bound("journey.business_share_min_ratio", policy.journey.business_share_min_ratio, 0.0, 1.0),
        bound("journey.service_share_min_ratio", policy.journey.service_share_min_ratio, 0.0, 1.0),
        bound("journey.ready_score_min", policy.journey.ready_score_min, 0.0, 100.0),
    ]
    .into_iter()
    .chain(size_bounds(policy))
    .chain(readiness::bounds(&policy.readiness))
    .chain(migration::bounds(&policy.waves, &policy.migration))
    .chain(tariff::bounds(&policy.value))
    .chain(value::bounds(&policy.value))
    .chain(templates(policy).flat_map(template_bounds))
    .chain(policy.scenarios.iter().flat_map(|scenario| {
        [
            bound("scenarios.cpu_ratio", scenario.cpu_ratio, 0.01, 1.0),
            bound("scenarios.memory_ratio", scenario.memory_ratio, 0.01, 1.0),
            bound("scenarios.growth_ratio", scenario.growth_ratio, 0.0, 10.0),
            bound("scenarios.failures", scenario.failures.unwrap_or(0) as f64, 0.0, 2.0),
        ]
    }))
    .collect()
}

fn size_bounds(policy: &Policy) -> Vec<Bound> {
    let (normalisation, sizing, storage) = (&policy.normalisation, &policy.sizing, &policy.storage);
    let mut bounds = vec![
        bound("normalisation.reference.cpu_mhz", normalisation.reference.cpu_mhz, 1.0, 100_000.0),
        bound("sizing.vcpu_step", f64::from(sizing.vcpu_step), 1.0, 64.0),
        bound("storage.growth_ratio", storage.growth_ratio.unwrap_or(0.0), 0.0, 10.0),
        bound("storage.slack_ratio", storage.slack_ratio, 0.0, 10.0),
        bound("storage.protection_factor", storage.protection_factor, 1.0, 10.0),
        bound("storage.growth_days_min", storage.growth_days_min, 1.0, LARGE),
    ];
    for row in &normalisation.benchmarks {
        bounds.push(bound("normalisation.benchmarks.score", row.score, 1e-9, LARGE));
        bounds.push(bound("normalisation.benchmarks.cores", row.cores.unwrap_or(1.0), 1.0, LARGE));
    }
    if let Some(method) = &sizing.matched {
        bounds.push(bound("sizing.matched.percentile", method.percentile, 0.0, 1.0));
        bounds.push(bound("sizing.matched.comfort_factor", method.comfort_factor, 0.1, 10.0));
    }
    for size in &sizing.standard_sizes {
        bounds.push(bound("sizing.standard_sizes.vcpu", f64::from(size.vcpu), 1.0, LARGE));
        bounds.push(bound("sizing.standard_sizes.memory_bytes", size.memory_bytes, 1.0, LARGE));
    }
    bounds
}

fn templates(policy: &Policy) -> impl Iterator<Item = &HostTemplate> {
    let of_scenarios = policy.scenarios.iter().filter_map(|scenario| scenario.template.as_ref());
    std::iter::once(&policy.template).chain(&policy.catalogue).chain(of_scenarios)
}

fn template_bounds(template: &HostTemplate) -> Vec<Bound> {
    vec![
        bound("template.cpu_cores", template.cpu_cores, 1.0, LARGE),
        bound("template.cpu_threads", template.cpu_threads, 1.0, LARGE),
        bound("template.cpu_mhz", template.cpu_mhz, 1.0, 100_000.0),
        bound("template.cpu_sockets", template.cpu_sockets, 1.0, LARGE),
        bound("template.memory_bytes", template.memory_bytes, template.hypervisor_memory_bytes + 1.0, LARGE),
        bound("template.disk_bytes_per_s", template.disk_bytes_per_s, 1.0, LARGE),
        bound("template.network_bytes_per_s", template.network_bytes_per_s, 1.0, LARGE),
        bound("template.hypervisor_cpu_ratio", template.hypervisor_cpu_ratio, 0.0, 0.9),
        bound("template.hypervisor_memory_bytes", template.hypervisor_memory_bytes, 0.0, LARGE),
        bound("template.per_vm_memory_bytes", template.per_vm_memory_bytes, 0.0, LARGE),
        bound("template.vms_max", template.vms_max as f64, 1.0, LARGE),
    ]
}

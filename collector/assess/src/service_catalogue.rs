//! The service catalogue and the showback: a few sizes in tiers, what one of each costs a month, and what each owner's
//! servers cost today beside that.
//!
//! A rate is the pool's yearly cost over the units it can sell at target utilisation, in twelve parts: a part for each
//! virtual machine (storage) and one for its share of the hosts, half by virtual CPUs and half by memory. That owners see
//! what they use beside what their old server cost, and that no money moves, is how others began (Microsoft's private cloud
//! blog on chargeback: showback first; searchservervirtualization: as simple as possible). Sizes, tiers, the halves and who
//! pays for failover hosts are ours.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Estate, Server};
use crate::policy::Policy;
use cairn_schemas::assessment::{
    Assessment, Consolidation, ServerReadiness, ServiceCatalogue, ServiceEntry, ServiceSize, ServiceTier,
    Showback,
};
use cairn_schemas::finding::{Finding, Severity};
use std::collections::{BTreeMap, BTreeSet};

mod cost;
mod pool;
mod showback;
mod sizes;
mod tier;
mod today;
use cost::Costs;
use pool::{Pool, Sold};
use sizes::Shape;

/// Most sizes of a catalogue (*ours*: with four, twice of what is asked for was given on a simulated estate of 200).
const SIZES_MAX: usize = 8;
/// Names of the sizes, smallest first.
const NAMES: [&str; SIZES_MAX] = ["S", "M", "L", "XL", "2XL", "3XL", "4XL", "5XL"];

/// A server that is assessed.
struct Subject<'a> {
    server: &'a Server,
    judged: &'a ServerReadiness,
    /// Whether the plan holds it.
    is_moving: bool,
    tier: ServiceTier,
    /// Place of its size among the sizes; `None` of what stays or cannot be sized.
    size: Option<usize>,
}

/// The catalogue and the showback of an assessment whose servers and plan are known; `None` when none is assessed.
/// `estate` is in canonical order.
#[must_use]
pub fn of(estate: &Estate, policy: &Policy, assessment: &Assessment) -> Option<(ServiceCatalogue, Showback)> {
    made(estate, policy, assessment, &Costs::new(policy.value.resolved()))
}

fn made(
    estate: &Estate,
    policy: &Policy,
    assessment: &Assessment,
    costs: &Costs,
) -> Option<(ServiceCatalogue, Showback)> {
    let plan = assessment.consolidation.as_ref();
    let mut subjects = subjects(estate, plan, &assessment.readiness.servers);
    if subjects.is_empty() {
        return None;
    }
    let shapes = sized(&mut subjects);
    let sold = Sold::of(&subjects, &shapes);
    let pool = plan.map(|plan| Pool::of(plan, &subjects, &sold, policy, costs));
    let entries = entries(&subjects, &shapes, pool.as_ref(), costs);
    let showback = showback::showback(&subjects, &entries, pool.as_ref(), policy, costs);
    let (vcpu_over_ratio, memory_over_ratio) = over(&subjects, &shapes);
    let catalogue = ServiceCatalogue {
        currency: policy.value.currency.clone(),
        sizes: shapes.iter().enumerate().map(|(at, shape)| size(&subjects, at, *shape)).collect(),
        entries,
        vcpu_over_ratio,
        memory_over_ratio,
        findings: findings(&subjects, pool.as_ref(), &sold),
        pool: pool.map_or_else(pool::none, |pool| pool.printed),
        constants: costs.printed(),
    };
    Some((catalogue, showback))
}

/// By name.
fn subjects<'a>(
    estate: &'a Estate,
    plan: Option<&Consolidation>,
    servers: &'a [ServerReadiness],
) -> Vec<Subject<'a>> {
    let hosts = plan.into_iter().flat_map(|plan| &plan.placement);
    let placed: BTreeSet<&str> = hosts.flat_map(|host| &host.servers).map(String::as_str).collect();
    let by_name: BTreeMap<&str, &Server> = estate.servers.iter().map(|s| (s.name.as_str(), s)).collect();
    let subject = |judged: &'a ServerReadiness| {
        let server = by_name.get(judged.server.as_str())?;
        let is_moving = placed.contains(judged.server.as_str());
        Some(Subject { server, judged, is_moving, tier: tier::of(server), size: None })
    };
    let mut subjects: Vec<Subject<'a>> = servers.iter().filter_map(subject).collect();
    subjects.sort_by(|a, b| a.judged.server.cmp(&b.judged.server));
    subjects
}

/// Chooses the sizes and gives each planned server its own.
fn sized(subjects: &mut [Subject<'_>]) -> Vec<Shape> {
    let asked: Vec<Shape> = subjects.iter().filter_map(Subject::asked).collect();
    let shapes = sizes::sizes(&asked, SIZES_MAX);
    for subject in subjects {
        subject.size = subject.asked().and_then(|asked| sizes::smallest(&shapes, asked));
    }
    shapes
}

impl Subject<'_> {
    /// What it asks for, where it moves and can be sized.
    fn asked(&self) -> Option<Shape> {
        let size = self.judged.size.filter(|_| self.is_moving)?;
        Some(Shape { vcpu: size.vcpu, memory_bytes: size.memory_bytes })
    }
}

fn size(subjects: &[Subject<'_>], at: usize, shape: Shape) -> ServiceSize {
    let of_size = || subjects.iter().filter(|subject| subject.size == Some(at));
    let disk = |subject: &Subject<'_>| subject.judged.size.and_then(|size| size.disk_bytes);
    ServiceSize {
        size: NAMES[at].to_owned(),
        vcpu: shape.vcpu,
        memory_bytes: shape.memory_bytes,
        count: of_size().count(),
        disk_bytes_max: of_size().filter_map(disk).reduce(f64::max),
        disk_unknown: of_size().filter(|subject| disk(subject).is_none()).count(),
    }
}

fn entries(
    subjects: &[Subject<'_>],
    shapes: &[Shape],
    pool: Option<&Pool>,
    costs: &Costs,
) -> Vec<ServiceEntry> {
    let mut entries = Vec::new();
    for (at, shape) in shapes.iter().enumerate() {
        for tier in ServiceTier::ALL {
            let gets = |subject: &&Subject<'_>| subject.size == Some(at) && subject.tier == tier;
            let count = subjects.iter().filter(gets).count();
            if count == 0 {
                continue;
            }
            let rate = pool.map(|pool| pool.rate(*shape, tier));
            let labour = costs.labour("servers_per_admin_virtual");
            let mut missing: Vec<String> =
                pool.map_or_else(|| vec!["plan".to_owned()], |pool| pool.printed.missing.clone());
            missing.extend(labour.err().map(str::to_owned));
            missing.sort();
            missing.dedup();
            entries.push(ServiceEntry {
                id: format!("{}-{}", NAMES[at].to_lowercase(), tier.name()),
                size: NAMES[at].to_owned(),
                tier,
                message_id: format!("service.tier.{}", tier.name()),
                count,
                rate: rate.flatten(),
                labour: labour.ok(),
                missing,
            });
        }
    }
    entries
}

/// What is given beyond what was asked for, of virtual CPUs and of memory.
fn over(subjects: &[Subject<'_>], shapes: &[Shape]) -> (Option<f64>, Option<f64>) {
    let pairs = || subjects.iter().filter_map(|subject| Some((subject.asked()?, shapes[subject.size?])));
    let ratio = |of: fn(Shape) -> f64| {
        let (asked, given) =
            pairs().fold((0.0, 0.0), |sum, (asked, given)| (sum.0 + of(asked), sum.1 + of(given)));
        (asked > 0.0).then(|| given / asked - 1.0)
    };
    (ratio(|shape| f64::from(shape.vcpu)), ratio(|shape| shape.memory_bytes))
}

fn findings(subjects: &[Subject<'_>], pool: Option<&Pool>, sold: &Sold) -> Vec<Finding> {
    let say = |message: &str| {
        let remedy = Some(format!("service.{message}.remedy"));
        Finding { remedy, ..Finding::new("service", message, Severity::Attention) }
    };
    let moving = subjects.iter().filter(|subject| subject.is_moving);
    let (tiers, unsized_): (Vec<_>, Vec<_>) = moving.map(|s| (s.tier, s.size.is_none())).unzip();
    let unsaid = tiers.iter().filter(|tier| **tier == ServiceTier::Unknown).count();
    let left_out = unsized_.iter().filter(|is_left_out| **is_left_out).count();
    let mut findings = Vec::new();
    if unsaid > 0 {
        findings.push(say("tier-unknown").arg("servers", unsaid as f64).arg("of", tiers.len() as f64));
    }
    if left_out > 0 {
        findings.push(say("unsized").arg("servers", left_out as f64));
    }
    if pool.is_some_and(|pool| sold.memory_bytes > pool.memory_limit_bytes) {
        let beyond = say("beyond-pool").arg("sold", sold.memory_bytes);
        let limit = pool.map_or(0.0, |pool| pool.memory_limit_bytes);
        findings.push(beyond.arg("limit", limit));
    }
    findings
}

#[cfg(test)]
#[path = "service_catalogue/service_catalogue_tests.rs"]
mod tests;

//! The pool: what its hosts cost a month, what of it can be sold, and what one of a size and tier costs.
// SPDX-License-Identifier: Apache-2.0

use super::Subject;
use super::cost::{Costs, Known, by, month, over};
use super::sizes::Shape;
use super::tier;
use crate::policy::{HostTemplate, Policy};
use cairn_schemas::assessment::{Cents, Cluster, Consolidation, PoolCost, PoolPart, Range, ServiceTier};

/// Units of the entries, as many of each as servers get it.
pub(super) struct Sold {
    pub(super) vcpu: f64,
    pub(super) memory_bytes: f64,
    /// The same of the tiers that are restarted when a host fails; of all where there is none of them.
    restarted_vcpu: f64,
    restarted_memory_bytes: f64,
}

impl Sold {
    pub(super) fn of(subjects: &[Subject<'_>], shapes: &[Shape]) -> Self {
        let units = |is_counted: &dyn Fn(ServiceTier) -> bool| {
            let counted = subjects.iter().filter(|subject| is_counted(subject.tier));
            let shapes = counted.filter_map(|subject| shapes.get(subject.size?));
            shapes.fold((0.0, 0.0), |sum, shape| (sum.0 + f64::from(shape.vcpu), sum.1 + shape.memory_bytes))
        };
        let all = units(&|_| true);
        let restarted = Some(units(&tier::is_restarted)).filter(|units| units.0 > 0.0).unwrap_or(all);
        Self {
            vcpu: all.0,
            memory_bytes: all.1,
            restarted_vcpu: restarted.0,
            restarted_memory_bytes: restarted.1,
        }
    }
}

/// The pool, and what its rates are made of, a year.
pub(super) struct Pool {
    pub(super) printed: PoolCost,
    /// Memory of the hosts up to their limit.
    pub(super) memory_limit_bytes: f64,
    rates: Option<Rates>,
}

/// Yearly costs, and the units they are spread over.
struct Rates {
    hosts: Range,
    failover_hosts: Range,
    /// Of each virtual machine.
    each: Range,
    /// The share that is spread by virtual CPUs, and not by memory.
    cpu_share: f64,
    sellable: (f64, f64),
    /// Units sellable to the tiers that are restarted.
    sellable_restarted: (f64, f64),
    /// Whether every tier pays for failover hosts, since none of those that should is there.
    all_pay: bool,
}

/// What hosts of a plan are, some of them.
struct Hosts<'a> {
    policy: &'a Policy,
    clusters: &'a [Cluster],
    count: fn(&Cluster) -> usize,
    /// Mean CPU over all hosts.
    busy_ratio: f64,
}

/// A part of the cost of some hosts, a year.
struct Part {
    id: &'static str,
    formula: &'static str,
    of: fn(&Hosts<'_>, &Costs) -> Known<Range>,
}

/// What hosts cost, in reading order; what each virtual machine costs besides is [`STORAGE`].
const PARTS: &[Part] = &[
    Part {
        id: "hosts",
        formula: "hosts * template.price / server_life",
        of: |hosts, costs| {
            over(hosts.sum(|template| template.price), costs.get("server_life")?, "server_life")
        },
    },
    Part {
        id: "maintenance",
        formula: "hosts * template.price * maintenance_share",
        of: |hosts, costs| Ok(by(hosts.sum(|template| template.price), costs.get("maintenance_share")?, 1.0)),
    },
    Part {
        id: "energy",
        formula: "hosts * P(host) * hours_per_year / 1000 * pue * electricity_price, P = idle + (max - idle) * mean CPU",
        of: |hosts, costs| {
            let watts = |t: &HostTemplate| t.idle_watts + (t.max_watts - t.idle_watts) * hosts.busy_ratio;
            costs.energy(hosts.sum(|template| Range::of(watts(template))))
        },
    },
    Part {
        id: "space",
        formula: "hosts * rack_units_per_server * rack_unit_cost",
        of: |hosts, costs| costs.space(hosts.sum(|_| Range::of(1.0)).base),
    },
    Part {
        id: "subscription",
        formula: "hosts * hypervisor_subscription",
        of: |hosts, costs| Ok(by(hosts.sum(|_| Range::of(1.0)), costs.get("hypervisor_subscription")?, 1.0)),
    },
];

const STORAGE: (&str, &str) = ("storage", "placed * storage_per_server / server_life");

impl Hosts<'_> {
    /// Something of a host, over these hosts.
    fn sum(&self, of: impl Fn(&HostTemplate) -> Range) -> Range {
        let of_cluster = |cluster: &Cluster| {
            let hosts = (self.count)(cluster) as f64;
            by(of(self.policy.template_of(&cluster.template)), Range::of(hosts), 1.0)
        };
        self.clusters.iter().map(of_cluster).fold(Range::default(), Range::plus)
    }
}

impl Pool {
    pub(super) fn of(
        plan: &Consolidation,
        subjects: &[Subject<'_>],
        sold: &Sold,
        policy: &Policy,
        costs: &Costs,
    ) -> Self {
        let busy_ratio = busy_ratio(plan, subjects);
        let some = |count| Hosts { policy, clusters: &plan.clusters, count, busy_ratio };
        let (ordinary, failover) = (some(|cluster| cluster.hosts), some(|cluster| cluster.failover_hosts));
        let placed = subjects.iter().filter(|subject| subject.is_moving).count() as f64;
        let each = || over(costs.get("storage_per_server")?, costs.get("server_life")?, "server_life");
        let each = each();

        let mut sums = (Range::default(), Range::default());
        let (mut parts, mut missing) = (Vec::new(), Vec::new());
        for part in PARTS {
            let both = (part.of)(&ordinary, costs).and_then(|a| Ok((a, (part.of)(&failover, costs)?)));
            let amount = both.and_then(|(hosts, failover)| {
                sums = (sums.0.plus(hosts), sums.1.plus(failover));
                month(hosts.plus(failover), part.id)
            });
            parts.push(printed(part.id, part.formula, amount, &mut missing));
        }
        let storage = each.and_then(|each| month(by(each, Range::of(placed), 1.0), STORAGE.0));
        parts.push(printed(STORAGE.0, STORAGE.1, storage, &mut missing));
        let share = costs.get("pool_cpu_share").map(|share| share.base.clamp(0.0, 1.0));
        missing.extend(share.err().map(str::to_owned));
        missing.sort();
        missing.dedup();

        let memory_limit_bytes = memory_limit(plan, policy);
        let sellable = sellable(plan, subjects, sold, policy, memory_limit_bytes);
        let part_of = |all: f64, part: f64, of: f64| if all > 0.0 { of * part / all } else { 0.0 };
        let rates = each.ok().zip(share.ok()).filter(|_| missing.is_empty()).map(|(each, cpu_share)| Rates {
            hosts: sums.0,
            failover_hosts: sums.1,
            each,
            cpu_share,
            sellable,
            sellable_restarted: (
                part_of(sold.vcpu, sold.restarted_vcpu, sellable.0),
                part_of(sold.memory_bytes, sold.restarted_memory_bytes, sellable.1),
            ),
            all_pay: !subjects.iter().any(|s| s.size.is_some() && tier::is_restarted(s.tier)),
        });
        let amounts: Option<Vec<Cents>> = parts.iter().map(|part| part.amount).collect();
        let printed = PoolCost {
            hosts: plan.hosts,
            failover_hosts: plan.failover_hosts,
            cash: amounts.map(|amounts| amounts.into_iter().fold(Cents::default(), Cents::plus)),
            parts,
            missing,
            sold_vcpu: sold.vcpu,
            sold_memory_bytes: sold.memory_bytes,
            sellable_vcpu: sellable.0,
            sellable_memory_bytes: sellable.1,
        };
        Self { printed, memory_limit_bytes, rates }
    }

    /// Cash a month of one virtual machine; `None` where an input is missing.
    pub(super) fn rate(&self, shape: Shape, tier: ServiceTier) -> Option<Cents> {
        let rates = self.rates.as_ref()?;
        let share = |units: (f64, f64)| {
            rates.cpu_share * f64::from(shape.vcpu) / units.0
                + (1.0 - rates.cpu_share) * shape.memory_bytes / units.1
        };
        let mut year = rates.each.plus(by(rates.hosts, Range::of(share(rates.sellable)), 1.0));
        if rates.all_pay || tier::is_restarted(tier) {
            year = year.plus(by(rates.failover_hosts, Range::of(share(rates.sellable_restarted)), 1.0));
        }
        month(year, "rate").ok()
    }
}

fn printed(id: &str, formula: &str, amount: Known<Cents>, missing: &mut Vec<String>) -> PoolPart {
    missing.extend(amount.err().map(str::to_owned));
    PoolPart { id: id.to_owned(), amount: amount.ok(), formula: formula.to_owned() }
}

/// Where nothing could be planned.
pub(super) fn none() -> PoolCost {
    PoolCost {
        hosts: 0,
        failover_hosts: 0,
        parts: Vec::new(),
        cash: None,
        missing: vec!["plan".to_owned()],
        sold_vcpu: 0.0,
        sold_memory_bytes: 0.0,
        sellable_vcpu: 0.0,
        sellable_memory_bytes: 0.0,
    }
}

/// Mean CPU of all hosts. A server that was not measured counts with all it has, as it is planned: it may cost more so, and
/// never less.
fn busy_ratio(plan: &Consolidation, subjects: &[Subject<'_>]) -> f64 {
    let mean = |subject: &Subject<'_>| {
        let judged = subject.judged;
        Some(judged.capacity.cpu_mhz? * judged.utilisation.cpu_busy_ratio.map_or(1.0, |p| p.mean))
    };
    let used: f64 = subjects.iter().filter(|subject| subject.is_moving).filter_map(mean).sum();
    let has: f64 = plan.placement.iter().map(|host| host.capacity.cpu_mhz).sum();
    if has > 0.0 { (used / has).min(1.0) } else { 0.0 }
}

fn memory_limit(plan: &Consolidation, policy: &Policy) -> f64 {
    let hosts = plan.placement.iter().filter(|host| !host.failover);
    hosts.map(|host| host.capacity.memory_bytes).sum::<f64>() * policy.limits.memory_ratio
}

/// Virtual CPUs and memory that can be sold before the hosts reach their limits; at least what is sold.
///
/// A virtual CPU is a share of a host that was measured, not a thread of it: those sold ask for so many MHz (the sum of the
/// 99th percentiles and growth), and as many more can be sold as the limit leaves.
fn sellable(
    plan: &Consolidation,
    subjects: &[Subject<'_>],
    sold: &Sold,
    policy: &Policy,
    memory_limit_bytes: f64,
) -> (f64, f64) {
    let asks = |subject: &Subject<'_>| {
        let judged = subject.judged;
        let is_measured = judged.coverage_ratio.unwrap_or(0.0) >= policy.coverage.minimum_ratio;
        let busy = judged.utilisation.cpu_busy_ratio.filter(|_| is_measured).map_or(1.0, |p| p.p99);
        Some(judged.capacity.cpu_mhz? * busy * (1.0 + policy.sizing.growth_ratio))
    };
    let asked: f64 = subjects.iter().filter(|subject| subject.size.is_some()).filter_map(asks).sum();
    let hosts = plan.placement.iter().filter(|host| !host.failover);
    let limit = hosts.map(|host| host.capacity.cpu_mhz).sum::<f64>() * policy.limits.cpu_ratio;
    let more = if asked > 0.0 { (limit / asked).max(1.0) } else { 1.0 };
    (sold.vcpu * more, sold.memory_bytes.max(memory_limit_bytes))
}

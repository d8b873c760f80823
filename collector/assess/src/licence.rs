//! Licences as the plan decides them: how many cores each product asks for in each arrangement, what that costs,
//! and which is cheapest once the hosts it needs are counted. Never added to the value: prices are the vendor's.
// SPDX-License-Identifier: Apache-2.0

use crate::catalogue;
use crate::demand::Candidate;
use crate::estate::Estate;
use crate::packing::{self, ClusterPlan, Plan};
use crate::policy::{HostTemplate, Policy};
use crate::sizing;
use cairn_schemas::assessment::{Licence, Range};
use std::collections::BTreeSet;
use terms::{DATABASES, HYPERVISOR, Terms, WINDOWS_DATACENTER, WINDOWS_STANDARD};

mod host_terms;
mod terms;
pub use host_terms::{Licensed, of_cluster};

#[cfg(test)]
#[path = "licence/licence_tests.rs"]
mod tests;

/// Virtual machines of Windows on a host from which Datacenter costs no more than Standard over and over, at
/// list prices; `None` when it never does.
#[must_use]
pub fn windows_break_even(policy: &Policy) -> Option<usize> {
    let (standard, datacenter) = (price(policy, &WINDOWS_STANDARD)?, price(policy, &WINDOWS_DATACENTER)?);
    let sets = (datacenter.base / standard.base).ceil();
    // So many licences cost as much as Datacenter; the first machine that needs the last of them decides.
    (sets.is_finite() && sets >= 1.0).then(|| (sets as usize - 1) * machines_per_set() + 1)
}

/// One row a product and arrangement, products in the order of the table of terms.
#[must_use]
pub fn licences(estate: &Estate, policy: &Policy, candidates: &[Candidate], plan: &Plan) -> Vec<Licence> {
    let planned = Planned { estate, policy, candidates, plan };
    let mut licences = planned.windows();
    licences.extend(planned.hypervisor());
    licences.extend(DATABASES.iter().flat_map(|terms| planned.database(terms)));
    licences
}

/// Price of a core: the policy's, else the list's where it is in the policy's currency.
fn price(policy: &Policy, terms: &Terms) -> Option<Range> {
    let listed = (policy.value.currency == terms::CURRENCY).then_some(terms.core_price);
    policy.licences.get(terms.name).map(|own| own.value).or(listed)
}

/// Names under which a policy may price licences.
#[must_use]
pub fn priced_names() -> Vec<&'static str> {
    let windows = [WINDOWS_STANDARD.name, WINDOWS_DATACENTER.name, HYPERVISOR.name];
    windows.into_iter().chain(DATABASES.iter().map(|terms| terms.name)).collect()
}

/// Windows machines that one Standard licence of a whole host covers.
fn machines_per_set() -> usize {
    WINDOWS_STANDARD.vms_per_licence.unwrap_or(usize::MAX)
}

/// Standard licences of every host of a cluster, given the Windows machines on each. Standard stays with its host: each
/// needs enough for what it carries once others have failed.
fn standard_sets(cluster: &ClusterPlan, on_host: impl Iterator<Item = usize> + Clone) -> usize {
    let left = cluster.machines().saturating_sub(cluster.failures_survived).max(1);
    let count: usize = on_host.clone().sum();
    on_host.max().unwrap_or(0).max(count.div_ceil(left)).div_ceil(machines_per_set())
}

/// Cores that must be licensed on a host.
fn host_cores(template: &HostTemplate, terms: &Terms) -> f64 {
    let by_processor = template.cpu_sockets * terms.processor_cores_min;
    template.cpu_cores.max(by_processor).max(terms.host_cores_min)
}

/// Cores that must be licensed on all hosts of some clusters of a plan.
fn cores<'a>(plan: &Plan, clusters: impl Iterator<Item = &'a ClusterPlan>, terms: &Terms) -> f64 {
    let of = |cluster: &ClusterPlan| {
        cluster.machines() as f64 * host_cores(&plan.kind(cluster).template, terms) * terms.core_factor
    };
    clusters.map(of).sum()
}

/// A product on hosts of its own.
struct Fenced {
    hosts: usize,
    cores: f64,
    /// Hosts more than without the fence, and what they cost.
    extra_hosts: i64,
    extra_cost: f64,
}

struct Planned<'a> {
    estate: &'a Estate,
    policy: &'a Policy,
    candidates: &'a [Candidate],
    plan: &'a Plan,
}

impl Planned<'_> {
    fn text(&self, candidate: usize, fact: &str) -> &str {
        self.estate.servers[self.candidates[candidate].index].text(fact).unwrap_or_default()
    }

    /// Windows in Standard and in Datacenter edition, on every host of a cluster that runs any.
    fn windows(&self) -> Vec<Licence> {
        let windows = |&server: &usize| host_terms::is_windows(self.text(server, "os"));
        let (mut servers, mut hosts, mut standard, mut datacenter) = (0, 0, 0.0, 0.0);
        for cluster in self.plan.clusters() {
            let on_host = cluster.hosts.iter().map(|host| host.iter().filter(|s| windows(s)).count());
            let count: usize = on_host.clone().sum();
            if count == 0 {
                continue;
            }
            let sets = standard_sets(cluster, on_host);
            servers += count;
            hosts += cluster.machines();
            let cores = cores(self.plan, std::iter::once(cluster), &WINDOWS_STANDARD);
            standard += cores * sets as f64;
            datacenter += cores;
        }
        if servers == 0 {
            return Vec::new();
        }
        let row = |terms: &Terms, arrangement: &str, cores: f64| Licence {
            servers,
            hosts,
            ..self.row(terms, arrangement, cores)
        };
        with_cheapest(vec![
            (row(&WINDOWS_STANDARD, "standard", standard), 0.0),
            (row(&WINDOWS_DATACENTER, "datacenter", datacenter), 0.0),
        ])
    }

    fn hypervisor(&self) -> Vec<Licence> {
        let hosts = self.plan.hosts() + self.plan.failover_hosts();
        if hosts == 0 {
            return Vec::new();
        }
        let cores = cores(self.plan, self.plan.clusters(), &HYPERVISOR);
        let row = self.row(&HYPERVISOR, "all_hosts", cores.max(HYPERVISOR.order_cores_min));
        with_cheapest(vec![(Licence { servers: self.plan.placed(), hosts, ..row }, 0.0)])
    }

    /// A database on hosts it shares, on hosts of its own, and by virtual machine where that can be licensed.
    fn database(&self, terms: &Terms) -> Vec<Licence> {
        let runs = |server: &usize| self.text(*server, "database").eq_ignore_ascii_case(terms.product);
        let placed = self.plan.clusters().flat_map(|cluster| &cluster.hosts).flatten().copied();
        let servers: BTreeSet<usize> = placed.filter(runs).collect();
        if servers.is_empty() {
            return Vec::new();
        }
        let holds = |cluster: &&ClusterPlan| cluster.hosts.iter().flatten().any(|s| servers.contains(s));
        let shared = || self.plan.clusters().filter(holds);
        let row = |arrangement: &str, hosts: usize, cores: f64| Licence {
            servers: servers.len(),
            hosts,
            ..self.row(terms, arrangement, cores)
        };
        let machines = shared().map(ClusterPlan::machines).sum();
        let mut rows = vec![(row("shared_hosts", machines, cores(self.plan, shared(), terms)), 0.0)];
        if let Some(fenced) = self.fenced(terms, &servers) {
            let row = row("own_hosts", fenced.hosts, fenced.cores);
            rows.push((Licence { extra_hosts: fenced.extra_hosts, ..row }, fenced.extra_cost));
        }
        if let Some(least) = terms.vm_cores_min {
            let cores = servers.iter().map(|&server| self.virtual_cores(server).max(least)).sum();
            rows.push((row("per_vm", 0, cores), 0.0));
        }
        with_cheapest(rows)
    }

    /// Hosts of its own for a set of servers; `None` when the plan gives them hosts of their own already.
    fn fenced(&self, terms: &Terms, servers: &BTreeSet<usize>) -> Option<Fenced> {
        let mixed = |cluster: &ClusterPlan| {
            let mut inside = cluster.hosts.iter().flatten().map(|server| servers.contains(server));
            inside.clone().any(|inside| inside) && !inside.all(|inside| inside)
        };
        if !self.plan.clusters().any(mixed) {
            return None;
        }
        let mut fenced: Vec<Candidate> = self.candidates.to_vec();
        servers.iter().for_each(|&server| fenced[server].partition.licence_pool = terms.product.to_owned());
        let plan = packing::plan(&fenced, self.policy);
        // A group that must share a host and is only half inside the fence cannot be fenced.
        if plan.placed() != self.plan.placed() {
            return None;
        }
        let fence = || {
            let parts = plan.partitions.iter().filter(|part| part.partition.licence_pool == terms.product);
            parts.flat_map(|part| &part.clusters)
        };
        let machines = |plan: &Plan| (plan.hosts() + plan.failover_hosts()) as i64;
        let price = |plan: &Plan| catalogue::cost(plan).base;
        Some(Fenced {
            hosts: fence().map(ClusterPlan::machines).sum(),
            cores: cores(&plan, fence(), terms),
            extra_hosts: machines(&plan) - machines(self.plan),
            extra_cost: price(&plan) - price(self.plan),
        })
    }

    fn virtual_cores(&self, candidate: usize) -> f64 {
        let candidate = &self.candidates[candidate];
        let server = &self.estate.servers[candidate.index];
        // Sized from what was measured, as far as it goes: never above what the server has.
        let size = sizing::size(server, candidate, true, self.policy);
        size.map_or(0.0, |size| f64::from(size.vcpu))
    }

    fn row(&self, terms: &Terms, arrangement: &str, cores: f64) -> Licence {
        let own = self.policy.licences.get(terms.name);
        let cost = price(self.policy, terms).map(|price| Range {
            low: price.low * cores,
            base: price.base * cores,
            high: price.high * cores,
        });
        Licence {
            product: terms.product.to_owned(),
            arrangement: arrangement.to_owned(),
            servers: 0,
            hosts: 0,
            cores,
            cost,
            per_year: terms.per_year,
            extra_hosts: 0,
            cheapest: false,
            source: own.map_or_else(|| terms.source.to_owned(), |own| own.source.clone()),
            date: own.map_or_else(|| terms.date.to_owned(), |own| own.date.clone()),
            verdict: "confirm_with_vendor".to_owned(),
        }
    }
}

/// Marks the cheapest arrangement at base prices, each with what it adds to the price of the hosts; the first of
/// equals, and none while a price is unknown.
fn with_cheapest(rows: Vec<(Licence, f64)>) -> Vec<Licence> {
    let total = |(row, hosts): &(Licence, f64)| row.cost.map(|cost| cost.base + hosts);
    let totals: Option<Vec<f64>> = rows.iter().map(total).collect();
    let least = totals.as_ref().and_then(|totals| totals.iter().copied().reduce(f64::min));
    let place = totals.zip(least).and_then(|(all, least)| all.iter().position(|&cost| cost <= least));
    let mark = |(n, (row, _)): (usize, (Licence, f64))| Licence { cheapest: Some(n) == place, ..row };
    rows.into_iter().enumerate().map(mark).collect()
}

//! What the hosts of a cluster cost in licences: those that go by the cores of a host, and so speak for one host
//! template or another. Licences of single machines are the same on every template and are left out here.
// SPDX-License-Identifier: Apache-2.0

use super::terms::{DATABASES, HYPERVISOR, Terms, WINDOWS_DATACENTER, WINDOWS_STANDARD};
use super::{host_cores, price, standard_sets};
use crate::estate::Server;
use crate::packing::ClusterPlan;
use crate::policy::{HostTemplate, Policy};

/// Machines of a candidate by what is licensed for the whole host they run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Licensed {
    windows: usize,
    databases: [usize; DATABASES.len()],
}

impl Licensed {
    /// What a server runs, as far as its facts say.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let database = server.text("database").unwrap_or_default();
        let runs = |terms: &Terms| usize::from(database.eq_ignore_ascii_case(terms.product));
        let is_windows = server.text("os").is_some_and(is_windows);
        Self {
            windows: usize::from(is_windows),
            databases: std::array::from_fn(|product| runs(&DATABASES[product])),
        }
    }
}

/// Whether a system is a Windows.
pub(super) fn is_windows(os: &str) -> bool {
    os.to_ascii_lowercase().contains("windows")
}

impl std::ops::Add for Licensed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let databases = std::array::from_fn(|product| self.databases[product] + other.databases[product]);
        Self { windows: self.windows + other.windows, databases }
    }
}

/// What the hosts of a cluster cost in licences over the years of the value, at base prices in the policy's currency;
/// a product without a price there counts nothing. `licensed` gives what a candidate runs.
#[must_use]
pub fn of_cluster(
    policy: &Policy,
    template: &HostTemplate,
    cluster: &ClusterPlan,
    licensed: impl Fn(usize) -> Licensed,
) -> f64 {
    let on_hosts: Vec<Licensed> = cluster
        .hosts
        .iter()
        .map(|host| host.iter().map(|&server| licensed(server)).fold(Licensed::default(), std::ops::Add::add))
        .collect();
    let all = on_hosts.iter().copied().fold(Licensed::default(), std::ops::Add::add);
    let of_host = |terms: &Terms| {
        let years = if terms.per_year { f64::from(policy.value.years) } else { 1.0 };
        let core = price(policy, terms).map_or(0.0, |price| price.base * years);
        core * host_cores(template, terms) * terms.core_factor
    };
    let machines = cluster.machines() as f64;
    let mut cost = machines * of_host(&HYPERVISOR);
    if all.windows > 0 {
        let sets = standard_sets(cluster, on_hosts.iter().map(|host| host.windows));
        cost += machines * (of_host(&WINDOWS_STANDARD) * sets as f64).min(of_host(&WINDOWS_DATACENTER));
    }
    let by_host = DATABASES.iter().zip(all.databases);
    // Where single machines can be licensed, they are.
    let by_host = by_host.filter(|(terms, count)| *count > 0 && terms.vm_cores_min.is_none());
    cost + by_host.map(|(terms, _)| machines * of_host(terms)).sum::<f64>()
}

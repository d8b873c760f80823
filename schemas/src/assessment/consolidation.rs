//! Consolidation: the plan, its proof and its risk.
// SPDX-License-Identifier: Apache-2.0

use super::Outlook;
use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// A plan with its proof and its risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Consolidation {
    /// The scenario this plan is of.
    pub scenario: String,
    /// Hosts of the plan, failover hosts excluded.
    pub hosts: usize,
    /// Hosts needed besides, to survive the failures of the policy.
    pub failover_hosts: usize,
    /// No plan of the same servers, demand and limits can do with fewer hosts.
    pub lower_bound_hosts: usize,
    /// (hosts - lower bound) / lower bound; `None` when the bound is 0.
    pub proven_gap_ratio: Option<f64>,
    /// The gap to what the configuration program says the servers need, which is likely and not proven; never
    /// above the proven one, and `None` where it says no more than the proof.
    #[serde(default)]
    pub estimated_gap_ratio: Option<f64>,
    /// Interval on hosts; `None` with too few independent origins, and a finding says so.
    pub interval: Option<Interval>,
    /// Servers by where they end.
    pub population: Population,
    /// placed / hosts.
    pub source_to_destination_ratio: Option<f64>,
    /// B / (hosts + failover hosts + stay): the headline.
    pub net_consolidation_ratio: Option<f64>,
    /// placed / (hosts + failover hosts).
    pub vm_density: Option<f64>,
    /// B - (hosts + failover hosts + stay); negative when the plan adds machines.
    pub servers_removed: i64,
    /// Walk-forward back-test; `None` with fewer than five whole weeks, and a finding says so.
    pub backtest: Option<Backtest>,
    /// One row a host cluster.
    pub clusters: Vec<Cluster>,
    /// One row a host.
    pub placement: Vec<HostPlacement>,
    /// Servers of B that are not placed, each with why.
    pub stay: Vec<Stay>,
    /// Dimensions left out for want of data, printed beside the host count.
    pub dropped_dimensions: Vec<DroppedDimension>,
    /// The scenarios side by side.
    pub scenarios: Vec<Scenario>,
    /// Where the host count changes when a limit moves.
    pub flip_points: Vec<FlipPoint>,
    /// What may turn out otherwise.
    #[serde(default)]
    pub outlook: Outlook,
    /// What constraints do to the plan.
    #[serde(default)]
    pub constraints: super::Constraints,
    /// What else must be said.
    pub findings: Vec<Finding>,
}

/// Servers by where they end; `placed + stay` is `assessed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Population {
    /// B: physical servers, blocked and unknown ones included.
    pub assessed: usize,
    /// On a host of the plan.
    pub placed: usize,
    /// Left physical.
    pub stay: usize,
}

/// A server that stays physical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Stay {
    /// Its name.
    pub server: String,
    /// Why: `blocked`, `vetoed`, `unknown`, `oversized`, `unplaceable`, `conflict` or `kept_physical`.
    pub reason: String,
}

/// An interval on the host count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// Fewest hosts.
    pub low: usize,
    /// Most hosts.
    pub high: usize,
    /// What it claims: `range` of walk-forward errors, no probability.
    pub level: IntervalLevel,
    /// Independent origins behind it.
    pub origins: usize,
}

/// What an interval claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntervalLevel {
    /// Smallest to largest walk-forward error seen.
    Range,
}

/// Walk-forward back-test (design 7.6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Backtest {
    /// Test weeks.
    pub folds: usize,
    /// 5-minute intervals of hosts in which every placed server has data.
    pub host_intervals: u64,
    /// Intervals left out, since a placed server had no data.
    pub unobserved: u64,
    /// Share of `host_intervals` in which a host was above its full capacity; `None` when none was observed.
    pub violation_ratio: Option<f64>,
    /// The same in the worst fold.
    pub worst_fold_violation_ratio: Option<f64>,
    /// Share of hosts ever above their full capacity.
    pub hosts_ever_affected_ratio: Option<f64>,
    /// Minutes above full capacity a host and year.
    pub minutes_per_host_year: Option<f64>,
    /// One row a fold.
    pub by_fold: Vec<Fold>,
}

/// One test week.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Fold {
    /// First moment of the test week.
    pub week: crate::time::Timestamp,
    /// Hosts planned from the weeks before.
    pub hosts: usize,
    /// Observed intervals.
    pub host_intervals: u64,
    /// Intervals left out.
    pub unobserved: u64,
    /// Intervals above full capacity.
    pub violations: u64,
}

/// Hosts of one site, zone and licence pool that fail over to each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Cluster {
    /// Name made of its partition and a number.
    pub name: String,
    /// Site, empty when unknown.
    pub site: String,
    /// Security zone, empty when unknown.
    pub zone: String,
    /// Licence pool, empty when none.
    pub licence_pool: String,
    /// Host template.
    pub template: String,
    /// Servers placed.
    pub servers: usize,
    /// Hosts of the plan.
    pub hosts: usize,
    /// Hosts besides.
    pub failover_hosts: usize,
    /// Failures survived, by replay of every one.
    pub failures_survived: usize,
    /// Bound of the whole partition the cluster is part of.
    pub partition_lower_bound_hosts: usize,
    /// What proves that bound; `None` in assessments of versions that did not say.
    #[serde(default)]
    pub partition_bound_basis: Option<BoundBasis>,
    /// What fills it first.
    pub limiting: Option<Peak>,
}

/// What proves that a partition needs so many hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BoundBasis {
    /// What all servers together ask for in the scarcest hour of the scarcest resource.
    Load,
    /// Servers too large to share a host in some hour, and what does not fit beside them (Martello and Toth's L2).
    LargeServers,
    /// The most virtual machines a host may have.
    VmsMax,
    /// Nodes of one failover cluster, each on a host of its own.
    KeptApart,
    /// Sets of servers that fit a host: the configuration linear program.
    SetsOfServers,
    /// The least mix of several host templates that carries the load.
    MixOfHosts,
}

/// One host of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct HostPlacement {
    /// Its name.
    pub host: String,
    /// Its cluster.
    pub cluster: String,
    /// Its template.
    pub template: String,
    /// What it can give before limits, hypervisor overhead taken off.
    pub capacity: HostCapacity,
    /// Who is on it; empty for a failover host.
    pub servers: Vec<String>,
    /// The fullest cell of the fullest resource, `None` for a failover host.
    pub peak: Option<Peak>,
    /// Whether it is a failover host.
    pub failover: bool,
}

/// Capacity of a host, CPU on the normalised scale of the servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct HostCapacity {
    /// Normalised MHz.
    pub cpu_mhz: f64,
    /// Memory.
    pub memory_bytes: f64,
    /// Disk.
    pub disk_bytes_per_s: f64,
    /// Network, each direction.
    pub network_bytes_per_s: f64,
}

/// A dimension of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// CPU, normalised MHz.
    Cpu,
    /// Memory, bytes.
    Memory,
    /// Disk, bytes a second, read and written.
    Disk,
    /// Network, bytes a second, the busier direction.
    Network,
}

impl Resource {
    /// Every resource, in the order of every array over resources.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Disk, Self::Network];

    /// Its name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Network => "network",
        }
    }
}

/// The fullest cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Peak {
    /// Which resource.
    pub resource: Resource,
    /// Which cell: 0 to 167 hour of the week (UTC, 0 is Monday 00:00), 168 to 191 hour of a month-end day.
    pub cell: usize,
    /// Share of the capacity used then; at most the utilisation limit.
    pub used: f64,
}

/// A dimension that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct DroppedDimension {
    /// Which.
    pub resource: Resource,
    /// Placed servers without demand or capacity in it.
    pub servers_without_data: usize,
}

/// One set of assumptions beside the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Scenario {
    /// `conservative`, `balanced`, `aggressive`, or the user's.
    pub name: String,
    /// Utilisation limit of CPU.
    pub cpu_limit_ratio: f64,
    /// Utilisation limit of memory.
    pub memory_limit_ratio: f64,
    /// Growth provided for.
    pub growth_ratio: f64,
    /// Hosts.
    pub hosts: usize,
    /// Hosts besides.
    pub failover_hosts: usize,
    /// Bound.
    pub lower_bound_hosts: usize,
    /// Net ratio.
    pub net_consolidation_ratio: Option<f64>,
    /// Back-tested risk of this plan's limits; `None` when not tested.
    pub violation_ratio: Option<f64>,
}

/// A change of the host count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct FlipPoint {
    /// Hosts of the plan from this limit on.
    pub hosts: usize,
    /// Smallest CPU utilisation limit tried at which they suffice; memory's moves with it.
    pub cpu_limit_ratio: f64,
}

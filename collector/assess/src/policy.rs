//! Every assumption a person may change, with its default. The standard policy is named and versioned so
//! that assessments compare; a file changes what it names and keeps the rest.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::{CellMethod, HostCapacity, PolicyRef, Range};
use cairn_schemas::digest::sha256_hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod journey;
mod packing;
mod risk;
mod scenario;
mod value;
pub use journey::JourneyPolicy;
pub use packing::PackingPolicy;
pub use risk::{PlanLimits, RiskPolicy, UnseenMonthEnd};
pub use scenario::ScenarioPolicy;
pub use value::{ValueConstant, ValuePolicy};

/// The assumptions of an assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Name, `standard` for ours.
    pub name: String,
    /// Version of that name.
    pub version: String,
    /// Coverage and confidence.
    pub coverage: CoveragePolicy,
    /// Unlike CPUs on one scale.
    pub normalisation: NormalisationPolicy,
    /// From use to demand and size.
    pub sizing: SizingPolicy,
    /// The host everything is planned on.
    pub template: HostTemplate,
    /// How full a host may be planned, per resource.
    pub limits: Limits,
    /// Host clusters and failover.
    pub cluster: ClusterPolicy,
    /// How long the plan is improved.
    pub packing: PackingPolicy,
    /// How much risk a plan may carry.
    pub risk: RiskPolicy,
    /// Scenarios shown beside this policy's own plan, in order.
    pub scenarios: Vec<ScenarioPolicy>,
    /// Rules switched off, each with the reason the report prints.
    pub rules_off: BTreeMap<String, String>,
    /// Constants of the value.
    pub value: ValuePolicy,
    /// When the phases of the journey open.
    pub journey: JourneyPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            name: "standard".into(),
            version: "2026.1".into(),
            coverage: CoveragePolicy::default(),
            normalisation: NormalisationPolicy::default(),
            sizing: SizingPolicy::default(),
            template: HostTemplate::default(),
            limits: Limits::default(),
            cluster: ClusterPolicy::default(),
            packing: PackingPolicy::default(),
            risk: RiskPolicy::default(),
            scenarios: ScenarioPolicy::standard(),
            rules_off: BTreeMap::new(),
            value: ValuePolicy::default(),
            journey: JourneyPolicy::default(),
        }
    }
}

impl Policy {
    /// Name, version and hash, as an assessment records them.
    #[must_use]
    pub fn reference(&self) -> PolicyRef {
        // A policy is plain data: it always serialises.
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        PolicyRef { name: self.name.clone(), version: self.version.clone(), sha256: sha256_hex(&canonical) }
    }
}

/// Coverage and confidence (design 7.1; *ours*, after reference figures on how long to measure).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CoveragePolicy {
    /// Below this coverage a server is planned at the larger of installed and observed.
    pub minimum_ratio: f64,
    /// Days and coverage from which confidence is medium.
    pub medium: Threshold,
    /// Days and coverage from which, with a month-end, confidence is high.
    pub high: Threshold,
}

/// Days and coverage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Days between first and last slot.
    pub days: f64,
    /// Coverage of the window.
    pub ratio: f64,
}

impl Default for CoveragePolicy {
    fn default() -> Self {
        Self {
            minimum_ratio: 0.5,
            medium: Threshold { days: 7.0, ratio: 0.7 },
            high: Threshold { days: 28.0, ratio: 0.9 },
        }
    }
}

/// Unlike CPUs on one scale (design 7.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NormalisationPolicy {
    /// What a second thread of a core adds: capacity is multiplied by this when threads exceed cores.
    /// 1.25 is the default of PlateSpin Recon 3.6 (Novell documentation, 2008); peers range from 1.25 to 1.5.
    pub threads_factor: f64,
    /// Clock assumed where only the cores are known, in MHz (*ours*): the upper end of server base clocks, so
    /// that an unknown clock asks for more, never for less.
    pub default_mhz: f64,
}

impl Default for NormalisationPolicy {
    fn default() -> Self {
        Self { threads_factor: 1.25, default_mhz: 4_000.0 }
    }
}

/// From use to demand and size (design 7.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SizingPolicy {
    /// How five-minute means become the demand of a cell.
    pub cells: CellMethod,
    /// What a month-end that was never seen is planned at.
    pub unseen_month_end: UnseenMonthEnd,
    /// Growth provided for over the horizon (*ours*, until the customer supplies one; ITRS uses the same 20 %).
    pub growth_ratio: f64,
    /// Page cache a Linux server keeps beside its used memory, as a share of it (*ours*).
    pub cache_allowance_ratio: f64,
    /// Percentile of CPU slot means a virtual CPU count is sized for.
    pub vcpu_percentile: f64,
    /// Share of its virtual CPUs that percentile may fill.
    pub vcpu_fill_ratio: f64,
    /// Memory sizes are rounded up to this many bytes.
    pub memory_step_bytes: f64,
    /// Roles whose measured memory may be planned; every other role keeps its installed memory until its
    /// owner confirms.
    pub measured_memory_roles: Vec<String>,
}

impl Default for SizingPolicy {
    fn default() -> Self {
        let roles = [
            "web",
            "file",
            "print",
            "dns",
            "dhcp",
            "domain_controller",
            "proxy",
            "mail_relay",
            "batch",
            "build",
            "infrastructure",
            "monitoring",
            "idle",
        ];
        Self {
            cells: CellMethod::Maximum,
            unseen_month_end: UnseenMonthEnd::Maximum,
            growth_ratio: 0.20,
            cache_allowance_ratio: 0.10,
            vcpu_percentile: 0.99,
            vcpu_fill_ratio: 0.80,
            memory_step_bytes: 1_073_741_824.0,
            measured_memory_roles: roles.map(str::to_owned).to_vec(),
        }
    }
}

/// A purchasable host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostTemplate {
    /// Name, for plans and reports.
    pub name: String,
    /// CPU maker; hosts of one cluster share it.
    pub cpu_vendor: String,
    /// Physical cores, all sockets.
    pub cpu_cores: f64,
    /// Threads, all sockets.
    pub cpu_threads: f64,
    /// Base clock, MHz.
    pub cpu_mhz: f64,
    /// Sockets, each one NUMA node.
    pub cpu_sockets: f64,
    /// Memory.
    pub memory_bytes: f64,
    /// What its storage path carries.
    pub disk_bytes_per_s: f64,
    /// What its links carry, each direction.
    pub network_bytes_per_s: f64,
    /// What the hypervisor itself takes of the CPU, as a share.
    pub hypervisor_cpu_ratio: f64,
    /// What the hypervisor itself takes of the memory.
    pub hypervisor_memory_bytes: f64,
    /// Memory each virtual machine costs beside its own.
    pub per_vm_memory_bytes: f64,
    /// Most virtual machines on one host.
    pub vms_max: usize,
    /// Watts idle and at full load.
    pub idle_watts: f64,
    /// Watts at full load.
    pub max_watts: f64,
    /// Price in the policy's currency.
    pub price: Range,
}

impl Default for HostTemplate {
    /// A two-socket virtualisation host of 2025 (*ours*, to be replaced by the customer's offer).
    fn default() -> Self {
        const GIB: f64 = 1_073_741_824.0;
        Self {
            name: "two-socket-64-core-1-tib".into(),
            cpu_vendor: "any".into(),
            cpu_cores: 64.0,
            cpu_threads: 128.0,
            cpu_mhz: 2_400.0,
            cpu_sockets: 2.0,
            memory_bytes: 1_024.0 * GIB,
            disk_bytes_per_s: 4e9,
            network_bytes_per_s: 6.25e9,
            hypervisor_cpu_ratio: 0.03,
            hypervisor_memory_bytes: 16.0 * GIB,
            per_vm_memory_bytes: 0.125 * GIB,
            vms_max: 120,
            idle_watts: 180.0,
            max_watts: 750.0,
            price: Range { low: 18_000.0, base: 24_000.0, high: 32_000.0 },
        }
    }
}

impl HostTemplate {
    /// What a host gives to virtual machines, before limits; CPU on the normalised scale of the servers.
    #[must_use]
    pub fn capacity(&self, normalisation: &NormalisationPolicy) -> HostCapacity {
        let threads = if self.cpu_threads > self.cpu_cores { normalisation.threads_factor } else { 1.0 };
        HostCapacity {
            cpu_mhz: self.cpu_cores * self.cpu_mhz * threads * (1.0 - self.hypervisor_cpu_ratio),
            memory_bytes: self.memory_bytes - self.hypervisor_memory_bytes,
            disk_bytes_per_s: self.disk_bytes_per_s,
            network_bytes_per_s: self.network_bytes_per_s,
        }
    }
}

/// Utilisation limits U: the share of a host a plan may fill (design 7.5, *ours*).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// CPU, in ordinary running.
    pub cpu_ratio: f64,
    /// Memory, in ordinary running.
    pub memory_ratio: f64,
    /// Disk, in ordinary running.
    pub disk_ratio: f64,
    /// Network, in ordinary running.
    pub network_ratio: f64,
    /// CPU, disk and network while a host has failed.
    pub failover_ratio: f64,
    /// Memory while a host has failed.
    pub failover_memory_ratio: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ratio: 0.80,
            memory_ratio: 0.85,
            disk_ratio: 0.80,
            network_ratio: 0.80,
            failover_ratio: 1.00,
            failover_memory_ratio: 0.95,
        }
    }
}

impl Limits {
    /// The limits in the order of `Resource::ALL`.
    #[must_use]
    pub const fn ordinary(&self) -> [f64; 4] {
        [self.cpu_ratio, self.memory_ratio, self.disk_ratio, self.network_ratio]
    }

    /// The limits while a host has failed, in the same order.
    #[must_use]
    pub const fn failover(&self) -> [f64; 4] {
        [self.failover_ratio, self.failover_memory_ratio, self.failover_ratio, self.failover_ratio]
    }
}

/// Host clusters and failover (design 7.5, *ours*).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterPolicy {
    /// Fewest hosts of a cluster, failover hosts included.
    pub hosts_min: usize,
    /// Most hosts of a cluster, failover hosts included.
    pub hosts_max: usize,
    /// Host failures every cluster survives.
    pub failures: usize,
    /// Clusters of more hosts than this survive one failure more.
    pub extra_failure_above_hosts: usize,
}

impl Default for ClusterPolicy {
    fn default() -> Self {
        Self { hosts_min: 3, hosts_max: 16, failures: 1, extra_failure_above_hosts: 12 }
    }
}

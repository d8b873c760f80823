//! Every assumption a person may change, with its default. The standard policy is named and versioned so
//! that assessments compare; a file changes what it names and keeps the rest.
// SPDX-License-Identifier: Apache-2.0

use crate::normalize;
use cairn_schemas::assessment::{HostCapacity, PolicyRef, Range};
use cairn_schemas::digest::sha256_hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod journey;
mod normalisation;
mod packing;
mod readiness;
mod risk;
mod scenario;
mod sizing;
mod value;
pub use journey::JourneyPolicy;
pub use normalisation::{CpuBenchmark, CpuScale, NormalisationPolicy, ReferenceCpu};
pub use packing::PackingPolicy;
pub use readiness::ReadinessPolicy;
pub use risk::{PlanLimits, RiskPolicy, UnseenMonthEnd};
pub use scenario::ScenarioPolicy;
pub use sizing::{SizingPolicy, StandardSize, StorageBasis, StoragePolicy};
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
    /// What storage is bought with.
    pub storage: StoragePolicy,
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
    /// Thresholds of the readiness rules.
    pub readiness: ReadinessPolicy,
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
            version: "2026.2".into(),
            coverage: CoveragePolicy::default(),
            normalisation: NormalisationPolicy::default(),
            sizing: SizingPolicy::default(),
            storage: StoragePolicy::default(),
            template: HostTemplate::default(),
            limits: Limits::default(),
            cluster: ClusterPolicy::default(),
            packing: PackingPolicy::default(),
            risk: RiskPolicy::default(),
            scenarios: ScenarioPolicy::standard(),
            readiness: ReadinessPolicy::default(),
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

/// A purchasable host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostTemplate {
    /// Name, for plans and reports.
    pub name: String,
    /// CPU maker; hosts of one cluster share it.
    pub cpu_vendor: String,
    /// CPU model, by which it is compared with the servers' CPUs.
    pub cpu_model: String,
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
            cpu_model: ReferenceCpu::default().cpu_model,
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
        let (cpu_mhz, _) = normalize::host_mhz(self, normalisation);
        HostCapacity {
            cpu_mhz: cpu_mhz * (1.0 - self.hypervisor_cpu_ratio),
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

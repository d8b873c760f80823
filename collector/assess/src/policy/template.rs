//! The host everything is planned on, as it can be bought or is owned already.
// SPDX-License-Identifier: Apache-2.0

use super::{NormalisationPolicy, ReferenceCpu};
use crate::normalize;
use cairn_schemas::assessment::{HostCapacity, Range};
use serde::{Deserialize, Serialize};

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
    /// Most hosts of it, failover hosts included: those the customer owns already, at a price of 0 say. Not
    /// limited where nothing is said.
    pub count_max: Option<usize>,
    /// Watts idle and at full load.
    pub idle_watts: f64,
    /// Watts at full load.
    pub max_watts: f64,
    /// Price in the policy's currency.
    #[serde(deserialize_with = "super::range::written")]
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
            count_max: None,
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

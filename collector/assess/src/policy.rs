//! Every assumption a person may change, with its default. The standard policy is named and versioned so
//! that assessments compare; a file changes what it names and keeps the rest.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::PolicyRef;
use cairn_schemas::digest::sha256_hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod journey;
mod migration;
mod normalisation;
mod packing;
mod range;
mod readiness;
mod risk;
mod scenario;
mod sizing;
mod template;
mod value;
mod waves;
pub use journey::JourneyPolicy;
pub use migration::{Freeze, MigrationPolicy};
pub use normalisation::{CpuBenchmark, CpuScale, NormalisationPolicy, ReferenceCpu};
pub use packing::{Objective, PackingPolicy};
pub use readiness::ReadinessPolicy;
pub use risk::{PlanLimits, RiskPolicy, UnseenMonthEnd};
pub use scenario::ScenarioPolicy;
pub use sizing::{SizingPolicy, StandardSize, StorageBasis, StoragePolicy};
pub use template::HostTemplate;
pub use value::{BenefitInput, PowerRow, ValueConstant, ValuePolicy};
pub use waves::WavesPolicy;

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
    /// The host everything is planned on. With a catalogue, the host servers are judged by: see
    /// [`Policy::on_catalogue`].
    pub template: HostTemplate,
    /// Host templates a plan may choose from, or mix, with their prices; empty: `template` is the only one.
    pub catalogue: Vec<HostTemplate>,
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
    /// Prices of core licences that replace those of the table of terms, by its names.
    pub licences: BTreeMap<String, ValueConstant>,
    /// Constants of the value.
    pub value: ValuePolicy,
    /// What moves together, and in which order.
    pub waves: WavesPolicy,
    /// How servers are moved.
    pub migration: MigrationPolicy,
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
            catalogue: Vec::new(),
            limits: Limits::default(),
            cluster: ClusterPolicy::default(),
            packing: PackingPolicy::default(),
            risk: RiskPolicy::default(),
            scenarios: ScenarioPolicy::standard(),
            readiness: ReadinessPolicy::default(),
            rules_off: BTreeMap::new(),
            licences: BTreeMap::new(),
            value: ValuePolicy::default(),
            waves: WavesPolicy::default(),
            migration: MigrationPolicy::default(),
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

    /// The templates a plan may use, in their order.
    #[must_use]
    pub fn templates(&self) -> &[HostTemplate] {
        if self.catalogue.is_empty() { std::slice::from_ref(&self.template) } else { &self.catalogue }
    }

    /// The template of a name; the policy's own where no other has it.
    #[must_use]
    pub fn template_of(&self, name: &str) -> &HostTemplate {
        self.catalogue.iter().find(|template| template.name == name).unwrap_or(&self.template)
    }

    /// The policy planned on these templates. Servers are judged by the roomiest of them, and sized with the
    /// largest overhead of a virtual machine, so that any of them can carry what it was given. Without templates
    /// the policy's own stands alone.
    #[must_use]
    pub fn on_catalogue(mut self, catalogue: Vec<HostTemplate>) -> Self {
        let room = |template: &HostTemplate| {
            let capacity = template.capacity(&self.normalisation);
            capacity.cpu_mhz * capacity.memory_bytes
        };
        // Of equals the first.
        let roomiest =
            catalogue.iter().reduce(|most, next| if room(next) > room(most) { next } else { most });
        if let Some(roomiest) = roomiest {
            let overheads = catalogue.iter().map(|template| template.per_vm_memory_bytes);
            self.template = HostTemplate {
                per_vm_memory_bytes: overheads.fold(0.0, f64::max),
                count_max: None,
                ..roomiest.clone()
            };
        }
        self.catalogue = catalogue;
        self
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

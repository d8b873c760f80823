//! From use to size: percentiles, rounding, standard sizes, storage.
// SPDX-License-Identifier: Apache-2.0

use super::UnseenMonthEnd;
use cairn_schemas::assessment::{CellMethod, MatchedMethod};
use serde::{Deserialize, Serialize};

const GIB: f64 = 1_073_741_824.0;

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
    /// Virtual CPUs are rounded up to a multiple of this, 2 where the hypervisor's sizes are even.
    pub vcpu_step: u32,
    /// Memory sizes are rounded up to this many bytes.
    pub memory_step_bytes: f64,
    /// Roles whose measured memory may be planned; every other role keeps its installed memory until its
    /// owner confirms.
    pub measured_memory_roles: Vec<String>,
    /// A percentile by a comfort factor, flat over the week and for every role, in the place of all this: for
    /// those who must match someone else's method. Growth stays.
    pub matched: Option<MatchedMethod>,
    /// Sizes virtual machines are given in, in any order; what they would change is shown beside the plan.
    pub standard_sizes: Vec<StandardSize>,
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
            vcpu_step: 1,
            memory_step_bytes: GIB,
            measured_memory_roles: roles.map(str::to_owned).to_vec(),
            matched: None,
            standard_sizes: StandardSize::standard(),
        }
    }
}

/// A size virtual machines are given in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardSize {
    /// Its name.
    pub name: String,
    /// Virtual CPUs.
    pub vcpu: u32,
    /// Memory.
    pub memory_bytes: f64,
}

impl StandardSize {
    /// Four GiB a virtual CPU, doubling: the general purpose sizes of Amazon EC2 M5
    /// (aws.amazon.com/ec2/instance-types/m5, 2017), by plain names.
    #[must_use]
    pub fn standard() -> Vec<Self> {
        let names = ["small", "medium", "large", "xlarge", "2xlarge", "4xlarge"];
        let size = |(n, name): (u32, &str)| Self {
            name: name.to_owned(),
            vcpu: 2 << n,
            memory_bytes: f64::from(8 << n) * GIB,
        };
        (0..).zip(names).map(size).collect()
    }
}

/// What storage is bought with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoragePolicy {
    /// What is provided for: bytes in use (thin) or the size of the disks (thick).
    pub basis: StorageBasis,
    /// Growth provided for; `sizing.growth_ratio` until set.
    pub growth_ratio: Option<f64>,
    /// Kept free on top: 25 %, as Azure VMware Solution assessments do for vSAN (learn.microsoft.com, 2025).
    pub slack_ratio: f64,
    /// How it is protected, in words.
    pub protection: String,
    /// Raw bytes a usable byte takes: mirrored once is 2; RAID-5 over four hosts 1.33, RAID-6 over six 1.5, mirrored
    /// twice 3 (failures to tolerate of VMware vSAN, as in Azure VMware Solution assessments, learn.microsoft.com, 2025).
    pub protection_factor: f64,
    /// Days between two readings from which growth is spoken of (*ours*).
    pub growth_days_min: f64,
}

/// What storage is provided for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageBasis {
    /// Bytes in use; the size of the disks where use is unknown.
    #[default]
    Used,
    /// The size of the disks.
    Allocated,
}

impl Default for StoragePolicy {
    fn default() -> Self {
        Self {
            basis: StorageBasis::Used,
            growth_ratio: None,
            slack_ratio: 0.25,
            protection: "mirrored, one failure (FTT 1, RAID-1)".into(),
            protection_factor: 2.0,
            growth_days_min: 7.0,
        }
    }
}

//! The service catalogue: what the pool offers, at which rate a month; and the showback: what each owner's servers cost
//! today, beside what they would at those rates. Money is in whole cents, so that parts add up exactly.
// SPDX-License-Identifier: Apache-2.0

use super::{Constant, Range};
use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// Hundredths of the currency a month, at the low, base and high ends of the constants: low is the least it may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Cents {
    /// The least it may cost.
    pub low: i64,
    /// What we would plan with.
    pub base: i64,
    /// The most it may cost.
    pub high: i64,
}

impl Cents {
    /// The sum, end by end.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, base: self.base + other.base, high: self.high + other.high }
    }

    /// The difference at each end of the constants; low is then not the least.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self { low: self.low - other.low, base: self.base - other.base, high: self.high - other.high }
    }

    /// So many of it.
    #[must_use]
    pub const fn times(self, count: usize) -> Self {
        let count = count as i64;
        Self { low: self.low * count, base: self.base * count, high: self.high * count }
    }

    /// In units of the currency.
    #[must_use]
    pub fn money(self) -> Range {
        let of = |cents: i64| cents as f64 / 100.0;
        Range { low: of(self.low), base: of(self.base), high: of(self.high) }
    }
}

/// What the pool offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServiceCatalogue {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The sizes, ascending.
    pub sizes: Vec<ServiceSize>,
    /// One row a size and tier that a planned server gets, by size, then tier.
    pub entries: Vec<ServiceEntry>,
    /// Virtual CPUs given over those asked for, less 1; `None` where nothing is planned. Likewise of memory.
    pub vcpu_over_ratio: Option<f64>,
    /// Memory given over that asked for, less 1.
    pub memory_over_ratio: Option<f64>,
    /// What the pool costs, and what of it can be sold.
    pub pool: PoolCost,
    /// Every constant used.
    pub constants: Vec<Constant>,
    /// What else must be said.
    pub findings: Vec<Finding>,
}

/// One size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServiceSize {
    /// `S`, `M`, `L` or `XL`.
    pub size: String,
    /// Virtual CPUs.
    pub vcpu: u32,
    /// Memory.
    pub memory_bytes: f64,
    /// Planned servers it is the smallest to fit.
    pub count: usize,
    /// The largest disk of those servers whose disks are known; `None` where none is.
    pub disk_bytes_max: Option<f64>,
    /// Servers of it whose disks are not known.
    pub disk_unknown: usize,
}

/// What is promised of a virtual machine, by what facts say of its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// It is critical, or another site takes over from it.
    Gold,
    /// Production, of medium criticality, or a node of a failover cluster: restarted when its host fails.
    Silver,
    /// Test, development or of low criticality: restarted where there is room.
    Bronze,
    /// No fact says; it is restarted when its host fails until somebody does.
    Unknown,
}

impl ServiceTier {
    /// Every tier, in the order of a catalogue.
    pub const ALL: [Self; 4] = [Self::Gold, Self::Silver, Self::Bronze, Self::Unknown];

    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gold => "gold",
            Self::Silver => "silver",
            Self::Bronze => "bronze",
            Self::Unknown => "unknown",
        }
    }
}

/// A size in a tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ServiceEntry {
    /// `m-gold` say.
    pub id: String,
    /// Its size.
    pub size: String,
    /// Its tier.
    pub tier: ServiceTier,
    /// The message that says what is promised.
    pub message_id: String,
    /// Planned servers that would get it.
    pub count: usize,
    /// Cash a month of one of it, at target utilisation; `None` where an input is missing.
    pub rate: Option<Cents>,
    /// Work of administrators a month for one of it: soft, never in the rate.
    pub labour: Option<Cents>,
    /// Inputs nobody has given, ascending; empty where the rate is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What the pool costs a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PoolCost {
    /// Hosts that carry servers.
    pub hosts: usize,
    /// Hosts besides, paid for by the tiers that are restarted on them.
    pub failover_hosts: usize,
    /// Its parts, each cash.
    pub parts: Vec<PoolPart>,
    /// All its cash; `None` where an input is missing.
    pub cash: Option<Cents>,
    /// Inputs nobody has given, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Virtual CPUs of all entries, as many of each as servers get it.
    pub sold_vcpu: f64,
    /// Memory of all entries, likewise.
    pub sold_memory_bytes: f64,
    /// Virtual CPUs that can be sold before the hosts reach their CPU limit; at least those sold.
    pub sellable_vcpu: f64,
    /// Memory of the hosts up to its limit; at least that sold.
    pub sellable_memory_bytes: f64,
}

/// A part of what the pool costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct PoolPart {
    /// Which: `hosts`, `maintenance`, `energy`, `space`, `subscription` or `storage`.
    pub id: String,
    /// A month; `None` where an input is missing.
    pub amount: Option<Cents>,
    /// How it is computed, a year.
    pub formula: String,
}

/// What every owner's servers cost a month, today and at the rates of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Showback {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// By owner, ascending; servers nobody owns last.
    pub owners: Vec<ShowbackLine>,
    /// By application, ascending; servers of none last.
    pub applications: Vec<ShowbackLine>,
    /// All assessed servers: the sum of the owners, and of the applications.
    pub total: ShowbackLine,
    /// What the pool costs beyond what its servers are shown: room left below the limits, and servers without an entry.
    /// With `total.proposed` it is what the pool and the servers that stay cost. `None` where the pool's cost is not known.
    pub unsold: Option<Cents>,
}

/// The servers of an owner or an application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ShowbackLine {
    /// Who owns them; `None` of servers nobody is known to own, and of an application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What they belong to; `None` of servers that belong to nothing known, and of an owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Servers.
    pub count: usize,
    /// Those of them that become virtual machines.
    pub moving: usize,
    /// What is known of their cash today, by part.
    pub parts: Vec<ShowbackPart>,
    /// What is known of their cash today: the sum of the parts.
    pub today: Cents,
    /// What is known of their cash at the rates; of servers that stay what they cost today.
    pub proposed: Cents,
    /// Work of administrators today, at the salary of the value: soft, never in the cash.
    pub today_labour: Cents,
    /// The same tomorrow.
    pub proposed_labour: Cents,
    /// `proposed - today` at each end; `None` where either lacks an input of a server that moves.
    pub change: Option<Cents>,
    /// What is not in `today`, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub today_missing: Vec<MissingInput>,
    /// What is not in `proposed`, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposed_missing: Vec<MissingInput>,
}

/// A part of what servers cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ShowbackPart {
    /// Which: `energy`, `maintenance`, `lease` or `space`.
    pub id: String,
    /// What is known of it.
    pub amount: Cents,
}

/// What nobody has said of some servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct MissingInput {
    /// A fact, a metric, or a constant of the value; `plan` where nothing could be planned.
    pub input: String,
    /// Servers it is missing for.
    pub count: usize,
}

//! What constraints do to a plan: which cannot be met together, what a separation costs, what a lost site
//! leaves running, and the licences the hosts ask for.
// SPDX-License-Identifier: Apache-2.0

use super::Range;
use serde::{Deserialize, Serialize};

/// What constraints do to the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Constraints {
    /// Constraints that cannot be met together, found before packing; their servers stay out of the plan.
    pub conflicts: Vec<Conflict>,
    /// What each hard partition costs, by planning without it.
    pub separations: Vec<Separation>,
    /// The loss of each site, replayed; empty when no server names a partner elsewhere.
    pub site_losses: Vec<SiteLoss>,
    /// Licences by product and arrangement.
    pub licences: Vec<Licence>,
    /// What the plan made of the host templates; `None` when the policy offers one without limit.
    pub catalogue: Option<Catalogue>,
}

/// Constraints that cannot be met together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Conflict {
    /// Kind: `affinity-cluster`, `affinity-clusters`, `affinity-pair`, `affinity-partition`, `affinity-kept`,
    /// `affinity-stays` or `affinity-count`.
    pub id: String,
    /// The statements that contradict each other.
    pub statements: Vec<Statement>,
    /// Servers left out of the plan because of it, ascending.
    pub servers: Vec<String>,
}

/// One constraint as it was stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Statement {
    /// The fact or the field of the policy: `affinity`, `cluster`, `zone`, `template.vms_max`.
    pub constraint: String,
    /// What it says.
    pub value: String,
    /// Of which server; empty when it is the policy's.
    pub server: String,
    /// Where it came from.
    pub source: String,
    /// Who confirmed it, if anybody did.
    pub confirmed_by: Option<String>,
}

/// What divides servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SeparationKind {
    /// Site.
    Site,
    /// Security zone.
    Zone,
    /// Licence pool.
    LicencePool,
}

impl SeparationKind {
    /// Its name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Zone => "zone",
            Self::LicencePool => "licence_pool",
        }
    }
}

/// The price of keeping a partition apart from the largest one it could join.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Separation {
    /// What divides the two.
    pub kind: SeparationKind,
    /// Label of the partition kept apart.
    pub apart: String,
    /// Label of the one it could join.
    pub joins: String,
    /// Servers kept apart.
    pub servers: usize,
    /// Hosts of both, failover hosts included, as planned.
    pub hosts: usize,
    /// Hosts of both, failover hosts included, planned together; never more than apart.
    pub hosts_together: usize,
}

/// What happens when a site is lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct SiteLoss {
    /// The site.
    pub site: String,
    /// Placed servers lost with it.
    pub servers: usize,
    /// Of those, the ones a partner at another site takes over from.
    pub taken_over: usize,
    /// The others, ascending: they are down until the site is back.
    pub uncovered: Vec<String>,
    /// Hosts that must be added at the surviving sites to carry what is taken over at failover limits; 0 when
    /// the plan survives as it is.
    pub hosts_missing: usize,
}

/// Licences of one product in one arrangement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Licence {
    /// Product, as the table of terms calls it.
    pub product: String,
    /// `standard`, `datacenter`, `shared_hosts`, `own_hosts`, `per_vm` or `all_hosts`.
    pub arrangement: String,
    /// Virtual machines it is for.
    pub servers: usize,
    /// Hosts licensed, failover hosts included; 0 when virtual machines are licensed.
    pub hosts: usize,
    /// Core licences.
    pub cores: f64,
    /// Licence cost in the policy's currency, `per_year` or once; `None` when no price in it is known.
    pub cost: Option<Range>,
    /// Whether the cost recurs every year.
    pub per_year: bool,
    /// Hosts the arrangement needs beyond the plan, failover hosts included.
    pub extra_hosts: i64,
    /// Whether it is the cheapest of its product, extra hosts at their price included.
    pub cheapest: bool,
    /// Who says what the terms are.
    pub source: String,
    /// As of when.
    pub date: String,
    /// Always `confirm_with_vendor`: a table of terms is no contract.
    pub verdict: String,
}

/// What the plan made of the host templates offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Catalogue {
    /// What they were chosen for: `lowest_cost` or `fewest_hosts`.
    pub objective: String,
    /// Hosts of the plan at their prices, failover hosts included.
    pub cost: Range,
    /// Licences that go by the cores of those hosts, over the years of the value, at base prices; they count in the
    /// choice. A product without a price in the currency counts nothing.
    pub licence_cost: f64,
    /// No plan of the placed servers on these templates costs less at base prices, failover hosts excluded.
    pub lower_bound_cost: f64,
    /// The templates, in the order of the policy.
    pub templates: Vec<TemplateChoice>,
}

/// One host template of the catalogue: what it would need alone, without limit, and what the plan uses of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct TemplateChoice {
    /// Its name.
    pub template: String,
    /// Servers it can carry.
    pub placed: usize,
    /// Hosts they need alone, failover hosts included.
    pub hosts: usize,
    /// No plan of the servers it carries needs fewer hosts of it, failover hosts excluded.
    pub lower_bound_hosts: usize,
    /// Those hosts at their price.
    pub cost: Range,
    /// Licences that go by their cores, as of the plan.
    pub licence_cost: f64,
    /// Hosts there are of it, where that is limited.
    pub count_max: Option<usize>,
    /// Hosts of the plan, failover hosts included.
    pub hosts_used: usize,
}

//! What the lines of the value are computed from.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::grid;
use crate::policy::{HostTemplate, Policy, ValueConstant, ValuePolicy};
use crate::power::{self, Power};
use cairn_schemas::assessment::{Cluster, Consolidation, Range};
use cairn_schemas::time::{DAY_S, Timestamp};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Which end of the constants a figure is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Low,
    Base,
    High,
}

/// What value needs to know of a placed or staying server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spared {
    /// Mean CPU busy ratio, `None` when not measured.
    pub cpu_mean_ratio: Option<f64>,
    /// What it draws.
    pub power: Power,
    /// Maintenance its contract costs a year, where a fact says so.
    pub maintenance: Option<f64>,
    /// What its lease costs a year, where a fact says so.
    pub lease: Option<f64>,
    /// When what binds money to it ends.
    pub ends: Ends,
}

impl Spared {
    /// What a server's facts say. `cpu_mean_ratio`: of all it has been measured.
    #[must_use]
    pub fn of(server: &Server, cpu_mean_ratio: Option<f64>, policy: &ValuePolicy, now: Timestamp) -> Self {
        let months = |fact: &str| months_until(server.text(fact)?, now);
        Self {
            cpu_mean_ratio,
            power: power::of(server, policy),
            maintenance: server.number("annual_maintenance_cost"),
            lease: server.number("annual_lease_cost"),
            ends: Ends {
                maintenance: months("maintenance_end"),
                lease: months("lease_end"),
                refresh: months("warranty_end"),
                age: months("purchase_date").map(|months| -months),
            },
        }
    }
}

/// Months from now to the end of a day, `2027-01-31` or a longer timestamp.
fn months_until(date: &str, now: Timestamp) -> Option<f64> {
    let end = Timestamp::parse_rfc3339(&format!("{}T23:59:59Z", date.get(..10)?)).ok()?;
    Some((end.0 - now.0) as f64 / (MONTH_DAYS * DAY_S as f64))
}

/// A twelfth of a year.
const MONTH_DAYS: f64 = 365.25 / 12.0;

/// Months from now until something of a server ends; below 0 where it has ended, `None` where nobody says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ends {
    /// Its maintenance contract.
    pub maintenance: Option<f64>,
    /// Its lease.
    pub lease: Option<f64>,
    /// Its warranty: an owned server would be replaced then.
    pub refresh: Option<f64>,
    /// Its age in months; a server without a date for its refresh is replaced at the end of its life.
    pub age: Option<f64>,
}

/// What the lines are computed from.
pub(super) struct Context<'a> {
    pub(super) plan: &'a Consolidation,
    pub(super) placed: &'a [Spared],
    pub(super) host_mean_ratio: f64,
    pub(super) policy: &'a Policy,
    pub(super) constants: BTreeMap<String, ValueConstant>,
    pub(super) used: RefCell<BTreeSet<&'static str>>,
}

impl Context<'_> {
    /// A constant of which more saves more.
    pub(super) fn saving(&self, name: &'static str, case: Case) -> f64 {
        case.of(self.constant(name))
    }

    /// A constant of which more costs more.
    pub(super) fn cost(&self, name: &'static str, case: Case) -> f64 {
        self.saving(name, case.opposite())
    }

    /// An amount times a constant, taken the careful way whether the amount is saved or spent.
    pub(super) fn scaled(&self, amount: f64, name: &'static str, case: Case) -> f64 {
        amount * if amount >= 0.0 { self.saving(name, case) } else { self.cost(name, case) }
    }

    pub(super) fn constant(&self, name: &'static str) -> Range {
        self.used.borrow_mut().insert(name);
        self.constants.get(name).map(|constant| constant.value).unwrap_or_default()
    }

    pub(super) fn placed(&self) -> f64 {
        self.placed.len() as f64
    }

    /// Hosts of the plan, failover hosts included.
    pub(super) fn all_hosts(&self) -> f64 {
        (self.plan.hosts + self.plan.failover_hosts) as f64
    }

    /// Something of a host, over all hosts of the plan.
    pub(super) fn over_hosts(&self, of: impl Fn(&HostTemplate) -> f64) -> f64 {
        let machines = |cluster: &Cluster| (cluster.hosts + cluster.failover_hosts) as f64;
        let clusters = self.plan.clusters.iter();
        clusters.map(|cluster| machines(cluster) * of(self.policy.template_of(&cluster.template))).sum()
    }

    /// What all hosts of the plan cost.
    pub(super) fn hosts_price(&self, case: Case) -> f64 {
        self.over_hosts(|template| case.opposite().of(template.price))
    }

    /// Months looked at.
    pub(super) fn months(&self) -> u32 {
        self.policy.value.years * 12
    }

    /// The part of the servers that has moved in the middle of a month, the first being 1: as many each month until the
    /// project ends.
    pub(super) fn moved(&self, month: u32, case: Case) -> f64 {
        moved(month, self.project_months(case))
    }

    /// How long the servers take to move, a month at least.
    pub(super) fn project_months(&self, case: Case) -> f64 {
        self.cost("project_months", case).max(1.0)
    }

    /// A yearly amount as it is in a month: what is saved grows with the servers moved, what is spent is spent at once.
    pub(super) fn ramped(&self, yearly: f64, month: u32, case: Case) -> f64 {
        if yearly > 0.0 { yearly * self.moved(month, case) } else { yearly }
    }
}

/// The part moved in the middle of a month of a project of so many.
pub(super) fn moved(month: u32, project_months: f64) -> f64 {
    ((f64::from(month) - 0.5) / project_months).clamp(0.0, 1.0)
}

impl Case {
    /// Its end of a range.
    pub(super) const fn of(self, range: Range) -> f64 {
        match self {
            Self::Low => range.low,
            Self::Base => range.base,
            Self::High => range.high,
        }
    }

    /// A range of what each end gives.
    pub(super) fn each(of: impl Fn(Self) -> f64) -> Range {
        Range { low: of(Self::Low), base: of(Self::Base), high: of(Self::High) }
    }

    pub(super) const fn opposite(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::Base => Self::Base,
            Self::High => Self::Low,
        }
    }
}

/// Every constant of a policy, with the grid of its country where it names no figure of its own.
pub(super) fn constants(policy: &Policy) -> BTreeMap<String, ValueConstant> {
    let mut constants = policy.value.resolved();
    let own = policy.value.constants.contains_key(GRID_CARBON);
    if let Some(grid) = policy.value.country.as_deref().and_then(grid::of).filter(|_| !own) {
        constants.insert(GRID_CARBON.to_owned(), grid.constant());
    }
    constants
}

/// The constant that a country replaces.
const GRID_CARBON: &str = "grid_carbon";

//! Demand: what a server asks of a host in each cell of the week. The one thing sizing hands to packing.
// SPDX-License-Identifier: Apache-2.0

use crate::licence::Licensed;
use cairn_schemas::assessment::Resource;
use cairn_schemas::time::Timestamp;

/// Hours of the week.
pub const WEEK_CELLS: usize = 168;
/// All cells: hours of the week (UTC, 0 is Monday 00:00), then hours of a month-end day.
pub const CELLS: usize = WEEK_CELLS + 24;

/// The cells a moment falls into: its hour of the week, and its hour of a month-end day if it is one.
#[must_use]
pub fn cells_of(moment: Timestamp) -> (usize, Option<usize>) {
    let month_end = moment.is_month_end().then(|| WEEK_CELLS + moment.hour_of_day());
    (moment.hour_of_week(), month_end)
}

/// Demand by resource and cell: normalised MHz, bytes, bytes a second. A resource is `None` when the server
/// has neither demand nor capacity in it. Every present one has [`CELLS`] finite, non-negative values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// In the order of [`Resource::ALL`].
    pub by_resource: [Option<Vec<f64>>; 4],
}

impl Demand {
    /// The cells of a resource.
    #[must_use]
    pub fn cells(&self, resource: Resource) -> Option<&[f64]> {
        self.by_resource[resource as usize].as_deref()
    }

    /// Largest cell of a resource.
    #[must_use]
    pub fn peak(&self, resource: Resource) -> Option<f64> {
        self.cells(resource).map(|cells| cells.iter().copied().fold(0.0, f64::max))
    }
}

/// Where a server may go. Hosts of different partitions never mix (design 7.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partition {
    /// Site, empty when unknown.
    pub site: String,
    /// Security zone, empty when unknown.
    pub zone: String,
    /// Licence pool, empty when none.
    pub licence_pool: String,
}

/// A server the plan must place.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its name; candidates are ascending by it.
    pub server: String,
    /// Its place in the estate's servers.
    pub index: usize,
    /// What it asks for, growth and per-machine overhead included.
    pub demand: Demand,
    /// Where it may go.
    pub partition: Partition,
    /// Failover cluster: nodes of one are kept on different hosts.
    pub anti_affinity: Option<String>,
    /// Pairs of which the other takes over at another site, by name, ascending: never on one host either.
    pub pairs: Vec<String>,
    /// Servers that must share a host, by the name of their group.
    pub affinity: Option<String>,
    /// Virtual machines it stands for: one, until servers that share a host are planned as one.
    pub machines: usize,
    /// What of it is licensed for the whole host it runs on.
    pub licensed: Licensed,
}

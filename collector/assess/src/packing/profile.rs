//! Demand as the packing sees it: one contiguous row of 16-bit fixed point per server, dimension by dimension
//! and cell by cell, relative to what a host may be filled to. Rounded up, so that a plan is safe.
// SPDX-License-Identifier: Apache-2.0

use super::kernels::PAD;
use crate::demand::{CELLS, Candidate, Demand};
use crate::policy::Limits;
use cairn_schemas::assessment::{HostCapacity, Resource};

/// Units of a host that is filled to its limit. 2.7 of them fit 16 bits, and every sum saturates.
pub(super) const FULL: u16 = 24_000;

/// Exact sums may miss a limit by this share, which is what floating point costs and nothing more.
pub(super) const TOLERANCE: f64 = 1e-9;

/// Taken off before rounding up, so that the last bit of a quotient does not cost a whole unit.
const LAST_BIT: f64 = 1e-12;

/// A kept dimension of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Which.
    pub resource: Resource,
    /// What a host has of it.
    pub capacity: f64,
    /// Share of it a plan may fill.
    pub limit_ratio: f64,
    /// Share of it that may be filled while a host has failed; never below the ordinary one.
    pub failover_limit_ratio: f64,
}

impl Axis {
    /// What a plan may fill, in the unit of the resource.
    #[must_use]
    pub fn room(&self) -> f64 {
        self.capacity * self.limit_ratio
    }

    /// The failover limit in fixed point, rounded down.
    fn failover_units(&self) -> u16 {
        let units = f64::from(FULL) * (self.failover_limit_ratio / self.limit_ratio);
        // A saturated sum is u16::MAX: it must stay above every ceiling.
        (units as u16).min(u16::MAX - 1)
    }
}

/// What a host has of a resource.
#[must_use]
pub const fn capacity_of(capacity: &HostCapacity, resource: Resource) -> f64 {
    match resource {
        Resource::Cpu => capacity.cpu_mhz,
        Resource::Memory => capacity.memory_bytes,
        Resource::Disk => capacity.disk_bytes_per_s,
        Resource::Network => capacity.network_bytes_per_s,
    }
}

/// The dimensions in which a host has any room.
pub(super) fn axes(capacity: &HostCapacity, limits: &Limits) -> Vec<Axis> {
    let (ordinary, failover) = (limits.ordinary(), limits.failover());
    let axis = |resource: Resource| Axis {
        resource,
        capacity: capacity_of(capacity, resource),
        limit_ratio: ordinary[resource as usize],
        failover_limit_ratio: failover[resource as usize].max(ordinary[resource as usize]),
    };
    Resource::ALL.into_iter().map(axis).filter(|axis| axis.room() > 0.0).collect()
}

/// Demand in units, rounded up; above 2.7 hosts it saturates and fits nowhere.
pub(super) fn round_up(demand: f64, axis: &Axis) -> u16 {
    assert!(demand.is_finite() && demand >= 0.0, "demand is {demand}, which sizing never says");
    (demand / axis.room() * f64::from(FULL) * (1.0 - LAST_BIT)).ceil() as u16
}

/// The largest lane of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summit {
    pub(super) lane: usize,
    pub(super) units: u16,
}

impl Summit {
    pub(super) fn of(row: &[u16]) -> Self {
        let units = row.iter().copied().max().unwrap_or(0);
        Self { lane: row.iter().position(|&lane| lane == units).unwrap_or(0), units }
    }
}

/// The rows of all servers, padded with zeroes. In an assessment lane `axis * CELLS + cell`.
#[derive(Clone, Debug)]
pub(super) struct Profiles {
    lanes: usize,
    units: Vec<u16>,
    summits: Vec<Summit>,
    /// Ceilings of the lanes in ordinary running, and while a host has failed.
    ordinary: Vec<u16>,
    failover: Vec<u16>,
    /// What rounding up may have added to a lane of a row.
    pub(super) rounding: u16,
}

impl Profiles {
    /// Rows to come, with as many lanes as there are ceilings; `rounding` as units a lane.
    pub(super) fn with_ceilings(mut ordinary: Vec<u16>, mut failover: Vec<u16>, rounding: u16) -> Self {
        let lanes = ordinary.len().next_multiple_of(PAD);
        ordinary.resize(lanes, 0);
        failover.resize(lanes, 0);
        Self { lanes, units: Vec::new(), summits: Vec::new(), ordinary, failover, rounding }
    }

    /// One row a candidate, in their order; those `skip` names get a row of zeroes. Where a candidate stands for
    /// several machines, one lane more counts them up to `vms_max`.
    pub(super) fn new(candidates: &[Candidate], axes: &[Axis], skip: &[bool], vms_max: usize) -> Self {
        let counted = candidates.iter().any(|candidate| candidate.machines > 1);
        let count = counted.then_some(vms_max.min(usize::from(u16::MAX - 1)) as u16);
        let failover = axes.iter().flat_map(|axis| [axis.failover_units(); CELLS]).chain(count).collect();
        let ordinary = std::iter::repeat_n(FULL, axes.len() * CELLS).chain(count).collect();
        let mut profiles = Self::with_ceilings(ordinary, failover, 1);
        profiles.reserve(candidates.len());
        let mut row = Vec::with_capacity(profiles.lanes);
        for (candidate, &skip) in candidates.iter().zip(skip) {
            row.clear();
            if !skip {
                axes.iter().for_each(|axis| push_axis(&mut row, &candidate.demand, axis));
                row.extend(count.map(|_| candidate.machines as u16));
            }
            profiles.push(&row);
        }
        profiles
    }

    /// Makes room for more servers at once.
    pub(super) fn reserve(&mut self, servers: usize) {
        self.units.reserve_exact(self.lanes * servers);
        self.summits.reserve_exact(servers);
    }

    /// One server more; lanes that its row leaves out are zero.
    pub(super) fn push(&mut self, row: &[u16]) {
        let from = self.units.len();
        self.units.extend_from_slice(row);
        self.units.resize(from + self.lanes, 0);
        self.summits.push(Summit::of(&self.units[from..]));
    }

    /// How many servers.
    pub(super) const fn len(&self) -> usize {
        self.summits.len()
    }

    pub(super) const fn lanes(&self) -> usize {
        self.lanes
    }

    pub(super) fn row(&self, item: usize) -> &[u16] {
        &self.units[item * self.lanes..][..self.lanes]
    }

    pub(super) fn summit(&self, item: usize) -> Summit {
        self.summits[item]
    }

    /// Ceilings in ordinary running.
    pub(super) fn ordinary(&self) -> &[u16] {
        &self.ordinary
    }

    /// Ceilings while a host has failed.
    pub(super) fn failover(&self) -> &[u16] {
        &self.failover
    }
}

fn push_axis(units: &mut Vec<u16>, demand: &Demand, axis: &Axis) {
    let cells = demand.cells(axis.resource).unwrap_or_default();
    assert_eq!(cells.len(), CELLS, "a kept dimension is known of every server");
    units.extend(cells.iter().map(|&cell| round_up(cell, axis)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: Axis =
        Axis { resource: Resource::Cpu, capacity: 100.0, limit_ratio: 0.8, failover_limit_ratio: 1.0 };

    #[test]
    fn demand_is_rounded_up_and_saturates() {
        let check = |demand: f64, expected: u16| assert_eq!(round_up(demand, &AXIS), expected, "{demand}");
        check(0.0, 0);
        check(80.0, FULL);
        check(80.001, FULL + 1);
        check(1e-9, 1);
        check(1e300, u16::MAX);
        // 0.1 + 0.2 is not 0.3, yet eight tenths of the room stay eight tenths.
        check((0.1 + 0.2) * 80.0 / 0.3, FULL);
    }

    #[test]
    fn failover_ceilings_are_rounded_down_and_stay_below_saturation() {
        assert_eq!(AXIS.failover_units(), 30_000);
        assert_eq!(Axis { limit_ratio: 0.1, ..AXIS }.failover_units(), u16::MAX - 1);
    }

    #[test]
    fn a_host_without_room_has_no_axis() {
        let capacity = HostCapacity { cpu_mhz: 1.0, memory_bytes: 1.0, ..HostCapacity::default() };
        let kept: Vec<Resource> =
            axes(&capacity, &Limits::default()).iter().map(|axis| axis.resource).collect();
        assert_eq!(kept, [Resource::Cpu, Resource::Memory]);
    }
}

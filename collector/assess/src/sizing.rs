//! From load to demand and size: what a server asks of a host in each cell, growth and overheads included.
//! What is not known is planned at the larger of installed and observed, never at less.
// SPDX-License-Identifier: Apache-2.0

use crate::cells::{Measured, measured, one_scale};
use crate::demand::{CELLS, Candidate, Demand, Partition};
use crate::estate::{INTERVAL_S, Server, Week, coding};
use crate::licence::Licensed;
use crate::normalize;
use crate::policy::{Policy, SizingPolicy};
use crate::profile;
use cairn_schemas::assessment::{MemoryBasis, Resource, Size};
use cairn_schemas::time::{Timestamp, Window};

mod cpu_scale;
mod standard;
mod summary;
pub use summary::{findings, summary};

/// What a server asks for, from its load in `weeks`, measured over `window`. `None` when CPU or memory has
/// neither measured demand nor installed capacity.
#[must_use]
pub fn candidate(
    server: &Server,
    index: usize,
    weeks: &[Week],
    window: Window,
    policy: &Policy,
    growth_ratio: f64,
) -> Option<Candidate> {
    from_measured(server, index, &measured(server, weeks, window, policy), window, policy, growth_ratio)
}

/// [`candidate`] from what was measured already.
#[must_use]
pub fn from_measured(
    server: &Server,
    index: usize,
    measured: &Measured,
    window: Window,
    policy: &Policy,
    growth_ratio: f64,
) -> Option<Candidate> {
    let enough = measured.coverage_ratio >= policy.coverage.minimum_ratio;
    let grown = |cells: &Vec<f64>| cells.iter().map(|v| v * (1.0 + growth_ratio)).collect::<Vec<_>>();
    let [cpu, memory, disk, network] = measured.cells.each_ref().map(|cells| cells.as_ref().map(grown));

    let installed_mhz = normalize::cpu_at(server, window.to, &policy.normalisation).map(|(mhz, _)| mhz);
    let cpu = at_least(cpu, installed_mhz, enough)?;
    let memory = memory_cells(server, memory, enough, &policy.sizing)?;
    let memory = memory.into_iter().map(|bytes| bytes + policy.template.per_vm_memory_bytes).collect();
    let disk = at_least(disk, server.number("disk_bytes_per_s"), enough);
    let network = at_least(network, server.number("network_bytes_per_s"), enough);

    let group = |name| server.text(name).filter(|c| !c.eq_ignore_ascii_case("none")).map(str::to_owned);
    Some(Candidate {
        server: server.name.clone(),
        index,
        demand: Demand { by_resource: [Some(cpu), Some(memory), disk, network] },
        partition: partition(server),
        anti_affinity: group("cluster"),
        pairs: Vec::new(),
        affinity: group("affinity"),
        machines: 1,
        licensed: Licensed::of(server),
    })
}

/// Where a server may go; at the site it is pinned to rather than the one it is at today.
#[must_use]
pub fn partition(server: &Server) -> Partition {
    let text = |name| server.text(name).unwrap_or_default().to_owned();
    let site = server.text("pinned_site").map_or_else(|| text("site"), str::to_owned);
    Partition { site, zone: text("zone"), licence_pool: text("licence_pool") }
}

/// Five-minute demand in real units, NaN where there is no data; `None` for a resource never measured.
#[must_use]
pub fn observed(server: &Server, week: &Week, policy: &Policy) -> [Option<Vec<f64>>; 4] {
    let timeline = normalize::timeline(server, &policy.normalisation);
    Resource::ALL.map(|resource| {
        let load = week.loads[resource as usize].as_ref()?;
        let scale = one_scale(resource, std::slice::from_ref(week), &timeline);
        let values = load.five_minute.iter().zip(0..).map(|(code, i)| {
            let moment = Timestamp(week.start.0 + i * INTERVAL_S);
            Some(coding(resource).decode(*code)? * scale.or_else(|| normalize::step_at(&timeline, moment))?)
        });
        Some(values.map(|value| value.unwrap_or(f64::NAN)).collect())
    })
}

/// What the memory of a server is planned on.
#[must_use]
pub fn memory_basis(server: &Server, enough: bool, policy: &SizingPolicy) -> MemoryBasis {
    if enough && policy.matched.is_some() {
        return MemoryBasis::MatchedPercentile;
    }
    let gives_back = server.text("role").is_some_and(|role| {
        policy.measured_memory_roles.iter().any(|known| known.eq_ignore_ascii_case(role))
    });
    match (enough, gives_back) {
        (false, _) => MemoryBasis::LargerOfInstalledAndObserved,
        (true, true) => MemoryBasis::MeasuredPeak,
        (true, false) => MemoryBasis::Installed,
    }
}

/// What a server would get as a virtual machine; `None` when it cannot be sized.
#[must_use]
pub fn size(server: &Server, candidate: &Candidate, enough: bool, policy: &Policy) -> Option<Size> {
    let cores = server.number("cpu_cores").or_else(|| server.number("cpu_threads"))?;
    let threads = server.number("cpu_threads").unwrap_or(cores).max(cores);
    let (percentile, comfort) = match &policy.sizing.matched {
        Some(method) => (method.percentile, method.comfort_factor),
        None => (policy.sizing.vcpu_percentile, 1.0 / policy.sizing.vcpu_fill_ratio),
    };
    let vcpu_exact = match profile::cpu_quantile(server, percentile).filter(|_| enough) {
        Some(busy) => busy * threads * (1.0 + policy.sizing.growth_ratio) * comfort,
        None => threads,
    };
    let memory = candidate.demand.peak(Resource::Memory)? - policy.template.per_vm_memory_bytes;
    let (vcpu_step, step) = (f64::from(policy.sizing.vcpu_step), policy.sizing.memory_step_bytes);
    Some(Size {
        vcpu: ((vcpu_exact / vcpu_step).ceil().max(1.0) * vcpu_step) as u32,
        vcpu_exact,
        memory_bytes: (memory / step).ceil() * step,
        memory_bytes_exact: memory,
        disk_bytes: server.number("disk_bytes"),
        memory_basis: memory_basis(server, enough, &policy.sizing),
    })
}

/// Measured cells where enough was measured, else each at least the capacity; capacity alone where nothing
/// was measured; `None` where neither is known.
fn at_least(cells: Option<Vec<f64>>, capacity: Option<f64>, enough: bool) -> Option<Vec<f64>> {
    match (cells, capacity) {
        (Some(cells), Some(capacity)) if !enough => {
            Some(cells.into_iter().map(|v| v.max(capacity)).collect())
        }
        (Some(cells), None) if !enough => Some(flat(&cells)),
        (Some(cells), _) => Some(cells),
        (None, capacity) => capacity.map(|capacity| vec![capacity; CELLS]),
    }
}

fn flat(cells: &[f64]) -> Vec<f64> {
    vec![cells.iter().copied().fold(0.0, f64::max); cells.len()]
}

fn memory_cells(
    server: &Server,
    cells: Option<Vec<f64>>,
    enough: bool,
    policy: &SizingPolicy,
) -> Option<Vec<f64>> {
    let installed = server.number("memory_bytes").filter(|bytes| *bytes > 0.0);
    let allowance = 1.0 + cache_allowance(server, policy);
    let basis = memory_basis(server, enough, policy);
    let allowance = if basis == MemoryBasis::MatchedPercentile { 1.0 } else { allowance };
    let cells = cells.map(|cells| cells.into_iter().map(|v| v * allowance).collect::<Vec<_>>());
    match basis {
        MemoryBasis::MeasuredPeak | MemoryBasis::MatchedPercentile => at_least(cells, installed, true),
        // Without the installed size its share cannot be stood in for by what was seen: that would be less.
        MemoryBasis::Installed | MemoryBasis::LargerOfInstalledAndObserved => {
            let installed = installed?;
            Some(
                cells
                    .map_or_else(|| vec![installed; CELLS], |cells| flat(&cells))
                    .into_iter()
                    .map(|v| v.max(installed))
                    .collect(),
            )
        }
    }
}

/// What is kept for files beside used memory. Windows counts its working set apart; a server of unknown system
/// is taken to be a Linux one, which asks for more.
fn cache_allowance(server: &Server, policy: &SizingPolicy) -> f64 {
    let windows = server.text("os").is_some_and(|os| os.to_ascii_lowercase().contains("windows"));
    if windows { 0.0 } else { policy.cache_allowance_ratio }
}

#[cfg(test)]
#[path = "sizing_tests.rs"]
mod tests;

//! The naive practice: the 95th percentile of CPU and memory over everything measured, first-fit decreasing, 80 %.
//! Tested on the same weeks, by code that shares nothing with the method's own test.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::backtest::Tested;
use cairn_assess::demand::Candidate;
use cairn_assess::estate::{Estate, INTERVALS, coding};
use cairn_assess::packing::Axis;
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::{Backtest, Fold, Resource};
use cairn_schemas::time::Timestamp;

const TRAINING: usize = 4;
const LIMIT: f64 = 0.80;

/// The practice over every fold of the estate.
pub(crate) fn tested(estate: &Estate, policy: &Policy) -> Tested {
    let host = policy.template.capacity(&policy.normalisation);
    let capacity = [host.cpu_mhz, host.memory_bytes, host.disk_bytes_per_s, host.network_bytes_per_s];
    let weeks = estate.servers[0].weeks.len();
    let folds: Vec<(Fold, usize)> = (TRAINING..weeks).map(|test| fold(estate, test, capacity)).collect();
    let sum = |of: fn(&Fold) -> u64| folds.iter().map(|(fold, _)| of(fold)).sum::<u64>();
    let (observed, violations) = (sum(|f| f.host_intervals), sum(|f| f.violations));
    let ratio = |f: &Fold| f.violations as f64 / f.host_intervals as f64;
    let host_weeks = folds.iter().map(|(fold, _)| fold.hosts).sum::<usize>();
    let affected = folds.iter().map(|(_, affected)| affected).sum::<usize>();
    let backtest = Backtest {
        folds: folds.len(),
        host_intervals: observed,
        unobserved: sum(|f| f.unobserved),
        violation_ratio: Some(violations as f64 / observed as f64),
        worst_fold_violation_ratio: folds.iter().map(|(fold, _)| ratio(fold)).reduce(f64::max),
        hosts_ever_affected_ratio: Some(affected as f64 / host_weeks as f64),
        minutes_per_host_year: None,
        by_fold: folds.into_iter().map(|(fold, _)| fold).collect(),
    };
    Tested { backtest, host_weeks }
}

/// What a server did in a week, in the unit of the resource.
fn load(estate: &Estate, server: usize, week: usize, resource: Resource) -> Vec<f64> {
    let server = &estate.servers[server];
    let scale = if resource == Resource::Cpu { server.number("cpu_mhz").unwrap() } else { 1.0 };
    let load = server.weeks[week].loads[resource as usize].as_ref().unwrap();
    load.five_minute.iter().map(|&c| coding(resource).decode(c).map_or(f64::NAN, |v| v * scale)).collect()
}

fn p95(estate: &Estate, server: usize, test: usize, resource: Resource) -> f64 {
    let weeks = (test - TRAINING..test).flat_map(|week| load(estate, server, week, resource));
    let mut values: Vec<f64> = weeks.filter(|v| !v.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values[(0.95 * (values.len() - 1) as f64).ceil() as usize]
}

fn fold(estate: &Estate, test: usize, capacity: [f64; 4]) -> (Fold, usize) {
    let share = |server: usize, r: Resource| p95(estate, server, test, r) / capacity[r as usize];
    let mut sizes: Vec<(usize, [f64; 2])> = (0..estate.servers.len())
        .map(|server| (server, [Resource::Cpu, Resource::Memory].map(|r| share(server, r))))
        .collect();
    sizes.sort_by(|a, b| (b.1[0] + b.1[1]).total_cmp(&(a.1[0] + a.1[1])));
    let mut hosts: Vec<([f64; 2], Vec<usize>)> = Vec::new();
    for (server, size) in sizes {
        let fits = |used: &[f64; 2]| (0..2).all(|r| used[r] + size[r] <= LIMIT);
        let host = match hosts.iter().position(|(used, _)| fits(used)) {
            Some(host) => host,
            None => {
                hosts.push(([0.0; 2], Vec::new()));
                hosts.len() - 1
            }
        };
        (0..2).for_each(|r| hosts[host].0[r] += size[r]);
        hosts[host].1.push(server);
    }
    carried(estate, test, capacity, hosts.into_iter().map(|(_, servers)| servers).collect())
}

/// What hosts carried in the test week, and how many were ever above their capacity.
fn carried(estate: &Estate, test: usize, capacity: [f64; 4], hosts: Vec<Vec<usize>>) -> (Fold, usize) {
    let week: Timestamp = estate.servers[0].weeks[test].start;
    let mut fold = Fold { week, hosts: hosts.len(), host_intervals: 0, unobserved: 0, violations: 0 };
    let mut affected = 0;
    for servers in hosts {
        let mut total = vec![[0.0; 4]; INTERVALS];
        for (server, resource) in servers.iter().flat_map(|s| Resource::ALL.map(|r| (*s, r))) {
            for (total, value) in total.iter_mut().zip(load(estate, server, test, resource)) {
                total[resource as usize] += value;
            }
        }
        let observed = total.iter().filter(|t| t.iter().all(|v| !v.is_nan()));
        let (mut seen, mut above) = (0, 0);
        for total in observed {
            seen += 1;
            above += u64::from((0..4).any(|r| total[r] > capacity[r] * (1.0 + 1e-9)));
        }
        fold.host_intervals += seen;
        fold.unobserved += INTERVALS as u64 - seen;
        fold.violations += above;
        affected += usize::from(above > 0);
    }
    (fold, affected)
}

/// Hosts of one plain first-fit pass over every cell and dimension, largest first.
pub(crate) fn first_fit(candidates: &[Candidate], axes: &[Axis]) -> usize {
    let cells = |c: &Candidate| -> Vec<f64> {
        let shares = |axis: &Axis| {
            let cells = c.demand.cells(axis.resource).unwrap().iter();
            cells.map(|v| v / axis.room()).collect::<Vec<_>>()
        };
        axes.iter().flat_map(shares).collect()
    };
    let mut rows: Vec<Vec<f64>> = candidates.iter().map(cells).collect();
    let peak = |row: &[f64]| row.iter().copied().fold(0.0, f64::max);
    rows.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
    let mut hosts: Vec<Vec<f64>> = Vec::new();
    for row in rows {
        let fits = |host: &&mut Vec<f64>| host.iter().zip(&row).all(|(a, b)| a + b <= 1.0);
        match hosts.iter_mut().find(fits) {
            Some(host) => host.iter_mut().zip(&row).for_each(|(a, b)| *a += b),
            None => hosts.push(row),
        }
    }
    hosts.len()
}

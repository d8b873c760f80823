//! Construction: time-aware first-fit decreasing, started from several orders of the servers; the fewest
//! hosts win. A server joins the first host on which every cell of every dimension stays under its limit.
// SPDX-License-Identifier: Apache-2.0

use super::host::{Host, Rules};

/// Packs servers (ascending by name) and returns the servers of each host. Stops at the first order that
/// needs no more than `enough` hosts.
///
/// Every server must fit an empty host.
pub(super) fn construct(rules: &Rules, servers: &[usize], enough: usize) -> Vec<Vec<usize>> {
    let mut best: Option<Vec<Vec<usize>>> = None;
    for size in sizes(rules, servers) {
        let hosts = first_fit(rules, &decreasing(servers, &size));
        if best.as_ref().is_none_or(|best| hosts.len() < best.len()) {
            best = Some(hosts);
        }
        if best.as_ref().is_some_and(|best| best.len() <= enough) {
            break;
        }
    }
    best.unwrap_or_default()
}

/// One pass in the order of the largest lane.
pub(super) fn plain(rules: &Rules, servers: &[usize]) -> Vec<Vec<usize>> {
    let size: Vec<f64> =
        servers.iter().map(|&server| f64::from(rules.profiles.summit(server).units)).collect();
    first_fit(rules, &decreasing(servers, &size))
}

/// One number per server and order: sum and sum of squares weighted by how scarce each lane is, largest lane,
/// and the scarcest lane alone.
fn sizes(rules: &Rules, servers: &[usize]) -> [Vec<f64>; 4] {
    let totals = totals(rules, servers);
    let scarcest = totals.iter().copied().fold(0.0, f64::max).max(1.0);
    let weights: Vec<f64> = totals.iter().map(|total| total / scarcest).collect();
    let weigh = |server: usize, power: i32| -> f64 {
        let row = rules.profiles.row(server);
        row.iter().zip(&weights).map(|(&units, weight)| weight * f64::from(units).powi(power)).sum()
    };
    let lane = weights.iter().position(|&weight| weight >= 1.0);
    let by = |size: &dyn Fn(usize) -> f64| servers.iter().map(|&server| size(server)).collect();
    [
        by(&|server| weigh(server, 1)),
        by(&|server| weigh(server, 2)),
        by(&|server| f64::from(rules.profiles.summit(server).units)),
        by(&|server| lane.map_or(0.0, |lane| f64::from(rules.profiles.row(server)[lane]))),
    ]
}

fn totals(rules: &Rules, servers: &[usize]) -> Vec<f64> {
    let mut totals = vec![0.0; rules.profiles.lanes()];
    for &server in servers {
        for (total, &units) in totals.iter_mut().zip(rules.profiles.row(server)) {
            *total += f64::from(units);
        }
    }
    totals
}

/// Largest first; equals stay in the order of their names.
fn decreasing(servers: &[usize], size: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..servers.len()).collect();
    order.sort_by(|&a, &b| size[b].total_cmp(&size[a]));
    order.into_iter().map(|position| servers[position]).collect()
}

fn first_fit(rules: &Rules, order: &[usize]) -> Vec<Vec<usize>> {
    let ceilings = rules.profiles.ordinary();
    let mut hosts: Vec<Host> = Vec::new();
    for &server in order {
        if let Some(host) = hosts.iter_mut().find(|host| host.takes(rules, server, ceilings)) {
            host.add(rules, server);
        } else {
            hosts.push(Host::with(rules, &[server]));
        }
    }
    hosts.into_iter().map(|host| host.servers).collect()
}

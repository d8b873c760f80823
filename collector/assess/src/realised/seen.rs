//! Seen: how much of the estate runs virtual, by agents that found themselves on another machine and by imports of
//! hypervisor inventories. What people wrote into the register proves nothing here.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Estate, Server};
use cairn_schemas::assessment::{SeenVirtual, ServerProgress};
use cairn_schemas::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Where the workload of each server was seen to run virtual: its copy, or itself under the name it had.
pub(crate) fn copies(estate: &Estate) -> BTreeMap<&str, &str> {
    let virtual_ = || estate.servers.iter().filter(|server| server.is_virtual());
    let mut copies: BTreeMap<&str, &str> =
        virtual_().map(|server| (server.name.as_str(), server.name.as_str())).collect();
    copies.extend(virtual_().filter_map(|copy| Some((copy.text("moved_from")?, copy.name.as_str()))));
    copies
}

pub(super) fn seen(estate: &Estate, promised: &[ServerProgress], now: Timestamp) -> SeenVirtual {
    let reappeared: BTreeSet<&str> = promised
        .iter()
        .filter(|server| server.seen_as.is_some())
        .map(|server| server.server.as_str())
        .collect();
    let is_host = |server: &&Server| !server.is_virtual() && server.flag("hypervisor_role") == Some(true);
    let virtual_workloads = estate.servers.iter().filter(|server| server.is_virtual()).count();
    let hosts = estate.servers.iter().filter(is_host).count();
    let is_physical = |server: &&Server| {
        !server.is_virtual() && !is_host(server) && !reappeared.contains(server.name.as_str())
    };
    let physical_workloads = estate.servers.iter().filter(is_physical).count();
    let workloads = virtual_workloads + physical_workloads;
    let ratio = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    SeenVirtual {
        virtual_workloads,
        physical_workloads,
        virtualised_share_ratio: ratio(virtual_workloads, workloads),
        hosts,
        consolidation_ratio: ratio(virtual_workloads, hosts),
        grown: grown(estate, &reappeared, now),
        reappeared: reappeared.into_iter().map(str::to_owned).collect(),
    }
}

/// Virtual machines that appeared after the first promise and are nobody's copy.
fn grown(estate: &Estate, reappeared: &BTreeSet<&str>, now: Timestamp) -> Vec<String> {
    let promised = estate.outcomes.steps.iter().filter(|step| step.promise.is_some() && step.on <= now);
    let Some(first) = promised.map(|step| step.on).min() else { return Vec::new() };
    let is_new = |server: &&Server| {
        server.is_virtual()
            && server.text("moved_from").is_none()
            && !reappeared.contains(server.name.as_str())
            && appeared(server).is_some_and(|at| at.day() > first.day())
    };
    estate.servers.iter().filter(is_new).map(|server| server.name.clone()).collect()
}

/// When anybody first heard of a server.
fn appeared(server: &Server) -> Option<Timestamp> {
    let facts = server.facts.values().flatten().map(|fact| fact.observed_at);
    facts.chain(server.first_seen).min()
}

//! Failover clusters this host is a node of, from traces anybody may see: modules, ports, mounts, and files
//! whose names are well known. A member is only who is configured and runs; `none` is only said when every
//! place could be looked at and nothing there can fail over by itself.
// SPDX-License-Identifier: Apache-2.0

mod drbd;
mod identity;
mod products;

use super::sockets::Sockets;
use super::{Record, text_fact};
use crate::root::Root;
use cairn_schemas::fact::FactValue;
use products::{PRODUCTS, Product, Sign};

/// Roles whose programs fail over among themselves, over their ordinary ports.
const FAILS_OVER_BY_ITSELF: [&str; 7] =
    ["database", "search", "messaging", "storage", "container_host", "cache", "erp"];
/// Signs of this weight together make a member.
const WEIGHT_MIN: u32 = 2;

/// A product, how heavily it is there, and what showed it.
struct Trace {
    product: &'static Product,
    weight: u32,
    runs: bool,
    proofs: Vec<String>,
}

impl Trace {
    fn is_member(&self) -> bool {
        self.runs && self.weight >= WEIGHT_MIN
    }
}

pub(super) fn read(root: &Root, sockets: Result<&Sockets, &String>, record: &mut Record) {
    let traces = traces(root, sockets.ok());
    record.proven("cluster", membership(root, sockets, &traces, record));
    match drbd::role(root) {
        Some((role, proof)) => {
            record.fact("cluster_role", text_fact(role));
            record.evidence("cluster_role", &proof);
        }
        None => record
            .unknown("cluster_role", "only DRBD shows anybody which node is active; ask the cluster's owner"),
    }
}

fn membership(
    root: &Root,
    sockets: Result<&Sockets, &String>,
    traces: &[Trace],
    record: &Record,
) -> Result<(FactValue, String), String> {
    let proofs = |traces: &[&Trace]| {
        let said = traces.iter().map(|t| format!("{}: {}", t.product.name, t.proofs.join(", ")));
        said.collect::<Vec<_>>().join("; ")
    };
    let members: Vec<&Trace> = traces.iter().filter(|trace| trace.is_member()).collect();
    if let Some(first) = members.first() {
        let named = members.iter().find_map(|trace| identity::of(root, trace.product));
        let name = named.unwrap_or_else(|| {
            // Two clusters under one name would be planned as one; a cluster of its own is only incomplete.
            format!("{} of {} (its name cannot be read)", first.product.name, record.0.hostname)
        });
        return Ok((text_fact(&name), proofs(&members)));
    }
    if !traces.is_empty() {
        let said = proofs(&traces.iter().collect::<Vec<_>>());
        return Err(format!("{said}; that alone makes no member, and does not exclude one"));
    }
    sockets.map_err(Clone::clone)?;
    root.names("sys/module").map_err(|why| format!("modules cannot be seen: {why}"))?;
    root.names("etc").map_err(|why| format!("well-known files cannot be looked for: {why}"))?;
    let role = record.known_text("role").unwrap_or_default();
    if FAILS_OVER_BY_ITSELF.contains(&role) {
        return Err(format!("no trace of a cluster manager, but a {role} can fail over by its own means"));
    }
    let names: Vec<&str> = PRODUCTS.iter().map(|product| product.name).collect();
    Ok((text_fact("none"), format!("no module, port, mount or file of {}", names.join(", "))))
}

fn traces(root: &Root, sockets: Option<&Sockets>) -> Vec<Trace> {
    let mounts = root.text("proc/mounts").unwrap_or_default();
    let trace = |product: &'static Product| {
        let mut trace = Trace { product, weight: 0, runs: false, proofs: Vec::new() };
        for (sign, weight) in product.signs {
            if let Some((proof, runs)) = seen(root, sockets, &mounts, sign) {
                trace.weight += weight;
                trace.runs |= runs;
                trace.proofs.push(proof);
            }
        }
        (trace.weight > 0).then_some(trace)
    };
    PRODUCTS.iter().filter_map(trace).collect()
}

/// The proof of a sign, and whether it shows something that runs.
fn seen(root: &Root, sockets: Option<&Sockets>, mounts: &str, sign: &Sign) -> Option<(String, bool)> {
    match sign {
        Sign::File(path) => root.exists(path).then(|| (format!("/{path} is there"), false)),
        Sign::Text(path, text) => {
            let holds = root.text(path).is_ok_and(|content| content.to_lowercase().contains(text));
            holds.then(|| (format!("/{path} holds {text}"), true))
        }
        Sign::Module(name) => {
            root.exists(&format!("sys/module/{name}")).then(|| (format!("module {name} is loaded"), true))
        }
        Sign::Entries(path) => {
            let names = root.names(path).ok().filter(|names| !names.is_empty())?;
            Some((format!("{} entries in /{path}", names.len()), true))
        }
        Sign::Mount(kind) => mounts
            .lines()
            .any(|line| line.split_whitespace().nth(2) == Some(*kind))
            .then(|| (format!("a {kind} file system is mounted"), true)),
        Sign::Tcp(port) => sockets?.tcp.contains(port).then(|| (format!("TCP {port} listens"), true)),
        Sign::TcpOfCare(port) => sockets?.tcp.contains(port).then(|| (format!("TCP {port} listens"), false)),
        Sign::Udp(port) => sockets?.udp.contains(port).then(|| (format!("UDP {port} is bound"), true)),
        Sign::Vrrp => sockets?.vrrp.then(|| ("group 224.0.0.18 joined on IP protocol 112".to_owned(), true)),
        Sign::Drbd => drbd::devices(root).then(|| ("a DRBD device with a size is there".to_owned(), true)),
    }
}

#[cfg(test)]
#[path = "cluster/cluster_tests.rs"]
mod tests;

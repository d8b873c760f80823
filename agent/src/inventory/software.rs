//! What the server does, from the ports it listens on; nothing else about its programs is looked at.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use crate::root::Root;
use cairn_schemas::fact::FactValue;
use std::collections::BTreeSet;

const LISTEN: &str = "0A";

/// Ports that tell a role, the most telling first (IANA service names; the makers' documentation).
const ROLES: [(u16, &str); 20] = [
    (1521, "database"),
    (1433, "database"),
    (5432, "database"),
    (3306, "database"),
    (50000, "database"),
    (27017, "database"),
    (30015, "database"),
    (88, "domain_controller"),
    (636, "directory"),
    (389, "directory"),
    (25, "mail"),
    (2049, "file"),
    (445, "file"),
    (53, "dns"),
    (8009, "java"),
    (8080, "java"),
    (443, "web"),
    (80, "web"),
    (631, "print"),
    (6379, "cache"),
];

pub(super) fn read(root: &Root, record: &mut Record) {
    let tables: Vec<_> = ["proc/net/tcp", "proc/net/tcp6"].into_iter().map(|file| root.text(file)).collect();
    if let [Err(why), Err(_)] = tables.as_slice() {
        record.unknown("role", why);
        return;
    }
    let ports: BTreeSet<u16> = tables.into_iter().flatten().flat_map(|text| listening(&text)).collect();
    match ROLES.iter().find(|(port, _)| ports.contains(port)) {
        Some((port, role)) => {
            record.fact("role", FactValue::Text((*role).to_owned()));
            record.evidence("role", &format!("something listens on TCP port {port}"));
        }
        None => record.unknown("role", "no service with a known port listens"),
    }
}

/// Ports that others can reach: listening, and not on loopback alone.
fn listening(text: &str) -> Vec<u16> {
    let port = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let (address, port) = fields.next()?.rsplit_once(':')?;
        let listens = fields.nth(1)? == LISTEN;
        let loopback = address == "0100007F" || address == "00000000000000000000000001000000";
        (listens && !loopback).then(|| u16::from_str_radix(port, 16).ok()).flatten()
    };
    text.lines().skip(1).filter_map(port).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listening_ports_others_can_reach() {
        let text = "  sl  local_address rem_address   st tx_queue\n   0: 00000000:1538 00000000:0000 0A 0:0\n   1: 0100007F:0016 00000000:0000 0A 0:0\n   2: 0200000A:01BB 0100000A:1234 01 0:0\n";
        assert_eq!(listening(text), [5_432]);
    }
}

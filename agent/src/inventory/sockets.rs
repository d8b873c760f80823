//! Ports something listens on, for roles and clusters. Neither programs nor partners are looked at.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;
use std::collections::BTreeSet;

const LISTENS: &str = "0A";
/// A UDP socket that is bound and not connected.
const BOUND: &str = "07";
/// VRRP: IP protocol 112, group 224.0.0.18 (RFC 5798), as a little-endian machine prints the group.
const VRRP_PROTOCOL: u16 = 112;
const VRRP_GROUP: &str = "120000E0";

/// What listens, loopback aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sockets {
    pub(super) tcp: BTreeSet<u16>,
    pub(super) udp: BTreeSet<u16>,
    /// Whether it takes part in VRRP: a raw socket of its protocol, and its group joined.
    pub(super) vrrp: bool,
}

impl Sockets {
    /// What the kernel's tables show.
    ///
    /// # Errors
    /// None of the tables of TCP can be read.
    pub(super) fn read(root: &Root) -> Result<Self, String> {
        let both = |name: &str, state: &str| {
            let tables = ["", "6"].map(|version| root.text(&format!("proc/net/{name}{version}")));
            match tables {
                [Err(why), Err(_)] => Err(why),
                tables => Ok(tables.iter().flatten().flat_map(|text| ports(text, state)).collect()),
            }
        };
        let raw: BTreeSet<u16> = both("raw", BOUND).unwrap_or_default();
        let groups = root.text("proc/net/igmp").unwrap_or_default();
        let joined = groups.split_whitespace().any(|word| word == VRRP_GROUP);
        let vrrp = raw.contains(&VRRP_PROTOCOL) && joined;
        Ok(Self { tcp: both("tcp", LISTENS)?, udp: both("udp", BOUND).unwrap_or_default(), vrrp })
    }
}

/// Ports in a state that others can reach: not on loopback alone.
fn ports(text: &str, state: &str) -> Vec<u16> {
    let port = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let (address, port) = fields.next()?.rsplit_once(':')?;
        let matches = fields.nth(1)? == state;
        // 127.0.0.0/8, ::1 and the former in the latter's notation.
        let loopback = address == "00000000000000000000000001000000"
            || (address.ends_with("7F") && (address.len() == 8 || address.contains("FFFF0000")));
        (matches && !loopback).then(|| u16::from_str_radix(port, 16).ok()).flatten()
    };
    text.lines().skip(1).filter_map(port).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ports_others_can_reach() {
        let table = |rows: &str| format!("  sl  local_address rem_address   st tx_queue\n{rows}");
        let check =
            |rows: &str, expected: &[u16]| assert_eq!(ports(&table(rows), LISTENS), expected, "{rows}");
        check("   0: 00000000:1538 00000000:0000 0A 0:0\n", &[5_432]);
        check("   1: 0100007F:0016 00000000:0000 0A 0:0\n", &[]);
        check("   1: 0000000000000000FFFF00000100007F:1538 0:0 0A 0:0\n", &[]);
        check("   1: 00000000000000000000000001000000:1538 0:0 0A 0:0\n", &[]);
        check("   1: 00000000000000000000000000000000:1538 0:0 0A 0:0\n", &[5_432]);
        check("   2: 0200000A:01BB 0100000A:1234 01 0:0\n", &[]);
        check("junk\n: :\n   3: 0A\n", &[]);
    }
}

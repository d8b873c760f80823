//! What the server does, from the ports it listens on; nothing else about its programs is looked at.
// SPDX-License-Identifier: Apache-2.0

mod known;

use super::sockets::Sockets;
use super::{Record, text_fact};
use cairn_schemas::fact::FactValue;
use known::{Port, Protocol, ROLES};
use std::collections::BTreeSet;

/// Ports every kind of server has open for those who look after it: they say nothing of its role, and do not
/// make another port's word weaker.
const CARE: [u16; 19] = [
    22, 111, 139, 161, 199, 623, 1_311, 1_501, 1_556, 2_301, 2_381, 4_045, 5_666, 9_090, 9_100, 9_102,
    10_050, 13_782, 20_048,
];
/// Above it, systems hand out ports to whoever asks (Linux, ip_local_port_range).
const HANDED_OUT_FROM: u16 = 32_768;

pub(super) fn read(sockets: Result<&Sockets, &String>, record: &mut Record) {
    record.proven("role", sockets.map_err(Clone::clone).and_then(role));
}

/// The most telling role, every role in its proof. A port that anything may use names a role only where no
/// port of an unknown program stands beside it.
fn role(sockets: &Sockets) -> Result<(FactValue, String), String> {
    let listens = |port: &&Port| match port.protocol {
        Protocol::Tcp => sockets.tcp.contains(&port.number),
        Protocol::Udp => sockets.udp.contains(&port.number),
    };
    let found: Vec<&Port> = ROLES.iter().filter(listens).collect();
    let Some(first) = found.iter().find(|port| port.telling).or(found.first()) else {
        return Err("no service with a known port listens".to_owned());
    };
    let said: Vec<String> = found.iter().map(|port| port.to_string()).collect();
    let known: BTreeSet<u16> = ROLES.iter().map(|port| port.number).chain(CARE).collect();
    let others = sockets.tcp.iter().filter(|port| **port < HANDED_OUT_FROM && !known.contains(port)).count();
    if !first.telling && others > 0 {
        return Err(format!(
            "{} listens, which any application may do, and so do {others} ports that are not in the list",
            said.join(", ")
        ));
    }
    Ok((text_fact(first.role), format!("listens: {}", said.join("; "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tcp: &[u16], udp: &[u16], expected: Result<&str, &str>) {
        let set = |ports: &[u16]| ports.iter().copied().collect::<BTreeSet<u16>>();
        let sockets = Sockets { tcp: set(tcp), udp: set(udp), vrrp: false };
        match (role(&sockets), expected) {
            (Ok((value, _)), Ok(role)) => assert_eq!(value.as_text(), Some(role), "{tcp:?} {udp:?}"),
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (got, expected) => panic!("{tcp:?} {udp:?}: {got:?}, not {expected:?}"),
        }
    }

    #[test]
    fn the_most_telling_role_comes_first() {
        check(&[80, 443, 1_521], &[], Ok("database"));
        check(&[22, 80, 443], &[], Ok("web"));
        check(&[443, 8_443, 7_001], &[], Ok("java"));
        check(&[88, 389, 53, 445], &[53], Ok("domain_controller"));
        check(&[], &[67], Ok("dhcp"));
        check(&[22, 111, 2_049, 20_048], &[], Ok("file"));
        check(&[445, 4_711], &[], Err("445"));
        check(&[22], &[], Err("no service"));
    }

    #[test]
    fn a_port_anything_may_use_names_no_role_beside_an_unknown_one() {
        check(&[443, 4_711], &[], Err("443"));
        check(&[443, 45_000], &[], Ok("web"));
        check(&[443, 4_711, 5_432], &[], Ok("database"));
    }

    #[test]
    fn every_proof_of_a_role_is_named() {
        let sockets = Sockets { tcp: [25, 1_521].into(), ..Sockets::default() };
        let (_, proof) = role(&sockets).unwrap();
        assert!(proof.contains("TCP 1521") && proof.contains("TCP 25"), "{proof}");
    }
}

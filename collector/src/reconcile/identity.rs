//! One machine under two names: by serial number, by a MAC address, by a name with and without its domain.
// SPDX-License-Identifier: Apache-2.0

use super::{Sides, plain};
use crate::store::register::Statement;
use cairn_schemas::difference::{Difference, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// Serial numbers makers leave in place of one.
const NO_SERIAL: [&str; 9] = [
    "none",
    "default string",
    "not specified",
    "not available",
    "system serial number",
    "to be filled by o.e.m.",
    "0123456789",
    "1234567890",
    "unknown",
];
/// Shortest serial number taken for one.
const SERIAL_CHARS_MIN: usize = 5;

/// Pairs of names, each with the fact that shows them to be one machine; a pair once.
pub(super) fn pairs(sides: &Sides<'_>) -> Vec<Difference> {
    let mut holders: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for source in sides.sources {
        holders.entry(("fqdn", short(&source.server))).or_default().insert(&source.server);
    }
    for (server, said) in sides.statements {
        for (fact, key) in keys(server, said) {
            holders.entry((fact, key)).or_default().insert(server);
        }
    }
    let mut seen = BTreeSet::new();
    let mut pairs = Vec::new();
    // Serial numbers and addresses come before names in the order of keys wanted here.
    for wanted in ["serial", "mac", "fqdn"] {
        for ((fact, _), servers) in holders.iter().filter(|((fact, _), _)| *fact == wanted) {
            // Two machines of one short name in two domains are two machines.
            let many_domains =
                *fact == "fqdn" && servers.iter().filter(|name| name.contains('.')).count() > 1;
            let names: Vec<&str> = servers.iter().copied().collect();
            for pair in names.windows(2).filter(|_| !many_domains) {
                if seen.insert((pair[0], pair[1])) {
                    pairs.push(Difference {
                        other: Some(pair[1].to_owned()),
                        fact: Some((*fact).to_owned()),
                        ..plain(pair[0], Reason::SameServer)
                    });
                }
            }
        }
    }
    pairs
}

/// What names a machine, by kind.
fn keys<'a>(server: &'a str, said: &'a [Statement]) -> Vec<(&'static str, String)> {
    let mut keys = vec![("fqdn", short(server))];
    for statement in said {
        let Some(text) = statement.fact.value.as_text() else { continue };
        match statement.name.as_str() {
            "serial" => keys.extend(serial(text).map(|serial| ("serial", serial))),
            "fqdn" => keys.push(("fqdn", short(text))),
            "mac" => keys.extend(macs(text).map(|mac| ("mac", mac))),
            _ => {}
        }
    }
    keys
}

/// The name without its domain, in lower case; an address is no name.
fn short(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if name.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return name;
    }
    name.split('.').next().unwrap_or_default().to_owned()
}

fn serial(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let varied = text.chars().collect::<BTreeSet<_>>().len() > 1;
    let real = text.len() >= SERIAL_CHARS_MIN && varied && !NO_SERIAL.contains(&text.as_str());
    real.then_some(text)
}

/// Addresses of a list: twelve hexadecimal digits each, whatever parts them; those a machine makes up are none.
fn macs(text: &str) -> impl Iterator<Item = String> {
    let addresses = text
        .split([',', ';', ' ', '|'])
        .map(|address| address.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_lowercase());
    addresses.filter(|mac| {
        let local =
            mac.get(1..2).and_then(|digit| u8::from_str_radix(digit, 16).ok()).is_some_and(|d| d & 2 != 0);
        mac.len() == 12 && !local && mac != "000000000000"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_serial_number_joins_nothing() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(serial(text).as_deref(), expected);
        check(" CZ1234AB ", Some("cz1234ab"));
        check("To Be Filled By O.E.M.", None);
        check("0000000", None);
        check("12", None);
    }

    #[test]
    fn addresses_are_read_however_they_are_written() {
        let check = |text: &str, expected: &[&str]| assert_eq!(macs(text).collect::<Vec<_>>(), expected);
        check("00:1B:21:0A:0B:0C, 001b.210a.0b0d", &["001b210a0b0c", "001b210a0b0d"]);
        check("02:42:ac:11:00:02", &[]);
        check("none", &[]);
    }
}

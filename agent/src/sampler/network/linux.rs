//! `/proc/net/dev`, physical interfaces only: those with a device behind them. Bonds, bridges, VLANs, veths and
//! the loopback carry the same bytes again, or none that leave the host. A container usually has no physical
//! interface: then the network is unknown, with that reason, rather than 0.
// SPDX-License-Identifier: Apache-2.0

use super::Counters;
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{fields, lines, numbers};

const NET_DEV: &str = "/proc/net/dev";
const HEADER_LINES: usize = 2;
/// Most names remembered; a container host makes and drops interfaces all day.
const KNOWN_MAX: usize = 1_024;

/// Whether an interface is a physical one. A virtual function is not: its traffic passes the port's counters.
pub(crate) fn is_physical(root: &Root, name: &str) -> bool {
    let entry = format!("sys/class/net/{name}");
    root.exists(&format!("{entry}/device")) && !root.exists(&format!("{entry}/device/physfn"))
}

pub(super) struct Source {
    file: KeptFile,
    root: Root,
    known: Vec<(Vec<u8>, bool)>,
}

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self { file: KeptFile::new(root.path(NET_DEV), Ending::Pages), root: root.clone(), known: Vec::new() }
    }

    /// Shows every physical interface with its counters.
    pub(super) fn read(&mut self, show: &mut dyn FnMut(&str, Counters)) -> Result<(), Missing> {
        let text = self.file.read().map_err(|_| Missing::Unreadable(NET_DEV))?;
        for (at, line) in lines(text).skip(HEADER_LINES).enumerate() {
            // The name may be glued to the first number: `eth0:123`.
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let name = line[..colon].trim_ascii();
            let Ok(name_text) = std::str::from_utf8(name) else { continue };
            if is_known_physical(&mut self.known, &self.root, at, name, name_text)
                && let Some(counters) = counters(&line[colon + 1..])
            {
                show(name_text, counters);
            }
        }
        Ok(())
    }
}

fn is_known_physical(
    known: &mut Vec<(Vec<u8>, bool)>,
    root: &Root,
    at: usize,
    name: &[u8],
    text: &str,
) -> bool {
    let here = known.get(at).filter(|(known, _)| known == name);
    if let Some((_, verdict)) = here.or_else(|| known.iter().find(|(known, _)| known == name)) {
        return *verdict;
    }
    let verdict = is_physical(root, text);
    if known.len() == KNOWN_MAX {
        known.clear();
    }
    known.push((name.to_vec(), verdict));
    verdict
}

fn counters(rest: &[u8]) -> Option<Counters> {
    let [rx_bytes, rx_packets, _, rx_drops, _, _, _, _, tx_bytes, tx_packets, _, tx_drops] =
        numbers(fields(rest));
    Some([rx_bytes?, tx_bytes?, rx_packets?, tx_packets?, rx_drops?.saturating_add(tx_drops?)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_physical_interfaces_are_counted() {
        let root = Root::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stacked"));
        let mut seen = Vec::new();
        Source::new(&root).read(&mut |name, counters| seen.push((name.to_owned(), counters))).unwrap();
        let expected: [(String, Counters); 2] =
            [("eno1".into(), [1_000, 2_000, 10, 20, 7]), ("eno2".into(), [500, 700, 5, 7, 0])];
        assert_eq!(seen, expected);
    }
}

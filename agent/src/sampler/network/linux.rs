//! `/proc/net/dev`, physical interfaces only: those with a device behind them. Bonds, bridges, VLANs, veths and
//! the loopback carry the same bytes again, or none that leave the host. A container usually has no physical
//! interface: then the network is unknown, with that reason, rather than 0.
// SPDX-License-Identifier: Apache-2.0

use super::Counters;
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::roster::Roster;
use crate::sampler::text::{fields, lines};

const NET_DEV: &str = "/proc/net/dev";
const NET_DEV_OF_HOST: &str = "/proc/1/net/dev";
const HEADER_LINES: usize = 2;
const BYTES_PER_MEGABIT: f64 = 1e6 / 8.0;

/// Whether an interface is a physical one, whose traffic must be counted, once. Not physical though with a
/// device: a virtual function and its stand-in on the host, whose traffic passes the port's counters, and what
/// serves an interface that has a device itself (the fast path of a paravirtual one).
pub(crate) fn is_physical(root: &Root, name: &str) -> bool {
    let entry = format!("sys/class/net/{name}");
    let has = |what: &str| root.exists(&format!("{entry}/{what}"));
    let stands_in = || {
        let port = root.text(&format!("{entry}/phys_port_name")).unwrap_or_default();
        port.contains("vf") || port.contains("sf")
    };
    has("device") && !has("device/physfn") && !has("master/device") && !stands_in()
}

/// The speed of a link, where its driver knows it.
pub(super) fn speed_bytes_per_s(root: &Root, name: &str) -> Option<f64> {
    let megabits = root.number(&format!("sys/class/net/{name}/speed")).filter(|speed| *speed > 0)?;
    Some(megabits as f64 * BYTES_PER_MEGABIT)
}

pub(super) struct Source {
    file: KeptFile,
    root: Root,
    /// Whether each name is a physical interface's.
    verdicts: Roster<bool>,
}

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        let file = KeptFile::new(root, root.host_view(NET_DEV, NET_DEV_OF_HOST), Ending::Pages);
        Self { file, root: root.clone(), verdicts: Roster::new() }
    }

    /// Shows every physical interface with its counters.
    pub(super) fn read(&mut self, show: &mut dyn FnMut(&str, Counters)) -> Result<(), Missing> {
        let text = self.file.read()?;
        self.verdicts.start();
        for line in lines(text).skip(HEADER_LINES) {
            // The name may be glued to the first number: `eth0:123`.
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let Ok(name) = std::str::from_utf8(line[..colon].trim_ascii()) else { continue };
            let judge = || is_physical(&self.root, name);
            let verdict = self.verdicts.meet(name.as_bytes(), judge).ok_or(Missing::TooMany(NET_DEV))?;
            if *verdict && let Some(counters) = counters(&line[colon + 1..]) {
                show(name, counters);
            }
        }
        self.verdicts.finish();
        Ok(())
    }
}

fn counters(rest: &[u8]) -> Option<Counters> {
    let [rx_bytes, rx_packets, _, rx_drops, _, _, _, _, tx_bytes, tx_packets, _, tx_drops] =
        fields(rest).numbers();
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

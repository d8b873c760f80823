//! Network: bytes, packets and drops of each physical interface and of all together.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod linux;

use super::reading::rate;
use super::{Board, Missing, Reading, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{
    Metric, NET_DROPS, NET_RECEIVE, NET_RECEIVE_PACKETS, NET_TRANSMIT, NET_TRANSMIT_PACKETS,
};

const NO_INTERFACE: Missing = Missing::NoDevice("no physical network interface is visible here");

/// Counters of one interface since boot, in the order of [`SERIES`].
type Counters = [u64; 5];

const SERIES: [Metric; 5] = [NET_RECEIVE, NET_TRANSMIT, NET_RECEIVE_PACKETS, NET_TRANSMIT_PACKETS, NET_DROPS];

struct Interface {
    name: String,
    series: [Option<SeriesIndex>; 5],
    before: Option<Counters>,
    now: Option<Counters>,
}

struct Network {
    source: linux::Source,
    interfaces: Vec<Interface>,
    total: [Option<SeriesIndex>; 5],
}

/// The network sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Network {
        source: linux::Source::new(root),
        interfaces: Vec::new(),
        total: SERIES.map(|metric| board.total(&metric)),
    })
}

impl Sampler for Network {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        for interface in &mut self.interfaces {
            interface.before = interface.now.take();
        }
        let interfaces = &mut self.interfaces;
        let read = self.source.read(&mut |name, counters| {
            let at = interfaces.iter().position(|known| known.name == name).unwrap_or_else(|| {
                let series = SERIES.map(|metric| board.series(&metric, name));
                interfaces.push(Interface { name: name.to_owned(), series, before: None, now: None });
                interfaces.len() - 1
            });
            interfaces[at].now = Some(counters);
        });
        let none = read.err().unwrap_or(NO_INTERFACE);
        for (at, total) in self.total.into_iter().enumerate() {
            let mut sum: Reading = Err(none);
            for interface in &self.interfaces {
                let Some(now) = interface.now else { continue };
                let reading = rate(interface.before.map(|c| c[at]), now[at], 1.0, elapsed_s);
                board.set(interface.series[at], reading);
                sum = match (sum, reading) {
                    (Ok(sum), reading) => Ok(sum + reading.unwrap_or(0.0)),
                    (Err(_), reading) => reading,
                };
            }
            board.set(total, sum);
        }
        read
    }
}

//! Network: bytes, packets and drops of each physical interface and of all together.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod linux;

use super::reading::{and, growth};
use super::roster::Roster;
use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{
    Metric, NET_DROPS, NET_RECEIVE, NET_RECEIVE_PACKETS, NET_TRANSMIT, NET_TRANSMIT_PACKETS,
};

const NO_INTERFACE: Missing = Missing::NoDevice("no physical network interface is visible here");
/// Faster than any interface there is.
const BYTES_PER_S_MAX: f64 = 1e12;
const FRAME_BYTES_MIN: f64 = 64.0;

/// Counters of one interface since boot, in the order of [`SERIES`].
type Counters = [u64; 5];

const SERIES: [Metric; 5] = [NET_RECEIVE, NET_TRANSMIT, NET_RECEIVE_PACKETS, NET_TRANSMIT_PACKETS, NET_DROPS];
/// How many of them count bytes.
const BYTES: usize = 2;

struct Interface {
    series: [Option<SeriesIndex>; 5],
    last: Counters,
    is_new: bool,
}

struct Network {
    source: linux::Source,
    root: Root,
    interfaces: Roster<Interface>,
    total: [Option<SeriesIndex>; 5],
}

/// The network sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Network {
        source: linux::Source::new(root),
        root: root.clone(),
        interfaces: Roster::new(),
        total: SERIES.map(|metric| board.total(&metric)),
    })
}

impl Sampler for Network {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let mut sum = None;
        self.interfaces.start();
        let (interfaces, root) = (&mut self.interfaces, &self.root);
        let read = self.source.read(&mut |name, now| {
            let make = || Interface { series: board.device(&SERIES, name), last: now, is_new: true };
            let Some(interface) = interfaces.meet(name.as_bytes(), make) else { return };
            let elapsed_s = elapsed_s.filter(|_| !interface.is_new).ok_or(Missing::FirstReading);
            let speed = || linux::speed_bytes_per_s(root, name);
            let more = elapsed_s.and_then(|elapsed_s| between(interface.last, now, elapsed_s, speed));
            (interface.last, interface.is_new) = (now, false);
            show(board, interface.series, more, elapsed_s);
            sum = and(sum, more, |a, b| std::array::from_fn(|at| a[at] + b[at]));
        });
        match read {
            Ok(()) => self.interfaces.finish(),
            Err(_) => self.interfaces.clear(),
        }
        let sum = read.and_then(|()| sum.unwrap_or(Err(NO_INTERFACE)));
        show(board, self.total, sum, elapsed_s.ok_or(Missing::FirstReading));
        read
    }
}

/// What an interface did between two readings. A counter that went back is one of 32 bits that began again
/// only if the link is fast enough for it; otherwise the device was replaced, and none of its counters tell
/// anything. The speed is asked for only then.
fn between(
    before: Counters,
    now: Counters,
    elapsed_s: f64,
    speed_bytes_per_s: impl FnOnce() -> Option<f64>,
) -> Result<Counters, Missing> {
    let went_back = before.iter().zip(&now).any(|(before, now)| now < before);
    let bytes_per_s = if went_back { speed_bytes_per_s().ok_or(Missing::WentBack)? } else { BYTES_PER_S_MAX };
    let bytes_most = (bytes_per_s * elapsed_s) as u64;
    let frames_most = (bytes_per_s / FRAME_BYTES_MIN * elapsed_s) as u64;
    let mut more = Counters::default();
    for (at, more) in more.iter_mut().enumerate() {
        *more = growth(before[at], now[at], if at < BYTES { bytes_most } else { frames_most })?;
    }
    Ok(more)
}

fn show(
    board: &mut Board,
    series: [Option<SeriesIndex>; 5],
    more: Result<Counters, Missing>,
    elapsed_s: Result<f64, Missing>,
) {
    for (at, series) in series.into_iter().enumerate() {
        board.set(series, more.and_then(|more| Ok(more[at] as f64 / elapsed_s?)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_begins_again_only_as_fast_as_its_link() {
        const END: u64 = 1 << 32;
        let check = |before: Counters, now: Counters, speed, expected: Result<Counters, Missing>| {
            assert_eq!(between(before, now, 1.0, || speed), expected, "{before:?} {now:?} {speed:?}");
        };
        let (gigabit, back) = (Some(125e6), Err(Missing::WentBack));
        check([1, 2, 3, 4, 5], [11, 22, 33, 44, 55], None, Ok([10, 20, 30, 40, 50]));
        check([END - 1_000, 0, 7, 0, 0], [9_000, 0, 9, 0, 0], gigabit, Ok([10_000, 0, 2, 0, 0]));
        check([END - 200_000_000, 0, 0, 0, 0], [9_000, 0, 0, 0, 0], gigabit, back);
        check([END - 1_000, 0, 0, 0, 0], [9_000, 0, 0, 0, 0], None, back);
        // The driver was loaded again: bytes were near the end by chance, packets were not.
        check([END - 1_000, 0, 5_000_000, 0, 0], [9_000, 0, 9, 0, 0], gigabit, back);
        // A device that is gone from its bus reads as ones.
        check([5, 0, 0, 0, 0], [u64::MAX, 0, 0, 0, 0], gigabit, Err(Missing::Implausible));
    }
}

//! CPU: shares of all CPU time by mode, the busiest logical CPU, and the run queue.
// SPDX-License-Identifier: Apache-2.0

mod linux;

use super::{Board, Missing, Reading, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{
    CPU_BUSIEST_CORE, CPU_BUSY, CPU_IOWAIT, CPU_STEAL, CPU_SYSTEM, CPU_USER, RUN_QUEUE,
};

/// CPU time by mode since boot, in ticks of the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ticks {
    /// User code; guests and niced programs are part of it.
    user: u64,
    /// Kernel, interrupts included.
    system: u64,
    idle: u64,
    iowait: u64,
    steal: u64,
}

/// What one reading of the source gives.
#[derive(Debug, Default)]
struct CpuTimes {
    all: Ticks,
    /// By number of the logical CPU, ascending; offline ones are absent.
    each: Vec<(u32, Ticks)>,
    running: Option<u64>,
}

/// Idle time that falls by more than this many ticks means that a CPU went off and came back.
const HOTPLUG_TICKS: u64 = 300;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    busy: f64,
    user: f64,
    system: f64,
    iowait: f64,
    steal: f64,
}

/// The shares between two readings. A mode that went back (the kernel does this to iowait) counts as 0.
fn shares(before: Ticks, now: Ticks) -> Result<Shares, Missing> {
    if before.idle > now.idle.saturating_add(HOTPLUG_TICKS) {
        return Err(Missing::WentBack);
    }
    let user = now.user.saturating_sub(before.user) as f64;
    let system = now.system.saturating_sub(before.system) as f64;
    let iowait = now.iowait.saturating_sub(before.iowait) as f64;
    let steal = now.steal.saturating_sub(before.steal) as f64;
    let total = user + system + iowait + steal + now.idle.saturating_sub(before.idle) as f64;
    if total == 0.0 {
        return Err(Missing::NothingCompleted);
    }
    Ok(Shares {
        busy: (user + system) / total,
        user: user / total,
        system: system / total,
        iowait: iowait / total,
        steal: steal / total,
    })
}

/// The busiest logical CPU among those seen in both readings.
fn busiest(before: &[(u32, Ticks)], now: &[(u32, Ticks)]) -> Reading {
    let mut earlier = before.iter().peekable();
    let mut most: Reading = Err(Missing::FirstReading);
    for (number, ticks) in now {
        while earlier.next_if(|(n, _)| n < number).is_some() {}
        let Some((_, ticks_before)) = earlier.next_if(|(n, _)| n == number) else { continue };
        if let Ok(shares) = shares(*ticks_before, *ticks) {
            most = Ok(most.map_or(shares.busy, |m| m.max(shares.busy)));
        }
    }
    most
}

struct Cpu {
    source: linux::Source,
    now: CpuTimes,
    before: CpuTimes,
    has_before: bool,
    modes: [Option<SeriesIndex>; 5],
    busiest: Option<SeriesIndex>,
    run_queue: Option<SeriesIndex>,
}

/// The CPU sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    Box::new(Cpu {
        source: linux::Source::new(root),
        now: CpuTimes::default(),
        before: CpuTimes::default(),
        has_before: false,
        modes: [CPU_BUSY, CPU_USER, CPU_SYSTEM, CPU_IOWAIT, CPU_STEAL].map(|metric| board.total(&metric)),
        busiest: board.total(&CPU_BUSIEST_CORE),
        run_queue: board.total(&RUN_QUEUE),
    })
}

impl Sampler for Cpu {
    fn sample(&mut self, elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        std::mem::swap(&mut self.now, &mut self.before);
        let read = self.source.read(&mut self.now);
        let comparable = self.has_before && elapsed_s.is_some();
        self.has_before = read.is_ok();
        let modes = read.and_then(|()| {
            if comparable { shares(self.before.all, self.now.all) } else { Err(Missing::FirstReading) }
        });
        let values = modes.map(|s| [s.busy, s.user, s.system, s.iowait, s.steal]);
        for (at, series) in self.modes.into_iter().enumerate() {
            board.set(series, values.map(|v| v[at]));
        }
        let first = Err(Missing::FirstReading);
        let busiest = if comparable { busiest(&self.before.each, &self.now.each) } else { first };
        board.set(self.busiest, read.and(busiest));
        let no_field = Missing::NoField { file: linux::STAT, field: "procs_running" };
        // The thread that is reading runs itself, and is not load.
        let queue = self.now.running.map(|n| n.saturating_sub(1) as f64).ok_or(no_field);
        board.set(self.run_queue, read.and(queue));
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(user: u64, system: u64, idle: u64, iowait: u64, steal: u64) -> Ticks {
        Ticks { user, system, idle, iowait, steal }
    }

    #[test]
    fn shares_add_up() {
        let check = |before, now, expected: Result<[f64; 5], Missing>| {
            let got = shares(before, now).map(|s| [s.busy, s.user, s.system, s.iowait, s.steal]);
            assert_eq!(got, expected);
        };
        check(ticks(10, 10, 10, 10, 10), ticks(30, 20, 60, 20, 20), Ok([0.3, 0.2, 0.1, 0.1, 0.1]));
        // iowait went back by 40: it counts as none, and the others keep their share.
        check(ticks(10, 10, 10, 50, 0), ticks(30, 20, 80, 10, 0), Ok([0.3, 0.2, 0.1, 0.0, 0.0]));
        // Idle fell by more than three seconds: the CPU was away.
        check(ticks(10, 10, 900, 0, 0), ticks(30, 20, 100, 0, 0), Err(Missing::WentBack));
        check(ticks(1, 1, 1, 1, 1), ticks(1, 1, 1, 1, 1), Err(Missing::NothingCompleted));
    }

    #[test]
    fn the_busiest_cpu_is_sought_among_those_seen_twice() {
        let before = [(0, ticks(0, 0, 0, 0, 0)), (2, ticks(0, 0, 0, 0, 0))];
        let now = [(0, ticks(10, 0, 90, 0, 0)), (1, ticks(100, 0, 0, 0, 0)), (2, ticks(40, 0, 60, 0, 0))];
        assert_eq!(busiest(&before, &now), Ok(0.4));
        assert_eq!(busiest(&[], &now), Err(Missing::FirstReading));
    }
}

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

/// Idle time that falls by more than this means that a CPU went off and came back.
const HOTPLUG_S: u64 = 3;
const HOTPLUG_TICKS: u64 = HOTPLUG_S * linux::TICKS_PER_S;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    busy: f64,
    user: f64,
    system: f64,
    iowait: f64,
    steal: f64,
}

impl Ticks {
    /// What passed between two readings. A mode that went back (the kernel does this to iowait) counts as 0.
    fn since(self, before: Self) -> Result<Self, Missing> {
        if before.idle > self.idle.saturating_add(HOTPLUG_TICKS) {
            return Err(Missing::WentBack);
        }
        Ok(Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            idle: self.idle.saturating_sub(before.idle),
            iowait: self.iowait.saturating_sub(before.iowait),
            steal: self.steal.saturating_sub(before.steal),
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            user: self.user.saturating_add(other.user),
            system: self.system.saturating_add(other.system),
            idle: self.idle.saturating_add(other.idle),
            iowait: self.iowait.saturating_add(other.iowait),
            steal: self.steal.saturating_add(other.steal),
        }
    }

    /// The shares of what passed on `cpus` CPUs in `elapsed_s`.
    fn shares(self, cpus: usize, elapsed_s: f64) -> Result<Shares, Missing> {
        let Self { user, system, idle, iowait, steal } = self;
        let [user, system, idle, iowait, steal] =
            [user, system, idle, iowait, steal].map(|ticks| ticks as f64);
        let total = user + system + idle + iowait + steal;
        if total == 0.0 {
            return Err(Missing::NothingCompleted);
        }
        let most = cpus as f64 * (elapsed_s + HOTPLUG_S as f64) * linux::TICKS_PER_S as f64;
        if total > most {
            return Err(Missing::Implausible);
        }
        Ok(Shares {
            busy: (user + system) / total,
            user: user / total,
            system: system / total,
            iowait: iowait / total,
            steal: steal / total,
        })
    }
}

/// The shares of all CPUs, and the busy share of the busiest.
///
/// While CPUs come and go the kernel's own sum jumps: it holds the time of those that are off. Then the shares
/// are those of the CPUs that were there all along.
fn compare(before: &CpuTimes, now: &CpuTimes, elapsed_s: f64) -> (Result<Shares, Missing>, Reading) {
    let mut earlier = before.each.iter().peekable();
    let (mut steady, mut steady_cpus, mut busiest) = (Ticks::default(), 0, Err(Missing::FirstReading));
    for (number, ticks) in &now.each {
        while earlier.next_if(|(n, _)| n < number).is_some() {}
        let Some((_, ticks_before)) = earlier.next_if(|(n, _)| n == number) else { continue };
        let Ok(passed) = ticks.since(*ticks_before) else { continue };
        match passed.shares(1, elapsed_s) {
            Ok(shares) => busiest = Ok(busiest.map_or(shares.busy, |most: f64| most.max(shares.busy))),
            // Between readings that follow at once, not every CPU has counted a tick.
            Err(Missing::NothingCompleted) => busiest = busiest.or(Err(Missing::NothingCompleted)),
            Err(_) => continue,
        }
        steady = steady.and(passed);
        steady_cpus += 1;
    }
    let undisturbed = steady_cpus == now.each.len() && steady_cpus == before.each.len();
    let shares = if undisturbed {
        now.all.since(before.all).and_then(|passed| passed.shares(steady_cpus.max(1), elapsed_s))
    } else {
        steady.shares(steady_cpus, elapsed_s)
    };
    (shares, busiest)
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
        let elapsed_s = elapsed_s.filter(|_| self.has_before);
        self.has_before = read.is_ok();
        let first = Err(Missing::FirstReading);
        let (shares, busiest) = match (read, elapsed_s) {
            (Err(why), _) => (Err(why), Err(why)),
            (Ok(()), None) => (first, first.map(|_: Shares| 0.0)),
            (Ok(()), Some(elapsed_s)) => compare(&self.before, &self.now, elapsed_s),
        };
        let values = shares.map(|s| [s.busy, s.user, s.system, s.iowait, s.steal]);
        for (at, series) in self.modes.into_iter().enumerate() {
            board.set(series, values.map(|v| v[at]));
        }
        board.set(self.busiest, busiest);
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

    fn ticks([user, system, idle, iowait, steal]: [u64; 5]) -> Ticks {
        Ticks { user, system, idle, iowait, steal }
    }

    #[test]
    fn shares_add_up() {
        let check = |before, now, expected: Result<[f64; 5], Missing>| {
            let shares = ticks(now).since(ticks(before)).and_then(|passed| passed.shares(1, 1.0));
            assert_eq!(shares.map(|s| [s.busy, s.user, s.system, s.iowait, s.steal]), expected);
        };
        check([10, 10, 10, 10, 10], [30, 20, 60, 20, 20], Ok([0.3, 0.2, 0.1, 0.1, 0.1]));
        // iowait went back by 40: it counts as none, and the others keep their share.
        check([10, 10, 10, 50, 0], [30, 20, 80, 10, 0], Ok([0.3, 0.2, 0.1, 0.0, 0.0]));
        // Idle fell by more than three seconds: the CPU was away.
        check([10, 10, 900, 0, 0], [30, 20, 100, 0, 0], Err(Missing::WentBack));
        check([1; 5], [1; 5], Err(Missing::NothingCompleted));
        // Stolen time jumps when a virtual machine moves.
        check([10, 10, 10, 0, 0], [30, 20, 60, 0, 1 << 60], Err(Missing::Implausible));
    }

    /// CPUs by number with their user and idle ticks; all together, what the kernel says of them.
    fn times(all: [u64; 2], each: &[(u32, u64, u64)]) -> CpuTimes {
        let both = |user, idle| ticks([user, 0, idle, 0, 0]);
        let each = each.iter().map(|(number, user, idle)| (*number, both(*user, *idle))).collect();
        CpuTimes { all: both(all[0], all[1]), each, running: None }
    }

    #[test]
    fn cpus_that_come_and_go_do_not_disturb_the_others() {
        let check = |before: &CpuTimes, now: &CpuTimes, busy: Reading, busiest: Reading| {
            let (shares, most) = compare(before, now, 1.0);
            assert_eq!((shares.map(|s| s.busy), most), (busy, busiest));
        };
        let two = times([100, 1_000], &[(0, 50, 500), (2, 50, 500)]);
        check(&two, &times([140, 1_160], &[(0, 80, 570), (2, 60, 590)]), Ok(0.2), Ok(0.3));
        // One is gone; the kernel's sum lost its idle time.
        check(&two, &times([130, 570], &[(0, 80, 570)]), Ok(0.3), Ok(0.3));
        // One has come, with the ticks of an earlier life.
        let three = times([1_140, 99_160], &[(0, 80, 570), (1, 1_000, 98_000), (2, 60, 590)]);
        check(&two, &three, Ok(0.2), Ok(0.3));
        // One went and came back between two readings, and counts from 0.
        check(&two, &times([90, 660], &[(0, 80, 570), (2, 10, 90)]), Ok(0.3), Ok(0.3));
        let none = Err(Missing::NothingCompleted);
        check(&two, &times([10, 90], &[(5, 10, 90)]), none, Err(Missing::FirstReading));
        // A text with the sum alone still tells the sum.
        check(&times([10, 10], &[]), &times([35, 85], &[]), Ok(0.25), Err(Missing::FirstReading));
    }
}

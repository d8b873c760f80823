//! Time as the agent sees it: wall clock for labels, boot time for intervals, monotonic time for sleeping.
//! Everything but the binary's edge receives a clock, so that tests steer it.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::Timestamp;
use rustix::time::{ClockId, Timespec, clock_gettime};

const NS_PER_S: i64 = 1_000_000_000;

/// One look at all three clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instants {
    /// Wall clock, milliseconds since 1970. People and time servers move it.
    pub wall_ms: i64,
    /// Since boot, suspended time included.
    pub boot_ns: i64,
    /// Since boot, suspended time excluded; what sleeping is measured by.
    pub mono_ns: i64,
}

impl Instants {
    /// The wall clock in whole seconds.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        Timestamp(self.wall_ms.div_euclid(1_000))
    }
}

/// A source of time.
pub trait Clock: Send + Sync {
    /// All clocks at once.
    fn now(&self) -> Instants;
    /// Returns when the monotonic clock has reached `mono_ns`; at once if it already has.
    fn sleep_until(&self, mono_ns: i64);
}

/// The clocks of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instants {
        let wall = clock_gettime(ClockId::Realtime);
        Instants {
            wall_ms: wall.tv_sec * 1_000 + wall.tv_nsec / 1_000_000,
            boot_ns: nanoseconds(clock_gettime(ClockId::Boottime)),
            mono_ns: nanoseconds(clock_gettime(ClockId::Monotonic)),
        }
    }

    fn sleep_until(&self, mono_ns: i64) {
        let until = Timespec { tv_sec: mono_ns / NS_PER_S, tv_nsec: mono_ns % NS_PER_S };
        // An absolute sleep does not drift, and a signal only means sleeping on.
        while rustix::thread::clock_nanosleep_absolute(ClockId::Monotonic, &until)
            == Err(rustix::io::Errno::INTR)
        {}
    }
}

const fn nanoseconds(time: Timespec) -> i64 {
    time.tv_sec * NS_PER_S + time.tv_nsec
}

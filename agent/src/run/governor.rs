//! The governor keeps the agent a guest: it holds sampling back when the agent has cost more than it may or the
//! host is too starved to read in time, and lets uploads wait while the host is short of memory. Decides from
//! what it is told; measures nothing itself.
// SPDX-License-Identifier: Apache-2.0

/// What the agent may use on the long run, all threads: a hundredth of one core. It ordinarily uses a fortieth
/// of that.
const CPU_RATIO_MAX: f64 = 0.01;
/// Seconds of CPU it may use ahead: sealing a batch, a new connection, an inventory.
const CPU_AHEAD_S: f64 = 3.0;
/// How long it holds back when that is used up.
const CPU_HELD_NS: i64 = 300 * SECOND_NS;
/// A reading that takes this long was waiting for the host, not working.
const SLOW_NS: i64 = SECOND_NS / 4;
const SLOW_IN_A_ROW_MAX: u32 = 10;
const SLOW_HELD_NS: i64 = 60 * SECOND_NS;
/// Share of time in which something waits for memory, smoothed over a minute, from which on uploads wait.
const MEMORY_PRESSURE_RATIO_MAX: f64 = 0.4;
const SMOOTHING: f64 = 1.0 / 60.0;
const SECOND_NS: i64 = 1_000_000_000;

/// What one reading cost, and what it showed of the host.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Strain {
    /// CPU of the whole agent since the reading before, as a share of one core; a second where unknown.
    pub(super) own_cpu_ratio: Option<f64>,
    /// How long the reading took.
    pub(super) took_ns: i64,
    /// Share of the last second in which something waited for memory.
    pub(super) memory_pressure_ratio: Option<f64>,
}

#[derive(Clone, Debug)]
pub(super) struct Governor {
    cpu_left_s: f64,
    slow_in_a_row: u32,
    memory_pressure: f64,
    held_until_ns: i64,
}

impl Default for Governor {
    fn default() -> Self {
        Self { cpu_left_s: CPU_AHEAD_S, slow_in_a_row: 0, memory_pressure: 0.0, held_until_ns: i64::MIN }
    }
}

impl Governor {
    /// Takes in a reading that ended at `mono_ns`. Returns why sampling is held back from now on, if it is.
    pub(super) fn observe(&mut self, mono_ns: i64, strain: Strain) -> Option<&'static str> {
        let used_s = strain.own_cpu_ratio.unwrap_or(0.0);
        self.cpu_left_s = (self.cpu_left_s + CPU_RATIO_MAX - used_s).min(CPU_AHEAD_S);
        let pressure = strain.memory_pressure_ratio.unwrap_or(0.0);
        self.memory_pressure += (pressure - self.memory_pressure) * SMOOTHING;
        self.slow_in_a_row = if strain.took_ns >= SLOW_NS { self.slow_in_a_row + 1 } else { 0 };
        if self.cpu_left_s < 0.0 {
            self.cpu_left_s = CPU_AHEAD_S;
            self.held_until_ns = mono_ns + CPU_HELD_NS;
            return Some("the agent has used the CPU it may use");
        }
        if self.slow_in_a_row >= SLOW_IN_A_ROW_MAX {
            self.slow_in_a_row = 0;
            self.held_until_ns = mono_ns + SLOW_HELD_NS;
            return Some("the host is too busy to be read in time");
        }
        None
    }

    /// Whether sampling is held back.
    pub(super) const fn holds(&self, mono_ns: i64) -> bool {
        mono_ns < self.held_until_ns
    }

    /// Whether what is not sampling should wait.
    pub(super) const fn eases(&self) -> bool {
        self.memory_pressure > MEMORY_PRESSURE_RATIO_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of readings with the same strain, after which sampling is first held back.
    fn held_after(strain: Strain) -> Option<i64> {
        let mut governor = Governor::default();
        (1..=100_000).find(|second| governor.observe(second * SECOND_NS, strain).is_some())
    }

    #[test]
    fn the_agent_is_held_to_what_it_may_cost() {
        let cpu = |ratio| Strain { own_cpu_ratio: Some(ratio), ..Strain::default() };
        assert_eq!(held_after(cpu(0.0003)), None, "the ordinary cost");
        assert_eq!(held_after(cpu(0.0099)), None);
        assert_eq!(held_after(cpu(0.95)), Some(4));
        assert_eq!(held_after(cpu(0.021)), Some(273));
    }

    #[test]
    fn a_starved_host_is_left_alone_for_a_minute() {
        let slow = Strain { took_ns: SLOW_NS, ..Strain::default() };
        assert_eq!(held_after(slow), Some(10));
        let mut governor = Governor::default();
        (0..10).for_each(|_| _ = governor.observe(0, slow));
        assert!(governor.holds(59 * SECOND_NS) && !governor.holds(60 * SECOND_NS));
        assert_eq!(governor.observe(61 * SECOND_NS, slow), None, "it begins to count again");
    }

    #[test]
    fn uploads_wait_while_memory_is_short_and_go_on_after() {
        let mut governor = Governor::default();
        let mut after = |ratio, seconds: i64| {
            let strain = Strain { memory_pressure_ratio: Some(ratio), ..Strain::default() };
            (0..seconds).for_each(|s| _ = governor.observe(s * SECOND_NS, strain));
            governor.eases()
        };
        assert!(!after(0.3, 600));
        assert!(!after(0.9, 5), "a moment is not a shortage");
        assert!(after(0.9, 60));
        assert!(!after(0.0, 60));
    }
}

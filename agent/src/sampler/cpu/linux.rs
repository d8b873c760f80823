//! `/proc/stat`, read in one call.
// SPDX-License-Identifier: Apache-2.0

use super::{CpuTimes, Ticks};
use crate::root::Root;
use crate::sampler::Missing;
use crate::sampler::kept_file::{Ending, KeptFile};
use crate::sampler::text::{fields, lines, number, value_of};

/// What is read here.
pub(super) const STAT: &str = "/proc/stat";
/// What `/proc` counts in, on every architecture we run on.
pub(super) const TICKS_PER_S: u64 = 100;
/// The kernel knows 8,192 at most.
const CPUS_MAX: usize = 8_192;

pub(super) struct Source(KeptFile);

impl Source {
    pub(super) fn new(root: &Root) -> Self {
        Self(KeptFile::new(root, STAT, Ending::OneRead))
    }

    pub(super) fn read(&mut self, times: &mut CpuTimes) -> Result<(), Missing> {
        parse(self.0.read()?, times)
    }
}

fn parse(text: &[u8], times: &mut CpuTimes) -> Result<(), Missing> {
    times.each.clear();
    times.running = None;
    let mut all = None;
    for line in lines(text) {
        if let Some(rest) = line.strip_prefix(b"cpu") {
            let name_end = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
            let Some(ticks) = ticks(&rest[name_end..]) else { continue };
            match number(&rest[..name_end]).and_then(|n| u32::try_from(n).ok()) {
                Some(n) if times.each.len() < CPUS_MAX => times.each.push((n, ticks)),
                None if name_end == 0 => all = Some(ticks),
                _ => {}
            }
        } else if line.starts_with(b"procs_running") {
            times.running = value_of(line, b"procs_running");
            break;
        }
    }
    times.all = all.ok_or(Missing::NoField { file: STAT, field: "cpu" })?;
    Ok(())
}

/// user nice system idle iowait irq softirq steal; old kernels lack the last ones. Guest time is in user.
fn ticks(rest: &[u8]) -> Option<Ticks> {
    let [user, nice, system, idle, iowait, irq, softirq, steal] = fields(rest).numbers();
    Some(Ticks {
        user: user?.saturating_add(nice?),
        system: system?.saturating_add(irq.unwrap_or(0)).saturating_add(softirq.unwrap_or(0)),
        idle: idle?,
        iowait: iowait.unwrap_or(0),
        steal: steal.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_and_cpus_are_read_and_offline_ones_are_absent() {
        let text = b"cpu  10 2 5 100 7 1 2 3 9 9\ncpu0 5 1 2 50 3 1 1 1 0 0\ncpu3 5 1 3 50 4 0 1 2 0 0\nintr 5 0 0\nprocs_running 4\nprocs_blocked 0\n";
        let mut times = CpuTimes::default();
        parse(text, &mut times).unwrap();
        assert_eq!(times.all, Ticks { user: 12, system: 8, idle: 100, iowait: 7, steal: 3 });
        assert_eq!(times.each.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(times.running, Some(4));
    }

    #[test]
    fn a_text_without_cpus_is_said_to_be_one() {
        let mut times = CpuTimes::default();
        assert_eq!(parse(b"intr 5\n", &mut times), Err(Missing::NoField { file: STAT, field: "cpu" }));
    }
}

//! CPU seconds and peak memory of this process.
// SPDX-License-Identifier: Apache-2.0

/// Runs of what is short.
const REPEATS: u32 = 20;

/// CPU seconds of this thread so far, from the scheduler; there is one thread.
pub(crate) fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

/// Runs `work` and says what it cost.
pub(crate) fn timed<R>(work: impl FnOnce() -> R) -> (R, f64) {
    let before = cpu_s();
    let result = work();
    (result, cpu_s() - before)
}

/// Runs `work` over and over and says what once costs: a single run may be too short for the scheduler's clock.
pub(crate) fn timed_often<R>(work: impl Fn() -> R) -> (R, f64) {
    let (result, cpu_s) = timed(|| {
        (1..REPEATS).for_each(|_| drop(std::hint::black_box(work())));
        work()
    });
    (result, cpu_s / f64::from(REPEATS))
}

/// The most memory this process ever had resident, in MB.
pub(crate) fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) * 1024.0 / 1e6
}

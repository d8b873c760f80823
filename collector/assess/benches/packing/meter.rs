//! CPU seconds and peak memory of this process.
// SPDX-License-Identifier: Apache-2.0

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

/// The most memory this process ever had resident, in MB.
pub(crate) fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) * 1024.0 / 1e6
}

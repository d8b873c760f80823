//! Unlike CPUs on one scale, that of a core of the reference generation: the customer's benchmark table, else cores
//! by clock by what the generation does a GHz; dated as the facts are, and always with the error of the way.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::policy::{CpuScale, HostTemplate, NormalisationPolicy};
use cairn_schemas::assessment::CpuGrade;
use cairn_schemas::fact;
use cairn_schemas::time::Timestamp;

pub mod error;
pub mod generation;
pub mod model_name;

/// Normalised CPU capacity at a moment, in MHz, and how it was found; `None` when the cores are unknown.
#[must_use]
pub fn cpu_at(server: &Server, moment: Timestamp, policy: &NormalisationPolicy) -> Option<(f64, CpuGrade)> {
    let fact = |name| fact::at(&server.facts, name, moment).map(|fact| &fact.value);
    let number = |name| fact(name).and_then(|value| value.as_number()).filter(|n| *n > 0.0);
    let (cores, threads) = (number("cpu_cores"), number("cpu_threads"));
    // What is not known is taken the way that asks for more: a core of unknown threads as if it had two,
    // logical CPUs alone as if each were a core. Otherwise forgetting a fact would shrink the demand.
    let factor = match (cores, threads) {
        (Some(cores), Some(threads)) if threads <= cores => 1.0,
        (Some(_), _) => policy.threads_factor,
        (None, _) => 1.0,
    };
    let mhz = number("cpu_mhz");
    let cores = cores.or(threads)?;
    let by_clock = cores * mhz.unwrap_or(policy.default_mhz) * factor;
    let model = fact("cpu_model").and_then(|value| value.as_text()).unwrap_or_default();
    let (normalised, grade) = match (policy.scale, policy.core_mhz(model), generation::of(model)) {
        (CpuScale::CoresByClock, ..) => (by_clock, CpuGrade::CoresByClock),
        // Threads, turbo and clock are in a benchmark as they were when it was taken.
        (CpuScale::Best, Some(core_mhz), _) => return Some((cores * core_mhz, CpuGrade::Benchmark)),
        (CpuScale::Best, None, Some(known)) => (by_clock * known.factor, CpuGrade::Generation),
        (CpuScale::Best, None, None) => {
            let fastest = cores * policy.fastest_core_mhz();
            (fastest.max(by_clock * generation::fastest_factor()), CpuGrade::Fastest)
        }
    };
    Some((normalised, if mhz.is_some() { grade } else { CpuGrade::CoresOnly }))
}

/// What a host has in normalised MHz, and how it was found. One that nobody can place counts as the slowest
/// generation known.
#[must_use]
pub fn host_mhz(host: &HostTemplate, policy: &NormalisationPolicy) -> (f64, CpuGrade) {
    let threads = if host.cpu_threads > host.cpu_cores { policy.threads_factor } else { 1.0 };
    let by_clock = host.cpu_cores * host.cpu_mhz * threads;
    match (policy.scale, policy.core_mhz(&host.cpu_model), generation::of(&host.cpu_model)) {
        (CpuScale::CoresByClock, ..) => (by_clock, CpuGrade::CoresByClock),
        (CpuScale::Best, Some(core_mhz), _) => (host.cpu_cores * core_mhz, CpuGrade::Benchmark),
        (CpuScale::Best, None, Some(known)) => (by_clock * known.factor, CpuGrade::Generation),
        (CpuScale::Best, None, None) => (by_clock * generation::slowest_factor(), CpuGrade::Unknown),
    }
}

/// Capacity over time: steps of {from, MHz}, ascending, the first valid from the beginning.
#[must_use]
pub fn timeline(server: &Server, policy: &NormalisationPolicy) -> Vec<(Timestamp, Option<f64>)> {
    let names = ["cpu_cores", "cpu_threads", "cpu_mhz", "cpu_model"];
    let dated = names.into_iter().filter_map(|name| server.facts.get(name));
    let mut changes: Vec<Timestamp> = dated.flatten().filter_map(|fact| fact.valid_from).collect();
    changes.push(Timestamp(i64::MIN));
    changes.sort_unstable();
    changes.dedup();
    changes.into_iter().map(|from| (from, cpu_at(server, from, policy).map(|(mhz, _)| mhz))).collect()
}

/// The step that holds at a moment.
#[must_use]
pub fn step_at(timeline: &[(Timestamp, Option<f64>)], moment: Timestamp) -> Option<f64> {
    let after = timeline.partition_point(|(from, _)| *from <= moment);
    timeline.get(after.checked_sub(1)?)?.1
}

#[cfg(test)]
#[path = "normalize/normalize_tests.rs"]
mod tests;

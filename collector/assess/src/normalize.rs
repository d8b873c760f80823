//! Unlike CPUs on one scale: cores by clock, with a factor for threads, dated as the facts are.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use crate::policy::NormalisationPolicy;
use cairn_schemas::assessment::CpuGrade;
use cairn_schemas::fact;
use cairn_schemas::time::Timestamp;

/// Normalised CPU capacity at a moment, in MHz, and how it was found; `None` when the cores are unknown.
#[must_use]
pub fn cpu_at(server: &Server, moment: Timestamp, policy: &NormalisationPolicy) -> Option<(f64, CpuGrade)> {
    let number =
        |name| fact::at(&server.facts, name, moment).and_then(|f| f.value.as_number()).filter(|n| *n > 0.0);
    let (cores, threads) = (number("cpu_cores"), number("cpu_threads"));
    // What is not known is taken the way that asks for more: a core of unknown threads as if it had two,
    // logical CPUs alone as if each were a core. Otherwise forgetting a fact would shrink the demand.
    let factor = match (cores, threads) {
        (Some(cores), Some(threads)) if threads <= cores => 1.0,
        (Some(_), _) => policy.threads_factor,
        (None, _) => 1.0,
    };
    let cores = cores.or(threads)?;
    Some(match number("cpu_mhz") {
        Some(mhz) => (cores * mhz * factor, CpuGrade::CoresByClock),
        None => (cores * policy.default_mhz * factor, CpuGrade::CoresOnly),
    })
}

/// Capacity over time: steps of {from, MHz}, ascending, the first valid from the beginning.
#[must_use]
pub fn timeline(server: &Server, policy: &NormalisationPolicy) -> Vec<(Timestamp, Option<f64>)> {
    let dated = ["cpu_cores", "cpu_threads", "cpu_mhz"].into_iter().filter_map(|name| server.facts.get(name));
    let mut changes: Vec<Timestamp> = dated.flatten().filter_map(|fact| fact.valid_from).collect();
    changes.push(Timestamp(i64::MIN));
    changes.sort_unstable();
    changes.dedup();
    changes.into_iter().map(|from| (from, cpu_at(server, from, policy).map(|(mhz, _)| mhz))).collect()
}

/// The step of a timeline that holds at a moment.
#[must_use]
pub fn step_at(timeline: &[(Timestamp, Option<f64>)], moment: Timestamp) -> Option<f64> {
    let after = timeline.partition_point(|(from, _)| *from <= moment);
    timeline.get(after.checked_sub(1)?)?.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::fact::{Fact, FactValue};

    fn server(facts: &[(&str, f64, Option<i64>)]) -> Server {
        let mut server = Server::default();
        for (name, value, from) in facts {
            server.facts.entry((*name).to_owned()).or_default().push(Fact {
                value: FactValue::Number(*value),
                unit: String::new(),
                source: "test".into(),
                observed_at: Timestamp(0),
                valid_from: from.map(Timestamp),
                confirmed_by: None,
            });
        }
        server
    }

    fn check(facts: &[(&str, f64, Option<i64>)], expected: Option<(f64, CpuGrade)>) {
        assert_eq!(cpu_at(&server(facts), Timestamp(1_000), &NormalisationPolicy::default()), expected);
    }

    #[test]
    fn grades() {
        check(&[], None);
        check(&[("cpu_cores", 8.0, None)], Some((40_000.0, CpuGrade::CoresOnly)));
        check(
            &[("cpu_cores", 8.0, None), ("cpu_mhz", 2_500.0, None)],
            Some((25_000.0, CpuGrade::CoresByClock)),
        );
        let threaded = [("cpu_cores", 8.0, None), ("cpu_threads", 16.0, None), ("cpu_mhz", 2_500.0, None)];
        check(&threaded, Some((25_000.0, CpuGrade::CoresByClock)));
        let single = [("cpu_cores", 8.0, None), ("cpu_threads", 8.0, None), ("cpu_mhz", 2_500.0, None)];
        check(&single, Some((20_000.0, CpuGrade::CoresByClock)));
        check(
            &[("cpu_threads", 16.0, None), ("cpu_mhz", 2_500.0, None)],
            Some((40_000.0, CpuGrade::CoresByClock)),
        );
        check(&[("cpu_cores", 0.0, None)], None);
    }

    #[test]
    fn capacity_changes_over_time() {
        let server =
            server(&[("cpu_cores", 2.0, None), ("cpu_cores", 4.0, Some(500)), ("cpu_mhz", 800.0, None)]);
        let steps = timeline(&server, &NormalisationPolicy::default());
        assert_eq!(step_at(&steps, Timestamp(499)), Some(2_000.0));
        assert_eq!(step_at(&steps, Timestamp(500)), Some(4_000.0));
    }
}

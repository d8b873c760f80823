//! Profile: exact percentiles by counting, and when a server is busy.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Server, coding};
use cairn_schemas::assessment::{Percentiles, Resource, Utilisation};
use cairn_schemas::time::{HOUR_S, Timestamp};
use cairn_schemas::value_code::{Code, MISSING};
use std::collections::BTreeMap;

/// What a server used, over its powered-on slots.
#[must_use]
pub fn utilisation(server: &Server) -> Utilisation {
    let max_1s = server.weeks.iter().filter_map(|week| week.loads[0].as_ref()?.max_1s).max();
    Utilisation {
        cpu_busy_ratio: percentiles(server, Resource::Cpu),
        memory_used_bytes: percentiles(server, Resource::Memory),
        disk_bytes_per_s: percentiles(server, Resource::Disk),
        network_bytes_per_s: percentiles(server, Resource::Network),
        cpu_busy_ratio_max_1s: max_1s.and_then(|code| coding(Resource::Cpu).decode(code)),
        cpu_by_hour: cpu_by_hour(server),
        busiest_hour_of_week: busiest_hour_of_week(server),
    }
}

/// Percentiles of the slot means of a resource; `None` when there is no slot.
#[must_use]
pub fn percentiles(server: &Server, resource: Resource) -> Option<Percentiles> {
    let counts = counts(server, resource);
    let decode = |code: Code| coding(resource).decode(code).unwrap_or(0.0);
    let samples: u64 = counts.values().sum();
    if samples == 0 {
        return None;
    }
    let sum: f64 = counts.iter().map(|(code, n)| decode(*code) * *n as f64).sum();
    let at = |q| quantile(&counts, samples, q, decode);
    Some(Percentiles {
        mean: sum / samples as f64,
        p50: at(0.50),
        p95: at(0.95),
        p99: at(0.99),
        max: at(1.0),
        samples,
    })
}

/// One percentile of the CPU slot means, `q` from 0 to 1.
#[must_use]
pub fn cpu_quantile(server: &Server, q: f64) -> Option<f64> {
    let counts = counts(server, Resource::Cpu);
    let samples: u64 = counts.values().sum();
    let decode = |code| coding(Resource::Cpu).decode(code).unwrap_or(0.0);
    (samples > 0).then(|| quantile(&counts, samples, q, decode))
}

fn counts(server: &Server, resource: Resource) -> BTreeMap<Code, u64> {
    let mut all: BTreeMap<Code, u64> = BTreeMap::new();
    for load in server.weeks.iter().filter_map(|week| week.loads[resource as usize].as_ref()) {
        for (code, n) in &load.counts {
            *all.entry(*code).or_default() += u64::from(*n);
        }
    }
    all
}

/// Linear interpolation between the two nearest ranks (type 7 of Hyndman and Fan 1996, the default of numpy
/// and pandas).
fn quantile(counts: &BTreeMap<Code, u64>, samples: u64, q: f64, decode: impl Fn(Code) -> f64) -> f64 {
    let rank = q * (samples - 1) as f64;
    let (below, share) = (rank.floor() as u64, rank.fract());
    let mut seen = 0;
    let mut low = None;
    for (code, n) in counts {
        seen += n;
        if low.is_none() && seen > below {
            low = Some(decode(*code));
        }
        if let Some(low) = low
            && (share == 0.0 || seen > below + 1)
        {
            return low + share * (decode(*code) - low);
        }
    }
    low.unwrap_or(0.0)
}

/// Largest five-minute CPU mean of each hour of the day (UTC); empty when CPU was never measured.
fn cpu_by_hour(server: &Server) -> Vec<Option<f64>> {
    let mut hours = vec![None; 24];
    each_hour(server, |start, top| {
        let hour = &mut hours[start.hour_of_day()];
        *hour = (*hour).max(Some(top));
    });
    if hours.iter().all(Option::is_none) {
        return Vec::new();
    }
    hours.into_iter().map(|code| code.and_then(|code| coding(Resource::Cpu).decode(code))).collect()
}

/// The hour of the week with the largest five-minute CPU mean, the earliest of equals.
fn busiest_hour_of_week(server: &Server) -> Option<usize> {
    let mut hours = vec![None; 168];
    each_hour(server, |start, top| {
        let hour = &mut hours[start.hour_of_week()];
        *hour = (*hour).max(Some(top));
    });
    let top = *hours.iter().max()?;
    top.and_then(|_| hours.iter().position(|hour| *hour == top))
}

fn each_hour(server: &Server, mut visit: impl FnMut(Timestamp, Code)) {
    for week in &server.weeks {
        let Some(load) = &week.loads[Resource::Cpu as usize] else { continue };
        for (codes, hour) in load.five_minute.chunks(12).zip(0..) {
            if let Some(top) = codes.iter().copied().filter(|code| *code != MISSING).max() {
                visit(Timestamp(week.start.0 + hour * HOUR_S), top);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{INTERVALS, Load, Week};

    fn server(ratios: &[f64]) -> Server {
        let mut counts: BTreeMap<Code, u32> = BTreeMap::new();
        let mut five_minute = vec![MISSING; INTERVALS];
        for (i, ratio) in ratios.iter().enumerate() {
            let code = coding(Resource::Cpu).encode(Some(*ratio));
            *counts.entry(code).or_default() += 1;
            five_minute[i * 12] = code;
        }
        let load = Load { five_minute, counts: counts.into_iter().collect(), max_1s: None };
        let monday = Timestamp(1_793_577_600);
        let week = Week { start: monday, loads: [Some(load), None, None, None], ..Week::default() };
        Server { weeks: vec![week], ..Server::default() }
    }

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.percentile([0.1, 0.2, 0.3, 0.4, 1.2], [50, 95, 99]) = 0.3, 1.04, 1.168
        let p = percentiles(&server(&[0.4, 0.1, 1.2, 0.3, 0.2]), Resource::Cpu).unwrap();
        let expected = [0.44, 0.3, 1.04, 1.168, 1.2];
        for (have, want) in [p.mean, p.p50, p.p95, p.p99, p.max].into_iter().zip(expected) {
            assert!((have - want).abs() < 1e-9, "{have} is not {want}");
        }
        assert_eq!(p.samples, 5);
        assert_eq!(percentiles(&server(&[0.7]), Resource::Cpu).unwrap().p99, 0.7);
        assert_eq!(percentiles(&server(&[]), Resource::Cpu), None);
        assert_eq!(percentiles(&server(&[0.7]), Resource::Disk), None);
    }

    #[test]
    fn the_busiest_hour_is_found() {
        assert_eq!(busiest_hour_of_week(&server(&[0.1, 0.8, 0.8])), Some(1));
        assert_eq!(busiest_hour_of_week(&Server::default()), None);
        assert!(cpu_by_hour(&Server::default()).is_empty());
    }
}

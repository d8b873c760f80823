//! Profile: exact percentiles by counting, and when a server is busy.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Server, coding};
use cairn_schemas::assessment::{Percentiles, Resource, Utilisation};
use cairn_schemas::time::{HOUR_S, Timestamp};
use cairn_schemas::value_code::{Code, MISSING};

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
    let counts = Counts::of(server, resource);
    let samples = counts.samples();
    if samples == 0 {
        return None;
    }
    let mut below = 0;
    let products = counts.upto.iter().map(|&(code, upto)| {
        let n = upto - std::mem::replace(&mut below, upto);
        counts.decode(code) * n as f64
    });
    let sum: f64 = products.sum();
    Some(Percentiles {
        mean: sum / samples as f64,
        p50: counts.quantile(0.50),
        p95: counts.quantile(0.95),
        p99: counts.quantile(0.99),
        max: counts.quantile(1.0),
        samples,
    })
}

/// One percentile of the CPU slot means, `q` from 0 to 1.
#[must_use]
pub fn cpu_quantile(server: &Server, q: f64) -> Option<f64> {
    let counts = Counts::of(server, Resource::Cpu);
    (counts.samples() > 0).then(|| counts.quantile(q))
}

/// The slot means of a resource over all weeks.
struct Counts {
    resource: Resource,
    /// Every code that occurs, ascending, and how many slot means there are up to it, its own included.
    upto: Vec<(Code, u64)>,
}

impl Counts {
    fn of(server: &Server, resource: Resource) -> Self {
        let loads = || server.weeks.iter().filter_map(|week| week.loads[resource as usize].as_ref());
        let codes = || loads().flat_map(|load| &load.counts).map(|(code, _)| *code);
        // Codes are few and lie close together, and weeks repeat each other's: they are counted in one row.
        let (Some(first), Some(last)) = (codes().min(), codes().max()) else {
            return Self { resource, upto: Vec::new() };
        };
        let mut row = vec![0_u64; usize::from(last - first) + 1];
        for &(code, n) in loads().flat_map(|load| &load.counts) {
            row[usize::from(code - first)] += u64::from(n);
        }
        let mut upto = 0;
        let counted = row.into_iter().zip(first..=last).filter(|(n, _)| *n > 0).map(|(n, code)| {
            upto += n;
            (code, upto)
        });
        Self { resource, upto: counted.collect() }
    }

    fn samples(&self) -> u64 {
        self.upto.last().map_or(0, |(_, samples)| *samples)
    }

    fn decode(&self, code: Code) -> f64 {
        coding(self.resource).decode(code).unwrap_or(0.0)
    }

    /// Linear interpolation between the two nearest ranks (type 7 of Hyndman and Fan 1996, the default of numpy
    /// and pandas). There is at least one sample.
    fn quantile(&self, q: f64) -> f64 {
        let rank = q * (self.samples() - 1) as f64;
        let (below, share) = (rank.floor() as u64, rank.fract());
        let at = |rank: u64| {
            let place = self.upto.partition_point(|(_, upto)| *upto <= rank);
            self.upto.get(place).map(|(code, _)| self.decode(*code))
        };
        let low = at(below).unwrap_or(0.0);
        if share == 0.0 {
            return low;
        }
        at(below + 1).map_or(low, |next| low + share * (next - low))
    }
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
    use proptest::prelude::*;
    use std::collections::BTreeMap;

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

    proptest! {
        /// Every slot mean in one sorted list: the plain way, and the same to the last bit.
        #[test]
        fn percentiles_are_those_of_the_sorted_slots(
            weeks in proptest::collection::vec(proptest::collection::btree_map(0..40_000_u16, 1..9_u32, 0..30), 0..5),
        ) {
            let codes = weeks.iter().flatten().flat_map(|(code, n)| std::iter::repeat_n(*code, *n as usize));
            let mut codes: Vec<Code> = codes.collect();
            codes.sort_unstable();
            let loads = weeks.iter().map(|counts| Week {
                loads: [None, None, Some(Load { counts: counts.clone().into_iter().collect(), ..Load::default() }), None],
                ..Week::default()
            });
            let server = Server { weeks: loads.collect(), ..Server::default() };
            let found = percentiles(&server, Resource::Disk);
            prop_assert_eq!(found.map_or(0, |found| found.samples), codes.len() as u64);
            let Some(found) = found else { return Ok(()) };
            let decode = |code: Code| coding(Resource::Disk).decode(code).unwrap();
            let at = |q: f64| {
                let rank = q * (codes.len() - 1) as f64;
                let (low, next) = (codes[rank.floor() as usize], codes[rank.ceil() as usize]);
                decode(low) + rank.fract() * (decode(next) - decode(low))
            };
            for (have, q) in [(found.p50, 0.50), (found.p95, 0.95), (found.p99, 0.99), (found.max, 1.0)] {
                prop_assert_eq!(have.to_bits(), at(q).to_bits());
            }
            let sums = codes.chunk_by(|a, b| a == b).map(|same| decode(same[0]) * same.len() as f64);
            prop_assert_eq!(found.mean.to_bits(), (sums.sum::<f64>() / codes.len() as f64).to_bits());
        }
    }

    #[test]
    fn the_busiest_hour_is_found() {
        assert_eq!(busiest_hour_of_week(&server(&[0.1, 0.8, 0.8])), Some(1));
        assert_eq!(busiest_hour_of_week(&Server::default()), None);
        assert!(cpu_by_hour(&Server::default()).is_empty());
    }
}

//! Prediction: what workloads were forecast to use against what they use as virtual machines, by class, and the factor
//! with which nine of ten would have been forecast right.
// SPDX-License-Identifier: Apache-2.0

use super::moves;
use crate::capacity_of;
use crate::estate::{Estate, Server};
use crate::policy::Policy;
use crate::profile;
use cairn_schemas::assessment::{
    Percentiles, Prediction, Resource, ServerCapacity, ServerProgress, Utilisation,
};
use cairn_schemas::outcome::{Forecast, Promise};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// Fewest servers of a class from which a factor is suggested (*ours*).
pub(crate) const SERVERS_MIN: usize = 5;
/// Share of the servers whose use the factor covers (*ours*).
pub(crate) const COVERED_RATIO: f64 = 0.90;

/// What a workload is forecast to use, from what was measured of it on the machine it is to leave.
#[must_use]
pub fn forecast(class: &str, utilisation: &Utilisation, capacity: &ServerCapacity) -> Forecast {
    let p95 = |found: Option<Percentiles>| found.map(|found| found.p95);
    Forecast {
        class: class.to_owned(),
        cpu_mhz_p95: p95(utilisation.cpu_busy_ratio).zip(capacity.cpu_mhz).map(|(busy, mhz)| busy * mhz),
        memory_bytes_p95: p95(utilisation.memory_used_bytes),
    }
}

/// Forecast and actual of one server.
type Pair = (f64, f64);

pub(super) fn predictions(
    estate: &Estate,
    policy: &Policy,
    servers: &[ServerProgress],
    now: Timestamp,
) -> Vec<Prediction> {
    let moved = moves(&estate.outcomes, now);
    let promises: BTreeMap<&str, &Promise> =
        estate.outcomes.steps.iter().filter_map(|s| Some((s.server.as_str(), s.promise.as_ref()?))).collect();
    let mut pairs: BTreeMap<(String, &'static str), Vec<Pair>> = BTreeMap::new();
    for server in servers {
        let promise = promises.get(server.server.as_str());
        let Some(forecast) = promise.and_then(|promise| promise.forecast.as_ref()) else { continue };
        let Some(after) = moved.get(server.server.as_str()).map(|step| step.on) else { continue };
        let Some(actual) = actual(estate, policy, server, after) else { continue };
        let resources = [
            ("cpu_mhz", forecast.cpu_mhz_p95, actual.cpu_mhz_p95),
            ("memory_bytes", forecast.memory_bytes_p95, actual.memory_bytes_p95),
        ];
        for (resource, forecast_p95, actual) in resources {
            let pair = forecast_p95.zip(actual);
            pairs.entry((forecast.class.clone(), resource)).or_default().extend(pair);
        }
    }
    let measured = pairs.into_iter().filter(|(_, pairs)| !pairs.is_empty());
    measured.map(|((class, resource), pairs)| prediction(class, resource, &pairs)).collect()
}

/// What a promised server's workload used in whole weeks after it was moved.
fn actual(estate: &Estate, policy: &Policy, server: &ServerProgress, after: Timestamp) -> Option<Forecast> {
    let name = server.seen_as.as_deref()?;
    let index = estate.servers.binary_search_by(|server| server.name.as_str().cmp(name)).ok()?;
    let machine = &estate.servers[index];
    let weeks = machine.weeks.iter().filter(|week| week.start > after).cloned().collect();
    let machine = Server { weeks, facts: machine.facts.clone(), ..Server::default() };
    let capacity = capacity_of(&machine, estate.window.to, policy);
    let p95 = |resource| profile::percentiles(&machine, resource).map(|found| found.p95);
    Some(Forecast {
        class: String::new(),
        cpu_mhz_p95: p95(Resource::Cpu).zip(capacity.cpu_mhz).map(|(busy, mhz)| busy * mhz),
        memory_bytes_p95: p95(Resource::Memory),
    })
}

fn prediction(class: String, resource: &str, pairs: &[Pair]) -> Prediction {
    let mut ratios: Vec<f64> = pairs
        .iter()
        .filter(|(forecast, _)| *forecast > 0.0)
        .map(|(forecast, actual)| actual / forecast)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let factor = (ratios.len() >= SERVERS_MIN).then(|| nearest_rank(&ratios, COVERED_RATIO)).flatten();
    Prediction {
        class,
        resource: resource.to_owned(),
        servers: pairs.len(),
        forecast: pairs.iter().map(|(forecast, _)| forecast).sum(),
        actual: pairs.iter().map(|(_, actual)| actual).sum(),
        error_median_ratio: nearest_rank(&ratios, 0.5),
        error_max_ratio: ratios.last().copied(),
        comfort_factor: factor,
    }
}

/// The smallest value that at least a share of all do not exceed.
fn nearest_rank(ascending: &[f64], share: f64) -> Option<f64> {
    let rank = (share * ascending.len() as f64).ceil() as usize;
    ascending.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_covers_nine_of_ten() {
        let pairs: Vec<Pair> = (1..=10).map(|n| (100.0, f64::from(n) * 20.0)).collect();
        let found = prediction("web".into(), "cpu_mhz", &pairs);
        assert_eq!((found.comfort_factor, found.error_median_ratio), (Some(1.8), Some(1.0)));
        assert_eq!((found.error_max_ratio, found.forecast, found.actual), (Some(2.0), 1_000.0, 1_100.0));
        let few = prediction("web".into(), "cpu_mhz", &pairs[..4]);
        assert_eq!((few.servers, few.comfort_factor), (4, None), "too few to suggest anything");
        let idle = prediction("web".into(), "cpu_mhz", &[(0.0, 5.0)]);
        assert_eq!((idle.error_median_ratio, idle.servers), (None, 1));
    }
}

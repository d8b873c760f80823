//! Storage of the planned servers: bytes, operations, their shares, times and growth, and what must be bought. What
//! was not measured is not known; what is missing of one server is never made up for by the others.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{
    Estate, INTERVAL_S, INTERVALS, Server, StorageLoad, Used, WEEK_HOURS, coding, operations_coding,
};
use crate::policy::{Policy, StorageBasis};
use cairn_schemas::assessment::{Amount, EstatePeak, RequiredStorage, Resource, StorageSizing};
use cairn_schemas::time::{DAY_S, HOUR_S, Timestamp};
use cairn_schemas::value_code::{Code, Coding};
use std::collections::BTreeMap;

/// Sizes the storage of some servers of an estate; `None` when there are none.
#[must_use]
pub fn storage(estate: &Estate, policy: &Policy, planned: &[usize]) -> Option<StorageSizing> {
    let servers: Vec<&Server> = planned.iter().filter_map(|&index| estate.servers.get(index)).collect();
    if servers.is_empty() {
        return None;
    }
    let bytes_per_s = peak(&servers, INTERVAL_S, INTERVALS, coding(Resource::Disk), |server| {
        let weeks = server.weeks.iter();
        let codes = weeks.filter_map(|w| {
            Some((w.start, w.loads[Resource::Disk as usize].as_ref()?.five_minute.as_slice()))
        });
        codes.collect()
    });
    let operations_per_s = peak(&servers, HOUR_S, WEEK_HOURS, operations_coding(), |server| {
        loads(server).map(|(start, load)| (start, load.operations_by_hour.as_slice())).collect()
    });
    let sum = |pick: fn(&StorageLoad) -> u64| {
        servers.iter().flat_map(|server| loads(server)).map(|(_, load)| pick(load) as f64).sum::<f64>()
    };
    let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let latency_us_max = servers.iter().flat_map(|s| loads(s)).map(|(_, load)| load.latency_us_max).max();
    let basis = amount(&servers, |server| basis(server, policy.storage.basis));
    let unknown: Vec<String> = servers
        .iter()
        .filter(|server| self::basis(server, policy.storage.basis).is_none())
        .map(|server| server.name.clone())
        .collect();
    let timed = |server: &&&Server| loads(server).any(|(_, load)| load.timed_operations > 0);
    Some(StorageSizing {
        servers: servers.len(),
        used_bytes: amount(&servers, used),
        allocated_bytes: amount(&servers, allocated),
        required: basis
            .value
            .filter(|_| unknown.is_empty())
            .map(|bytes| required(bytes, policy, servers.len(), &operations_per_s, &bytes_per_s)),
        basis_bytes: basis,
        read_operations_ratio: ratio(sum(|load| load.read_operations), sum(|load| load.operations)),
        read_bytes_ratio: ratio(sum(|load| load.read_bytes), sum(|load| load.bytes)),
        latency_mean_s: ratio(sum(|load| load.busy_us) / 1e6, sum(|load| load.timed_operations)),
        latency_max_s: latency_us_max.filter(|us| *us > 0).map(|us| us as f64 / 1e6),
        latency_servers: servers.iter().filter(timed).count(),
        growth_bytes_per_year: amount(&servers, |server| growth(server, policy.storage.growth_days_min)),
        growth_days_min: policy.storage.growth_days_min,
        bytes_per_s,
        operations_per_s,
        unknown,
    })
}

fn loads(server: &Server) -> impl Iterator<Item = (Timestamp, &StorageLoad)> {
    server.weeks.iter().filter_map(|week| Some((week.start, week.storage.as_ref()?)))
}

/// A value of a server and the series or fact it comes from.
pub(crate) type Known = Option<(f64, &'static str)>;

/// Adds up what is known, and says how many servers each source speaks for.
fn amount(servers: &[&Server], of: impl Fn(&Server) -> Known) -> Amount {
    let known: Vec<(f64, &str)> = servers.iter().filter_map(|server| of(server)).collect();
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    known.iter().for_each(|(_, source)| *sources.entry(source).or_default() += 1);
    let sources: Vec<String> =
        sources.iter().map(|(source, servers)| format!("{source}: {servers}")).collect();
    Amount {
        value: (!known.is_empty()).then(|| known.iter().map(|(value, _)| value).sum()),
        servers: known.len(),
        source: sources.join(", "),
    }
}

/// Last reading of the file systems, else the fact.
pub(crate) fn used(server: &Server) -> Known {
    let last = loads(server).filter_map(|(_, load)| load.used).last();
    let measured = last.map(|[_, last]| (last.bytes as f64, "filesystem_used_bytes"));
    measured.or_else(|| Some((server.number("disk_used_bytes")?, "disk_used_bytes")))
}

pub(crate) fn allocated(server: &Server) -> Known {
    Some((server.number("disk_bytes")?, "disk_bytes"))
}

/// What is provided for. The size of the disks stands in for unknown use, never the other way round: that would be
/// less.
fn basis(server: &Server, basis: StorageBasis) -> Known {
    match basis {
        StorageBasis::Used => used(server).or_else(|| allocated(server)),
        StorageBasis::Allocated => allocated(server),
    }
}

fn growth(server: &Server, days_min: f64) -> Known {
    let mut readings = loads(server).filter_map(|(_, load)| load.used);
    let [first, mut last] = readings.next()?;
    if let Some([_, later]) = readings.last() {
        last = later;
    }
    let days = (last.at.0 - first.at.0) as f64 / DAY_S as f64;
    let grown = |used: Used| used.bytes as f64;
    (days >= days_min && days > 0.0)
        .then(|| ((grown(last) - grown(first)) / days * 365.0, "filesystem_used_bytes"))
}

/// The peak of all servers at one time, and of each at its own. A server is unknown, not idle, where it has no data;
/// how many were measured stands beside.
fn peak<'a>(
    servers: &[&'a Server],
    interval_s: i64,
    intervals: usize,
    coding: Coding,
    series: impl Fn(&'a Server) -> Vec<(Timestamp, &'a [Code])>,
) -> EstatePeak {
    let mut sums: BTreeMap<Timestamp, Vec<f64>> = BTreeMap::new();
    let mut peaks: Vec<f64> = Vec::new();
    for server in servers {
        let mut own: Option<f64> = None;
        for (start, codes) in series(server) {
            let week = sums.entry(start).or_insert_with(|| vec![0.0; intervals]);
            for (sum, code) in week.iter_mut().zip(codes) {
                let Some(value) = coding.decode(*code) else { continue };
                *sum += value;
                own = Some(own.map_or(value, |own| own.max(value)));
            }
        }
        peaks.extend(own);
    }
    let mut largest: Option<(Timestamp, f64)> = None;
    for (start, week) in sums.iter().filter(|_| !peaks.is_empty()) {
        for (sum, n) in week.iter().zip(0..) {
            if largest.is_none_or(|(_, most)| *sum > most) {
                largest = Some((Timestamp(start.0 + n * interval_s), *sum));
            }
        }
    }
    EstatePeak {
        aligned: largest.map(|(_, sum)| sum),
        at: largest.map(|(at, _)| at),
        sum_of_peaks: (!peaks.is_empty()).then(|| peaks.iter().sum()),
        servers: peaks.len(),
        interval_s,
    }
}

fn required(
    bytes: f64,
    policy: &Policy,
    servers: usize,
    operations: &EstatePeak,
    rate: &EstatePeak,
) -> RequiredStorage {
    let storage = &policy.storage;
    let growth_ratio = storage.growth_ratio.unwrap_or(policy.sizing.growth_ratio);
    let usable_bytes = bytes * (1.0 + growth_ratio) * (1.0 + storage.slack_ratio);
    // A peak some servers are not in is no peak to buy by.
    let grown = |peak: &EstatePeak| {
        peak.aligned.filter(|_| peak.servers == servers).map(|sum| sum * (1.0 + growth_ratio))
    };
    RequiredStorage {
        growth_ratio,
        slack_ratio: storage.slack_ratio,
        protection_factor: storage.protection_factor,
        usable_bytes,
        raw_bytes: usable_bytes * storage.protection_factor,
        operations_per_s: grown(operations),
        bytes_per_s: grown(rate),
    }
}

#[cfg(test)]
#[path = "storage_tests.rs"]
mod tests;

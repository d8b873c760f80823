//! Measured servers for tests: of 100 MHz and 10 bytes of memory, one CPU reading every five minutes.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{Estate, INTERVALS, Load, Server, Week, coding};
use cairn_schemas::assessment::Resource;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{DAY_S, Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::{Code, MISSING};
use std::collections::BTreeMap;

/// Monday 2026-06-01.
pub(crate) const MONDAY: Timestamp = Timestamp(1_780_272_000);

/// First moment of the n-th week.
pub(crate) fn week_start(n: usize) -> Timestamp {
    Timestamp(MONDAY.0 + n as i64 * WEEK_S)
}

/// What a server did in an interval: CPU busy ratio, off, or not measured.
#[derive(Clone, Copy)]
pub(crate) enum Did {
    Busy(f64),
    Off,
    Unknown,
}

/// A server that did `did(week, interval)` for so many weeks.
pub(crate) fn server(name: &str, weeks: usize, did: impl Fn(usize, usize) -> Did) -> Server {
    let fact = |name: &str, value: FactValue| {
        let fact = Fact {
            value,
            unit: String::new(),
            source: "test".into(),
            observed_at: MONDAY,
            valid_from: None,
            confirmed_by: None,
        };
        (name.to_owned(), vec![fact])
    };
    let number = |name: &str, value: f64| fact(name, FactValue::Number(value));
    let facts = [
        number("cpu_cores", 1.0),
        number("cpu_threads", 1.0),
        number("cpu_mhz", 100.0),
        // Of the reference generation: a MHz of it is a normalised one.
        fact("cpu_model", FactValue::Text("Intel Xeon Gold 6448H".into())),
        number("memory_bytes", 10.0),
        number("disk_bytes_per_s", 10.0),
        number("network_bytes_per_s", 10.0),
    ];
    Server {
        name: name.to_owned(),
        facts: facts.into_iter().collect(),
        weeks: (0..weeks).map(|week| measured_week(week, |interval| did(week, interval))).collect(),
        first_seen: Some(MONDAY),
        ..Server::default()
    }
}

fn measured_week(number: usize, did: impl Fn(usize) -> Did) -> Week {
    let start = week_start(number);
    let (mut covered_s, mut off_s) = ([0; 7], [0; 7]);
    for interval in 0..INTERVALS {
        let day = interval * 300 / DAY_S as usize;
        covered_s[day] += if matches!(did(interval), Did::Unknown) { 0 } else { 300 };
        off_s[day] += if matches!(did(interval), Did::Off) { 300 } else { 0 };
    }
    let load = |resource: Resource| {
        let code = |interval| match did(interval) {
            Did::Busy(ratio) if resource == Resource::Cpu => coding(resource).encode(Some(ratio)),
            Did::Busy(_) => coding(resource).encode(Some(1.0)),
            Did::Off | Did::Unknown => MISSING,
        };
        let five_minute: Vec<Code> = (0..INTERVALS).map(code).collect();
        let mut counts = BTreeMap::new();
        five_minute
            .iter()
            .filter(|&&code| code != MISSING)
            .for_each(|&code| *counts.entry(code).or_insert(0) += 1);
        Some(Load { five_minute, counts: counts.into_iter().collect(), max_1s: None })
    };
    Week {
        start,
        covered_s,
        off_s,
        span: Some(Window { from: start, to: Timestamp(start.0 + WEEK_S) }),
        loads: Resource::ALL.map(load),
        storage: None,
    }
}

/// An estate of some servers, its window as long as so many weeks.
pub(crate) fn estate(weeks: usize, servers: Vec<Server>) -> Estate {
    Estate {
        engagement: "test".into(),
        window: Window { from: MONDAY, to: week_start(weeks) },
        servers,
        ..Estate::default()
    }
}

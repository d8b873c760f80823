//! Small servers for tests of the method: facts by name, load by the hour.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::cells_of;
use crate::estate::{INTERVAL_S, INTERVALS, Load, Server, Week, coding};
use cairn_schemas::assessment::Resource;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{DAY_S, Timestamp, Window};
use cairn_schemas::value_code::Code;
use std::collections::BTreeMap;

/// Monday 2026-11-02 00:00 UTC; the month ends on Monday the 30th.
pub(crate) const MONDAY: Timestamp = Timestamp(1_793_577_600);

/// `weeks` whole weeks from [`MONDAY`].
pub(crate) fn window(weeks: i64) -> Window {
    Window { from: MONDAY, to: Timestamp(MONDAY.0 + weeks * 7 * DAY_S) }
}

/// A server of some facts; numbers, `true`/`false` and text are told apart.
pub(crate) fn server(name: &str, facts: &[(&str, &str)]) -> Server {
    let mut server = Server { name: name.into(), first_seen: Some(MONDAY), ..Server::default() };
    for (name, text) in facts {
        let value = match (text.parse::<f64>(), text.parse::<bool>()) {
            (Ok(number), _) => FactValue::Number(number),
            (_, Ok(flag)) => FactValue::Bool(flag),
            _ => FactValue::Text((*text).to_owned()),
        };
        let fact = Fact {
            value,
            unit: String::new(),
            source: "test".into(),
            observed_at: MONDAY,
            valid_from: None,
            confirmed_by: Some("tester".into()),
        };
        server.facts.insert((*name).to_owned(), vec![fact]);
    }
    server
}

/// A whole week, full of five-minute slots: `value(resource, hour of the week)`; NaN leaves a resource out.
pub(crate) fn week(number: i64, value: impl Fn(Resource, usize) -> f64) -> Week {
    let start = Timestamp(MONDAY.0 + number * 7 * DAY_S);
    let load = |resource: Resource| {
        if value(resource, 0).is_nan() {
            return None;
        }
        let mut counts: BTreeMap<Code, u32> = BTreeMap::new();
        let codes = (0..INTERVALS as i64).map(|i| {
            let (hour, _) = cells_of(Timestamp(start.0 + i * INTERVAL_S));
            let code = coding(resource).encode(Some(value(resource, hour)));
            *counts.entry(code).or_default() += 1;
            code
        });
        let five_minute = codes.collect();
        Some(Load { five_minute, counts: counts.into_iter().collect(), max_1s: None })
    };
    Week {
        start,
        covered_s: [86_400; 7],
        off_s: [0; 7],
        span: Some(Window { from: start, to: Timestamp(start.0 + 7 * DAY_S) }),
        loads: Resource::ALL.map(load),
        storage: None,
    }
}

/// A server of ordinary facts with everything known and clear, `weeks` weeks of flat load.
pub(crate) fn ordinary(name: &str, weeks: i64, cpu: f64, memory: f64) -> Server {
    let facts = [
        ("cpu_cores", "8"),
        ("cpu_threads", "16"),
        ("cpu_mhz", "2500"),
        // Of the reference generation: a MHz of it is a normalised one.
        ("cpu_model", "Intel Xeon Gold 6448H"),
        ("memory_bytes", "64000000000"),
        ("architecture", "x86_64"),
        ("virtualization", "none"),
        ("special_hardware", "none"),
        ("vendor_support", "ok"),
        ("appliance", "false"),
        ("cluster", "none"),
        ("owner", "IT"),
        ("role", "web"),
        ("firmware", "bios"),
        ("shared_disk", "false"),
        ("disk_bytes", "500000000000"),
        ("time_critical", "false"),
        ("os", "Debian GNU/Linux 12"),
    ];
    let mut server = server(name, &facts);
    let value = |resource, _| match resource {
        Resource::Cpu => cpu,
        Resource::Memory => memory,
        Resource::Disk | Resource::Network => 1e6,
    };
    server.weeks = (0..weeks).map(|n| week(n, value)).collect();
    server
}

//! Small servers for tests of the method: facts by name, load by the hour.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Server;
use cairn_schemas::assessment::Resource;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{DAY_S, Timestamp, Window};

pub(crate) use crate::trial::{MONDAY, week};

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
        ("move_needs", "none"),
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

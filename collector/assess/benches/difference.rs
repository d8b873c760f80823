//! What a difference costs, in assessments: an estate is measured a week on, some of its servers grow, go, come and are
//! better known. `cargo bench -p cairn-assess --bench difference -- [servers]`; a thousand by default.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::print_stdout, reason = "a bench prints its table")]
#![allow(clippy::disallowed_methods, reason = "a bench reads its own cost; the core does not")]

#[path = "packing/meter.rs"]
#[allow(dead_code, reason = "packing measures more")]
mod meter;

use cairn_assess::assess;
use cairn_assess::difference::{Side, difference};
use cairn_assess::estate::{Estate, INTERVALS, Load, Server, Week, coding};
use cairn_assess::policy::Policy;
use cairn_schemas::assessment::Resource;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::Code;
use std::collections::BTreeMap;

/// Monday 2026-10-05.
const MONDAY: i64 = 1_791_158_400;
const WEEKS: i64 = 5;

fn main() {
    let servers = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(1_000);
    let (before, after) = (estate(servers, 0), estate(servers, 1));
    let policy = Policy::default();
    let timed = |estate: &Estate| meter::timed(|| assess(estate, &policy, estate.window.to));
    let ((a, first_s), (b, second_s)) = (timed(&before), timed(&after));
    let one_s = f64::midpoint(first_s, second_s);
    println!("{servers} servers, {WEEKS} weeks: an assessment {one_s:.1} CPU-s");
    for (what, inputs) in [("a week on", (&after, &b)), ("unchanged", (&before, &a))] {
        let sides = [
            Side { assessment: &a, inputs: Some((&before, &policy)) },
            Side { assessment: inputs.1, inputs: Some((inputs.0, &policy)) },
        ];
        let (told, took_s) = meter::timed(|| difference(&sides[0], &sides[1]));
        let exact = told.figures.iter().all(|figure| {
            figure.parts.iter().map(|part| part.change).sum::<i64>() == figure.change.unwrap_or(0)
        });
        let causes: Vec<String> =
            told.causes.iter().map(|count| format!("{:?} {}", count.cause, count.servers)).collect();
        println!(
            "{what}: {took_s:.1} CPU-s, {:.2} assessments; adds up: {exact}; {}",
            took_s / one_s,
            causes.join(", ")
        );
    }
}

/// The estate of a week: one server in fifty grows, goes, comes or is better known a week later.
fn estate(count: usize, later: i64) -> Estate {
    let from = Timestamp(MONDAY + later * WEEK_S);
    let names = (0..count).filter(|n| later == 1 || n % 50 != 1).filter(|n| later == 0 || n % 50 != 2);
    Estate {
        engagement: "bench".into(),
        window: Window { from, to: Timestamp(from.0 + WEEKS * WEEK_S) },
        servers: names.map(|n| server(n, later)).collect(),
        ..Estate::default()
    }
}

fn server(n: usize, later: i64) -> Server {
    let memory = [16e9, 32e9, 64e9, 128e9][n % 4];
    let owner = if n % 50 == 3 && later == 1 { "Finance" } else { "IT" };
    let numbers = [("cpu_cores", 8.0), ("cpu_threads", 16.0), ("cpu_mhz", 2_500.0), ("memory_bytes", memory)];
    let texts = [
        ("cpu_model", "Intel Xeon Gold 6448H"),
        ("architecture", "x86_64"),
        ("virtualization", "none"),
        ("special_hardware", "none"),
        ("vendor_support", "ok"),
        ("cluster", "none"),
        ("role", "web"),
        ("owner", owner),
        ("os", "Debian GNU/Linux 12"),
    ];
    let facts = numbers.into_iter().map(|(name, number)| (name, FactValue::Number(number)));
    let facts = facts.chain(texts.into_iter().map(|(name, text)| (name, FactValue::Text(text.to_owned()))));
    Server {
        name: format!("srv-{n:05}"),
        facts: facts.map(|(name, value)| (name.to_owned(), vec![fact(value)])).collect(),
        weeks: (later..later + WEEKS).map(|week| loaded(n, week, memory)).collect(),
        first_seen: Some(Timestamp(MONDAY)),
        ..Server::default()
    }
}

fn fact(value: FactValue) -> Fact {
    Fact {
        value,
        unit: String::new(),
        source: "bench".into(),
        observed_at: Timestamp(MONDAY),
        valid_from: None,
        confirmed_by: Some("bench".into()),
    }
}

/// A working week with a ripple; one server in fifty asks half as much again in the last week.
fn loaded(n: usize, week: i64, memory: f64) -> Week {
    let start = Timestamp(MONDAY + week * WEEK_S);
    let growth = if n % 50 == 4 && week == WEEKS { 1.5 } else { 1.0 };
    let loads = Resource::ALL.map(|resource| {
        let value = |interval: usize| {
            let works = interval < 5 * 288 && (96..216).contains(&(interval % 288));
            let ripple = ((interval * 7_919 + n * 104_729 + week as usize * 31) % 97) as f64 / 97.0;
            let busy = (if works { 0.12 + (n % 7) as f64 / 50.0 } else { 0.03 } + ripple * 0.05) * growth;
            match resource {
                Resource::Cpu => busy,
                Resource::Memory => memory * (0.3 + busy / 2.0),
                Resource::Disk | Resource::Network => busy * 2e7,
            }
        };
        let five_minute: Vec<Code> =
            (0..INTERVALS).map(|i| coding(resource).encode(Some(value(i)))).collect();
        let mut counts: BTreeMap<Code, u32> = BTreeMap::new();
        five_minute.iter().for_each(|code| *counts.entry(*code).or_default() += 1);
        Some(Load { five_minute, counts: counts.into_iter().collect(), max_1s: None })
    });
    let span = Some(Window { from: start, to: Timestamp(start.0 + WEEK_S) });
    Week { start, covered_s: [86_400; 7], span, loads, ..Week::default() }
}

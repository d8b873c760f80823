//! What if, over an estate of trace-derived replicas measured for six weeks: what making it ready costs once, and what
//! every answer costs then, beside one plain first-fit pass over the same demand.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::{CELLS, LANES, Stream};
use crate::meter::{timed, timed_often};
use cairn_assess::demand;
use cairn_assess::estate::{Estate, INTERVALS, Load, Server, Week, coding};
use cairn_assess::packing::capacity_of;
use cairn_assess::packing::vector::{Items, unsearched};
use cairn_assess::policy::{HostTemplate, Limits, Policy};
use cairn_assess::whatif::{Change, Prepared};
use cairn_schemas::assessment::Resource;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::time::{Timestamp, WEEK_S, Window};
use std::path::Path;

const SERVERS: usize = 1_000;
const WEEKS: i64 = 6;
/// Monday 2026-11-02 00:00 UTC; the last of the weeks hold a month-end.
const START: Timestamp = Timestamp(1_793_577_600);
const FULL: f64 = 24_000.0;

pub(crate) fn run(prepared: &Path) {
    let Some(trace) = crate::estate::trace(prepared) else { return };
    let estate = replicated(&trace);
    let policy = Policy::default();
    let all: Vec<usize> = (0..SERVERS).collect();
    let (ready, ready_s) = timed(|| Prepared::new(&estate, &policy, &all));
    println!("what_if,servers,hosts,cpu_s,first_fit_hosts,first_fit_cpu_s,times_first_fit");
    println!("ready once,{SERVERS},,{ready_s:.3},,,");
    for (name, change) in changes(&policy) {
        let (hosts, cpu_s) = timed_often(|| ready.answer(&change, SERVERS).hosts);
        let items = items(&ready, &change.of(&policy));
        let (first_fit, first_fit_s) = timed_often(|| unsearched(&items));
        println!(
            "{name},{SERVERS},{hosts},{cpu_s:.4},{first_fit},{first_fit_s:.4},{:.1}",
            cpu_s / first_fit_s
        );
    }
}

/// What a slider of a page would ask.
fn changes(policy: &Policy) -> Vec<(&'static str, Change)> {
    let limits = |ratio| Limits { cpu_ratio: ratio, memory_ratio: ratio, ..policy.limits };
    let large = HostTemplate {
        cpu_cores: policy.template.cpu_cores * 2.0,
        cpu_threads: policy.template.cpu_threads * 2.0,
        memory_bytes: policy.template.memory_bytes * 2.0,
        ..policy.template.clone()
    };
    vec![
        ("nothing", Change::default()),
        ("limits 60 %", Change { limits: Some(limits(0.60)), ..Change::default() }),
        ("limits 90 %", Change { limits: Some(limits(0.90)), ..Change::default() }),
        ("hosts twice as large", Change { template: Some(large), ..Change::default() }),
        ("no failure", Change { failures: Some(0), ..Change::default() }),
        ("two failures", Change { failures: Some(2), ..Change::default() }),
        ("no growth", Change { growth_ratio: Some(0.0), ..Change::default() }),
        ("growth 50 %", Change { growth_ratio: Some(0.5), ..Change::default() }),
    ]
}

/// The demand of a changed policy, for a pass that knows nothing but sizes; what fits no host is left out.
fn items(ready: &Prepared, policy: &Policy) -> Items {
    let host = policy.template.capacity(&policy.normalisation);
    let limits = policy.limits.ordinary();
    let room = Resource::ALL.map(|resource| capacity_of(&host, resource) * limits[resource as usize]);
    let mut items = Items::new(vec![FULL as u16; 4 * demand::CELLS], SERVERS, 1);
    for candidate in ready.candidates(policy) {
        let units: Vec<f64> = Resource::ALL
            .into_iter()
            .zip(room)
            .flat_map(|(resource, room)| {
                let cells = candidate.demand.cells(resource).unwrap_or_default();
                cells.iter().map(move |cell| cell / room * FULL)
            })
            .collect();
        if units.iter().all(|&units| units <= FULL) {
            items.push(&units.iter().map(|units| units.ceil() as u16).collect::<Vec<_>>(), units);
        }
    }
    items
}

/// Replicas that do every week what the trace did in its busiest, give or take a tenth. Of every second one the used
/// memory may be planned, of the others what is installed.
fn replicated(trace: &[f32]) -> Estate {
    let rows: Vec<&[f32]> = trace.chunks_exact(LANES).collect();
    let server = |n: usize| {
        let mut random = Stream(n as u64 * 7 + 1);
        let row = rows[n % rows.len()];
        let amplitude: [f64; 4] = std::array::from_fn(|_| 0.6 + 0.9 * random.unit());
        let mhz = f64::from(row[..CELLS].iter().copied().fold(1.0, f32::max)) * 1.6;
        let memory = f64::from(row[CELLS..2 * CELLS].iter().copied().fold(1.0, f32::max)) * 1_024.0 * 1.6;
        let number = |name: &str, value: f64| (name.to_owned(), vec![fact(FactValue::Number(value))]);
        let role = if n.is_multiple_of(2) { "web" } else { "database" };
        let facts = [
            number("cpu_cores", 1.0),
            number("cpu_threads", 1.0),
            number("cpu_mhz", mhz * amplitude[0]),
            number("memory_bytes", memory * amplitude[1]),
            ("role".to_owned(), vec![fact(FactValue::Text(role.into()))]),
        ];
        let mut value = |resource: Resource, interval: usize| {
            let cell =
                f64::from(row[resource as usize * CELLS + interval / 12]) * (0.9 + 0.1 * random.unit());
            match resource {
                Resource::Cpu => cell / mhz,
                _ => cell * 1_024.0 * amplitude[resource as usize],
            }
        };
        Server {
            name: format!("s{n:04}"),
            facts: facts.into_iter().collect(),
            weeks: (0..WEEKS).map(|number| week(number, &mut value)).collect(),
            first_seen: Some(START),
            ..Server::default()
        }
    };
    let window = Window { from: START, to: Timestamp(START.0 + WEEKS * WEEK_S) };
    let servers = (0..SERVERS).map(server).collect();
    Estate { engagement: "bench".into(), window, servers, ..Estate::default() }
}

fn week(number: i64, value: &mut impl FnMut(Resource, usize) -> f64) -> Week {
    let loads = Resource::ALL.map(|resource| {
        let codes = (0..INTERVALS).map(|interval| coding(resource).encode(Some(value(resource, interval))));
        Some(Load { five_minute: codes.collect(), ..Load::default() })
    });
    Week { start: Timestamp(START.0 + number * WEEK_S), covered_s: [86_400; 7], loads, ..Week::default() }
}

fn fact(value: FactValue) -> Fact {
    let (unit, source) = (String::new(), "trace".into());
    Fact { value, unit, source, observed_at: START, valid_from: None, confirmed_by: None }
}

//! Hosts against risk on a prepared trace: naive practice and the method side by side, interval, what-if time.
//! `tests/bench/risk` prepares the trace and runs this.
// SPDX-License-Identifier: Apache-2.0
// A bench, unlike the assessment, reads a file and a clock, and speaks.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used, clippy::print_stdout)]
#![allow(missing_docs)]

#[path = "risk/estate.rs"]
mod estate;
#[path = "risk/naive.rs"]
mod naive;
#[path = "risk/nested.rs"]
mod nested;

use cairn_assess::backtest::{Tested, backtest};
use cairn_assess::consolidation::consolidate;
use cairn_assess::constraint::settle;
use cairn_assess::estate::Estate;
use cairn_assess::packing;
use cairn_assess::policy::{Limits, Policy};
use cairn_assess::recommend::{hosts_mean, trials};
use cairn_assess::training::{candidates, stretch, whole_weeks};
use cairn_assess::whatif::{Change, Prepared};
use cairn_schemas::assessment::CellMethod;
use estate::Memory;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(trace), Some(servers)) = (arguments.next(), arguments.next()) else {
        println!("usage: risk TRACE SERVERS; tests/bench/risk prepares the trace");
        std::process::exit(2);
    };
    let (trace, servers) = (std::fs::read(trace).unwrap(), servers.parse().unwrap());
    println!("MEASURED risk: host 120 GHz, 256 GiB; no growth; 4 weeks measured, the next tested");
    println!(
        "MEASURED risk: {:<34} {:>6} {:>8} {:>9} {:>9} {:>9}",
        "memory, method @ CPU limit", "hosts", "to naive", "above %", "worst %", "hosts %"
    );
    for memory in [Memory::AsTraced, Memory::Binding] {
        let estate = estate::replicated(&trace, servers, memory);
        table(&estate, memory);
        if memory == Memory::AsTraced {
            intervals(&estate);
            what_if(&estate);
            whole(&estate);
        }
    }
}

fn table(estate: &Estate, memory: Memory) {
    let began = Instant::now();
    let all: Vec<usize> = (0..estate.servers.len()).collect();
    let naive = naive::tested(estate, &estate::policy());
    row(memory, "naive p95 @ 0.80", &naive, hosts_mean(&naive.backtest));
    let own = [(CellMethod::Maximum, 0.80), (CellMethod::P95, 0.90)].map(|(cells, ratio)| at(cells, ratio));
    let tested = backtest(estate, &all, &own.iter().collect::<Vec<_>>()).unwrap();
    for (policy, tested) in own.iter().zip(&tested) {
        row(memory, &name(policy), tested, hosts_mean(&naive.backtest));
    }
    let trials = trials(estate, &estate::policy(), &all);
    for (policy, tested) in trials.iter().flat_map(|trials| trials.all()) {
        row(memory, &format!("  tried {}", name(policy)), tested, hosts_mean(&naive.backtest));
    }
    match trials.as_ref().and_then(|trials| trials.best()) {
        Some((policy, tested)) => {
            row(memory, &format!("recommended: {}", name(policy)), tested, hosts_mean(&naive.backtest));
        }
        None => println!("MEASURED risk: {memory:?}: no limit passes"),
    }
    if let Some(trials) = &trials {
        nested::print(memory, trials, &naive, &estate::policy());
    }
    let folds: Vec<usize> = tested[1].backtest.by_fold.iter().map(|fold| fold.hosts).collect();
    println!("MEASURED risk: hosts of {} by fold {folds:?}", name(&own[1]));
    println!("MEASURED risk: {} servers, {:.0} s", all.len(), began.elapsed().as_secs_f64());
}

fn at(cells: CellMethod, ratio: f64) -> Policy {
    let mut policy = estate::policy();
    policy.sizing.cells = cells;
    policy.limits = Limits {
        cpu_ratio: ratio,
        memory_ratio: ratio,
        disk_ratio: ratio,
        network_ratio: ratio,
        ..policy.limits
    };
    policy
}

fn name(policy: &Policy) -> String {
    let cells = if policy.sizing.cells == CellMethod::P95 { "hp95" } else { "hmax" };
    format!("{cells} @ {:.2}", policy.limits.cpu_ratio)
}

fn row(memory: Memory, name: &str, tested: &Tested, naive: f64) {
    let test = &tested.backtest;
    let percent = |ratio: Option<f64>| ratio.map_or_else(|| "?".to_owned(), |r| format!("{:.4}", r * 100.0));
    let hosts = hosts_mean(test);
    println!(
        "MEASURED risk: {:<34} {hosts:>6.1} {:>+7.1}% {:>9} {:>9} {:>9}",
        format!("{memory:?}, {name}"),
        (hosts / naive - 1.0) * 100.0,
        percent(test.violation_ratio),
        percent(test.worst_fold_violation_ratio),
        percent(test.hosts_ever_affected_ratio)
    );
}

/// The time of the whole plan with everything that is said beside it, over a thousand servers.
fn whole(estate: &Estate) {
    let all: Vec<usize> = (0..estate.servers.len().min(1_000)).collect();
    let began = Instant::now();
    let policy = estate::policy();
    let settled = settle(estate, &policy, &all, Vec::new());
    let plan = consolidate(estate, &policy, settled, all.len()).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "MEASURED risk: whole plan of {} servers, every scenario, test and sensitivity: {seconds:.1} s",
        all.len()
    );
    let widest = plan.outlook.sensitivity.iter().map(|row| format!("{} {}", row.assumption, row.swing));
    println!("MEASURED risk: machines each assumption moves: {}", widest.collect::<Vec<_>>().join(", "));
    let days = plan.outlook.measuring.map(|measuring| (measuring.days_more, measuring.reason));
    println!("MEASURED risk: days to an estimate within 5 %: {days:?}");
}

/// The interval of the weeks up to an origin, against what the four weeks after it needed.
fn intervals(estate: &Estate) {
    nested::intervals(estate, &at(CellMethod::P95, 0.90));
}

/// The time of an answer over a thousand servers, and of one plain first-fit pass over the same cells.
fn what_if(estate: &Estate) {
    let policy = estate::policy();
    let all: Vec<usize> = (0..estate.servers.len().min(1_000)).collect();
    let began = Instant::now();
    let prepared = Prepared::new(estate, &policy, &all);
    let prepare = began.elapsed();
    let window = Some(stretch(whole_weeks(estate.window)[0], 13));
    let sized = candidates(estate, &policy, &all, window, 0.0);
    let axes = packing::plan(&sized, &policy).axes;
    let began = Instant::now();
    let plain = naive::first_fit(&sized, &axes);
    let first_fit = began.elapsed();
    let growths = [0.0, 0.1, 0.2, 0.3, 0.4];
    let mut slowest = 0.0_f64;
    for growth in growths {
        let began = Instant::now();
        let limits = Some(at(CellMethod::Maximum, 0.9 - growth / 2.0).limits);
        let change = Change { growth_ratio: Some(growth), limits, ..Change::default() };
        let counts = prepared.answer(&change, all.len());
        slowest = slowest.max(began.elapsed().as_secs_f64());
        assert!(counts.hosts >= counts.lower_bound_hosts);
    }
    println!(
        "MEASURED risk: what-if over {} servers: slowest of {} answers {slowest:.3} s, {:.1} x one plain first-fit pass ({} hosts, {:.3} s); prepared once in {:.2} s",
        all.len(),
        growths.len(),
        slowest / first_fit.as_secs_f64(),
        plain,
        first_fit.as_secs_f64(),
        prepare.as_secs_f64()
    );
}

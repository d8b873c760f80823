//! The public vector packing sets: mean gap and share of known optima, beside first-fit decreasing and the best
//! published heuristic of each instance. Asserts bound <= optimum <= plan on every instance.
// SPDX-License-Identifier: Apache-2.0

use crate::meter::timed;
use cairn_assess::packing::vbp;
use cairn_assess::packing::vector::{Items, pack};
use std::collections::BTreeMap;
use std::path::Path;

/// Moves per instance: what 3 CPU-seconds are enough for.
const STEPS: u64 = 120_000_000;

#[derive(Default)]
struct Row {
    instances: usize,
    optimal: usize,
    published_optimal: usize,
    gap: f64,
    published_gap: f64,
    first_fit_gap: f64,
    better: usize,
    worse: usize,
    bound_met: usize,
    cpu_s: f64,
    cpu_s_max: f64,
}

struct Known {
    optimum: usize,
    published: usize,
}

pub(crate) fn run(prepared: &Path, small: bool) {
    println!(
        "set,instances,optimal,published_optimal,mean_gap_%,published_gap_%,first_fit_gap_%,better,worse,bound=optimum,cpu_s_mean,cpu_s_max"
    );
    let mut total = Row::default();
    for set in ["panigrahy", "new", "triplet"] {
        let Ok(known) = std::fs::read_to_string(prepared.join(format!("{set}_known.csv"))) else {
            println!("SKIPPED: {set}_known.csv is not in {}", prepared.display());
            continue;
        };
        let mut row = Row::default();
        for (name, known) in known_of(&known) {
            if small && !name.ends_with("_0") {
                continue;
            }
            one(&prepared.join(set).join(format!("{name}.vbp")), &name, &known, &mut [&mut row, &mut total]);
        }
        print(set, &row);
    }
    print("all", &total);
}

fn known_of(csv: &str) -> BTreeMap<String, Known> {
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields.get(at)?.parse::<i64>().ok().filter(|&n| n > 0).map(|n| n as usize);
        Some((fields.get(1)?.to_string(), Known { optimum: number(3)?, published: number(4)? }))
    };
    csv.lines().skip(1).filter_map(row).collect()
}

fn one(path: &Path, name: &str, known: &Known, rows: &mut [&mut Row]) {
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("SKIPPED: {} is missing", path.display());
        return;
    };
    let instance = match vbp::parse(&text) {
        Ok(instance) => instance,
        Err(error) => {
            if std::env::var_os("VERBOSE").is_some() {
                println!("refused: {name}: {error}");
            }
            return;
        }
    };
    let (packing, cpu_s) = timed(|| pack(Items::of(&instance).0, STEPS));
    let bins = packing.bins.len();
    assert!(packing.lower_bound <= known.optimum, "{name}: bound {} above the optimum", packing.lower_bound);
    assert!(bins >= known.optimum, "{name}: {bins} bins, below the optimum");
    if std::env::var_os("VERBOSE").is_some() && bins > known.optimum {
        println!(
            "{name}: {bins} of {}, published {}, bound {}, {cpu_s:.2} s",
            known.optimum, known.published, packing.lower_bound
        );
    }
    let gap = |bins: usize| (bins as f64 / known.optimum as f64 - 1.0) * 100.0;
    for row in rows {
        row.instances += 1;
        row.optimal += usize::from(bins == known.optimum);
        row.published_optimal += usize::from(known.published == known.optimum);
        row.gap += gap(bins);
        row.published_gap += gap(known.published);
        row.first_fit_gap += gap(packing.constructed);
        row.better += usize::from(bins < known.published);
        row.worse += usize::from(bins > known.published);
        row.bound_met += usize::from(packing.lower_bound == known.optimum);
        row.cpu_s += cpu_s;
        row.cpu_s_max = row.cpu_s_max.max(cpu_s);
    }
}

fn print(set: &str, row: &Row) {
    let mean = |sum: f64| sum / row.instances.max(1) as f64;
    println!(
        "{set},{},{},{},{:.3},{:.3},{:.3},{},{},{},{:.2},{:.2}",
        row.instances,
        row.optimal,
        row.published_optimal,
        mean(row.gap),
        mean(row.published_gap),
        mean(row.first_fit_gap),
        row.better,
        row.worse,
        row.bound_met,
        mean(row.cpu_s),
        row.cpu_s_max
    );
}

//! The coefficients of what servers draw against public results: they are those the fit gives, and their error is that
//! of models of processors left out of it. Reads the tables beside the repository; says loudly when they are not there.
// SPDX-License-Identifier: Apache-2.0
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test reads the tables; the core does not"
)]

#[path = "power/fit.rs"]
mod fit;
#[path = "power/spec.rs"]
mod spec;
#[path = "reference/tables.rs"]
mod tables;

use cairn_assess::power::coefficients::{
    Exponents, GENERATIONS, IDLE_BY_GENERATION, MAX_BY_GENERATION, RANGES, Ranges, SIZE_IDLE, SIZE_MAX,
};
use cairn_assess::power::error::{self, Published};
use fit::{Term, cross_validated, fit};
use spec::Drawn;
use tables::quantile;

const MAX: &[Term] = &[Term::Sockets, Term::Cores, Term::Ghz, Term::Memory];
const IDLE: &[Term] = &[Term::Sockets, Term::Memory];
const MAX_OF_SIZE: &[Term] = &[Term::Sockets, Term::Cores, Term::Memory];
const IDLE_OF_SIZE: &[Term] = &[Term::Sockets];

/// Published figures have three decimals.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 0.000_51
}

fn differ(what: &str, known: Exponents, found: Exponents) -> Option<String> {
    println!("{what}: {found:.3?}");
    let pairs = [
        (known.sockets, found.sockets),
        (known.cores, found.cores),
        (known.ghz, found.ghz),
        (known.memory, found.memory),
    ];
    let same = pairs.iter().all(|(known, found)| near(*known, *found));
    (!same).then(|| format!("{what}: {known:?}, fitted {found:?}"))
}

#[test]
fn coefficients_are_those_the_fit_gives() {
    let Some(folder) = tables::reference("power, coefficients") else { return };
    let drawn = spec::drawn(&folder);
    println!("{} results", drawn.len());
    let idle = fit(drawn.iter(), IDLE, Drawn::idle_log_watts, true);
    let max = fit(drawn.iter(), MAX, Drawn::max_log_watts, true);
    let mut wrong = Vec::new();
    wrong.extend(differ("idle", IDLE_BY_GENERATION, idle.exponents));
    wrong.extend(differ("max", MAX_BY_GENERATION, max.exponents));
    for (id, base) in &idle.by_generation {
        let memory = drawn.iter().filter(|one| one.generation == *id).map(|one| one.size.memory_gib);
        let memory = memory.fold(0.0, f64::max);
        println!("    watts({id:?}, {base:.3}, {:.3}, {memory:.1}),", max.by_generation[id]);
        let known = GENERATIONS.iter().find(|known| known.id == *id);
        if known.is_none_or(|known| {
            !near(known.idle_log_watts, *base)
                || !near(known.max_log_watts, max.by_generation[id])
                || known.memory_gib_max != memory
        }) {
            wrong.push(format!("{id}: not {known:?}"));
        }
    }
    let unseen = GENERATIONS.iter().filter(|known| !idle.by_generation.contains_key(known.id));
    wrong.extend(unseen.map(|known| format!("{}: nothing behind it", known.id)));
    let idle = fit(drawn.iter(), IDLE_OF_SIZE, Drawn::idle_log_watts, false);
    let max = fit(drawn.iter(), MAX_OF_SIZE, Drawn::max_log_watts, false);
    for (what, known, found) in [("idle by size", SIZE_IDLE, &idle), ("max by size", SIZE_MAX, &max)] {
        wrong.extend(differ(what, known.1, found.exponents));
        let base = found.by_generation["all"];
        println!("{what}: {base:.3}");
        wrong.extend((!near(known.0, base)).then(|| format!("{what}: {base:.3}, not {}", known.0)));
    }
    let seen = |of: fn(&Drawn) -> f64| {
        let all = drawn.iter().map(of);
        (all.clone().fold(f64::INFINITY, f64::min), all.fold(0.0, f64::max))
    };
    let ranges = Ranges {
        sockets: seen(|one| one.size.sockets),
        cores: seen(|one| one.size.cores),
        ghz: seen(|one| one.size.ghz),
        memory_gib: seen(|one| one.size.memory_gib),
    };
    println!("{ranges:?}");
    wrong.extend((ranges != RANGES).then(|| format!("{ranges:?}")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn errors_are_those_of_models_left_out() {
    let Some(folder) = tables::reference("power, errors") else { return };
    let drawn = spec::drawn(&folder);
    let mut wrong = Vec::new();
    let mut check = |what: &str, published: Published, mut logs: Vec<f64>| {
        logs.sort_by(f64::total_cmp);
        let mut errors: Vec<f64> = logs.iter().map(|log| (log.exp() - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        let found = Published {
            median_ratio: quantile(&errors, 0.5),
            p90_ratio: quantile(&errors, 0.9),
            bias_ratio: quantile(&logs, 0.5).exp() - 1.0,
            p10_p90_factor: (quantile(&logs, 0.1).exp(), quantile(&logs, 0.9).exp()),
        };
        println!("{what}: {} models, {found:.3?}", logs.len());
        let pairs = [
            (found.median_ratio, published.median_ratio),
            (found.p90_ratio, published.p90_ratio),
            (found.bias_ratio, published.bias_ratio),
            (found.p10_p90_factor.0, published.p10_p90_factor.0),
            (found.p10_p90_factor.1, published.p10_p90_factor.1),
        ];
        if !pairs.iter().all(|(found, published)| near(*found, *published)) {
            wrong.push(format!("{what}: published {published:?}, measured {found:.3?}"));
        }
    };
    let of = |terms, log_watts, by_generation| cross_validated(&drawn, terms, log_watts, by_generation);
    check("idle by generation", error::GENERATION.idle, of(IDLE, Drawn::idle_log_watts, true));
    check("max by generation", error::GENERATION.max, of(MAX, Drawn::max_log_watts, true));
    check("idle by size", error::SIZE.idle, of(IDLE_OF_SIZE, Drawn::idle_log_watts, false));
    check("max by size", error::SIZE.max, of(MAX_OF_SIZE, Drawn::max_log_watts, false));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_straight_line_is_nearer_than_the_curve() {
    let Some(folder) = tables::reference("power, levels") else { return };
    let levels = spec::levels(&folder);
    let error = |share: fn(f64) -> f64| {
        let (mut sum, mut apart, mut count) = (0.0, 0.0, 0.0);
        for (idle, max, load, watts) in &levels {
            let off = (idle + (max - idle) * share(*load)) / watts - 1.0;
            (sum, apart, count) = (sum + off, apart + off.abs(), count + 1.0);
        }
        (apart / count, sum / count)
    };
    let (line, bias) = error(|load| load);
    let (curve, curve_bias) = error(|load| 2.0 * load - load.powf(1.4));
    println!("{} loads: line {line:.3} {bias:.3}, curve {curve:.3} {curve_bias:.3}", levels.len());
    assert!(near(line, 0.066) && bias.abs() < 0.001 && near(curve, 0.101), "{line} {bias} {curve}");
}

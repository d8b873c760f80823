//! Public results by CPU model: what a core did a GHz of base clock in each suite.
// SPDX-License-Identifier: Apache-2.0

use super::tables::{quantile, rows};
use cairn_assess::normalize::generation::{self, FITTED_THREADS_FACTOR};
use cairn_assess::normalize::model_name::canonical;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// SPECint_rate2006 and SPECrate2017_int: the two whose scales are fitted.
pub(crate) const SUITES: [&str; 2] = ["2017", "2006"];

/// The median result of one CPU model in one suite.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    pub(crate) suite: usize,
    pub(crate) model: String,
    pub(crate) generation: &'static str,
    /// Logarithm of score / (cores x base GHz x threads factor).
    pub(crate) log_per_core_ghz: f64,
    /// Logarithm of score / cores / GHz of every single result.
    pub(crate) results: Vec<f64>,
    /// The same per core alone, as a plain count of cores by clock would see it.
    pub(crate) threaded: bool,
}

#[derive(Deserialize)]
struct Rate2017 {
    system: String,
    cores: f64,
    processor: String,
    intrate_base: f64,
}

#[derive(Deserialize)]
struct Rate2006 {
    processor: String,
    mhz: f64,
    cores: f64,
    threads_per_core: f64,
    rint2006_base: f64,
}

#[derive(Deserialize)]
struct Power2008 {
    #[serde(rename = "CPU Description")]
    processor: String,
    #[serde(rename = "MHz")]
    mhz: String,
    #[serde(rename = "Cores")]
    cores: String,
    #[serde(rename = "Total Threads")]
    threads: String,
    #[serde(rename = "Nodes")]
    nodes: String,
    #[serde(rename = "ssj_ops @ 100%")]
    operations: String,
}

/// Both suites, ascending by suite and model; models of no known generation or clock are counted, not used.
pub(crate) fn rates(folder: &Path) -> (Vec<Observed>, usize) {
    let mut found = BTreeMap::new();
    let mut left_out = 0;
    for row in rows::<Rate2017>(&folder.join("spec_cpu2017_int.csv.zst")) {
        // The table's own threads column is not what the rate ran with; whether a model has two is known.
        let threads = if single_threaded(&canonical(&row.processor)) { 1.0 } else { 2.0 };
        let clock = clock_in(&row.system);
        left_out += add(&mut found, 0, &row.processor, row.intrate_base, row.cores, clock, threads);
    }
    for row in rows::<Rate2006>(&folder.join("spec_rint2006_2010-2014.csv.zst")) {
        let clock = Some(row.mhz / 1_000.0);
        let threads = row.threads_per_core;
        left_out += add(&mut found, 1, &row.processor, row.rint2006_base, row.cores, clock, threads);
    }
    (observed(found), left_out)
}

/// SPECpower_ssj2008, one suite over all these generations: an independent look at how they compare.
pub(crate) fn power(folder: &Path) -> Vec<Observed> {
    let mut found = BTreeMap::new();
    let number = |text: &str| text.trim().parse::<f64>().unwrap_or(0.0);
    for row in rows::<Power2008>(&folder.join("specpower_ssj2008_2007-2021.csv")) {
        let (cores, clock) = (number(&row.cores), number(&row.mhz) / 1_000.0);
        if number(&row.nodes) == 1.0 && cores > 0.0 && clock > 0.0 {
            let threads = number(&row.threads) / cores;
            add(&mut found, 0, &row.processor, number(&row.operations), cores, Some(clock), threads);
        }
    }
    observed(found)
}

/// Results by suite and model.
type Found = BTreeMap<(usize, String), (&'static str, Vec<f64>, bool)>;

fn add(
    found: &mut Found,
    suite: usize,
    processor: &str,
    score: f64,
    cores: f64,
    ghz: Option<f64>,
    threads: f64,
) -> usize {
    if score <= 0.0 || cores <= 0.0 {
        return 0;
    }
    let (Some(generation), Some(ghz)) = (generation::of(processor), ghz) else { return 1 };
    let entry = found
        .entry((suite, canonical(processor)))
        .or_insert_with(|| (generation.id, Vec::new(), threads > 1.0));
    entry.1.push((score / cores / ghz).ln());
    0
}

fn observed(found: Found) -> Vec<Observed> {
    let one = |((suite, model), (generation, mut results, threaded)): ((usize, String), _)| {
        let results: &mut Vec<f64> = &mut results;
        results.sort_by(f64::total_cmp);
        let threads: f64 = if threaded { FITTED_THREADS_FACTOR.ln() } else { 0.0 };
        let log_per_core_ghz = quantile(results, 0.5) - threads;
        Observed { suite, model, generation, log_per_core_ghz, results: results.clone(), threaded }
    };
    found.into_iter().map(one).collect()
}

/// Models of which a core has one thread.
fn single_threaded(model: &str) -> bool {
    let starts = |start: &&str| model.starts_with(*start);
    let e = ["xeone-2124", "xeone-2126", "xeone-2224", "xeone-2226", "xeone-2314", "xeone-2414"];
    model.starts_with("xeonbronze")
        || model.starts_with("xeone3-122")
        || e.iter().any(starts)
        || (model.starts_with("xeon67") && model.ends_with('e'))
}

/// The last `2.40 GHz` in a vendor's name of a system.
fn clock_in(system: &str) -> Option<f64> {
    let (before, _) = system.rsplit_once("GHz")?;
    let number: String =
        before.trim_end().chars().rev().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.chars().rev().collect::<String>().parse().ok().filter(|ghz| (0.5..8.0).contains(ghz))
}

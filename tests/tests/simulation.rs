//! The simulation: seeds by the hundred, one planted bug for each invariant, and that a seed replays.
// SPDX-License-Identifier: Apache-2.0

use cairn_tests::harness::{is_full, note};
use cairn_tests::simulation::invariant::{EXCUSES, INVARIANTS};
use cairn_tests::simulation::outage::outage;
use cairn_tests::simulation::{Options, Passed, judge, run};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How much there is time for: debug builds are slower by far.
const SEEDS: u64 = if cfg!(debug_assertions) { 100 } else { 500 };
const SEEDS_FULL: u64 = 10_000;
/// Seeds within which a planted bug must be caught.
const BUG_SEEDS: u64 = 400;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn passed(seed: u64) -> Passed {
    run(&Options::from_seed(seed)).unwrap_or_else(|broken| panic!("{}", broken.what))
}

/// Runs something for each seed on every processor, until there are no more.
fn on_every_processor(seeds: Range<u64>, each: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(seed) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < seeds.end)
                {
                    each(seed);
                }
            });
        }
    });
}

/// `CAIRN_SEEDS` of them beginning with `CAIRN_SEED`; a single one is told event by event with `CAIRN_LOUD=1`, and
/// `CAIRN_CORPUS=DIR` keeps every batch that is sent.
#[test]
fn every_invariant_holds_whatever_fails() {
    let full = is_full() && !cfg!(debug_assertions);
    let seeds = number("CAIRN_SEEDS", if full { SEEDS_FULL } else { SEEDS });
    let first = number("CAIRN_SEED", 0);
    let (began, counts, failed) = (Instant::now(), Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new()));
    on_every_processor(first..first + seeds, |seed| match run(&Options::from_seed(seed)) {
        Ok(passed) => {
            let mut counts = counts.lock().unwrap();
            passed.counts.into_iter().for_each(|(what, count)| *counts.entry(what).or_insert(0) += count);
        }
        Err(broken) => {
            failed.lock().unwrap().insert(seed, broken.what);
        }
    });
    let (counts, failed): (BTreeMap<&str, u64>, BTreeMap<u64, String>) =
        (counts.into_inner().unwrap(), failed.into_inner().unwrap());
    note(&format!("simulation: {seeds} seeds in {:.0?}: {counts:?}", began.elapsed()));
    let told: Vec<&str> = failed.values().map(String::as_str).take(5).collect();
    let numbers: Vec<&u64> = failed.keys().collect();
    assert!(failed.is_empty(), "{} of {seeds} seeds, {numbers:?}:\n{}", failed.len(), told.join("\n"));
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 5] {
        assert_eq!(passed(seed), passed(seed));
    }
}

#[test]
fn each_invariant_catches_the_bug_that_breaks_it() {
    let own = INVARIANTS.iter().map(|invariant| (invariant.bug, *invariant));
    for (bug, invariant) in own.chain(EXCUSES) {
        let caught = Mutex::new(BTreeMap::new());
        on_every_processor(0..number("CAIRN_BUG_SEEDS", BUG_SEEDS), |seed| {
            let held = || caught.lock().unwrap();
            if held().is_empty()
                && let Err(broken) = run(&Options::from_seed(seed).with(bug))
                && broken.invariants.contains(&invariant.id)
            {
                held().insert(seed, broken.what);
            }
        });
        let caught = caught.into_inner().unwrap();
        let (seed, what) =
            caught.first_key_value().unwrap_or_else(|| panic!("{} misses {bug:?}", invariant.id));
        note(&format!("simulation: {bug:?} is caught by seed {seed}: {}", what.lines().next().unwrap_or("")));
    }
}

#[test]
fn an_estate_returns_to_its_collector_without_a_herd() {
    let (agents, hours) = if cfg!(debug_assertions) { (20, 12) } else { (50, 48) };
    let began = Instant::now();
    let (world, told) = outage(agents, hours, 2);
    let took = began.elapsed();
    note(&format!(
        "simulation: {agents} agents after {hours} h without their collector: {told:?}, in {took:.0?}"
    ));
    judge(&world).unwrap_or_else(|broken| panic!("{}", broken.what));
    assert!(told.backlog >= agents * (4 * hours as usize - 1), "{told:?}");
    // One agent alone sends some 13 a second as soon as each answer is there.
    assert!(told.peak_per_s <= 80 && told.first_peak_per_s <= 4, "a herd: {told:?}");
    assert!(told.last_came_after_s <= 900 && told.drained_after_s <= 3_600, "{told:?}");
    // So few agents as a debug build has time for never fill the queue.
    assert!(told.busy > 0 || cfg!(debug_assertions), "nothing was busy: {told:?}");
}

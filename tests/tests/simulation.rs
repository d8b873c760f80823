//! The simulation: seeds by the hundred, one planted bug for each invariant, and that a seed replays.
// SPDX-License-Identifier: Apache-2.0

use cairn_tests::harness::note;
use cairn_tests::simulation::invariant::INVARIANTS;
use cairn_tests::simulation::outage::outage;
use cairn_tests::simulation::{Options, Passed, judge, run};
use std::collections::BTreeMap;
use std::time::Instant;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn passed(seed: u64) -> Passed {
    run(&Options::from_seed(seed)).unwrap_or_else(|broken| panic!("{}", broken.what))
}

#[test]
fn every_invariant_holds_whatever_fails() {
    let (first, seeds) = (number("CAIRN_SEED", 0), number("CAIRN_SEEDS", 20));
    let began = Instant::now();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut failed = Vec::new();
    for seed in first..first + seeds {
        match run(&Options::from_seed(seed)) {
            Ok(passed) => {
                for (what, count) in passed.counts {
                    *counts.entry(what).or_default() += count;
                }
            }
            Err(broken) => failed.push(broken),
        }
    }
    note(&format!("simulation: {seeds} seeds in {:.0?}, {counts:?}", began.elapsed()));
    for broken in failed.iter().take(5) {
        eprintln!("{}", broken.what);
    }
    assert!(failed.is_empty(), "{} of {seeds}", failed.len());
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 5] {
        assert_eq!(passed(seed), passed(seed));
    }
}

#[test]
fn each_invariant_catches_the_bug_that_breaks_it() {
    for invariant in INVARIANTS {
        let caught = (0..number("CAIRN_BUG_SEEDS", 300)).find_map(|seed| {
            let broken = run(&Options::from_seed(seed).with(invariant.bug)).err()?;
            broken.invariants.contains(&invariant.id).then_some((seed, broken.what))
        });
        let (seed, what) = caught.unwrap_or_else(|| panic!("{} misses {:?}", invariant.id, invariant.bug));
        note(&format!("simulation: {:?} is caught by seed {seed}: {}", invariant.bug, what.lines().next().unwrap_or("")));
    }
}

#[test]
fn an_estate_returns_to_its_collector_without_a_herd() {
    let began = Instant::now();
    let (world, told) = outage(50, 48, 4);
    note(&format!("simulation: 50 agents after 48 h without their collector: {told:?}, in {:.0?}", began.elapsed()));
    judge(&world).unwrap_or_else(|broken| panic!("{}", broken.what));
    assert!(told.backlog >= 50 * 190, "{told:?}");
    assert!(told.peak_per_s <= 50 && told.first_peak_per_s <= 4, "a herd: {told:?}");
    assert!(told.last_came_after_s <= 900 && told.drained_after_s <= 3_600, "{told:?}");
    assert!(told.busy > 0, "nothing was busy: {told:?}");
}

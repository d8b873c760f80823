//! The generation model against public results: its coefficients are those the fit gives, and its error is that of
//! models it was not fitted to. Reads the tables beside the repository; says loudly when they are not there.
// SPDX-License-Identifier: Apache-2.0
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test reads the tables; the core does not"
)]

#[path = "normalisation/fit.rs"]
mod fit;
#[path = "normalisation/spec.rs"]
mod spec;
#[path = "reference/tables.rs"]
mod tables;

use cairn_assess::normalize::error::{self, Published};
use cairn_assess::normalize::generation::{FITTED_THREADS_FACTOR, GENERATIONS};
use fit::{cross_validated, fit};
use spec::Observed;
use tables::quantile;

/// Of `actual / predicted - 1`, as it is published.
fn measured(mut signed: Vec<f64>) -> Published {
    signed.sort_by(f64::total_cmp);
    let mut errors: Vec<f64> = signed.iter().map(|error| error.abs()).collect();
    errors.sort_by(f64::total_cmp);
    Published {
        median_ratio: quantile(&errors, 0.5),
        p90_ratio: quantile(&errors, 0.9),
        bias_ratio: quantile(&signed, 0.5),
    }
}

/// Published figures have three decimals.
fn assert_published(what: &str, published: Published, found: Published) {
    println!("{what}: {found:.4?}");
    let near = |of: fn(Published) -> f64| (of(published) - of(found)).abs() <= 0.000_51;
    assert!(
        near(|p| p.median_ratio) && near(|p| p.p90_ratio) && near(|p| p.bias_ratio),
        "{what}: published {published:?}, measured {found:.3?}"
    );
}

#[test]
fn coefficients_are_those_the_fit_gives() {
    let Some(folder) = tables::reference("coefficients") else { return };
    let (observed, left_out) = spec::rates(&folder);
    let fitted = fit(observed.iter());
    let reference = fitted.by_generation["sapphire-rapids"];
    println!("{} models in two suites; {left_out} results of no known generation or clock", observed.len());
    println!("one point of 2017 is {:.2} of 2006", fitted.by_suite[1].exp());
    let mut wrong = Vec::new();
    for (id, log) in &fitted.by_generation {
        let factor = (log - reference).exp();
        let models = observed.iter().filter(|o| o.generation == *id).map(|o| &o.model);
        let models = models.collect::<std::collections::BTreeSet<_>>().len();
        println!("    fitted({id:?}, {factor:.3}, {models}),");
        let known = GENERATIONS.iter().find(|generation| generation.id == *id);
        if known.is_none_or(|g| (g.factor - factor).abs() > 0.000_51 || usize::from(g.models) != models) {
            wrong.push(format!("{id}: {factor:.3} of {models} models, not {known:?}"));
        }
    }
    let unfitted = GENERATIONS.iter().filter(|g| !fitted.by_generation.contains_key(g.id));
    wrong.extend(unfitted.filter(|g| g.models > 0).map(|g| format!("{}: nothing behind it", g.id)));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn errors_are_those_of_models_left_out() {
    let Some(folder) = tables::reference("errors") else { return };
    let (observed, _) = spec::rates(&folder);
    let errors = cross_validated(&observed);
    println!("{} models predicted from all the others:", errors.len());
    let of = |errors: &[(&str, f64)]| measured(errors.iter().map(|(_, error)| *error).collect());
    for generation in GENERATIONS {
        let own: Vec<_> = errors.iter().filter(|(id, _)| *id == generation.id).copied().collect();
        if !own.is_empty() {
            println!("  {:<18} {:>3}  {:.3?}", generation.id, own.len(), of(&own));
        }
    }
    assert_published("cores by clock by generation", error::GENERATION, of(&errors));

    let blind: Vec<Observed> = observed.iter().map(|o| Observed { generation: "all", ..o.clone() }).collect();
    assert_published("cores by clock", error::CORES_BY_CLOCK, of(&cross_validated(&blind)));

    let spread = observed.iter().flat_map(|o| {
        let middle = quantile(&o.results, 0.5);
        // Of two results as far apart from their median on either side, the larger ratio counts for both.
        o.results.iter().map(move |result| {
            let log = result - middle;
            (log.abs().exp() - 1.0).copysign(log)
        })
    });
    assert_published(
        "results of one model around their median",
        error::BENCHMARK,
        measured(spread.collect()),
    );
}

#[test]
fn a_second_thread_adds_about_what_the_policy_says() {
    let Some(folder) = tables::reference("threads") else { return };
    let (observed, _) = spec::rates(&folder);
    // Within a generation, models with two threads a core against those with one; the latter mostly lack turbo too.
    let mut ratios = Vec::new();
    for generation in GENERATIONS {
        let of = |threaded: bool| {
            let own = observed.iter().filter(|o| o.generation == generation.id && o.threaded == threaded);
            let mut own: Vec<f64> = own.map(|o| quantile(&o.results, 0.5)).collect();
            own.sort_by(f64::total_cmp);
            (own.len() >= 3).then(|| quantile(&own, 0.5))
        };
        if let (Some(one), Some(two)) = (of(false), of(true)) {
            println!("{}: two threads do {:.2} of one, turbo included", generation.id, (two - one).exp());
            ratios.push((two - one).exp());
        }
    }
    ratios.sort_by(f64::total_cmp);
    let middle = quantile(&ratios, 0.5);
    assert!((middle - FITTED_THREADS_FACTOR).abs() < 0.15, "{middle}");
}

#[test]
fn a_suite_that_saw_all_generations_agrees() {
    let Some(folder) = tables::reference("another workload") else { return };
    let power = spec::power(&folder);
    let median = |id: &str| {
        let mut own: Vec<f64> =
            power.iter().filter(|o| o.generation == id).map(|o| o.log_per_core_ghz).collect();
        own.sort_by(f64::total_cmp);
        (own.len() >= 3).then(|| quantile(&own, 0.5))
    };
    let factor = |id: &str| GENERATIONS.iter().find(|generation| generation.id == id).unwrap().factor;
    let skylake = median("skylake").unwrap();
    let mut apart = Vec::new();
    for generation in GENERATIONS.iter().filter(|g| g.models > 0 && g.id != "skylake") {
        let Some(theirs) = median(generation.id) else { continue };
        let (theirs, ours) = ((theirs - skylake).exp(), generation.factor / factor("skylake"));
        println!("{} against skylake: {ours:.2} here, {theirs:.2} in SPECpower_ssj2008", generation.id);
        // Above 0 where ours makes the newer one too slow.
        apart.push(1.0 - ours / theirs);
    }
    assert_published("generations against another workload", error::ANOTHER_WORKLOAD, measured(apart));
}

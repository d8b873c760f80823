//! What is chosen must be tested on weeks that did not choose it: limits by the folds before, intervals by the
//! origins before.
// SPDX-License-Identifier: Apache-2.0

use super::estate::Memory;
use cairn_assess::backtest::Tested;
use cairn_assess::estate::Estate;
use cairn_assess::interval::{needed_over_planned, range};
use cairn_assess::packing;
use cairn_assess::policy::{Policy, RiskPolicy};
use cairn_assess::recommend::Trials;
use cairn_assess::training::{TRAINING_WEEKS, stretch, unprovided, whole_weeks};
use cairn_schemas::assessment::CellMethod;

/// Limits chosen by the folds before each fold, tested on it: where those are enough to choose, and with the policy's
/// own limits where they are not.
pub(crate) fn print(memory: Memory, trials: &Trials, naive: &Tested, policy: &Policy) {
    let own = |tried: &(&Policy, &Tested)| {
        tried.0.sizing.cells == policy.sizing.cells && tried.0.limits.cpu_ratio == policy.limits.cpu_ratio
    };
    let own = trials.all().find(own).map(|(_, tested)| tested);
    let choose = |fold: usize| chosen(trials, fold, &policy.risk);
    tested(memory, "chosen by folds before", naive, choose);
    tested(memory, "  own limits until then", naive, |fold| choose(fold).or(own));
}

fn tested<'a>(memory: Memory, name: &str, naive: &Tested, choose: impl Fn(usize) -> Option<&'a Tested>) {
    let folds = naive.backtest.by_fold.len();
    let (mut hosts, mut naive_hosts, mut observed, mut above, mut worst) = (0, 0, 0, 0, 0.0_f64);
    let mut chosen = 0;
    for fold in 1..folds {
        let Some(tested) = choose(fold) else { continue };
        chosen += 1;
        let row = &tested.backtest.by_fold[fold];
        hosts += row.hosts;
        naive_hosts += naive.backtest.by_fold[fold].hosts;
        observed += row.host_intervals;
        above += row.violations;
        worst = worst.max(row.violations as f64 / row.host_intervals as f64);
    }
    println!(
        "MEASURED risk: {:<34} {:>6.1} {:>+7.1}% {:>9.4} {:>9.4} {chosen} of {} folds",
        format!("{memory:?}, {name}"),
        hosts as f64 / f64::from(chosen),
        (hosts as f64 / naive_hosts as f64 - 1.0) * 100.0,
        above as f64 / observed as f64 * 100.0,
        worst * 100.0,
        folds - 1
    );
}

/// The method's choice with the first folds alone.
fn chosen<'a>(trials: &'a Trials, folds: usize, risk: &RiskPolicy) -> Option<&'a Tested> {
    let passes = |tested: &Tested| {
        let folds = &tested.backtest.by_fold[..folds];
        let sum = |of: fn(&cairn_schemas::assessment::Fold) -> u64| folds.iter().map(of).sum::<u64>() as f64;
        folds.iter().map(|f| f.hosts).sum::<usize>() >= risk.host_weeks_min
            && sum(|f| f.violations) <= risk.violation_ratio_max * sum(|f| f.host_intervals)
            && folds
                .iter()
                .all(|f| f.violations as f64 <= risk.worst_fold_violation_ratio_max * f.host_intervals as f64)
    };
    let hosts = |tested: &Tested| tested.backtest.by_fold[..folds].iter().map(|f| f.hosts).sum::<usize>();
    let highest = [CellMethod::Maximum, CellMethod::P95].into_iter().filter_map(|cells| {
        let rungs = trials.all().filter(|(policy, _)| policy.sizing.cells == cells);
        rungs.map(|(_, tested)| tested).take_while(|tested| passes(tested)).last()
    });
    highest.min_by_key(|tested| hosts(tested))
}

/// At every origin the interval of all other origins against what the weeks after it needed.
pub(crate) fn intervals(estate: &Estate, policy: &Policy) {
    let all: Vec<usize> = (0..estate.servers.len()).collect();
    let weeks = whole_weeks(estate.window);
    let sized: Vec<_> = (0..=weeks.len() - TRAINING_WEEKS)
        .map(|week| unprovided(estate, policy, &all, stretch(weeks[week], TRAINING_WEEKS)))
        .collect();
    let axes = packing::plan(&sized[0], policy).axes;
    let ratios: Vec<f64> = (TRAINING_WEEKS..sized.len())
        .filter_map(|origin| needed_over_planned(&sized[origin - TRAINING_WEEKS], &sized[origin], &axes))
        .collect();
    let (mut covered, mut later, mut tests) = (0, 0, 0);
    let mut widest = 0.0_f64;
    for (origin, &needed) in ratios.iter().enumerate() {
        let plan = packing::fractional_hosts(&sized[origin], &axes);
        let others: Vec<f64> =
            ratios.iter().enumerate().filter(|&(n, _)| n != origin).map(|(_, r)| *r).collect();
        let inside = |ratios: &[f64]| {
            let (low, high) = range(ratios)?;
            let (low, high) = ((plan * low).floor(), (plan * high).ceil());
            Some(((low..=high).contains(&(plan * needed)), (high - low) / plan))
        };
        if let Some((inside, width)) = inside(&others) {
            covered += usize::from(inside);
            widest = widest.max(width);
        }
        // Only origins whose own later weeks were over by then are known at an origin.
        let known = &ratios[..(origin + 1).saturating_sub(TRAINING_WEEKS)];
        if known.len() > TRAINING_WEEKS
            && let Some((inside, _)) = inside(known)
        {
            tests += 1;
            later += usize::from(inside);
        }
    }
    let list: Vec<String> = ratios.iter().map(|r| format!("{r:.3}")).collect();
    println!(
        "MEASURED risk: interval on hosts covers {covered} of {} left-out origins and {later} of {tests} that came later (13 weeks leave none); width at most {:.1} %; needed over planned {}; origins overlap, {} are independent",
        ratios.len(),
        widest * 100.0,
        list.join(" "),
        ratios.len().div_ceil(TRAINING_WEEKS)
    );
}

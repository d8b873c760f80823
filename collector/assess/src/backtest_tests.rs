//! The back-test over estates small enough to count by hand.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate_testing::{Did, estate, server, week_start};
use crate::packing::testing::policy;

/// Two servers that share one host of 100 MHz, filled to 80.
fn test(
    weeks: usize,
    first: impl Fn(usize, usize) -> Did,
    second: impl Fn(usize, usize) -> Did,
) -> Option<Tested> {
    let estate = estate(weeks, vec![server("a", weeks, first), server("b", weeks, second)]);
    backtest(&estate, &[0, 1], &[&policy()]).map(|mut tested| tested.remove(0))
}

fn steady(_: usize, _: usize) -> Did {
    Did::Busy(0.30)
}

#[test]
fn fewer_than_five_whole_weeks_test_nothing() {
    assert_eq!(test(4, steady, steady), None);
    assert_eq!(test(5, steady, steady).unwrap().backtest.folds, 1);
}

#[test]
fn a_steady_estate_never_violates() {
    let tested = test(6, steady, steady).unwrap();
    assert_eq!(tested.backtest.folds, 2);
    assert_eq!(tested.backtest.host_intervals, 2 * INTERVALS as u64);
    assert_eq!(tested.backtest.violation_ratio, Some(0.0));
    assert_eq!(tested.backtest.minutes_per_host_year, Some(0.0));
    assert_eq!(tested.host_weeks, 2);
}

#[test]
fn a_surge_after_training_is_counted_by_the_interval() {
    // 30 + 80 is above 100, 30 + 70 is not.
    let surge = |week, interval| match (week, interval) {
        (5, 0..21) => Did::Busy(0.80),
        (5, 21..42) => Did::Busy(0.70),
        _ => Did::Busy(0.30),
    };
    let backtest = test(6, steady, surge).unwrap().backtest;
    let violations: Vec<u64> = backtest.by_fold.iter().map(|fold| fold.violations).collect();
    assert_eq!(violations, [0, 21]);
    assert_eq!(backtest.by_fold[1].week, week_start(5));
    assert_eq!(backtest.violation_ratio, Some(21.0 / 4_032.0));
    assert_eq!(backtest.worst_fold_violation_ratio, Some(21.0 / 2_016.0));
    assert_eq!(backtest.hosts_ever_affected_ratio, Some(0.5));
    assert!((backtest.minutes_per_host_year.unwrap() - 525_600.0 * 21.0 / 4_032.0).abs() < 1e-9);
}

#[test]
fn an_interval_without_data_is_unobserved_never_idle() {
    let hole = |week, interval| match (week, interval) {
        (4, 100..150) => Did::Unknown,
        _ => Did::Busy(0.30),
    };
    let backtest = test(5, steady, hole).unwrap().backtest;
    assert_eq!((backtest.host_intervals, backtest.unobserved), (2_016 - 50, 50));
}

#[test]
fn switched_off_is_known_to_be_idle_on_days_covered_whole() {
    let off = |week, interval| match (week, interval) {
        // All of Monday, and a part of Tuesday that also has a hole.
        (4, 0..288) | (4, 300..310) => Did::Off,
        (4, 320) => Did::Unknown,
        _ => Did::Busy(0.30),
    };
    let backtest = test(5, steady, off).unwrap().backtest;
    assert_eq!(backtest.unobserved, 11);
}

#[test]
fn a_server_that_is_gone_leaves_its_host_unobserved() {
    let estate = estate(5, vec![server("a", 5, steady), server("b", 4, steady)]);
    let backtest = backtest(&estate, &[0, 1], &[&policy()]).unwrap().remove(0).backtest;
    assert_eq!((backtest.host_intervals, backtest.unobserved), (0, 2_016));
    assert_eq!(backtest.violation_ratio, None);
    assert_eq!(backtest.worst_fold_violation_ratio, None);
}

#[test]
fn each_policy_is_tested_at_its_own_limits() {
    let mut careful = policy();
    careful.limits.cpu_ratio = 0.50;
    let surge = |week, _| Did::Busy(if week == 4 { 0.71 } else { 0.30 });
    let estate = estate(5, vec![server("a", 5, steady), server("b", 5, surge)]);
    let tested = backtest(&estate, &[0, 1], &[&policy(), &careful]).unwrap();
    let of = |n: usize| (tested[n].backtest.by_fold[0].hosts, tested[n].backtest.violation_ratio);
    assert_eq!(of(0), (1, Some(1.0)));
    assert_eq!(of(1), (2, Some(0.0)));
}

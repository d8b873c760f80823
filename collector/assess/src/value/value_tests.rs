//! The value of a plan small enough to follow, and the order of its ends.
// SPDX-License-Identifier: Apache-2.0

use super::*;

fn plan(hosts: usize, failover_hosts: usize) -> Consolidation {
    let cluster = serde_json::json!({
        "name": "c01", "site": "", "zone": "", "licence_pool": "", "template": Policy::default().template.name,
        "servers": 0, "hosts": hosts, "failover_hosts": failover_hosts, "failures_survived": 1,
        "partition_lower_bound_hosts": hosts, "limiting": null
    });
    let json = serde_json::json!({
        "scenario": "balanced", "hosts": hosts, "failover_hosts": failover_hosts, "lower_bound_hosts": hosts,
        "proven_gap_ratio": 0.0, "interval": null, "population": {"assessed": 0, "placed": 0, "stay": 0},
        "source_to_destination_ratio": null, "net_consolidation_ratio": null, "vm_density": null,
        "servers_removed": 0, "backtest": null, "clusters": [cluster], "placement": [], "stay": [],
        "dropped_dimensions": [], "scenarios": [], "flip_points": [], "findings": []
    });
    serde_json::from_value(json).unwrap()
}

fn of(servers: usize, hosts: usize) -> Value {
    let spared = vec![Spared { cpu_mean_ratio: Some(0.10), maintenance: None }; servers];
    value(Some(&plan(hosts, 1)), &spared, 0.50, &Policy::default())
}

fn line<'a>(value: &'a Value, id: &str) -> &'a ValueLine {
    value.lines.iter().find(|line| line.id == id).unwrap()
}

#[test]
fn lines_by_hand() {
    let value = of(100, 4);
    // 100 x (66 + 170 x 0.1) W = 8,300 W; 5 x (180 + 570 x 0.5) W = 2,325 W; 5,975 W x 8,766 h x 1.6 x 0.10.
    assert!((line(&value, "energy").amount.base - 5_975.0 * 8.766 * 1.6 * 0.10).abs() < 1e-6);
    assert!((line(&value, "hosts").amount.base + 5.0 * 24_000.0).abs() < 1e-6);
    assert!((line(&value, "maintenance").amount.base - (100.0 * 600.0 - 5.0 * 2_400.0)).abs() < 1e-6);
    assert!((line(&value, "space").amount.base - 95.0 * 2.0 * 120.0).abs() < 1e-6);
    assert_eq!(line(&value, "energy").unit, "USD/year");
}

#[test]
fn low_is_the_careful_end_of_every_line_and_sum() {
    for (servers, hosts) in [(100, 4), (5, 4), (1, 2)] {
        let value = of(servers, hosts);
        let amounts = value.lines.iter().map(|l| l.amount).chain([value.annual_cash, value.annual_soft]);
        for amount in amounts {
            assert!(amount.low <= amount.base && amount.base <= amount.high, "{amount:?}");
        }
        assert!(value.one_off_cash.low >= value.one_off_cash.high, "more is spent at the careful end");
    }
}

#[test]
fn sums_keep_their_kinds_apart() {
    let value = of(100, 4);
    let annual: f64 = ["energy", "space", "maintenance", "subscription"]
        .map(|id| line(&value, id).amount.base)
        .iter()
        .sum();
    assert!((value.annual_cash.base - annual).abs() < 1e-6);
    assert!(value.annual_avoided.base > 0.0 && value.annual_soft.base > 0.0);
    let last = value.by_year.last().unwrap();
    assert_eq!(last.year, 5);
    assert!((last.cumulated_cash.base - (5.0 * annual - value.one_off_cash.base)).abs() < 1e-6);
    let months = value.payback_months.base.unwrap();
    assert!((months - value.one_off_cash.base / annual * 12.0).abs() < 1e-9);
}

#[test]
fn what_never_pays_back_says_so() {
    assert_eq!(of(1, 4).payback_months.base, None);
    let nothing = value(None, &[], 0.0, &Policy::default());
    assert!(nothing.lines.is_empty());
    assert_eq!(nothing.findings[0].message_id, "value.no-plan");
}

#[test]
fn only_constants_that_were_used_are_printed() {
    let value = of(100, 4);
    assert!(value.constants.iter().any(|c| c.id == "grid_carbon"));
    assert!(value.constants.iter().all(|c| !c.source.is_empty()));
}

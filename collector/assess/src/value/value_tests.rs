//! The value of a plan small enough to follow, and the order of its ends.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::Server;
use crate::policy::ValuePolicy;
use crate::testing::server;
use cairn_schemas::assessment::ValueMonth;
use cairn_schemas::time::Timestamp;

/// 2026-11-26.
const NOW: Timestamp = Timestamp(1_795_651_200);

pub(super) fn plan(hosts: usize, failover_hosts: usize) -> Consolidation {
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
    valued(&vec![ordinary(); servers], hosts, &Policy::default())
}

fn valued(spared: &[Spared], hosts: usize, policy: &Policy) -> Value {
    value(Some(&plan(hosts, 1)), spared, 0.50, policy)
}

/// Of which nothing is known but its load.
fn ordinary() -> Spared {
    Spared::of(&Server::default(), Some(0.10), &ValuePolicy::default(), NOW)
}

pub(super) fn line<'a>(value: &'a Value, id: &str) -> &'a ValueLine {
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
    let annual: f64 = ["energy", "space", "maintenance", "lease", "subscription"]
        .map(|id| line(&value, id).amount.base)
        .iter()
        .sum();
    assert!((value.annual_cash.base - annual).abs() < 1e-6);
    assert!(value.annual_soft.base > 0.0);
    assert_eq!(value.annual_avoided.base, 0.0, "nobody has said when they would be replaced");
    assert!(value.annual_avoided.high > 0.0);
}

#[test]
fn cash_comes_month_by_month() {
    let value = of(100, 4);
    let month = |n: usize| value.by_month[n].cumulated_cash.base;
    assert_eq!(value.by_month.len(), 61);
    assert_eq!(month(0), -value.one_off_cash.base);
    // After the project and the last contract each month brings a twelfth of a year.
    assert!((month(60) - month(59) - value.annual_cash.base / 12.0).abs() < 1e-6);
    let of = |id: &str| line(&value, id).amount.base;
    // In the third of six months 2.5 sixths have moved; contracts still run. The hosts draw, stand there and are looked
    // after in full from the first month on.
    let energy = (8_300.0 * 2.5 / 6.0 - 2_325.0) * 8.766 * 1.6 * 0.10;
    let space = (100.0 * 2.5 / 6.0 - 5.0) * 2.0 * 120.0;
    let third = energy + space - 5.0 * 2_400.0 + of("subscription");
    assert!((month(3) - month(2) - third / 12.0).abs() < 1e-6, "{}", month(3) - month(2));
    for year in &value.by_year {
        assert_eq!(year.cumulated_cash.base, month(year.year as usize * 12));
    }
    let back = value.payback_months.base.unwrap() as usize;
    assert!(month(back) >= 0.0 && month(back - 1) < 0.0);
}

#[test]
fn contracts_leases_and_refreshes_end_when_they_end() {
    let facts =
        |facts: &[(&str, &str)]| Spared::of(&server("web", facts), Some(0.10), &ValuePolicy::default(), NOW);
    // What a line brings by the end of a month, beyond what the same server without its dates brings.
    let check = |given: &[(&str, &str)], pick: fn(&ValueMonth) -> f64, month: usize, expected: f64| {
        let with = valued(&[facts(given)], 1, &Policy::default());
        let without = valued(&[facts(&given[..1])], 1, &Policy::default());
        let brings = pick(&with.by_month[month]) - pick(&without.by_month[month]);
        assert!((brings - expected).abs() < 1e-6, "{given:?} by month {month}: {brings}");
    };
    let cash = |month: &ValueMonth| month.cumulated_cash.base;
    let avoided = |month: &ValueMonth| month.cumulated_avoided.base;
    // 1,200 a year: without a date after a year, here after two and a half, by a hundred a month.
    let contract = [("annual_maintenance_cost", "1200"), ("maintenance_end", "2029-06-05")];
    check(&contract, cash, 12, 0.0);
    check(&contract, cash, 36, -1_800.0);
    // A lease of unknown end is not taken to end; one within the years is over then, not before.
    let lease = [("annual_lease_cost", "2400"), ("lease_end", "2028-11-18")];
    check(&lease, cash, 24, 0.0);
    check(&lease, cash, 36, 2_400.0);
    // Owned servers would be replaced at the end of their warranty, else of their life of five years.
    check(&[("owner", "IT"), ("warranty_end", "2028-01-10")], avoided, 13, 0.0);
    check(&[("owner", "IT"), ("warranty_end", "2028-01-10")], avoided, 14, 6_000.0);
    check(&[("owner", "IT"), ("purchase_date", "2023-11-26")], avoided, 25, 6_000.0);
    check(&[("owner", "IT"), ("warranty_end", "2020-01-10")], avoided, 11, 0.0);
    check(&[("owner", "IT"), ("warranty_end", "2020-01-10")], avoided, 12, 6_000.0);
    // One due in the third of six months finds 2.5 sixths moved: the others are bought.
    check(&[("owner", "IT"), ("warranty_end", "2027-02-10")], avoided, 2, 0.0);
    check(&[("owner", "IT"), ("warranty_end", "2027-02-10")], avoided, 60, 6_000.0 * 2.5 / 6.0);
    // What is leased is given back, and nobody would have bought it anew.
    check(&[("owner", "IT"), ("lease_end", "2028-01-10")], avoided, 60, 0.0);
}

#[test]
fn money_is_discounted_at_the_customers_rate_only() {
    let mut policy = Policy::default();
    assert!(of(100, 4).views.iter().all(|view| view.present_value.is_none()));
    policy.value.hurdle_ratio = Some(0.0);
    let at_nothing = valued(&vec![ordinary(); 100], 4, &policy);
    let view = at_nothing.views.last().unwrap();
    assert_eq!((view.years, at_nothing.views.len()), (5, 2));
    assert!((view.present_value.unwrap().base - view.cash.base).abs() < 1e-6);
    policy.value.hurdle_ratio = Some(0.1);
    let discounted = valued(&vec![ordinary(); 100], 4, &policy).views[1].present_value.unwrap();
    assert!(
        discounted.base < view.cash.base
            && discounted.low <= discounted.base
            && discounted.base <= discounted.high
    );
}

#[test]
fn a_country_tells_its_grid_unless_the_customer_does() {
    let carbon = |country: Option<&str>| {
        let mut policy = Policy::default();
        policy.value.country = country.map(str::to_owned);
        valued(&[ordinary()], 1, &policy)
    };
    let of_constant =
        |value: &Value| value.constants.iter().find(|c| c.id == "grid_carbon").unwrap().value.base;
    let says = |value: &Value, id: &str| value.findings.iter().any(|finding| finding.message_id == id);
    assert_eq!(of_constant(&carbon(Some("NO"))), 0.031);
    assert!(
        says(&carbon(None), "value.country-unasked") && !says(&carbon(Some("NO")), "value.country-unasked")
    );
    assert!(says(&carbon(Some("XX")), "value.country-unknown"));
    assert_eq!(of_constant(&carbon(Some("XX"))), 0.42);
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

//! What holds of the value of any plan: more hosts are worth no more, the careful end is never above the hopeful one in
//! any line, total or month, and what nobody knows raises nothing at the careful end.
// SPDX-License-Identifier: Apache-2.0

use super::tests::{line, plan};
use super::*;
use cairn_schemas::assessment::PowerGrade;
use proptest::prelude::*;
use proptest::{collection::vec, option};

fn ordered(least: f64, most: f64) -> impl Strategy<Value = Range> {
    [least..most, least..most, least..most].prop_map(|mut ends| {
        ends.sort_by(f64::total_cmp);
        Range { low: ends[0], base: ends[1], high: ends[2] }
    })
}

fn server() -> impl Strategy<Value = Spared> {
    let watts = (ordered(30.0, 300.0), ordered(30.0, 600.0), any::<bool>());
    let power = watts.prop_map(|(idle_watts, max_watts, known)| crate::power::Power {
        idle_watts,
        max_watts,
        grade: if known { PowerGrade::Size } else { PowerGrade::Assumed },
    });
    let money = || option::of(0.0..5_000.0);
    let months = || option::of(-30.0..90.0);
    let ends = (months(), months(), months(), option::of(0.0..90.0));
    (option::of(0.0..1.2), power, money(), money(), ends).prop_map(
        |(cpu_mean_ratio, power, maintenance, lease, ends)| Spared {
            cpu_mean_ratio,
            power,
            maintenance,
            lease,
            ends: Ends { maintenance: ends.0, lease: ends.1, refresh: ends.2, age: ends.3 },
        },
    )
}

/// A policy whose constants are other than the standard ones, and wide.
fn priced() -> impl Strategy<Value = Policy> {
    let constants = (ordered(0.01, 1.0), ordered(8_760.0, 8_784.0), ordered(1.0, 24.0), ordered(0.5, 9.0));
    let others = (ordered(0.0, 0.3), ordered(0.0, 4.0), ordered(10.0, 90.0), ordered(10.0, 90.0));
    (constants, others, ordered(1_000.0, 40_000.0), 1..8_u32, option::of(0.0..0.3)).prop_map(
        |(constants, others, price, years, hurdle_ratio)| {
            let mut policy = Policy::default();
            let named = [
                ("electricity_price", constants.0),
                ("hours_per_year", constants.1),
                ("project_months", constants.2),
                ("server_life", constants.3),
                ("maintenance_share", others.0),
                ("rack_units_per_server", others.1),
                ("servers_per_admin_physical", others.2),
                ("servers_per_admin_virtual", others.3),
            ];
            for (name, value) in named {
                let mut constant = policy.value.resolved()[name].clone();
                constant.value = value;
                policy.value.constants.insert(name.to_owned(), constant);
            }
            policy.template.price = price;
            (policy.value.years, policy.value.hurdle_ratio) = (years, hurdle_ratio);
            policy
        },
    )
}

/// Everything that is added up of a value, by name; more is better throughout.
fn totals(value: &Value) -> Vec<(String, Range)> {
    let once = value.one_off_cash;
    let mut all = vec![
        ("annual_cash".to_owned(), value.annual_cash),
        ("one_off_cash".to_owned(), Range { low: -once.low, base: -once.base, high: -once.high }),
        ("annual_avoided".to_owned(), value.annual_avoided),
        ("annual_soft".to_owned(), value.annual_soft),
        ("annual_carbon_kg".to_owned(), value.annual_carbon_kg),
    ];
    for month in &value.by_month {
        all.push((format!("cash by month {}", month.month), month.cumulated_cash));
        all.push((format!("avoided by month {}", month.month), month.cumulated_avoided));
    }
    for view in &value.views {
        let parts = [("cash", view.cash), ("avoided", view.avoided), ("soft", view.soft)];
        let more = [("carbon", view.carbon_kg), ("worth", view.present_value.unwrap_or_default())];
        all.extend(parts.into_iter().chain(more).map(|(id, sum)| (format!("{id} of {}", view.years), sum)));
    }
    all
}

/// Sums differ in their last bits by the order they were added in.
fn at_most(a: f64, b: f64) -> bool {
    a <= b + 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn worth(servers: &[Spared], hosts: usize, policy: &Policy) -> Value {
    value(Some(&plan(hosts, 1)), servers, 0.5, policy)
}

/// What can be forgotten of a server. That it is leased, and by which of two dates it would be replaced, is not: the one
/// would make it another server, the other another date.
fn forgotten(server: Spared, what: usize) -> Spared {
    let mut less = server;
    match what {
        0 => less.cpu_mean_ratio = None,
        1 if server.ends.lease.is_some() => less.lease = None,
        2 if server.lease.is_some() => less.ends.lease = None,
        3 => (less.ends.refresh, less.ends.age) = (None, None),
        4 => less.maintenance = None,
        5 => less.ends.maintenance = None,
        _ => {}
    }
    less
}

/// What the policy's constants stand in for at the base while nobody knows.
const ASSUMED: usize = 4;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn low_base_and_high_are_in_order(servers in vec(server(), 0..9), hosts in 0..6_usize, policy in priced()) {
        let value = worth(&servers, hosts, &policy);
        let lines = value.lines.iter().map(|line| (line.id.clone(), line.amount));
        for (name, amount) in lines.chain(totals(&value)) {
            prop_assert!(at_most(amount.low, amount.base) && at_most(amount.base, amount.high), "{name}: {amount:?}");
        }
        let never = |months: Option<f64>| months.unwrap_or(f64::INFINITY);
        for back in [value.payback_months, value.payback_with_avoided_months] {
            prop_assert!(never(back.high) <= never(back.base) && never(back.base) <= never(back.low), "{back:?}");
        }
    }

    #[test]
    fn more_hosts_are_worth_no_more(servers in vec(server(), 0..9), hosts in 0..6_usize, policy in priced()) {
        let (fewer, more) = (worth(&servers, hosts, &policy), worth(&servers, hosts + 1, &policy));
        for ((name, fewer), (_, more)) in totals(&fewer).into_iter().zip(totals(&more)) {
            let is_fine = at_most(more.low, fewer.low) && at_most(more.base, fewer.base) && at_most(more.high, fewer.high);
            prop_assert!(is_fine, "{name}: {more:?} is above {fewer:?}");
        }
    }

    #[test]
    fn what_nobody_knows_raises_no_total(
        servers in vec(server(), 1..6),
        which in any::<prop::sample::Index>(),
        what in 0..6_usize,
        policy in priced(),
    ) {
        let mut less = servers.clone();
        let which = which.index(servers.len());
        less[which] = forgotten(servers[which], what);
        let (known, unknown) = (worth(&servers, 2, &policy), worth(&less, 2, &policy));
        for ((name, known), (_, unknown)) in totals(&known).into_iter().zip(totals(&unknown)) {
            prop_assert!(at_most(unknown.low, known.low), "{name} without {what}: {unknown:?}, {known:?}");
            let is_fine = what >= ASSUMED || at_most(unknown.base, known.base);
            prop_assert!(is_fine, "{name} without {what}: {unknown:?}, {known:?}");
        }
    }

    #[test]
    fn the_last_month_brings_a_twelfth_of_a_year(servers in vec(server(), 0..6), policy in priced()) {
        let value = worth(&servers, 2, &policy);
        let [.., before, last] = &value.by_month[..] else { unreachable!() };
        let project = policy.value.constants["project_months"].value.base;
        prop_assume!(f64::from(last.month) - 0.5 >= project);
        let contracts = line(&value, "lease").amount.base;
        let brings = last.cumulated_cash.base - before.cumulated_cash.base;
        // A lease that ends within the last month is over after it.
        let least = (value.annual_cash.base - contracts) / 12.0;
        prop_assert!(at_most(least, brings) && at_most(brings, value.annual_cash.base / 12.0));
    }
}

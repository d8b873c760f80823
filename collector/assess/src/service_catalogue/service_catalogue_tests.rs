//! Rates by hand, and what must hold of every showback.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::policy::ValueConstant;
use crate::testing::{ordinary, server, window};
use cairn_schemas::assessment::{Cents, Range, ShowbackLine};
use proptest::prelude::*;

/// An estate of these servers, assessed.
struct Case {
    estate: Estate,
    policy: Policy,
    assessment: Assessment,
}

impl std::fmt::Debug for Case {
    /// Facts and what was said of them; weeks would fill a screen each.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let facts: Vec<_> = self.estate.servers.iter().map(|s| (&s.name, s.weeks.len(), &s.facts)).collect();
        write!(out, "{facts:?}\n{:?}", self.assessment.showback)
    }
}

impl Case {
    fn new(mut servers: Vec<Server>) -> Self {
        servers.sort_by(|a, b| a.name.cmp(&b.name));
        let estate = Estate { window: window(5), servers, ..Estate::default() };
        let policy = Policy::default();
        let assessment = crate::assess(&estate, &policy, estate.window.to);
        Self { estate, policy, assessment }
    }

    fn catalogue(&self) -> &ServiceCatalogue {
        self.assessment.service_catalogue.as_ref().unwrap()
    }

    fn showback(&self) -> &Showback {
        self.assessment.showback.as_ref().unwrap()
    }

    /// The same plan at other constants.
    fn at(&self, change: impl FnOnce(&mut BTreeMap<String, ValueConstant>)) -> (ServiceCatalogue, Showback) {
        let mut constants = self.policy.value.resolved();
        change(&mut constants);
        made(&self.estate, &self.policy, &self.assessment, &Costs::new(constants)).unwrap()
    }
}

fn with(mut of: Server, facts: &[(&str, &str)]) -> Server {
    of.facts.extend(server("", facts).facts);
    of
}

fn web(n: usize) -> Server {
    ordinary(&format!("web{n}"), 5, 0.10, 10e9)
}

fn ten() -> Case {
    Case::new((0..10).map(web).collect())
}

#[test]
fn a_rate_by_hand() {
    let case = ten();
    let catalogue = case.catalogue();
    // 16 threads * 0.10 * 1.2 / 0.8 = 2.4, so 3; 10 GB * 1.2 * 1.1 are 13 GiB, rounded to 16.
    let [size] = catalogue.sizes.as_slice() else { panic!("{:?}", catalogue.sizes) };
    assert_eq!((size.size.as_str(), size.vcpu, size.memory_bytes, size.count), ("S", 3, 16.0 * GIB, 10));
    assert_eq!((size.disk_bytes_max, size.disk_unknown), (Some(5e11), 0));
    assert_eq!(catalogue.vcpu_over_ratio, Some(0.0));
    assert!((catalogue.memory_over_ratio.unwrap() - 3.0 / 13.0).abs() < 1e-9);
    // Three hosts of 24,000: over five years, a tenth for maintenance, two units each at 120, 2,500 for the hypervisor;
    // 180 W + 570 W * 25,000 / (3 * 186,240) each; 500 of storage a server.
    let part =
        |id: &str| catalogue.pool.parts.iter().find(|part| part.id == id).unwrap().amount.unwrap().base;
    assert_eq!(
        ["hosts", "maintenance", "space", "subscription", "storage"].map(part),
        [120_000, 60_000, 6_000, 62_500, 8_333]
    );
    let watts: f64 = 3.0 * (180.0 + 570.0 * 25_000.0 / (3.0 * 186_240.0));
    assert_eq!(part("energy"), (watts * 8.766 * 1.6 * 0.10 / 12.0 * 100.0).round() as i64);
    // 148,992 MHz may be used and 30,000 are asked for; 85 % of 1,008 GiB may be given.
    assert!((catalogue.pool.sellable_vcpu - 30.0 * 148_992.0 / 30_000.0).abs() < 1e-6);
    assert!((catalogue.pool.sellable_memory_bytes - 856.8 * GIB).abs() < 1.0);
    let hosts = f64::from(120_000 + 60_000 + 6_000 + 62_500) + watts * 8.766 * 1.6 * 0.10 / 12.0 * 100.0;
    let share = 0.5 * 3.0 / (30.0 * 148_992.0 / 30_000.0) + 0.5 * 16.0 / 856.8;
    let [entry] = catalogue.entries.as_slice() else { panic!("{:?}", catalogue.entries) };
    assert_eq!((entry.id.as_str(), entry.message_id.as_str()), ("s-unknown", "service.tier.unknown"));
    assert_eq!(entry.rate.unwrap().base, (833.333 + hosts * share).round() as i64);
    assert_eq!(entry.labour.unwrap().base, (85_000.0 / 76.0 / 12.0 * 100.0_f64).round() as i64);
    assert!(catalogue.findings.iter().any(|finding| finding.message_id == "service.tier-unknown"));
}

const GIB: f64 = 1_073_741_824.0;

#[test]
fn what_the_value_says_of_energy_is_said_here() {
    let case = ten();
    let line = case.assessment.value.lines.iter().find(|line| line.id == "energy").unwrap();
    let today = case.showback().total.parts.iter().find(|part| part.id == "energy").unwrap().amount;
    let pool = case.catalogue().pool.parts.iter().find(|part| part.id == "energy").unwrap().amount.unwrap();
    let saved = today.minus(pool).money().base * 12.0;
    assert!((saved - line.amount.base).abs() < 0.01 * 12.0 * 11.0, "{saved} {}", line.amount.base);
}

#[test]
fn those_that_are_restarted_pay_for_failover_hosts() {
    let tier = |n: usize| match n {
        0..5 => [("environment", "test")],
        _ => [("criticality", "high")],
    };
    let case = Case::new((0..10).map(|n| with(web(n), &tier(n))).collect());
    let rate = |id: &str| {
        let entry = case.catalogue().entries.iter().find(|entry| entry.id == id);
        entry.unwrap_or_else(|| panic!("no {id}")).rate.unwrap()
    };
    let all_test = Case::new((0..10).map(|n| with(web(n), &tier(0))).collect());
    let alone = all_test.catalogue().entries[0].rate.unwrap();
    assert!(rate("s-bronze").base < alone.base && alone.base < rate("s-gold").base);
    assert_eq!(alone, ten().catalogue().entries[0].rate.unwrap(), "somebody has to pay for them");
}

#[test]
fn what_is_missing_is_named_and_never_nothing() {
    let check = |constant: &str, rate_known: bool, today_known: bool| {
        let (catalogue, showback) = ten().at(|constants| drop(constants.remove(constant)));
        let entry = &catalogue.entries[0];
        let named = [constant.to_owned()];
        assert_eq!(entry.rate.is_some(), rate_known, "{constant}");
        assert_eq!(entry.missing == named, !rate_known, "{constant}: {:?}", entry.missing);
        assert_eq!(catalogue.pool.missing == named, !rate_known, "{constant}");
        let missing = &showback.total.today_missing;
        assert_eq!(missing.is_empty(), today_known, "{constant}: {missing:?}");
        assert_eq!(showback.total.change.is_some(), rate_known && today_known, "{constant}");
    };
    check("migration_hours", true, true);
    check("electricity_price", false, false);
    check("server_life", false, true);
    check("storage_per_server", false, true);
    check("hypervisor_subscription", false, true);
    check("pool_cpu_share", false, true);
    check("server_price", true, false);
    let (catalogue, _) =
        ten().at(|constants| constants.get_mut("server_life").unwrap().value = Range::of(0.0));
    assert_eq!(
        (catalogue.entries[0].rate, catalogue.pool.cash),
        (None, None),
        "over no years nothing is said"
    );
}

#[test]
fn facts_of_servers_count_and_their_lack_is_said() {
    let check = |facts: &[(&str, &str)], part: usize, base: i64, missing: &[&str]| {
        let case = Case::new((0..3).map(|n| if n == 0 { with(web(n), facts) } else { web(n) }).collect());
        let total = &case.showback().total;
        let alone = &Case::new((1..3).map(web).collect());
        let more = total.parts[part].amount.minus(alone.showback().total.parts[part].amount);
        assert_eq!(more.base, base, "{facts:?}");
        let named: Vec<&str> = total.today_missing.iter().map(|missing| missing.input.as_str()).collect();
        assert_eq!((named.as_slice(), total.change.is_none()), (missing, !missing.is_empty()), "{facts:?}");
    };
    check(&[], 1, 5_000, &[]);
    check(&[("annual_maintenance_cost", "1200")], 1, 10_000, &[]);
    check(&[], 2, 0, &[]);
    check(&[("annual_lease_cost", "2400"), ("lease_end", "2028-01-01")], 2, 20_000, &[]);
    check(&[("lease_end", "2028-01-01")], 2, 0, &["annual_lease_cost"]);
}

#[test]
fn what_stays_costs_tomorrow_what_it_costs_today() {
    let dongle = [("special_hardware", "USB dongle"), ("owner", "Plant")];
    let unmeasured = server("old", &[("owner", "Archive")]);
    let servers =
        (0..4).map(web).chain([with(web(8), &dongle), with(web(9), &[("owner", "Finance")]), unmeasured]);
    let case = Case::new(servers.collect());
    let line = |owner: &str| {
        let lines = &case.showback().owners;
        lines.iter().find(|line| line.owner.as_deref() == Some(owner)).unwrap()
    };
    let plant = line("Plant");
    assert_eq!((plant.count, plant.moving, plant.today), (1, 0, plant.proposed));
    assert_eq!((plant.change, plant.today_labour), (Some(Cents::default()), plant.proposed_labour));
    let archive = line("Archive");
    assert_eq!(archive.today_missing, archive.proposed_missing);
    assert_eq!(
        (archive.today_missing[0].input.as_str(), archive.today_missing[0].count),
        ("cpu_busy_ratio", 1)
    );
    assert_eq!(line("Finance").moving, 1);
    let names: Vec<_> = case.showback().owners.iter().map(|line| line.owner.as_deref()).collect();
    assert_eq!(names, [Some("Archive"), Some("Finance"), Some("IT"), Some("Plant")]);
    assert_eq!(case.showback().applications.len(), 1, "nobody has said what they belong to");
}

#[test]
fn without_servers_nothing_and_without_a_plan_no_rate() {
    assert_eq!(Case::new(Vec::new()).assessment.showback, None);
    let case = Case::new(vec![server("old", &[])]);
    assert_eq!((case.catalogue().entries.len(), case.showback().unsold), (0, None));
    assert_eq!(case.catalogue().pool.missing, ["plan"]);
    assert_eq!(case.showback().total.count, 1);
    let alone = Case::new(vec![web(0)]);
    assert_eq!((alone.catalogue().sizes.len(), alone.showback().total.moving), (1, 1));
}

/// Servers of every sort: measured or not, of some owner or none, leased at a rate or at one nobody knows.
fn any_server() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let pick =
        |options: &'static [(&'static str, &'static str)]| prop::option::of(prop::sample::select(options));
    let facts = (
        pick(&[("owner", "Finance"), ("owner", "Sales"), ("owner", "")]),
        pick(&[("application", "erp"), ("application", "crm")]),
        pick(&[
            ("criticality", "high"),
            ("criticality", "low"),
            ("environment", "production"),
            ("environment", "test"),
        ]),
        pick(&[("annual_maintenance_cost", "333.33"), ("annual_maintenance_cost", "0")]),
        pick(&[("lease_end", "2028-01-01"), ("annual_lease_cost", "777.77")]),
        pick(&[("special_hardware", "USB dongle"), ("memory_bytes", "256000000000")]),
    );
    facts.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].into_iter().flatten().collect())
}

fn random() -> impl Strategy<Value = Case> {
    let one = (any_server(), 0..6_usize, 1..8_u32, 1..50_u32);
    prop::collection::vec(one, 1..9).prop_map(|servers| {
        let mut made = Vec::new();
        for (n, (facts, weeks, cpu, gb)) in servers.into_iter().enumerate() {
            let weeks = if weeks == 0 { 0 } else { 5 };
            let load = (f64::from(cpu) / 10.0, f64::from(gb) * 1e9);
            let mut server = with(ordinary(&format!("s{n}"), weeks, load.0, load.1), &facts);
            if n % 3 == 0 {
                server.facts.remove("owner");
            }
            made.push(server);
        }
        Case::new(made)
    })
}

fn sum(lines: &[ShowbackLine], of: fn(&ShowbackLine) -> Cents) -> Cents {
    lines.iter().map(of).fold(Cents::default(), Cents::plus)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn parts_add_up_to_the_cent(case in random()) {
        let (showback, catalogue) = (case.showback(), case.catalogue());
        let total = &showback.total;
        for lines in [&showback.owners, &showback.applications] {
            let of: [fn(&ShowbackLine) -> Cents; 4] =
                [|l| l.today, |l| l.proposed, |l| l.today_labour, |l| l.proposed_labour];
            for of in of {
                prop_assert_eq!(sum(lines, of), of(total));
            }
            prop_assert_eq!(lines.iter().map(|line| line.count).sum::<usize>(), case.assessment.readiness.servers.len());
            for line in lines {
                let parts = line.parts.iter().map(|part| part.amount).fold(Cents::default(), Cents::plus);
                prop_assert_eq!(parts, line.today);
            }
        }
        // The pool, sold and unsold, and what stays, make what is proposed and not shown to anybody.
        if let (Some(cash), Some(unsold)) = (catalogue.pool.cash, showback.unsold) {
            let sold = catalogue.entries.iter().map(|entry| entry.rate.unwrap().times(entry.count));
            prop_assert_eq!(sold.fold(Cents::default(), Cents::plus).plus(unsold), cash);
            // Cents of rounding for each virtual machine, no more.
            prop_assert!(unsold.base >= -(total.moving as i64), "{:?}", unsold);
        }
        for amount in [total.today, total.proposed, total.today_labour].iter().chain(&catalogue.pool.cash) {
            prop_assert!(amount.low <= amount.base && amount.base <= amount.high, "{:?}", amount);
        }
    }

    #[test]
    fn a_dearer_input_lowers_no_rate(case in random(), which in 0..32_usize, factor in 1.0..3.0_f64) {
        let names: Vec<String> = case.policy.value.resolved().into_keys().collect();
        let name = &names[which % names.len()];
        // More of these costs less: they last longer, or one looks after more; and the share only moves cost about.
        let is_cost = !["server_life", "servers_per_admin_physical", "servers_per_admin_virtual", "pool_cpu_share"].contains(&name.as_str());
        let (dearer, showback) = case.at(|constants| {
            let value = &mut constants.get_mut(name).unwrap().value;
            let factor = if is_cost { factor } else { 1.0 };
            *value = Range { low: value.low * factor, base: value.base * factor, high: value.high * factor };
        });
        for (dear, plain) in dearer.entries.iter().zip(&case.catalogue().entries) {
            let (dear, plain) = (dear.rate.unwrap(), plain.rate.unwrap());
            prop_assert!(dear.low >= plain.low && dear.base >= plain.base && dear.high >= plain.high, "{}", name);
        }
        let (dear, plain) = (showback.total.today, case.showback().total.today);
        prop_assert!(dear.low >= plain.low && dear.base >= plain.base && dear.high >= plain.high, "{}", name);
    }

    #[test]
    fn what_is_not_known_is_not_counted_as_nothing(case in random()) {
        for line in &case.showback().owners {
            let servers = case.estate.servers.iter().filter(|server| server.text("owner") == line.owner.as_deref());
            let lacking = servers.filter(|server| server.text("lease_end").is_some() && server.number("annual_lease_cost").is_none());
            let named = line.today_missing.iter().find(|missing| missing.input == "annual_lease_cost");
            prop_assert_eq!(named.map_or(0, |missing| missing.count), lacking.count());
            let moves = |input: &str| line.today_missing.iter().any(|missing| missing.input == input) && line.count == line.moving;
            prop_assert!(!(moves("annual_lease_cost") && line.change.is_some()));
        }
    }
}

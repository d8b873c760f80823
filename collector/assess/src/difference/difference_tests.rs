//! Parts add up on any pair of estates, and causes are told apart.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::assess;
use crate::estate::Server;
use crate::policy::PackingPolicy;
use crate::testing::{MONDAY, ordinary, server, week, window};
use cairn_schemas::assessment::{Range, Resource};
use cairn_schemas::change::{VerdictLevel, VerdictReason};
use cairn_schemas::time::{Timestamp, WEEK_S, Window};

/// `SplitMix64`, so that a failing seed fails again.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 33) as usize % count
    }
}

/// Plans are found quickly here; how well is not asked.
fn quick() -> Policy {
    let packing =
        PackingPolicy { search_steps_per_server: 20, trial_steps_per_server: 2, ..Default::default() };
    Policy { packing, scenarios: Vec::new(), ..Policy::default() }
}

fn estate(weeks: i64, servers: Vec<Server>) -> Estate {
    Estate { engagement: "test".into(), window: window(weeks), servers, ..Estate::default() }
}

fn office() -> Estate {
    estate(2, (0..6).map(|n| ordinary(&format!("s{n}"), 2, 0.2, 2e10)).collect())
}

/// An assessment; what a difference computes in its stead has the same figures.
fn assessed(estate: &Estate, policy: &Policy) -> Assessment {
    let whole = assess(estate, policy, estate.window.to);
    let mut outlined = compared::bare(&assess(&Estate::default(), &quick(), Timestamp(0)));
    crate::assess::outline(estate, policy, estate.window.to, &mut outlined);
    assert_eq!(figures::steps(&outlined), figures::steps(&whole));
    whole
}

/// The difference of two estates and policies, with their inputs; it adds up without them too.
fn told(a: (&Estate, &Policy), b: (&Estate, &Policy)) -> AssessmentChange {
    let (before, after) = (assessed(a.0, a.1), assessed(b.0, b.1));
    let of = |a_inputs, b_inputs| {
        let told = difference(
            &Side { assessment: &before, inputs: a_inputs },
            &Side { assessment: &after, inputs: b_inputs },
        );
        adds_up(&told);
        told
    };
    assert_eq!(of(None, Some(b)).basis, ChangeBasis::Compared);
    of(Some(a), Some(b))
}

fn adds_up(told: &AssessmentChange) {
    for figure in &told.figures {
        let sum: i64 = figure.parts.iter().map(|part| part.change).sum();
        assert_eq!(figure.change.unwrap_or(0), sum, "{figure:?}");
    }
}

/// The causes that changed a figure.
fn causes(told: &AssessmentChange, figure: &str) -> Vec<Cause> {
    let figure = told.figures.iter().find(|f| f.id == figure).unwrap();
    figure.parts.iter().map(|part| part.cause).collect()
}

/// Every cause that changed any figure.
fn all_causes(told: &AssessmentChange) -> Vec<Cause> {
    let mut causes: Vec<Cause> = told.figures.iter().flat_map(|f| &f.parts).map(|part| part.cause).collect();
    causes.sort();
    causes.dedup();
    causes
}

fn loaded(estate: &Estate, name: &str, cpu: f64) -> Estate {
    let mut estate = estate.clone();
    let server = estate.servers.iter_mut().find(|server| server.name == name).unwrap();
    let value = |resource, _| match resource {
        Resource::Cpu => cpu,
        Resource::Memory => 2e10,
        Resource::Disk | Resource::Network => 1e6,
    };
    server.weeks = (0..server.weeks.len() as i64).map(|n| week(n, value)).collect();
    estate
}

fn said(estate: &Estate, name: &str, facts: &[(&str, &str)]) -> Estate {
    let mut estate = estate.clone();
    let known = estate.servers.iter_mut().find(|server| server.name == name).unwrap();
    known.facts.extend(server("", facts).facts);
    estate
}

#[test]
fn nothing_changed_is_nothing() {
    let (office, policy) = (office(), quick());
    let told = told((&office, &policy), (&office, &policy));
    assert_eq!(told.basis, ChangeBasis::Recomputed);
    assert_eq!((all_causes(&told), told.servers.len()), (vec![], 0));
    assert_eq!(told.verdict.level, VerdictLevel::Nothing);
}

#[test]
fn a_rule_a_policy_and_a_server_are_told_apart() {
    let (office, policy) = (office(), quick());
    let mut other_rule = policy.clone();
    other_rule.readiness.fit_shares = [0.001, 0.002, 0.003];
    assert_eq!(all_causes(&told((&office, &policy), (&office, &other_rule))), [Cause::Rules]);

    let mut rule_off = policy.clone();
    rule_off.rules_off.insert("steadiness".into(), "asked so".into());
    let by_rule = told((&office, &policy), (&office, &rule_off));
    assert_eq!(causes(&by_rule, "readiness_score"), [Cause::Rules]);

    let mut other_policy = policy.clone();
    other_policy.limits.memory_ratio = 0.05;
    let by_policy = told((&office, &policy), (&office, &other_policy));
    assert_eq!(causes(&by_policy, "hosts"), [Cause::Policy]);
    assert_eq!(all_causes(&by_policy), [Cause::Policy]);

    let grown = loaded(&office, "s3", 0.9);
    let by_server = told((&office, &policy), (&grown, &policy));
    assert_eq!(all_causes(&by_server), [Cause::Grown]);
    assert_eq!(by_server.servers[0].server, "s3");
    assert_eq!(by_server.servers[0].load.unwrap().resource, Resource::Cpu);

    let all = told((&office, &policy), (&grown, &Policy { readiness: other_rule.readiness, ..other_policy }));
    assert_eq!(causes(&all, "readiness_score"), [Cause::Grown, Cause::Rules]);
    assert_eq!(causes(&all, "hosts"), [Cause::Policy]);
}

#[test]
fn what_became_of_servers_is_told() {
    let (office, policy) = (office(), quick());
    let check = |after: Estate, cause: Cause, figure: &str| {
        let told = told((&office, &policy), (&after, &policy));
        assert_eq!(causes(&told, figure), [cause], "{figure}");
        assert_eq!(told.causes, [CauseCount { cause, servers: 1 }]);
    };
    let mut gone = office.clone();
    gone.servers.remove(2);
    check(gone.clone(), Cause::Gone, "servers_assessed");
    check(said(&office, "s1", &[("virtualization", "kvm")]), Cause::BecameVirtual, "virtualised_share_ratio");
    check(said(&office, "s1", &[("retire", "true")]), Cause::Retired, "servers_assessed");
    check(loaded(&office, "s4", 0.01), Cause::Shrunk, "annual_cash");
    check(said(&office, "s4", &[("appliance", "true")]), Cause::Knowledge, "servers_blocked");
    let back = told((&gone, &policy), (&office, &policy));
    assert_eq!(causes(&back, "servers_assessed"), [Cause::New]);
}

#[test]
fn measuring_on_is_no_growth() {
    let policy = quick();
    let long = |weeks: i64| estate(5, (0..6).map(|n| ordinary(&format!("s{n}"), weeks, 0.2, 2e10)).collect());
    let told = told((&long(1), &policy), (&long(5), &policy));
    assert_eq!(causes(&told, "coverage_ratio"), [Cause::DataQuality]);
    assert_eq!(all_causes(&told), [Cause::DataQuality]);
    assert_eq!(told.servers, []);
}

#[test]
fn a_method_and_lost_inputs_are_told() {
    let (office, policy) = (office(), quick());
    let grown = loaded(&office, "s3", 0.9);
    let (mut before, after) = (assessed(&office, &policy), assessed(&grown, &policy));
    before.consolidation.as_mut().unwrap().hosts += 3;
    let of = |before: &Assessment, inputs: bool, estate: &Estate| {
        let a = Side { assessment: before, inputs: inputs.then_some((estate, &policy)) };
        let told = difference(&a, &Side { assessment: &after, inputs: Some((&grown, &policy)) });
        adds_up(&told);
        told
    };
    assert_eq!(causes(&of(&before, true, &office), "hosts"), [Cause::Remainder], "nobody knows why");
    before.method_version = "0".into();
    assert_eq!(causes(&of(&before, true, &office), "hosts"), [Cause::Method]);
    let since = said(&office, "s1", &[("owner", "somebody")]);
    let told = of(&before, true, &since);
    assert_eq!((told.basis, causes(&told, "hosts")), (ChangeBasis::RecomputedSince, vec![Cause::Remainder]));
    before.method_version.clone_from(&after.method_version);
    let told = of(&before, false, &office);
    assert_eq!((told.basis, causes(&told, "hosts")), (ChangeBasis::Compared, vec![Cause::Remainder]));
    assert_eq!(causes(&told, "readiness_score"), [Cause::Grown]);
}

#[test]
fn without_inputs_the_only_cause_there_can_be_is_named() {
    let (office, policy) = (office(), quick());
    let mut other = policy.clone();
    other.limits.memory_ratio = 0.05;
    let (before, after) = (assessed(&office, &policy), assessed(&office, &other));
    let side = |assessment| Side { assessment, inputs: None };
    let told = difference(&side(&before), &side(&after));
    adds_up(&told);
    assert_eq!(all_causes(&told), [Cause::Policy]);
}

#[test]
fn drift_and_triggers_are_told_by_their_thresholds() {
    let check = |change: &dyn Fn(&mut Assessment), level: VerdictLevel, reasons: usize| {
        let before = assessed(&office(), &quick());
        let mut after = before.clone();
        change(&mut after);
        let verdict = verdict(&before, &after);
        assert_eq!((verdict.level, verdict.reasons.len()), (level, reasons), "{verdict:?}");
    };
    check(&|a| a.readiness.score = a.readiness.score.map(|s| s - 2.9), VerdictLevel::Nothing, 0);
    check(&|a| a.readiness.score = a.readiness.score.map(|s| s - 3.1), VerdictLevel::Drift, 1);
    check(&|a| a.readiness.score = None, VerdictLevel::Drift, 1);
    check(&|a| a.value.annual_cash.base *= 1.05, VerdictLevel::Nothing, 0);
    check(&|a| a.value.annual_cash.base *= 1.11, VerdictLevel::Drift, 1);
    check(&|a| a.consolidation.as_mut().unwrap().hosts += 1, VerdictLevel::Drift, 1);
    let other_state = |a: &mut Assessment| {
        let state = &mut a.journey.triggers[0].state;
        *state = match state {
            cairn_schemas::assessment::TriggerState::Met => cairn_schemas::assessment::TriggerState::Unmet,
            _ => cairn_schemas::assessment::TriggerState::Met,
        };
    };
    check(&other_state, VerdictLevel::TriggerChanged, 1);
    check(
        &|a| {
            other_state(a);
            a.readiness.score = None;
        },
        VerdictLevel::TriggerChanged,
        2,
    );
    let verdict = verdict(&assessed(&office(), &quick()), &{
        let mut after = assessed(&office(), &quick());
        other_state(&mut after);
        after
    });
    assert!(matches!(&verdict.reasons[..], [VerdictReason::Trigger { phase: 1.., .. }]));
}

/// A random server: measured or not, virtual or not, known well or badly.
fn drawn(name: &str, weeks: i64, random: &mut Random) -> Server {
    let ratio = |random: &mut Random| random.below(1_000) as f64 / 1_000.0;
    let (cpu, memory) = (ratio(random), 1e9 + 6e10 * ratio(random));
    let mut drawn = ordinary(name, if random.below(8) == 0 { 0 } else { weeks }, cpu, memory);
    let facts: &[(&str, &str)] = match random.below(8) {
        0 => &[("virtualization", "kvm")],
        1 => &[("retire", "true")],
        2 => &[("appliance", "true")],
        3 => &[("owner", "somebody"), ("role", "database")],
        4 => &[("site", "b")],
        _ => &[],
    };
    drawn.facts.extend(server("", facts).facts);
    drawn
}

/// What time makes of an estate.
fn later(estate: &Estate, random: &mut Random) -> Estate {
    let weeks = 1 + random.below(3) as i64;
    let shift = random.below(2) as i64 * WEEK_S;
    let mut servers = Vec::new();
    for before in &estate.servers {
        match random.below(6) {
            0 => {}
            1 => servers.push(drawn(&before.name, weeks, random)),
            2 => servers.push(Server { facts: drawn("", 0, random).facts, ..before.clone() }),
            3 => servers.push(Server { weeks: drawn("", weeks, random).weeks, ..before.clone() }),
            _ => servers.push(before.clone()),
        }
    }
    servers.extend((0..random.below(3)).map(|n| drawn(&format!("new{n}"), weeks, random)));
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    let window =
        Window { from: Timestamp(MONDAY.0 + shift), to: Timestamp(MONDAY.0 + shift + weeks * WEEK_S) };
    Estate { window, servers, ..estate.clone() }
}

/// A policy with other prices: hosts, power, servers, places, and a project of another length.
fn repriced(policy: &mut Policy, random: &mut Random) {
    let mut times = |range: &mut Range| {
        let factor = 0.25 + random.below(4_000) as f64 / 1_000.0;
        *range = Range { low: range.low * factor, base: range.base * factor, high: range.high * factor };
    };
    times(&mut policy.template.price);
    for name in ["electricity_price", "server_price", "rack_unit_cost", "project_months"] {
        let mut constant = policy.value.resolved()[name].clone();
        times(&mut constant.value);
        policy.value.constants.insert(name.to_owned(), constant);
    }
}

#[test]
fn parts_add_up_on_200_random_pairs_of_estates() {
    let mut seen: BTreeMap<Cause, usize> = BTreeMap::new();
    for seed in 0..200 {
        let random = &mut Random(seed);
        let servers = (0..1 + random.below(6)).map(|n| drawn(&format!("s{n}"), 1, random)).collect();
        let before = estate(1, servers);
        let after = if random.below(10) == 0 { before.clone() } else { later(&before, random) };
        let (policy, mut other) = (quick(), quick());
        match random.below(5) {
            0 => other.limits.cpu_ratio = 0.5,
            1 => other.readiness.fit_shares = [0.01, 0.02, 0.03],
            2 => other.value.currency = "EUR".into(),
            _ => {}
        }
        if random.below(2) == 0 {
            repriced(&mut other, random);
        }
        let told = told((&before, &policy), (&after, &other));
        assert_eq!(told.basis, ChangeBasis::Recomputed, "seed {seed}");
        assert!(!all_causes(&told).contains(&Cause::Remainder), "seed {seed}");
        all_causes(&told).into_iter().for_each(|cause| *seen.entry(cause).or_default() += 1);
    }
    // A cause that no pair shows is tested by nothing.
    for cause in Cause::ALL
        .into_iter()
        .filter(|cause| !matches!(cause, Cause::Method | Cause::Remainder | Cause::Rhythm))
    {
        assert!(seen.contains_key(&cause), "{cause:?} in {seen:?}");
    }
}

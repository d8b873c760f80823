//! Promised and arrived: cash from the last step on and not before, and never against what an agent reports.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::Server;
use crate::testing::{MONDAY, ordinary, server, window};
use cairn_schemas::assessment::{Assessment, ExclusionReason, Range, Verdict, Wave};
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::outcome::{
    Baseline, Basis, Cause, Delay, Forecast, HostsCost, Outcome, Promise, Realisation, RunningCost,
    SignedBaseline, Witness,
};
use cairn_schemas::time::{DAY_S, Window};

fn day(n: i64) -> Timestamp {
    Timestamp(MONDAY.0 + n * DAY_S)
}

const ORDER: [StepKind; 5] = [
    StepKind::Planned,
    StepKind::Moved,
    StepKind::PoweredOff,
    StepKind::Decommissioned,
    StepKind::ContractEnded,
];

/// A server's share of the hosts.
const HOSTS: HostsCost = HostsCost {
    once: Range { low: 80.0, base: 100.0, high: 120.0 },
    annual: Range { low: 20.0, base: 30.0, high: 50.0 },
};

/// The first `steps` steps of a server, a day each; due on day 10, costing 10 for energy, 20 for space, 300 contract.
fn steps(name: &str, steps: usize) -> Vec<Step> {
    let cost = RunningCost { energy: Range::of(10.0), space: Range::of(20.0), contract: Range::of(300.0) };
    let forecast = Forecast { class: "web".into(), cpu_mhz_p95: Some(4_000.0), memory_bytes_p95: Some(1e9) };
    let promise = Promise {
        due: day(10),
        assessment: Some(1),
        wave: Some(1),
        cost: Some(cost),
        hosts: Some(HOSTS),
        forecast: Some(forecast),
    };
    let step = |(n, kind): (usize, &StepKind)| Step {
        id: n as u64 + 1,
        server: name.into(),
        step: *kind,
        on: day(n as i64),
        by: "Ada".into(),
        witness: Witness::Person,
        ticket: None,
        words: String::new(),
        source: "test".into(),
        promise: (*kind == StepKind::Planned).then(|| promise.clone()),
    };
    ORDER.iter().enumerate().take(steps).map(step).collect()
}

fn fact(server: &mut Server, name: &str, value: FactValue) {
    let fact = Fact {
        value,
        unit: String::new(),
        source: "test".into(),
        observed_at: MONDAY,
        valid_from: None,
        confirmed_by: None,
    };
    server.facts.insert(name.into(), vec![fact]);
}

/// A server that was last heard of before the register begins.
fn silent(name: &str) -> Server {
    let mut server = ordinary(name, 1, 0.2, 1e9);
    server.weeks.clear();
    server
}

fn estate(servers: Vec<Server>, register: Register) -> Estate {
    let mut servers = servers;
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    Estate { servers, window: window(4), outcomes: register, ..Estate::default() }
}

fn found(estate: &Estate, now: Timestamp) -> Realised {
    realised(estate, &Policy::default(), now).unwrap()
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.message_id.as_str()).collect()
}

#[test]
fn cash_is_there_from_the_last_step_on_and_not_before() {
    let check = |made: usize, contract: bool, now: i64, expected: (ProgressState, f64, f64, &str)| {
        let mut server = silent("a");
        if contract {
            fact(&mut server, "annual_maintenance_cost", FactValue::Number(300.0));
        }
        let register = Register { steps: steps("a", made), ..Register::default() };
        let found = found(&estate(vec![server], register), day(now));
        let a = &found.servers[0];
        let is = (a.state, a.realised_annual_cash.base, a.still_paid_annual_cash.base, ids(&a.why)[0]);
        assert_eq!(is, expected, "{made} steps, contract {contract}, day {now}");
        assert_eq!(found.totals.realised_annual_cash, a.realised_annual_cash);
    };
    use ProgressState::{Arrived, Late, UnderWay};
    check(1, false, 9, (UnderWay, 0.0, 0.0, "realised.not-moved"));
    check(1, false, 10, (UnderWay, 0.0, 0.0, "realised.not-moved"));
    check(1, false, 11, (Late, 0.0, 0.0, "realised.not-moved"));
    check(2, false, 11, (Late, 0.0, 330.0, "realised.still-runs"));
    check(3, false, 11, (Late, 0.0, 320.0, "realised.not-decommissioned"));
    check(4, false, 11, (Arrived, 330.0, 0.0, "realised.arrived"));
    check(4, true, 11, (Late, 0.0, 300.0, "realised.contract-runs"));
    check(5, true, 11, (Arrived, 330.0, 0.0, "realised.arrived"));
    // What has not happened yet by the moment looked from does not count.
    check(5, true, 3, (UnderWay, 0.0, 300.0, "realised.contract-runs"));
}

#[test]
fn an_agent_that_still_reports_contradicts_the_register() {
    let register = || Register { steps: steps("a", 4), ..Register::default() };
    let reporting = ordinary("a", 2, 0.2, 1e9);
    let both = found(&estate(vec![reporting.clone()], register()), day(20));
    let a = &both.servers[0];
    assert_eq!((a.reported_on, ids(&a.why)[0]), (Some(day(13)), "realised.contradicted"));
    assert_eq!(
        (a.state, a.realised_annual_cash.base, a.still_paid_annual_cash.base),
        (ProgressState::Late, 0.0, 330.0)
    );
    assert_eq!((both.totals.contradicted, both.totals.still_running, both.totals.arrived), (1, 1, 0));
    assert!(ids(&both.findings).contains(&"realised.contradictions"));

    // Off is off, what was measured until then contradicts nothing, and its virtual successor is another machine.
    let mut off = reporting.clone();
    off.weeks.iter_mut().for_each(|week| week.off_s = week.covered_s);
    let mut until = reporting.clone();
    until.weeks.truncate(1);
    until.weeks[0].covered_s[3..].fill(0);
    let mut guest = reporting;
    fact(&mut guest, "virtualization", FactValue::Text("kvm".into()));
    for server in [off, until, guest] {
        let found = found(&estate(vec![server], register()), day(20));
        assert_eq!((found.totals.contradicted, found.totals.arrived), (0, 1));
    }
}

#[test]
fn what_arrived_is_less_by_what_the_hosts_cost_since_they_were_promised() {
    // A year after its last step on day 3; the hosts were promised on day 0. Another one never moved.
    let year = |n: i64| Timestamp(day(n).0 + 36_525 * DAY_S / 100);
    let register = Register { steps: [steps("a", 4), steps("b", 1)].concat(), ..Register::default() };
    let servers = || vec![silent("a"), silent("b")];
    let all = found(&estate(servers(), register.clone()), year(3));
    let net = all.net.unwrap();
    let (one, since) = (365.0 / 365.25, 368.0 / 365.25);
    let near = |range: Range, low: f64, base: f64, high: f64| {
        let pairs = [(range.low, low), (range.base, base), (range.high, high)];
        assert!(
            pairs.iter().all(|(is, expected)| (is - expected).abs() < 1e-9),
            "{range:?}: {low} {base} {high}"
        );
    };
    near(net.gross_cash, 330.0 * one, 330.0 * one, 330.0 * one);
    let cost = |once: f64, annual: f64| 2.0 * (once + annual * since);
    near(net.hosts_cash.unwrap(), cost(80.0, 20.0), cost(100.0, 30.0), cost(120.0, 50.0));
    let left = |once: f64, annual: f64| 330.0 * one - cost(once, annual);
    near(net.net_cash.unwrap(), left(120.0, 50.0), left(100.0, 30.0), left(80.0, 20.0));
    near(net.net_annual_cash.unwrap(), 330.0 - 100.0, 330.0 - 60.0, 330.0 - 40.0);
    assert!(ids(&all.findings).contains(&"realised.net"));

    // Hosts that nobody put a figure to cost an unknown amount, not nothing.
    let mut unknown = register;
    unknown.steps[4].promise.as_mut().unwrap().hosts = None;
    let all = found(&estate(servers(), unknown), year(3));
    let net = all.net.unwrap();
    assert_eq!((net.hosts_unknown, net.hosts_cash, net.net_cash), (1, None, None));
    assert_eq!((net.hosts_annual_cash, net.net_annual_cash), (None, None));
    near(net.gross_cash, 330.0 * one, 330.0 * one, 330.0 * one);
    assert!(ids(&all.findings).contains(&"realised.hosts-unknown"));
    assert_eq!(realised(&Estate::default(), &Policy::default(), day(1)), None);
}

#[test]
fn all_waves_together_cost_what_the_hosts_of_the_plan_do() {
    let servers: Vec<Server> = (0..9).map(|n| ordinary(&format!("s{n}"), 4, 0.3, 2e10)).collect();
    let mut policy = Policy::default();
    policy.waves.servers_max = 4;
    let mut assessed = crate::assess(&estate(servers, Register::default()), &policy, window(4).to);
    let cost = crate::hosts_cost(&assessed, &policy).unwrap();
    let line = |id: &str| assessed.value.lines.iter().find(|line| line.id == id).unwrap().amount;
    assert_eq!((cost.once.low, cost.once.base), (-line("hosts").high, -line("hosts").base));
    assert!(
        cost.annual.low > 0.0 && cost.annual.low < cost.annual.base && cost.annual.base < cost.annual.high
    );
    let check = |assessed: &Assessment| {
        let share = |wave: &Wave| {
            hosts_share(assessed, wave.number, &policy).unwrap().part(wave.servers.len() as f64)
        };
        let sum = assessed.waves.iter().map(share).fold(HostsCost::default(), HostsCost::plus);
        assert!(
            (sum.once.base - cost.once.base).abs() < 1e-6
                && (sum.annual.high - cost.annual.high).abs() < 1e-6
        );
    };
    assert!(assessed.waves.len() > 1);
    check(&assessed);
    assert!(hosts_share(&assessed, 1, &policy).unwrap().once.base > 0.0, "the first wave needs hosts");
    assessed.waves[0].cumulative_hosts = None;
    check(&assessed);
    assessed.consolidation = None;
    assert_eq!(hosts_share(&assessed, 1, &policy), None);
}

#[test]
fn a_delay_has_whoever_named_it_and_what_it_has_cost() {
    let delay = Delay {
        server: "a".into(),
        cause: Cause::Customer,
        words: "change freeze".into(),
        by: "Bob".into(),
        on: day(12),
        source: "test".into(),
    };
    let register = Register { steps: steps("a", 2), delays: vec![delay], ..Register::default() };
    let estate = estate(vec![silent("a")], register);
    let before = found(&estate, day(11));
    assert_eq!(
        ids(&before.servers[0].why),
        ["realised.still-runs", "realised.not-seen", "realised.no-reason"]
    );
    let now = found(&estate, Timestamp(day(1).0 + 36_525 * DAY_S / 100));
    let a = &now.servers[0];
    assert_eq!((a.cause, a.days_late), (Some(Cause::Customer), Some(356)));
    assert!((a.paid_since_move.base - 330.0 * 365.0 / 365.25).abs() < 1e-9, "{a:?}");
}

#[test]
fn what_is_seen_is_counted_once_and_growth_is_growth() {
    let mut copy = ordinary("a-copy", 2, 0.2, 1e9);
    fact(&mut copy, "virtualization", FactValue::Text("kvm".into()));
    fact(&mut copy, "moved_from", FactValue::Text("a".into()));
    let virtual_ = |name: &str, seen: i64| {
        let mut guest = server(name, &[("virtualization", "vmware")]);
        guest.facts.values_mut().flatten().for_each(|fact| fact.observed_at = day(seen));
        guest.first_seen = Some(day(seen));
        guest
    };
    let host = server("host", &[("hypervisor_role", "true"), ("virtualization", "none")]);
    let servers = vec![silent("a"), copy, silent("b"), virtual_("new", 5), virtual_("old", -90), host];
    let register = Register { steps: [steps("a", 2), steps("b", 1)].concat(), ..Register::default() };
    let estate = estate(servers, register);
    let seen = found(&estate, day(20)).estate;
    assert_eq!((seen.virtual_workloads, seen.physical_workloads, seen.hosts), (3, 1, 1));
    assert_eq!((seen.virtualised_share_ratio, seen.consolidation_ratio), (Some(0.75), Some(3.0)));
    assert_eq!((seen.reappeared, seen.grown), (vec!["a".to_owned()], vec!["new".to_owned()]));

    let assessed = crate::assess(&estate, &Policy::default(), day(20));
    assert_eq!(assessed.journey.virtualised_share_ratio, Some(0.75), "the journey counts it once too");
    let reason = |name: &str| assessed.estate.excluded.iter().find(|e| e.server == name).map(|e| e.reason);
    assert_eq!((reason("a"), reason("b")), (Some(ExclusionReason::Moved), None), "planned no second time");
}

#[test]
fn an_estimate_is_no_outcome() {
    let realised = |basis, indicator: f64, on| Realisation {
        indicator,
        value: Some(indicator * 100.0),
        basis,
        cause: Some(Cause::Environment),
        words: "supplier".into(),
        by: "Ada".into(),
        on: day(on),
        source: "test".into(),
    };
    let check = |said: Vec<Realisation>, now: i64, expected: (ProgressState, Option<f64>, Option<f64>)| {
        let outcome = Outcome {
            id: 1,
            outcome: "fewer machines".into(),
            owner: "Ada".into(),
            unit: "servers".into(),
            baseline: 20.0,
            baseline_on: day(0),
            baseline_source: String::new(),
            target: 10.0,
            due: day(10),
            planned: Some(1_500.0),
            value_unit: "EUR/year".into(),
            by: "Ada".into(),
            on: day(0),
            source: "test".into(),
            realised: said,
        };
        let found = outcomes::state(&outcome, day(now));
        assert_eq!((found.state, found.reached_ratio, found.variance), expected);
    };
    use ProgressState::{Arrived, Late, UnderWay};
    check(vec![], 5, (UnderWay, None, None));
    check(vec![], 11, (Late, None, None));
    check(vec![realised(Basis::Estimated, 5.0, 4)], 11, (Late, None, None));
    check(vec![realised(Basis::Measured, 15.0, 4)], 11, (Late, Some(0.5), Some(0.0)));
    check(vec![realised(Basis::OwnerConfirmed, 10.0, 4)], 11, (Arrived, Some(1.0), Some(-500.0)));
    let both = vec![realised(Basis::Measured, 15.0, 4), realised(Basis::Estimated, 5.0, 6)];
    check(both, 11, (Late, Some(0.5), Some(0.0)));
    check(vec![realised(Basis::Measured, 8.0, 12)], 11, (Late, None, None));
}

/// A server of even load before, its copy of another after, the move on day 14.
fn moved_estate(load_after: f64, is_intact: bool, frozen: i64) -> Estate {
    let before = ordinary("a", 2, 0.2, 1e9);
    let mut copy = ordinary("a-copy", 4, load_after, 1e9);
    copy.weeks.drain(..2);
    fact(&mut copy, "virtualization", FactValue::Text("kvm".into()));
    fact(&mut copy, "moved_from", FactValue::Text("a".into()));
    let measured = Window { from: day(0), to: day(14) };
    let baseline = Baseline {
        engagement: String::new(),
        server: "a".into(),
        window: measured,
        frozen_on: day(frozen),
        by: "Ada".into(),
        tolerance_ratio: 0.1,
        cpu_limit_ratio: 0.8,
        metrics: profile(&before, measured, &Policy::default()),
    };
    let signed =
        SignedBaseline { id: 1, baseline, public_key: String::new(), signature: String::new(), is_intact };
    let mut steps = steps("a", 2);
    steps[1].on = day(14);
    estate(vec![before, copy], Register { steps, baselines: vec![signed], ..Register::default() })
}

#[test]
fn a_bad_result_is_as_plain_as_a_good_one() {
    let check = |load: f64, intact: bool, frozen: i64, verdict: Verdict, said: &[&str]| {
        let found = found(&moved_estate(load, intact, frozen), day(28));
        let sheet = &found.before_after[0];
        assert_eq!((sheet.verdict, &ids(&sheet.findings)[..]), (verdict, said), "load {load}");
    };
    let no_latency = "before-after.no-latency";
    check(0.2, true, 14, Verdict::Kept, &[no_latency]);
    check(0.5, true, 14, Verdict::Kept, &["before-after.load-differs", no_latency]);
    check(0.9, true, 14, Verdict::Worse, &["before-after.load-differs", no_latency]);
    check(0.2, false, 14, Verdict::Unknown, &["before-after.touched"]);
    check(0.2, true, 15, Verdict::Unknown, &["before-after.frozen-after"]);

    let found = found(&moved_estate(0.5, true, 14), day(28));
    let cpu = &found.before_after[0].metrics[0];
    assert_eq!(cpu.hours, 168);
    assert!((cpu.before - 0.2).abs() < 1e-4 && (cpu.after - 0.5).abs() < 1e-4, "{cpu:?}");
    let cpu = &found.prediction[0];
    assert_eq!((cpu.class.as_str(), cpu.resource.as_str(), cpu.servers), ("web", "cpu_mhz", 1));
    assert!(cpu.actual > cpu.forecast && cpu.comfort_factor.is_none(), "{cpu:?}");
}

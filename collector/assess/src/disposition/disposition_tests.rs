//! What becomes of servers, and how long it takes.
// SPDX-License-Identifier: Apache-2.0

use super::duration::times;
use crate::assess;
use crate::estate::{Estate, Server};
use crate::policy::{Freeze, MigrationPolicy, Policy};
use crate::testing::{ordinary, server, week, window};
use cairn_schemas::assessment::{Disposition, Fit, Method, Path, Range, Resource};
use cairn_schemas::time::{HOUR_S, Timestamp};
use proptest::prelude::*;

/// 200 GB in use on disks of 500 GB, on a link of 1 Gbit/s, that writes at most 1 MB/s.
fn web(facts: &[(&str, &str)], forget: &[&str]) -> Server {
    let mut web = ordinary("web", 4, 0.10, 10e9);
    let usual = [("disk_used_bytes", "200000000000"), ("network_bytes_per_s", "125000000")];
    web.facts.extend(server("", &usual).facts);
    web.facts.extend(server("", facts).facts);
    web.facts.retain(|name, _| !forget.contains(&name.as_str()));
    web
}

fn disposed_by(policy: &Policy, web: Server) -> Disposition {
    let estate = Estate { window: window(4), servers: vec![web], ..Estate::default() };
    assess(&estate, policy, estate.window.to).dispositions.remove(0)
}

fn disposed(web: Server) -> Disposition {
    disposed_by(&Policy::default(), web)
}

fn check(facts: &[(&str, &str)], forget: &[&str], path: Path, method: Option<Method>, said: &str) {
    let disposition = disposed(web(facts, forget));
    assert_eq!((disposition.path, disposition.method), (path, method), "{facts:?}: {:?}", disposition.why);
    let says = disposition.why.iter().any(|finding| finding.message_id == format!("disposition.{said}"));
    assert!(says, "{facts:?}: {:?}", disposition.why);
}

#[test]
fn what_becomes_of_a_server_has_its_reason() {
    use Method::{Cold, Hot, Rebuild, Replication};
    check(&[], &[], Path::Virtualise, Some(Hot), "method-hot");
    check(&[("role", "database")], &[], Path::Virtualise, Some(Replication), "method-replication");
    check(
        &[("database", "sql_server_standard")],
        &[],
        Path::Virtualise,
        Some(Replication),
        "method-replication",
    );
    check(&[("time_critical", "true")], &[], Path::Virtualise, Some(Cold), "method-cold");
    check(&[], &["shared_disk"], Path::Virtualise, Some(Cold), "method-cold-unknown");
    check(&[], &["role"], Path::Virtualise, Some(Cold), "method-cold-unknown");
    check(&[("architecture", "s390x")], &[], Path::Rebuild, Some(Rebuild), "rebuilds");
    check(&[("special_hardware", "USB dongle")], &[], Path::Stay, None, "stays");
    check(&[("architecture", "s390x"), ("appliance", "true")], &[], Path::Stay, None, "stays");
    check(&[("keep_physical", "licence dispute")], &[], Path::Stay, None, "stays");
    check(&[("retire", "true")], &[], Path::Retire, None, "retires");
}

#[test]
fn who_may_not_be_needed_is_asked_for_before_it_is_moved() {
    let said = |server: Server| {
        let estate = Estate { window: window(5), servers: vec![server], ..Estate::default() };
        let assessment = assess(&estate, &Policy::default(), estate.window.to);
        assessment.dispositions[0].why.iter().any(|finding| finding.message_id == "disposition.may-retire")
    };
    let value = |resource, _| if resource == Resource::Cpu { 0.005 } else { 1e3 };
    let idle = Server { weeks: (0..5).map(|n| week(n, value)).collect(), ..web(&[], &[]) };
    assert!(said(idle));
    let mut retiring = web(&[("retire", "true")], &[]);
    retiring.facts.get_mut("retire").unwrap()[0].confirmed_by = None;
    assert!(said(retiring));
    assert!(!said(web(&[], &[])));
}

fn near(have: f64, want: f64) {
    assert!((have - want).abs() < 1e-9 * want.abs().max(1.0), "{have} is not {want}");
}

#[test]
fn durations_by_hand() {
    let policy = MigrationPolicy::default();
    let write = Some(Range { low: 1e6, base: 7.75e6, high: 10e6 });
    let of = |method| times(method, 279e9, write, 125e6, &policy);
    // 125 MB/s x 0.62 = 77.5 MB/s: 279 GB take 3,600 s. 125 x 0.9 = 112.5 and 125 x 0.4 = 50 MB/s at the ends.
    let cold = of(Method::Cold);
    near(cold.copy.base, 1.0);
    near(cold.copy.low, 279e9 / 112.5e6 / 3_600.0);
    near(cold.copy.high, 279e9 / 50e6 / 3_600.0);
    near(cold.outage.unwrap().base, 2.0);
    assert_eq!(cold.delta, None);
    // Of one hour a tenth is written anew, and copied in six minutes.
    let hot = of(Method::Hot);
    near(hot.delta.unwrap().base, 0.1);
    near(hot.outage.unwrap().base, 1.1);
    // 279 GB at 77.5 - 7.75 MB/s take 4,000 s, of which the first round takes 3,600.
    let replication = of(Method::Replication);
    near(replication.delta.unwrap().base, 400.0 / 3_600.0);
    near(replication.outage.unwrap().base, 1.0 + 30.0 / 3_600.0);
    // One that writes faster than it is copied never catches up at the long end.
    let busy = Some(Range { low: 1e6, base: 7.75e6, high: 60e6 });
    let busy = times(Method::Replication, 279e9, busy, 125e6, &policy);
    assert_eq!(busy.delta, None);
    near(busy.outage.unwrap().high, 279e9 / 50e6 / 3_600.0 + 2.0);
}

#[test]
fn what_is_not_known_is_not_zero() {
    let unknown = |disposition: &Disposition| {
        disposition.outage_hours.is_none() && disposition.fit == Some(Fit::Unknown)
    };
    let window = &[("change_window", "Sun 00:00-24:00")];
    assert_eq!(disposed(web(window, &[])).fit, Some(Fit::Fits));
    let allocated = disposed(web(window, &["disk_used_bytes"]));
    assert_eq!((allocated.bytes, allocated.bytes_source.as_str()), (Some(500e9), "disk_bytes"));
    assert!(unknown(&disposed(web(window, &["disk_used_bytes", "disk_bytes"]))));
    assert!(unknown(&disposed(web(window, &["network_bytes_per_s"]))));
    let mut unmeasured = web(window, &[]);
    unmeasured.weeks.iter_mut().for_each(|week| week.loads[2] = None);
    let unmeasured = disposed(unmeasured);
    assert!(unknown(&unmeasured) && unmeasured.copy_hours.is_some(), "{unmeasured:?}");
}

#[test]
fn the_outage_is_held_against_the_window_and_the_freeze() {
    let check = |facts: &[(&str, &str)], freezes: &[(i64, i64)], expected: Fit| {
        let mut policy = Policy::default();
        let moment = |hours: i64| Timestamp(window(4).to.0 + hours * HOUR_S);
        policy.migration.freezes =
            freezes.iter().map(|(from, to)| freeze(moment(*from), moment(*to))).collect();
        let disposition = disposed_by(&policy, web(facts, &[]));
        assert_eq!(disposition.fit, Some(expected), "{facts:?} {freezes:?}: {disposition:?}");
    };
    // Hot: an outage of 1.0 hours, 2.0 at the long end, after 1.1 hours of copying: 3.2 hours from now at most.
    check(&[("change_window", "Sun 02:00-06:00")], &[], Fit::Fits);
    check(&[("change_window", "Sun 02:00-03:30")], &[], Fit::Unknown);
    check(&[("change_window", "Sun 02:00-02:30")], &[], Fit::DoesNotFit);
    check(&[("change_window", "when Ada says so")], &[], Fit::Unknown);
    check(&[], &[], Fit::Unknown);
    check(&[("change_window", "Sun 02:00-06:00")], &[(-24, 24)], Fit::DoesNotFit);
    check(&[("change_window", "Sun 02:00-06:00")], &[(2, 24)], Fit::DoesNotFit);
    check(&[("change_window", "Sun 02:00-06:00")], &[(-24, 0), (48, 72)], Fit::Fits);
}

fn freeze(from: Timestamp, to: Timestamp) -> Freeze {
    Freeze { name: "year-end".into(), from, to, owners: Vec::new(), applications: Vec::new() }
}

#[test]
fn a_freeze_may_be_for_some_owners_and_applications() {
    let check =
        |facts: &[(&str, &str)], forget: &[&str], owners: &[&str], applications: &[&str], expected: Fit| {
            let mut policy = Policy::default();
            let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let all = freeze(window(4).to, Timestamp(window(4).to.0 + 24 * HOUR_S));
            policy.migration.freezes =
                vec![Freeze { owners: named(owners), applications: named(applications), ..all }];
            let facts = [&[("change_window", "Sun 02:00-06:00"), ("owner", "Finance")], facts].concat();
            assert_eq!(disposed_by(&policy, web(&facts, forget)).fit, Some(expected), "{facts:?} {owners:?}");
        };
    check(&[], &[], &[], &[], Fit::DoesNotFit);
    check(&[], &[], &["finance", "Sales"], &[], Fit::DoesNotFit);
    check(&[], &[], &["Sales"], &[], Fit::Fits);
    check(&[("application", "ERP")], &[], &["Sales"], &["erp"], Fit::DoesNotFit);
    check(&[("application", "shop")], &[], &["Sales"], &["erp"], Fit::Fits);
    // Whose it is is not known: it may be theirs.
    check(&[], &["owner"], &["Sales"], &[], Fit::DoesNotFit);
    check(&[], &[], &["Sales"], &["erp"], Fit::DoesNotFit);
}

#[test]
fn the_way_back_is_kept_over_a_month_end() {
    let kept = |facts: &[(&str, &str)]| disposed(web(facts, &[])).way_back.map(|kept| (kept.keep, kept.days));
    assert_eq!(kept(&[]), Some(("old-server-off".into(), 35.0)));
    assert_eq!(kept(&[("architecture", "s390x")]), Some(("old-server-running".into(), 35.0)));
    assert_eq!(kept(&[("retire", "true")]), Some(("disk-image".into(), 100.0)));
    assert_eq!(kept(&[("appliance", "true")]), None);
}

fn methods() -> impl Strategy<Value = Method> {
    prop::sample::select(vec![Method::Hot, Method::Cold, Method::Replication, Method::Rebuild])
}

fn no_shorter(longer: Option<Range>, shorter: Option<Range>) -> bool {
    longer.zip(shorter).is_none_or(|(longer, shorter)| {
        let ends = [(longer.low, shorter.low), (longer.base, shorter.base), (longer.high, shorter.high)];
        ends.iter().all(|(longer, shorter)| *longer >= shorter * (1.0 - 1e-12))
    })
}

proptest! {
    #[test]
    fn more_of_anything_is_never_shorter(
        method in methods(),
        bytes in 0.0..1e14,
        more_bytes in 0.0..1e14,
        write in 0.0..1e9,
        more_writes in 0.0..1e9,
        link in 1e5..1e10,
        faster in 0.0..1e10,
    ) {
        let policy = MigrationPolicy::default();
        let writes = |base: f64| Some(Range { low: base / 2.0, base, high: base * 2.0 });
        let less = times(method, bytes, writes(write), link + faster, &policy);
        let more = times(method, bytes + more_bytes, writes(write + more_writes), link, &policy);
        prop_assert!(no_shorter(Some(more.copy), Some(less.copy)));
        prop_assert!(no_shorter(more.outage, less.outage), "{:?} {:?}", more, less);
        prop_assert!(more.outage.is_some() && less.outage.is_some());
        for times in [less, more] {
            let outage = times.outage.unwrap_or_default();
            prop_assert!(outage.low <= outage.base && outage.base <= outage.high);
            prop_assert!(outage.low >= policy.cutover_hours.value.low);
        }
    }

    #[test]
    fn what_runs_on_is_never_longer_out_than_what_is_switched_off(bytes in 0.0..1e14, write in 0.0..1e9, link in 1e5..1e10) {
        let policy = MigrationPolicy::default();
        let write = Some(Range { low: write / 2.0, base: write, high: write * 2.0 });
        let outage = |method| times(method, bytes, write, link, &policy).outage;
        prop_assert!(no_shorter(outage(Method::Cold), outage(Method::Hot)));
        prop_assert!(no_shorter(outage(Method::Hot), outage(Method::Replication)));
    }
}

const FORGOTTEN: [&str; 9] = [
    "role",
    "shared_disk",
    "time_critical",
    "disk_used_bytes",
    "disk_bytes",
    "network_bytes_per_s",
    "change_window",
    "owner",
    "os",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_forgotten_fact_never_makes_a_move_look_better(
        role in prop::sample::select(vec!["web", "database", "domain_controller"]),
        critical in any::<bool>(),
        fact in prop::sample::select(FORGOTTEN.to_vec()),
        window in prop::sample::select(vec!["1h", "2h", "4h", "24h"]),
    ) {
        let facts = [("role", role), ("time_critical", if critical { "true" } else { "false" }), ("change_window", window)];
        let known = disposed(web(&facts, &[]));
        let forgotten = disposed(web(&facts, &[fact]));
        prop_assert!(no_shorter(forgotten.outage_hours, known.outage_hours), "{}", fact);
        prop_assert!(no_shorter(forgotten.copy_hours, known.copy_hours), "{}", fact);
        prop_assert!(forgotten.fit != Some(Fit::Fits) || known.fit == Some(Fit::Fits), "{}", fact);
    }
}

//! The rules together: categories, the sum of the parts, and that forgetting never helps.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::Server;
use crate::testing::{ordinary, server, window};
use crate::{capacity_of, coverage, profile, sizing};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn verdict(server: &Server, policy: &Policy) -> Verdict {
    let window = window(4);
    let coverage = coverage::of_server(server, window, &policy.coverage);
    let utilisation = profile::utilisation(server);
    let candidate = sizing::candidate(server, 0, &server.weeks, window, policy, 0.20);
    let enough = coverage.ratio.unwrap_or(0.0) >= policy.coverage.minimum_ratio;
    let size = candidate.as_ref().and_then(|c| sizing::size(server, c, enough, policy));
    let subject = Subject {
        server,
        policy,
        now: window.to,
        capacity: &capacity_of(server, window.to, policy),
        utilisation: &utilisation,
        size: size.as_ref(),
        coverage: &coverage,
        host: policy.template.capacity(&policy.normalisation),
    };
    judge(&subject, candidate.is_some())
}

fn category(change: &[(&str, &str)], forget: &[&str]) -> Category {
    let mut subject = ordinary("web", 4, 0.10, 10e9);
    subject.facts.extend(server("", change).facts);
    subject.facts.retain(|name, _| !forget.contains(&name.as_str()));
    verdict(&subject, &Policy::default()).category
}

#[test]
fn categories() {
    assert_eq!(category(&[], &[]), Category::Ready);
    assert_eq!(category(&[], &["vendor_support"]), Category::Conditional);
    assert_eq!(category(&[("special_hardware", "USB dongle")], &["vendor_support"]), Category::Blocked);
    assert_eq!(
        category(&[("special_hardware", "USB dongle")], &["cpu_cores", "cpu_threads"]),
        Category::Blocked
    );
    assert_eq!(category(&[], &["cpu_cores", "cpu_threads"]), Category::Unknown);
}

#[test]
fn the_score_is_the_sum_of_its_parts_and_full_marks_are_a_hundred() {
    let verdict = verdict(&ordinary("web", 4, 0.10, 10e9), &Policy::default());
    let parts = verdict.parts.unwrap();
    assert_eq!(parts, ScoreParts { fit: 40.0, steadiness: 15.0, room: 15.0, ease: 15.0, ownership: 15.0 });
    assert_eq!(verdict.score, Some(100.0));
    let given: f64 = verdict.findings.iter().filter_map(|f| f.points).map(|p| p.given).sum();
    assert!((given - 100.0).abs() < 1e-9, "findings carry every point");
}

#[test]
fn blocked_and_unknown_have_no_score() {
    let mut dongle = ordinary("dongle", 4, 0.10, 10e9);
    dongle.facts.extend(server("", &[("special_hardware", "USB dongle 0529:0001")]).facts);
    let verdict = verdict(&dongle, &Policy::default());
    assert_eq!((verdict.score, verdict.parts), (None, None));
    assert_eq!(verdict.findings[0].message_id, "special-hardware.proven");
    assert_eq!(verdict.findings[0].evidence.as_deref(), Some("special_hardware: test"));
}

#[test]
fn a_rule_that_is_off_says_so_and_gives_nothing() {
    let mut policy = Policy::default();
    policy.rules_off.insert("fit".into(), "not wanted here".into());
    let verdict = verdict(&ordinary("web", 4, 0.10, 10e9), &policy);
    assert_eq!(verdict.score, Some(60.0));
    assert!(verdict.findings.iter().all(|f| f.id != "rules"), "it is said once, of the estate");
    policy.rules_off.insert("fitt".into(), "a slip of the pen".into());
    let said: Vec<String> = rules_off(&policy).into_iter().map(|finding| finding.message_id).collect();
    assert_eq!(said, ["rules.off", "rules.no-such-rule"]);
}

#[test]
fn a_rule_rests_on_the_facts_it_names() {
    let policy = Policy::default();
    let facts = [
        ("move_needs", "disks over iSCSI, encrypted disk, 32-bit kernel, serial device by USB, a cut-over"),
        ("zone", "DMZ"),
        ("criticality", "high"),
        ("data_class", "restricted"),
        ("licence_pool", "db"),
        ("lease_end", "2027-01-31"),
        ("retire", "true"),
        ("moved_from", "db1"),
        ("role", "database"),
    ];
    let mut subject = ordinary("web", 4, 0.95, 60e9);
    subject.facts.extend(server("", &facts).facts);
    for rule in RULES {
        let mut known = subject.clone();
        known.facts.retain(|name, _| rule.facts.contains(&name.as_str()));
        let (all, few) = (
            testing::judge_by(rule.id, &subject, &policy),
            testing::judge_knowing(rule.id, &subject, &known, &policy),
        );
        assert_eq!(all, few, "{} reads facts it does not name", rule.id);
        for fact in rule.facts {
            assert!(cairn_schemas::fact::entry_of(fact).is_some(), "{}: there is no fact {fact}", rule.id);
        }
    }
}

#[test]
fn every_rule_is_a_file_and_every_file_a_rule() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/readiness");
    let name =
        |entry: std::fs::DirEntry| entry.path().file_stem().map(|n| n.to_string_lossy().replace('_', "-"));
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().filter_map(|entry| name(entry.unwrap())).collect();
    files.retain(|name| {
        !["gate", "os-name", "rule", "saturation", "testing", "readiness-tests"].contains(&name.as_str())
    });
    files.sort();
    let mut rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    rules.sort_unstable();
    assert_eq!(files, rules);
}

#[test]
fn rules_are_named_once_and_have_a_source() {
    let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    assert!(RULES.iter().all(|rule| rule.source.ends_with('.') && rule.rationale.ends_with('.')));
    assert!(RULES.iter().all(|rule| rule.date.len() == 4 || rule.date.len() == 7));
    assert!(RULES.len() >= 30);
    assert_eq!(rules_sha256(), rules_sha256());
}

proptest! {
    #[test]
    fn forgetting_facts_never_raises_a_score_or_a_category(
        forgotten in proptest::collection::vec(0_usize..32, 1..8),
        cpu in 0.0_f64..1.2,
        memory in 1e9_f64..900e9,
        weeks in 0_i64..5,
        changes in prop::sample::subsequence(
            vec![
                ("owner", "Finance"),
                ("owner_agreed", "true"),
                ("role", "database"),
                ("cluster", "erp"),
                ("os", "Windows Server 2008"),
                ("cpu_threads", "8"),
                ("special_hardware", "USB dongle"),
                ("memory_bytes", "900000000000"),
                ("move_needs", "kernel without drivers for virtual devices"),
                ("os", "TempleOS"),
                ("hypervisor_support", "ok"),
                ("hypervisor_support", "forbidden"),
                ("shared_disk", "true"),
                ("time_critical", "true"),
                ("disk_bytes", "30000000000000"),
                ("retire", "true"),
                ("last_login", "2025-01-01"),
                ("lease_end", "2027-01-01"),
            ],
            0..8,
        ),
        hypervisor in prop::sample::select(hypervisors()),
    ) {
        let mut server = ordinary("web", weeks, cpu, memory);
        server.facts.extend(crate::testing::server("", &changes).facts);
        let mut less = server.clone();
        for at in forgotten {
            let name = less.facts.keys().nth(at % less.facts.len()).cloned();
            name.map(|name| less.facts.remove(&name));
        }
        let mut policy = Policy::default();
        policy.readiness.hypervisor = hypervisor.into();
        let (with, without) = (verdict(&server, &policy), verdict(&less, &policy));
        if with.category == Category::Blocked {
            // Forgetting the proof gives it a score, and never makes it ready.
            prop_assert!(without.category != Category::Ready);
        } else {
            let score = |verdict: &Verdict| verdict.score.unwrap_or(0.0);
            prop_assert!(score(&without) <= score(&with) + 1e-9, "{:?} then {:?}", with, without);
            prop_assert!(without.category >= with.category);
        }
    }
}

//! Triggers: met, unmet, unknown, and what is missing.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::estate::{Moment, RecordedTrigger, Server};
use crate::testing::{ordinary, window};
use cairn_schemas::assessment::TriggerState;

fn assessed(estate: &Estate, policy: &Policy) -> Journey {
    let journey = crate::assess(estate, policy, estate.window.to).journey;
    for trigger in journey.triggers.iter().chain(journey.phases.iter().flat_map(|phase| &phase.exit)) {
        assert_eq!(trigger.missing.is_empty(), trigger.state == TriggerState::Met, "{trigger:?}");
    }
    journey
}

/// Conditions of phase 1.
fn states(weeks: i64, servers: usize, policy: &Policy) -> Vec<(String, TriggerState)> {
    let servers = (0..servers).map(|n| ordinary(&format!("web{n}"), weeks, 0.10, 10e9)).collect();
    let estate = Estate { engagement: "test".into(), window: window(weeks), servers, ..Estate::default() };
    let triggers = assessed(&estate, policy).triggers;
    triggers.into_iter().filter(|t| t.phase == 1).map(|t| (t.condition, t.state)).collect()
}

fn check(weeks: i64, servers: usize, expected: [TriggerState; 5]) {
    let names = ["business-trigger", "ready-servers", "measured-long-enough", "first-wave-ratio", "payback"];
    let expected: Vec<_> = names.into_iter().map(str::to_owned).zip(expected).collect();
    assert_eq!(states(weeks, servers, &Policy::default()), expected);
}

#[test]
fn each_condition_by_itself() {
    use TriggerState::{Met, NotRequired, Unknown, Unmet};
    // Four weeks from the 2nd of November see no month-end; six do.
    check(4, 10, [Unmet, Met, Unmet, Met, NotRequired]);
    check(6, 10, [Unmet, Met, Met, Met, NotRequired]);
    check(6, 4, [Unmet, Unmet, Unmet, Unmet, NotRequired]);
    check(6, 0, [Unmet, Unmet, Unmet, Unknown, NotRequired]);
}

#[test]
fn a_hurdle_that_is_set_is_asked_for() {
    let mut policy = Policy::default();
    policy.journey.payback_months_max = Some(0.001);
    assert_eq!(states(6, 10, &policy)[4].1, TriggerState::Unmet);
    assert_eq!(states(6, 0, &policy)[4].1, TriggerState::Unknown);
    policy.journey.payback_months_max = Some(1e9);
    let payback = states(6, 100, &policy)[4].1;
    assert_eq!(payback, TriggerState::Met);
}

/// A server with facts.
fn with(name: &str, facts: &[(&str, &str)]) -> Server {
    let mut server = ordinary(name, 6, 0.1, 1e9);
    server.facts.extend(crate::testing::server("", facts).facts);
    server
}

/// Ten physical servers of IT, one of finance whose owner has agreed, a hypervisor host and some guests.
fn estate(hypervisors: usize, guests: usize) -> Estate {
    let mut servers: Vec<_> = (0..10).map(|n| with(&format!("web{n}"), &[])).collect();
    servers.push(with("ledger", &[("owner", "Finance"), ("owner_agreed", "true")]));
    servers.extend((0..hypervisors).map(|n| with(&format!("host{n}"), &[("hypervisor_role", "true")])));
    servers.extend((0..guests).map(|n| with(&format!("vm{n}"), &[("virtualization", "kvm")])));
    Estate { engagement: "test".into(), window: window(6), servers, ..Estate::default() }
}

fn recorded(mut estate: Estate, phases: &[u8], moments: &[&str]) -> Estate {
    let on = estate.window.from;
    let trigger = |phase: &u8| RecordedTrigger { phase: *phase, trigger: "why".into(), by: "ada".into(), on };
    let moment =
        |moment: &&str| Moment { moment: (*moment).to_owned(), by: "ada".into(), on, ..Moment::default() };
    estate.triggers = phases.iter().map(trigger).collect();
    estate.moments = moments.iter().map(moment).collect();
    estate
}

/// Where it stands, and which phases open.
fn stands(estate: &Estate) -> (u8, Vec<u8>) {
    let journey = assessed(estate, &Policy::default());
    (journey.phase, journey.opened.iter().map(|opened| opened.phase).collect())
}

#[test]
fn a_share_proves_no_phase() {
    assert_eq!(stands(&estate(0, 0)), (0, vec![]));
    assert_eq!(stands(&estate(0, 40)), (0, vec![]), "guests of whom");
    assert_eq!(stands(&estate(1, 0)), (0, vec![]));
    assert_eq!(stands(&estate(1, 40)), (1, vec![]), "three quarters are virtual, and nothing else is known");
}

const LIVE: &str = "first-live-migration";
const COVER: &str = "executive-cover";
const BUSINESS: [&str; 3] = ["first-business-application", "first-recovery-test", "owner-signed-off"];

#[test]
fn a_phase_opens_on_a_reason_the_phase_before_and_what_it_needs_itself() {
    assert_eq!(stands(&recorded(estate(0, 0), &[1], &[])), (1, vec![1]));
    assert_eq!(stands(&recorded(estate(1, 5), &[2], &[LIVE, COVER])), (2, vec![2]));
    for (phases, moments) in [(&[][..], &[LIVE, COVER][..]), (&[2], &[LIVE]), (&[2], &[COVER])] {
        assert_eq!(stands(&recorded(estate(1, 5), phases, moments)), (1, vec![]), "{phases:?} {moments:?}");
    }
    assert_eq!(stands(&recorded(estate(1, 2), &[2], &[LIVE, COVER])), (1, vec![]), "too few are virtual");
    let all: Vec<&str> = [LIVE, COVER].into_iter().chain(BUSINESS).collect();
    assert_eq!(stands(&recorded(estate(1, 20), &[1, 2, 3], &all)), (3, vec![1, 2, 3]));
    assert_eq!(stands(&recorded(estate(1, 5), &[1, 2, 3], &all)), (2, vec![1, 2]));
}

#[test]
fn no_phase_is_skipped() {
    let all: Vec<&str> = [LIVE, COVER, "catalogue-in-use"].into_iter().chain(BUSINESS).collect();
    assert_eq!(stands(&recorded(estate(0, 0), &[2, 3], &all)).0, 0);
    assert_eq!(
        stands(&recorded(estate(1, 20), &[], &all)),
        (3, vec![]),
        "it was there before anybody looked"
    );
    assert_eq!(stands(&recorded(estate(1, 20), &[], &["catalogue-in-use"])), (1, vec![]));
}

#[test]
fn what_is_to_come_does_not_count_yet() {
    let mut estate = recorded(estate(1, 5), &[2], &[LIVE, COVER]);
    estate.moments[0].on = Timestamp(estate.window.to.0 + 1);
    assert_eq!(stands(&estate), (1, vec![]));
}

#[test]
fn the_earliest_day_of_a_moment_counts_and_the_last_word_on_that_day() {
    let mut estate = recorded(estate(1, 5), &[], &[LIVE, "first-maintenance-without-downtime"]);
    let told = |day: i64, words: &str| Moment {
        moment: LIVE.into(),
        on: Timestamp(estate.window.from.0 + day * 86_400),
        words: words.into(),
        ..Moment::default()
    };
    estate.moments =
        [vec![told(2, "again"), told(1, "first"), told(1, "put right")], estate.moments].concat();
    estate.moments.retain(|moment| moment.moment != LIVE || !moment.words.is_empty());
    let journey = assessed(&estate, &Policy::default());
    let said: Vec<(&str, &str)> =
        journey.moments.iter().map(|moment| (moment.moment.as_str(), moment.words.as_str())).collect();
    assert_eq!(said, [(LIVE, "put right"), ("first-maintenance-without-downtime", "")]);
}

#[test]
fn what_facts_show_need_not_be_recorded() {
    let exit = |estate: &Estate| {
        let journey = assessed(estate, &Policy::default());
        let of = |phase: usize, id: &str| {
            journey.phases[phase].exit.iter().find(|t| t.condition == id).unwrap().state
        };
        (of(0, "first-virtual-machine"), of(2, "first-business-application"))
    };
    let mut estate = estate(1, 1);
    assert_eq!(exit(&estate), (TriggerState::Met, TriggerState::Unknown));
    let facts = [("virtualization", "kvm"), ("owner", "Finance"), ("application", "ledger")];
    estate.servers.push(with("vm9", &facts));
    assert_eq!(exit(&estate), (TriggerState::Met, TriggerState::Met));
}

#[test]
fn phases_are_numbered_and_sourced() {
    for (phase, number) in PHASES.iter().zip(0..) {
        assert_eq!(phase.number, number);
        assert!(!phase.source.is_empty() && !phase.exit.is_empty());
    }
    let mut moments: Vec<_> = moments().collect();
    let count = moments.len();
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), count, "a moment proves one thing");
}

//! Schedules and runs: each run begins and ends once, with all that belongs to it or nothing.
// SPDX-License-Identifier: Apache-2.0

use super::care::assessment;
use super::*;
use crate::store::timetable::{End, Message, Schedule};

fn schedule(name: &str, keep: u32) -> Schedule {
    Schedule {
        name: name.into(),
        cron: "0 6 * * mon".into(),
        zone: "UTC".into(),
        days: 28,
        policy: None,
        keep,
        ring: None,
        by: "A. Person".into(),
    }
}

fn due(week: i64) -> Timestamp {
    Timestamp(MONDAY + week * 7 * 86_400)
}

fn none(_: Option<u64>) -> Vec<Message> {
    Vec::new()
}

pub(super) fn a_schedule_has_its_name_alone(store: &dyn Store) {
    assert!(store.put_schedule(&schedule("weekly", 3), NOW).unwrap());
    assert!(!store.put_schedule(&schedule("weekly", 4), NOW).unwrap());
    let kept = store.schedules().unwrap();
    assert_eq!((kept.len(), kept[0].created_at), (1, NOW));
    assert_eq!(kept[0].schedule, schedule("weekly", 3));
    store.begin_run(kept[0].id, due(1), 0, NOW).unwrap();
    assert!(store.remove_schedule("weekly", "B", NOW).unwrap());
    assert!(!store.remove_schedule("weekly", "B", NOW).unwrap());
    // One of the same name later has no past.
    assert!(store.put_schedule(&schedule("weekly", 5), NOW).unwrap());
    let again = store.schedules().unwrap();
    assert_ne!(again[0].id, kept[0].id);
    assert!(store.runs().unwrap().iter().all(|run| run.schedule == kept[0].id));
    let said: Vec<String> = store.audit_log().unwrap().into_iter().map(|(_, _, what)| what).collect();
    assert_eq!(said, ["schedule weekly: 0 6 * * mon in UTC", "schedule weekly removed", said[0].as_str()]);
}

pub(super) fn a_run_ends_once_with_all_that_belongs_to_it(store: &dyn Store) {
    store.put_schedule(&schedule("weekly", 3), NOW).unwrap();
    let id = store.schedules().unwrap()[0].id;
    let run = store.begin_run(id, due(1), 2, NOW).unwrap();
    assert_eq!((run.name.as_str(), run.due, run.missed, run.tries), ("weekly", due(1), 2, 1));
    // Broken off and begun again: the same run.
    let later = Timestamp(NOW.0 + 60);
    let again = store.begin_run(id, due(1), 2, later).unwrap();
    assert_eq!((again.id, again.tries, again.started_at, again.ended_at), (run.id, 2, later, None));

    let made = assessment(EVER);
    let message = |number: Option<u64>| {
        vec![Message { id: "m".into(), body: format!("{number:?}"), audit: "it ended".into() }]
    };
    let number = store.end_run(run.id, End::Assessed(&made), &message, later).unwrap();
    assert_eq!(number, Some(1));
    let ended = store.runs().unwrap().remove(0);
    assert_eq!((ended.ended_at, ended.assessment, ended.kept), (Some(later), Some(1), true));
    assert_eq!(store.outbox().unwrap()[0].body, "Some(1)");
    assert_eq!(store.audit_log().unwrap().last().unwrap().2, "it ended");

    let refused = store.end_run(run.id, End::Assessed(&made), &message, later).unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused}");
    assert_eq!(store.assessments().unwrap().len(), 1, "what it would have kept is not kept");
    assert!(store.begin_run(id, due(1), 0, later).is_err(), "what has ended does not begin");
}

pub(super) fn drafts_beyond_those_a_schedule_keeps_go_and_others_stay(store: &dyn Store) {
    store.put_schedule(&schedule("weekly", 2), NOW).unwrap();
    let id = store.schedules().unwrap()[0].id;
    let by_hand = store.put_assessment(&assessment(EVER)).unwrap();
    let run = |week: i64| {
        let run = store.begin_run(id, due(week), 0, NOW).unwrap();
        store.end_run(run.id, End::Assessed(&assessment(EVER)), &none, NOW).unwrap().unwrap()
    };
    let first = run(1);
    store.set_review_state(first, ReviewState::Reviewed, "A", NOW).unwrap();
    let rest = [run(2), run(3), run(4)];
    let failed = store.begin_run(id, due(5), 0, NOW).unwrap();
    store.end_run(failed.id, End::Failed("nothing was measured"), &none, NOW).unwrap();
    let left: Vec<u64> = store.assessments().unwrap().iter().map(|row| row.id).collect();
    assert_eq!(left, [by_hand, first, rest[1], rest[2]], "a reviewed one stays, and what was made by hand");
    let kept: Vec<bool> = store.runs().unwrap().iter().map(|run| run.kept).collect();
    assert_eq!(kept, [true, false, true, true, false]);
    assert_eq!(store.runs().unwrap()[4].failure.as_deref(), Some("nothing was measured"));

    // Retention leaves what a schedule keeps, until the schedule is removed.
    let long_after = Timestamp(NOW.0 + 1_000 * 86_400);
    let retain = || store.retain(&toml::from_str("").unwrap(), "test", long_after, false).unwrap();
    store.put_assessment(&assessment(EVER)).unwrap();
    retain();
    let left: Vec<u64> = store.assessments().unwrap().iter().map(|row| row.id).collect();
    assert_eq!(left, [first, rest[1], rest[2], rest[2] + 1], "the draft by hand went");
    store.remove_schedule("weekly", "B", NOW).unwrap();
    retain();
    assert_eq!(store.assessments().unwrap().len(), 2, "the reviewed one and the latest");
}

//! Looking after a store: what is past its time goes and nothing else, what is erased is gone from the bytes, and
//! a check finds what was damaged and names it.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::care::{Backup, CLASSES, Care as _, Erasure, Removed, Retention};
use cairn_schemas::time::{DAY_S, WEEK_S};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rusqlite::Connection;
use std::path::Path;

#[path = "golden_tests.rs"]
mod golden;
#[path = "care_inputs_tests.rs"]
mod inputs;
#[path = "care_waiting_tests.rs"]
mod waiting;

const LATER: Timestamp = Timestamp(NOW.0 + 1_000 * DAY_S);

fn retention(toml: &str) -> Retention {
    toml::from_str(toml).unwrap()
}

/// An agent with a key of its own, so that its signatures hold.
fn signing_agent(store: &dyn Store) -> (Source, Ed25519KeyPair) {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    store.put_token(&token("t", 1)).unwrap();
    let agent = Agent { public_key: key.public_key().as_ref().to_vec(), ..enrolled(AGENT, 1, "f") };
    store.enrol("t", &agent, NOW).unwrap();
    (store.sources().unwrap().remove(0), key)
}

fn signed(key: &Ed25519KeyPair, seq: u64, slots: &[(i64, Code)]) -> Incoming {
    let unsigned = batch(seq, slots, vec![], None);
    let opened = cairn_schemas::batch::open(&unsigned.sealed).unwrap().decode().unwrap();
    let sign = |bytes: &[u8]| key.sign(bytes).as_ref().try_into().unwrap();
    let sealed = seal(&opened, sign).unwrap();
    Incoming { sha256: sha256(&sealed), sealed, ..unsigned }
}

/// Slots of one minute on each of some days.
fn days(days: std::ops::Range<i64>) -> Vec<(i64, Code)> {
    days.map(|day| (day * DAY_S + 3_600, day as Code + 1)).collect()
}

/// An assessment of a window that names some servers.
pub(super) fn assessment(window: Window) -> Assessment {
    let estate = cairn_assess::estate::Estate {
        window,
        servers: vec![cairn_assess::estate::Server { name: "web1".into(), ..Default::default() }],
        ..Default::default()
    };
    cairn_assess::assess(&estate, &cairn_assess::policy::Policy::default(), NOW)
}

fn issue(store: &dyn Store, window: Window) -> u64 {
    let id = store.put_assessment(&assessment(window)).unwrap();
    store.set_review_state(id, ReviewState::Reviewed, "A", NOW).unwrap();
    store.set_review_state(id, ReviewState::Issued, "A", NOW).unwrap();
    id
}

fn weeks_from_monday(from: i64, to: i64) -> Window {
    Window { from: Timestamp(MONDAY + from * WEEK_S), to: Timestamp(MONDAY + to * WEEK_S) }
}

#[test]
fn minutes_go_and_their_summaries_stay_even_when_more_comes_late() {
    let (_dir, store) = fresh();
    let source = agent(&store).id;
    store.merge(source, &table(&days(0..28)), &[]).unwrap();
    let before = store.weeks(source, EVER).unwrap();
    assert_eq!(before.len(), 4);
    let kept = retention("minutes = 400");
    let now = Timestamp(MONDAY + 2 * WEEK_S + 400 * DAY_S + 5);
    assert_eq!(store.retain(&kept, "A", now, true).unwrap(), Removed::from([("minutes", 14)]));
    assert_eq!(slots_of(&store, source).len(), 28, "a rehearsal removes nothing");
    assert_eq!(store.retained_at().unwrap(), None);

    assert_eq!(store.retain(&kept, "A", now, false).unwrap(), Removed::from([("minutes", 14)]));
    assert_eq!(slots_of(&store, source), days(14..28));
    assert_eq!(store.weeks(source, EVER).unwrap(), before);
    assert_eq!(store.retained_at().unwrap(), Some(now));
    assert!(store.audit_log().unwrap().last().unwrap().2.contains("14 minutes"));

    store.merge(source, &table(&[(7_200, 9)]), &[]).unwrap();
    assert_eq!(store.weeks(source, EVER).unwrap(), before, "not made anew from what came late alone");
    assert_eq!(store.retain(&kept, "A", now, false).unwrap(), Removed::from([("minutes", 1)]));
    assert_eq!(store.retain(&kept, "A", now, false).unwrap(), Removed::new());
    assert_eq!(store.check(true).unwrap().faults, []);
}

#[test]
fn what_an_issued_assessment_is_made_of_stays() {
    let (_dir, store) = fresh();
    let source = agent(&store).id;
    store.merge(source, &table(&days(0..28)), &[]).unwrap();
    let gap = |at: i64| Gap {
        window: Window { from: Timestamp(MONDAY + at), to: Timestamp(MONDAY + at + 60) },
        reason: GapReason::HostDown,
    };
    store.merge(source, &table(&[]), &[gap(0), gap(WEEK_S + 60), gap(3 * WEEK_S)]).unwrap();
    // From the middle of the first week to the end of the second: only the first is cut.
    let from = Timestamp(MONDAY + 3 * DAY_S);
    issue(&store, Window { from, ..weeks_from_monday(0, 2) });
    let all = retention("minutes = 7\nweeks = 7\ngaps = 7\ndrafts = 7\n");
    let removed = store.retain(&all, "A", LATER, false).unwrap();
    assert_eq!(removed, Removed::from([("minutes", 21), ("weeks", 2), ("gaps", 2)]));
    assert_eq!(slots_of(&store, source), days(0..7), "the minutes of the week the window cuts");
    let weeks: Vec<i64> =
        store.weeks(source, EVER).unwrap().iter().map(|week| (week.start.0 - MONDAY) / WEEK_S).collect();
    assert_eq!(weeks, [0, 1]);
    assert_eq!(store.gaps(source, EVER).unwrap(), [gap(WEEK_S + 60)]);
}

#[test]
fn minutes_several_sources_share_stay_for_an_issued_assessment() {
    let (_dir, store) = fresh();
    let source = agent(&store).id;
    store.source(SourceKind::Import, "web1", "web1").unwrap();
    store.merge(source, &table(&days(0..14)), &[]).unwrap();
    issue(&store, weeks_from_monday(0, 1));
    store.retain(&retention("minutes = 7"), "A", LATER, false).unwrap();
    assert_eq!(slots_of(&store, source), days(0..7));
}

#[test]
fn the_rest_goes_by_class() {
    let (_dir, store) = fresh();
    agent(&store);
    let fact = |from: Option<i64>| Fact {
        value: FactValue::Number(8.0),
        unit: "cores".into(),
        source: "import".into(),
        observed_at: NOW,
        valid_from: from.map(Timestamp),
        confirmed_by: None,
    };
    for from in [None, Some(MONDAY), Some(LATER.0)] {
        store.put_facts("web1", &[("cpu_cores".into(), fact(from))]).unwrap();
    }
    for _ in 0..3 {
        store.put_assessment(&assessment(weeks_from_monday(0, 1))).unwrap();
    }
    store.enqueue("sent", "{}", NOW).unwrap();
    store.delivered("sent", NOW).unwrap();
    store.enqueue("waits", "{}", NOW).unwrap();
    let mut garbage = batch(1, &[(0, 1)], vec![], None);
    garbage.sealed.truncate(80);
    store.append(&[garbage]).unwrap();
    store.compact(10, NOW).unwrap();
    let lines = store.audit_log().unwrap().len() as u64;
    let kept = retention("facts = 30\naudit = 30\n");
    let removed = store.retain(&kept, "A", LATER, false).unwrap();
    let expected =
        [("facts", 1), ("drafts", 2), ("quarantine", 1), ("outbox", 1), ("audit", lines)].into_iter();
    assert_eq!(removed, expected.collect());
    assert_eq!(store.facts("web1").unwrap()["cpu_cores"].len(), 2, "what holds, and what will");
    assert_eq!(store.assessments().unwrap()[0].id, 3, "the latest stays");
    assert!(!store.enqueue("sent", "{}", LATER).unwrap(), "what left once does not leave again");
    assert_eq!(store.outbox().unwrap()[1].body, "{}");
    assert_eq!(store.check(true).unwrap().faults, [], "the chain of the audit log holds");
}

#[test]
fn an_agent_that_fell_silent_can_still_resend_its_last() {
    let (_dir, store) = fresh();
    agent(&store);
    let all: Vec<Incoming> = (1..=100).map(|seq| batch(seq, &[(seq as i64 * 60, 1)], vec![], None)).collect();
    store.append(&all).unwrap();
    let removed = store.retain(&Retention::default(), "A", LATER, false).unwrap();
    assert_eq!(removed["received"], 36);
    assert_eq!(store.append(&all[99..]).unwrap(), [Appended::Duplicate]);
    assert_eq!(store.ack_state(AGENT, SPOOL).unwrap().ack_through, 100);
}

#[test]
fn every_class_is_removed_by_something() {
    let (_dir, store) = fresh();
    let all: String = CLASSES.iter().map(|class| format!("{} = 7\n", class.name)).collect();
    assert_eq!(store.retain(&retention(&all), "A", LATER, false).unwrap(), Removed::new());
}

/// Whether some bytes are in any file of a directory.
fn in_files(dir: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(dir.join("engagements")).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .any(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

#[test]
fn an_erased_server_is_in_no_byte_of_the_files() {
    let (dir, store) = fresh();
    let (source, key) = signing_agent(&store);
    store.append(&[signed(&key, 1, &[(0, 1)])]).unwrap();
    store.compact(10, NOW).unwrap();
    store.append(&[signed(&key, 2, &[(60, 2)])]).unwrap();
    let text = |text: &str| Fact {
        value: FactValue::Text(text.into()),
        unit: String::new(),
        source: "import".into(),
        observed_at: NOW,
        valid_from: None,
        confirmed_by: None,
    };
    store.put_facts("web1", &[("serial".into(), text("SN-4711"))]).unwrap();
    store.put_facts("db1", &[("dr_pair".into(), text("web1")), ("role".into(), text("a"))]).unwrap();
    store.map_source(source.id, "web1", "A", NOW).unwrap();
    store.enqueue("m", r#"{"servers":["web1","db1"]}"#, NOW).unwrap();
    let issued = issue(&store, EVER);
    let draft = store.put_assessment(&assessment(EVER)).unwrap();
    let id = AGENT.to_string();
    let traces: [&[u8]; 4] = [b"web1", b"SN-4711", &AGENT.0, id.as_bytes()];
    assert!(in_files(dir.path(), traces[0]) && in_files(dir.path(), traces[2]));

    assert_eq!(store.erasable("nobody", false).unwrap(), None);
    let would = store.erasable("web1", false).unwrap().unwrap();
    assert_eq!((store.sources().unwrap().len(), &would.drafts), (1, &vec![draft]), "only said");
    let statement = |done: &Erasure| format!("erased web1: {:?}", done.removed);
    let (done, said) = store.erase_server("web1", false, "A", NOW, &statement).unwrap().unwrap();
    assert_eq!(done, Erasure { overwritten: true, ..would });
    assert_eq!(
        (done.issued_kept, done.removed["day block"], done.removed["batch of the inbox"]),
        (vec![issued], 1, 1)
    );
    for trace in traces {
        assert!(!in_files(dir.path(), trace), "{trace:?} is still in the files");
    }
    assert_eq!(store.servers().unwrap(), ["db1"]);
    assert_eq!(store.facts("db1").unwrap().keys().collect::<Vec<_>>(), ["role"]);
    assert_eq!(store.outbox().unwrap()[0].body, r#"{"servers":["(erased)","db1"]}"#);
    let last = store.audit_log().unwrap().pop().unwrap().2;
    assert!(last.contains(&cairn_schemas::digest::sha256_hex(said.as_bytes())), "{last}");
    assert_eq!(store.check(true).unwrap().faults, [], "the chain of the audit log holds");

    assert!(store.erase_server("web1", false, "A", NOW, &statement).unwrap().is_none());
    assert_eq!(store.assessments().unwrap().len(), 1);
    let (then, _) = store.erase_server("web1", true, "A", NOW, &statement).unwrap().unwrap();
    assert_eq!((then.issued_removed, store.assessments().unwrap()), (vec![issued], vec![]));
    assert!(store.erase_server("web1", true, "A", NOW, &statement).unwrap().is_none());
}

#[test]
fn an_issued_assessment_goes_when_that_is_asked_for() {
    let (_dir, store) = fresh();
    agent(&store);
    let issued = issue(&store, EVER);
    let (done, _) = store.erase_server("web1", true, "A", NOW, &|_| String::new()).unwrap().unwrap();
    assert_eq!((done.issued_removed, done.issued_kept), (vec![issued], vec![]));
    assert_eq!(store.assessments().unwrap(), []);
}

#[test]
fn a_check_names_what_was_damaged_and_changes_nothing() {
    let check = |damage: &str, expected: &[(&str, &str)]| {
        let (_dir, store) = fresh();
        let (source, key) = signing_agent(&store);
        store.merge(source.id, &table(&days(0..9)), &[]).unwrap();
        store.append(&[signed(&key, 1, &[(0, 1)])]).unwrap();
        issue(&store, EVER);
        store.put_facts("web1", &[]).unwrap();
        Connection::open(store.path()).unwrap().execute_batch(damage).unwrap();
        let before = std::fs::read(store.path()).unwrap();
        let read_only = SqliteStore::read_only(store.path(), store.engagement()).unwrap();
        let found = read_only.check(true).unwrap();
        let said: Vec<(&str, &str)> =
            found.faults.iter().map(|fault| (fault.what, fault.which.as_str())).collect();
        assert_eq!(said, expected, "{damage}: {:?}", found.faults);
        assert_eq!(std::fs::read(store.path()).unwrap(), before);
    };
    check("", &[]);
    check(
        "update day_block set block = substr(block, 1, 20) where day = 20760",
        &[("day block", "source 1, 2026-11-03")],
    );
    check(
        "update day_block set block = (select block from day_block where day = 20761) where day = 20760",
        &[("day block", "source 1, 2026-11-03"), ("weekly summary", "source 1, 2026-11-02")],
    );
    check("delete from day_block where day = 20766", &[("weekly summary", "source 1, 2026-11-09")]);
    check(
        "update week_block set block = x'00' where start > 0",
        &[("weekly summary", "source 1, 2026-11-02"), ("weekly summary", "source 1, 2026-11-09")],
    );
    check("update agent set public_key = zeroblob(32)", &[("batch of the inbox", "1")]);
    check("update inbox set sealed = substr(sealed, 2)", &[("batch of the inbox", "1")]);
    check("update audit set what = 'nothing' where id = 2", &[("audit line", "2")]);
    check("update assessment set json = x'00'", &[("assessment", "1")]);
}

#[test]
fn a_torn_file_is_found() {
    let (_dir, store) = fresh();
    let source = agent(&store).id;
    store.merge(source, &table(&days(0..300)), &[]).unwrap();
    store.hold_alone().unwrap();
    let path = store.path().to_owned();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 8_192 * 8_192;
    bytes[middle..middle + 4_096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let found = SqliteStore::read_only(&path, &"default".parse().unwrap()).unwrap().check(false);
    assert!(found.is_err() || found.is_ok_and(|found| found.faults.iter().any(|fault| fault.what == "file")));
}

#[test]
fn a_copy_made_while_others_write_is_whole_and_registered() {
    let (dir, store) = fresh();
    let (_, key) = signing_agent(&store);
    store.append(&[signed(&key, 1, &[(0, 1)])]).unwrap();
    let sources = store.sources().unwrap();
    let other = SqliteStore::open(dir.path(), store.engagement()).unwrap();
    let file = dir.path().join("copy");
    store.copy_to(&file).unwrap();
    other.append(&[signed(&key, 2, &[(60, 2)])]).unwrap();
    let copy = SqliteStore::read_only(&file, store.engagement()).unwrap();
    assert_eq!(copy.check(true).unwrap().faults, []);
    assert_eq!(copy.ack_state(AGENT, SPOOL).unwrap().ack_through, 1);
    assert_eq!(copy.sources().unwrap(), sources);
    let made = Backup { name: "copy".into(), at: NOW, sha256: "x".into(), bytes: 9, keep_until: Some(LATER) };
    store.register_backup(&made, "A").unwrap();
    assert_eq!(other.backups().unwrap(), [made]);
    assert!(store.copy_to(&file).is_err(), "what is there is not written over");
    // Lines cut off the end of the audit log: the chain alone would not show it.
    let db = Connection::open(store.path()).unwrap();
    assert_eq!(store.check(false).unwrap().faults, []);
    db.execute_batch("delete from audit").unwrap();
    assert_eq!(store.check(false).unwrap().faults[0].what, "audit log");
}

#[test]
fn a_store_in_use_is_not_held_alone() {
    let (dir, store) = fresh();
    let other = SqliteStore::open(dir.path(), store.engagement()).unwrap();
    let refused = store.hold_alone().unwrap_err().to_string();
    assert!(refused.contains("cairn serve"), "{refused}");
    drop(other);
    store.hold_alone().unwrap();
}

#[test]
fn names_that_could_leave_the_directory_are_refused() {
    for name in ["", "../x", "a/b", "A", "-x", "a.b", &"x".repeat(65)] {
        assert!(name.parse::<EngagementName>().is_err(), "{name:?}");
    }
    assert!("acme-2026_q4".parse::<EngagementName>().is_ok());
}

//! Looking after a store of which something still waits in the inbox: erasing, retention, checking, copying.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use std::path::{Path, PathBuf};

/// An agent with one day in a block and the next one waiting, cut by its midnight.
fn half_packed(store: &dyn Store) -> (Source, Ed25519KeyPair) {
    let (source, key) = signing_agent(store);
    let tuesday = Timestamp(MONDAY + DAY_S + 7_200);
    let cut = signed(&key, 1, &[(DAY_S - 60, 1), (DAY_S, 2)]);
    store.append(&[Incoming { received_at: tuesday, ..cut }]).unwrap();
    let done = store.compact_due(tuesday, &|| true).unwrap();
    assert_eq!((done.batches, done.day_blocks), (0, 1));
    (source, key)
}

#[test]
fn a_server_whose_day_waits_is_erased() {
    let (dir, store) = fresh();
    let (source, _) = half_packed(&store);
    assert_eq!(slots_of(&store, source.id).len(), 2, "an idle connection has read it");
    assert!(in_files(dir.path(), &AGENT.0));
    let (done, _) = store.erase_server("web1", false, "A", NOW, &|_| String::new()).unwrap().unwrap();
    let removed = |what| done.removed.get(what).copied().unwrap_or(0);
    assert_eq!((removed("batch of the inbox"), removed("day block"), removed("weekly summary")), (1, 1, 1));
    assert!(done.overwritten && !in_files(dir.path(), &AGENT.0));
    assert_eq!(slots_of(&store, source.id), []);
    assert_eq!(store.weeks(source.id, EVER).unwrap(), []);
    assert_eq!(store.compact_due(NOW, &|| true).unwrap().batches, 0);
    assert_eq!(store.servers().unwrap(), [""; 0]);
}

#[test]
fn a_week_is_closed_with_all_that_waits_of_it() {
    let (_dir, store) = fresh();
    let (source, key) = half_packed(&store);
    let kept = retention("minutes = 7");
    let before = (slots_of(&store, source.id), store.weeks(source.id, EVER).unwrap());
    assert_eq!(store.retain(&kept, "A", NOW, true).unwrap(), Removed::from([("minutes", 2)]));
    assert_eq!((slots_of(&store, source.id), store.weeks(source.id, EVER).unwrap()), before);
    assert_eq!(store.retain(&kept, "A", NOW, false).unwrap(), Removed::from([("minutes", 2)]));
    assert_eq!(slots_of(&store, source.id), []);
    assert_eq!(store.weeks(source.id, EVER).unwrap(), before.1);

    let late = signed(&key, 2, &[(120, 3)]);
    store.append(std::slice::from_ref(&late)).unwrap();
    assert_eq!(slots_of(&store, source.id), [(120, 3)], "it is acknowledged, so it is read");
    assert_eq!(store.weeks(source.id, EVER).unwrap(), before.1, "the closed week stays, while it waits");
    store.compact_due(NOW, &|| true).unwrap();
    assert_eq!(store.weeks(source.id, EVER).unwrap(), before.1, "and after");
    assert_eq!(store.retain(&kept, "A", NOW, false).unwrap(), Removed::from([("minutes", 1)]));
    assert_eq!(store.check(true).unwrap().faults, []);
}

#[test]
fn a_check_finds_what_waits_where_nobody_looks_for_it() {
    let check = |damage: &str, expected: &[&str]| {
        let (_dir, store) = fresh();
        half_packed(&store);
        Connection::open(store.path()).unwrap().execute_batch(damage).unwrap();
        let found = store.check(true).unwrap();
        let said: Vec<&str> = found.faults.iter().map(|fault| fault.why.as_str()).collect();
        assert_eq!(said, expected, "{damage}");
    };
    let early = "it holds something earlier than where it is looked for";
    check("", &[]);
    check("update inbox set since = since + 1", &[early]);
    check("update inbox set since = since + 86400", &[early]);
    check("update inbox set until = until - 1", &["it holds something later than where it is looked for"]);
    check("update inbox set source = null", &["it is kept as another source's"]);
    let not_of_it = "it is not what its day blocks amount to";
    check("delete from day_block", &[not_of_it, early]);
}

#[test]
fn a_check_finds_gaps_nobody_looks_for() {
    let (_dir, store) = fresh();
    agent(&store);
    let window = Window { from: Timestamp(MONDAY + 60), to: Timestamp(MONDAY + 120) };
    let gap = Gap { window, reason: GapReason::HostDown };
    store.append(&[batch(1, &[(0, 1)], vec![gap], None)]).unwrap();
    Connection::open(store.path()).unwrap().execute_batch("update inbox set gaps = 0").unwrap();
    let found = store.check(false).unwrap();
    assert!(found.faults.iter().any(|fault| fault.why == "its gaps are not looked for"), "{found:?}");
}

#[test]
fn a_copy_has_what_waits() {
    let (dir, store) = fresh();
    let (source, _) = half_packed(&store);
    let elsewhere = tempfile::tempdir().unwrap();
    let restored = SqliteStore::file(elsewhere.path(), store.engagement());
    std::fs::create_dir(restored.parent().unwrap()).unwrap();
    store.copy_to(&restored).unwrap();
    let read = |store: &SqliteStore| {
        let kept = (slots_of(store, source.id), store.weeks(source.id, EVER).unwrap());
        (kept, store.ack_state(AGENT, SPOOL).unwrap())
    };
    let before = read(&store);
    let copy = SqliteStore::read_only(&restored, store.engagement()).unwrap();
    assert_eq!((read(&copy), copy.check(true).unwrap().faults), (before.clone(), vec![]));
    drop(copy);
    let copy = SqliteStore::open(elsewhere.path(), store.engagement()).unwrap();
    assert_eq!(copy.compact_due(NOW, &|| true).unwrap().batches, 1);
    assert_eq!(read(&copy), before);
    drop(dir);
}

#[test]
fn a_copy_taken_while_something_is_written_has_what_was_acknowledged_and_no_more() {
    let (_dir, store) = fresh();
    let (source, key) = signing_agent(&store);
    for seq in [1, 2] {
        store.append(&[signed(&key, seq, &[(60 * seq as i64, seq as Code)])]).unwrap();
    }
    // Not committed, and too large for the cache: it stands in the log behind what was acknowledged.
    let writing = Connection::open(store.path()).unwrap();
    writing
        .execute_batch(
            "pragma cache_size = 1; begin immediate; delete from inbox;
             insert into inbox (agent, sealed, received_at) values (zeroblob(16), zeroblob(1000000), 0);",
        )
        .unwrap();
    let beside = |file: &Path, ending: &str| PathBuf::from(format!("{}{ending}", file.display()));
    assert!(beside(store.path(), "-wal").metadata().unwrap().len() > 1_000_000);
    let check = |what: &str, copied: &dyn Fn(&Path)| {
        let home = tempfile::tempdir().unwrap();
        let file = SqliteStore::file(home.path(), store.engagement());
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        copied(&file);
        let copy = SqliteStore::open(home.path(), store.engagement()).unwrap();
        assert_eq!(copy.check(true).unwrap().faults, [], "{what}");
        assert_eq!(copy.ack_state(AGENT, SPOOL).unwrap().ack_through, 2, "{what}");
        assert_eq!(slots_of(&copy, source.id), [(60, 1), (120, 2)], "{what}");
        while copy.compact(10, NOW).unwrap().batches > 0 {}
        assert_eq!(slots_of(&copy, source.id), [(60, 1), (120, 2)], "{what}");
    };
    check("a backup", &|file| store.copy_to(file).unwrap());
    check("a snapshot of the disk", &|file| {
        for ending in ["", "-wal"] {
            std::fs::copy(beside(store.path(), ending), beside(file, ending)).unwrap();
        }
    });
    writing.execute_batch("rollback").unwrap();
    assert_eq!(slots_of(&store, source.id), [(60, 1), (120, 2)]);
}

#[test]
fn facts_that_waited_before_they_were_kept_at_once_are_kept() {
    let (_dir, store) = fresh();
    let source = agent(&store);
    let mut inventory = Inventory { agent_version: "2".into(), observed_at: NOW, ..Inventory::default() };
    inventory.facts.insert("cpu_cores".into(), FactValue::Number(8.0));
    let old = batch(1, &[], vec![], Some(inventory));
    let db = Connection::open(store.path()).unwrap();
    db.execute(
        "insert into inbox (agent, sealed, received_at, source) values (?1, ?2, 0, ?3)",
        rusqlite::params![AGENT.0, old.sealed, source.id],
    )
    .unwrap();
    assert_eq!(store.compact_due(NOW, &|| true).unwrap().batches, 1);
    assert_eq!(store.facts("web1").unwrap()["cpu_cores"][0].value.as_number(), Some(8.0));
}

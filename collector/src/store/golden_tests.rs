//! Stores as each earlier version wrote them are kept for ever, read and taken further; one of a later version is
//! left as it is.
// SPDX-License-Identifier: Apache-2.0

use super::*;

/// A file of each schema version, written by the program of that version with [`written`]. Whoever adds a migration
/// adds the file of the version before: `CAIRN_GOLDEN=$PWD/collector/src/store/golden cargo test -p cairn-collector
/// golden`.
const GOLDEN: [&[u8]; 8] = [
    include_bytes!("golden/v1.sqlite.zst"),
    include_bytes!("golden/v2.sqlite.zst"),
    include_bytes!("golden/v3.sqlite.zst"),
    include_bytes!("golden/v4.sqlite.zst"),
    include_bytes!("golden/v5.sqlite.zst"),
    include_bytes!("golden/v6.sqlite.zst"),
    include_bytes!("golden/v7.sqlite.zst"),
    include_bytes!("golden/v8.sqlite.zst"),
];

/// One agent with three minutes in a day block, a gap behind them and a batch of two minutes in the inbox; a person's
/// fact; an issued assessment and a draft; a message; an audit line.
fn written(dir: &std::path::Path) -> SqliteStore {
    let store = SqliteStore::open(dir, &"default".parse().unwrap()).unwrap();
    let (_, key) = signing_agent(&store);
    let window = Window { from: Timestamp(MONDAY + 180), to: Timestamp(MONDAY + 600) };
    let gap = Gap { window, reason: GapReason::HostDown };
    store.append(&[batch(1, &[(0, 1), (60, 2), (120, 3)], vec![gap], None)]).unwrap();
    store.compact(10, NOW).unwrap();
    store.append(&[signed(&key, 2, &[(600, 4), (660, 5)])]).unwrap();
    let fact = Fact {
        value: FactValue::Text("database".into()),
        unit: String::new(),
        source: "person".into(),
        observed_at: NOW,
        valid_from: None,
        confirmed_by: Some("A. Person".into()),
    };
    store.put_facts("web1", &[("role".into(), fact)]).unwrap();
    issue(&store, EVER);
    store.put_assessment(&assessment(EVER)).unwrap();
    store.enqueue("m", "{}", NOW).unwrap();
    store.audit("A. Person", "kept for later", NOW).unwrap();
    store
}

fn is_read(store: &SqliteStore) {
    let source = store.sources().unwrap().remove(0);
    assert_eq!((source.server.as_str(), store.agent(AGENT).unwrap().unwrap().source), ("web1", source.id));
    assert_eq!(slots_of(store, source.id)[..3], [(0, 1), (60, 2), (120, 3)]);
    assert_eq!(store.gaps(source.id, EVER).unwrap()[0].window.from, Timestamp(MONDAY + 180));
    assert_eq!(store.facts("web1").unwrap()["role"][0].value.as_text(), Some("database"));
    assert_eq!(store.assessment(1).unwrap().unwrap().id, 1);
    let states: Vec<ReviewState> = store.assessments().unwrap().iter().map(|row| row.state).collect();
    assert_eq!(states, [ReviewState::Issued, ReviewState::Draft]);
    assert_eq!(store.outbox().unwrap()[0].id, "m");
    assert_eq!(store.audit_log().unwrap().last().unwrap().2, "kept for later");

    // And it goes on: what waited is compacted, what was received is known, the audit log is a chain.
    store.compact(10, NOW).unwrap();
    assert_eq!(slots_of(store, source.id).len(), 5);
    assert_eq!(store.weeks(source.id, EVER).unwrap()[0].loads[0].as_ref().unwrap().counts.len(), 5);
    assert_eq!(store.ack_state(AGENT, SPOOL).unwrap(), AckState { ack_through: 2, missing: vec![] });
    store.audit("A. Person", "and more", NOW).unwrap();
    assert_eq!(store.check(true).unwrap().faults, []);
}

#[test]
fn what_this_version_writes_it_reads() {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path());
    let version = store.check(false).unwrap().version;
    if let Some(golden) = std::env::var_os("CAIRN_GOLDEN") {
        let copy = dir.path().join("copy");
        store.copy_to(&copy).unwrap();
        let packed = zstd::encode_all(&std::fs::read(copy).unwrap()[..], 19).unwrap();
        std::fs::write(std::path::Path::new(&golden).join(format!("v{version}.sqlite.zst")), packed).unwrap();
    }
    is_read(&store);
}

fn laid_out(file: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = SqliteStore::file(dir.path(), &"default".parse().unwrap());
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, zstd::decode_all(file).unwrap()).unwrap();
    (dir, path)
}

#[test]
fn every_earlier_version_has_its_file() {
    let (_dir, store) = fresh();
    let version = store.check(false).unwrap().version;
    assert!(GOLDEN.len() as u32 + 1 >= version, "the file of version {} is due", version - 1);
    for (version, file) in (1..).zip(GOLDEN) {
        let (_dir, path) = laid_out(file);
        let before = std::fs::read(&path).unwrap();
        let store = SqliteStore::read_only(&path, &"default".parse().unwrap()).unwrap();
        assert_eq!(store.check(true).unwrap().version, version);
        assert_eq!(std::fs::read(&path).unwrap(), before, "only read");
    }
}

#[test]
fn what_an_earlier_version_kept_is_read() {
    for file in GOLDEN {
        let (dir, _) = laid_out(file);
        let store = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
        is_read(&store);
    }
}

#[test]
fn a_later_version_is_refused_and_left_alone() {
    let (dir, path) = laid_out(GOLDEN[0]);
    rusqlite::Connection::open(&path).unwrap().execute_batch("pragma user_version = 999").unwrap();
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found: 999, .. }), "{refused}");
    assert!(refused.to_string().contains("use a newer program"));
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no log beside it");
    assert!(SqliteStore::read_only(&path, &"default".parse().unwrap()).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

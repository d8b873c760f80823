//! What assessments were computed from stays with those somebody signed, and goes with a server that is erased.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::kept::{Keep as _, KeptInputs};

/// An assessment with what it was computed from, of which only the bytes matter here.
fn with_inputs(store: &dyn Store, estate: &str) -> u64 {
    let id = store.put_assessment(&assessment(EVER)).unwrap();
    let packed = zstd::encode_all(estate.as_bytes(), 3).unwrap();
    let estate_sha256 = cairn_schemas::digest::sha256_hex(estate.as_bytes());
    let inputs = KeptInputs { estate_sha256, estate: packed, policy: "{}".into() };
    store.keep_inputs(id, &inputs).unwrap();
    store.keep_inputs(id, &inputs).unwrap();
    assert_eq!(store.kept_inputs(id).unwrap(), Some(inputs));
    id
}

#[test]
fn inputs_stay_with_what_somebody_signed() {
    let (_dir, store) = fresh();
    let text = r#"{"servers":[{"name":"db1"}]}"#;
    let (signed, draft) = (with_inputs(&store, text), with_inputs(&store, text));
    store.set_review_state(signed, ReviewState::Reviewed, "A", NOW).unwrap();
    let refused = store.keep_inputs(99, &store.kept_inputs(signed).unwrap().unwrap()).unwrap_err();
    assert!(refused.to_string().contains("there is no assessment 99"), "{refused}");
    let fortnight = Timestamp(NOW.0 + 14 * DAY_S);
    let keep = retention("drafts = \"forever\"");
    assert_eq!(store.retain(&keep, "A", fortnight, false).unwrap(), Removed::new());
    assert_eq!(store.retain(&keep, "A", LATER, false).unwrap()["inputs"], 1);
    assert_eq!((store.kept_inputs(draft).unwrap(), store.assessments().unwrap().len()), (None, 2));
    assert!(store.kept_inputs(signed).unwrap().is_some());
    assert_eq!(store.check(true).unwrap().faults, []);
}

#[test]
fn inputs_that_name_an_erased_server_go_and_it_is_said() {
    let (dir, store) = fresh();
    agent(&store);
    // The name lies across the end of the piece that is searched at a time.
    let far = format!("{{\"x\":\"{}\",\"name\":\"web1\"}}", "-".repeat((1 << 20) - 18));
    let (named, other) = (with_inputs(&store, &far), with_inputs(&store, r#"{"name":"web10"}"#));
    for id in [named, other] {
        store.set_review_state(id, ReviewState::Reviewed, "A", NOW).unwrap();
        store.set_review_state(id, ReviewState::Issued, "A", NOW).unwrap();
    }
    let (done, _) = store.erase_server("web1", false, "A", NOW, &|_| String::new()).unwrap().unwrap();
    assert_eq!((&done.inputs_removed, done.removed["input of an assessment"]), (&vec![named], 1));
    assert_eq!((done.issued_kept.len(), store.kept_inputs(named).unwrap()), (2, None));
    assert!(store.kept_inputs(other).unwrap().is_some());
    let path = SqliteStore::file(dir.path(), &"default".parse().unwrap());
    drop(store);
    let db = Connection::open(path).unwrap();
    db.execute("update kept_estate set packed = x'00'", []).unwrap();
    let store = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
    let faults = store.check(true).unwrap().faults;
    assert_eq!((faults.len(), faults[0].what), (1, "input of an assessment"));
}

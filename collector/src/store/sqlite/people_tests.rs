//! Sessions and links over time, and who may be taken away.
// SPDX-License-Identifier: Apache-2.0

use super::*;

const NOW: Timestamp = Timestamp(1_795_000_000);

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

fn store() -> SqliteStore {
    let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
    for (name, role, password) in [("Ada", Role::Admin, Some("p1")), ("Bob", Role::Viewer, Some("p2"))] {
        assert!(store.add_person(&NewPerson { name, role, password }, "cli", NOW).unwrap());
    }
    store
}

const fn begun(n: u8) -> Begun {
    Begun { secret_sha256: [n; 32], idle_s: 600, expires_at: Timestamp(NOW.0 + 3_600) }
}

fn bob(store: &SqliteStore) -> Person {
    store.person("bob").unwrap().unwrap()
}

#[test]
fn a_session_ends_idle_at_its_time_and_by_hand() {
    let store = store();
    assert!(store.begin_session(&bob(&store), &begun(1), NOW).unwrap());
    let who = |n: u8, seconds: i64| store.session(&[n; 32], at(seconds)).unwrap().map(|person| person.name);
    assert_eq!(who(2, 0), None, "no such secret");
    for (seconds, expected) in [(0, true), (599, true), (1_198, true), (1_797, true), (2_397, false)] {
        assert_eq!(who(1, seconds).is_some(), expected, "{seconds}");
    }
    assert!(store.begin_session(&bob(&store), &begun(3), NOW).unwrap());
    for seconds in (0..3_600).step_by(500) {
        assert!(who(3, seconds).is_some(), "{seconds}");
    }
    assert_eq!(who(3, 3_600), None, "used all the time, and over");
    assert!(store.begin_session(&bob(&store), &begun(4), NOW).unwrap());
    assert!(store.end_session(&[4; 32], at(1)).unwrap() && !store.end_session(&[4; 32], at(2)).unwrap());
    assert_eq!(who(4, 2), None);
}

#[test]
fn a_link_signs_in_once_and_only_in_its_time() {
    let store = store();
    let link = |n: u8| store.put_link("Ada", &[n; 32], at(60), "cli", NOW).unwrap();
    assert!(link(7) && link(8));
    assert!(!store.put_link("nobody", &[9; 32], at(60), "cli", NOW).unwrap());
    let used = |n: u8, seconds: i64, session: u8| {
        store.begin_by_link(&[n; 32], &begun(session), at(seconds)).unwrap().map(|person| person.name)
    };
    assert_eq!(used(7, 59, 1).as_deref(), Some("Ada"));
    assert_eq!(used(7, 59, 2), None, "once");
    assert_eq!(used(8, 60, 3), None, "too late");
    assert!(store.session(&[1; 32], at(59)).unwrap().is_some());
    assert!(store.session(&[2; 32], at(59)).unwrap().is_none());
}

#[test]
fn another_password_a_removal_and_a_revocation_end_sessions() {
    let store = store();
    let began = |n: u8| assert!(store.begin_session(&bob(&store), &begun(n), NOW).unwrap());
    let is_in = |n: u8| store.session(&[n; 32], NOW).unwrap().is_some();
    let before = bob(&store);
    began(1);
    assert!(store.put_link("Bob", &[9; 32], at(60), "Ada", NOW).unwrap());
    assert!(store.set_password("BOB", "p3", "Ada", NOW).unwrap());
    assert!(!is_in(1) && store.begin_by_link(&[9; 32], &begun(5), NOW).unwrap().is_none());
    assert!(!store.begin_session(&before, &begun(2), NOW).unwrap(), "the password was another");
    began(2);
    assert_eq!(store.end_sessions(Some("Bob"), "Ada", NOW).unwrap(), Some(1));
    assert_eq!(store.end_sessions(Some("nobody"), "Ada", NOW).unwrap(), None);
    assert!(!is_in(2));
    began(3);
    assert!(store.remove_person("Bob", "Ada", NOW).unwrap() && !is_in(3));
    assert!(!store.begin_session(&before, &begun(4), NOW).unwrap());
    let said: Vec<String> =
        crate::store::Store::audit_log(&store).unwrap().into_iter().map(|l| l.2).collect();
    assert!(said.iter().any(|line| line == "removed Bob, who was viewer"), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("p3")), "no secret in the audit");
}

#[test]
fn the_last_admin_stays_and_names_are_taken_once() {
    let store = store();
    for refused in [
        store.remove_person("Ada", "Ada", NOW).unwrap_err(),
        store.set_role("ada", Role::Viewer, "Ada", NOW).unwrap_err(),
    ] {
        assert!(refused.to_string().contains("Ada is the last admin"), "{refused}");
    }
    assert!(
        !store.add_person(&NewPerson { name: "ADA", role: Role::Admin, password: None }, "x", NOW).unwrap()
    );
    assert!(store.set_role("Bob", Role::Admin, "Ada", NOW).unwrap());
    assert!(store.set_role("Ada", Role::Viewer, "Bob", NOW).unwrap());
    assert!(!store.set_role("nobody", Role::Viewer, "Bob", NOW).unwrap());
}

//! Another key for an agent: asked for, taken once, and what the one before is good for.
// SPDX-License-Identifier: Apache-2.0

use super::*;

fn rotation(epoch: u64, from: u8, to: u8) -> Rotation {
    Rotation { agent: AGENT, epoch, from: vec![from; 32], to: vec![to; 32] }
}

fn epochs(store: &dyn Store) -> (u64, u64) {
    let KeyEpochs { current, asked } = store.agent(AGENT).unwrap().unwrap().key_epochs;
    (current, asked)
}

fn key_asked_for(store: &dyn Store) -> Option<u64> {
    store.directives_of(AGENT).unwrap().map(|directives| directives.key_epoch)
}

fn audited(store: &dyn Store, text: &str) -> usize {
    store.audit_log().unwrap().iter().filter(|(_, _, what)| what.contains(text)).count()
}

fn signed_with(key_epoch: u64, batch: Incoming) -> Incoming {
    Incoming { key_epoch, ..batch }
}

pub(super) fn a_rotation_is_asked_for_and_taken_once(store: &dyn Store) {
    agent(store);
    assert_eq!((epochs(store), key_asked_for(store)), ((0, 0), None));
    assert!(store.ask_rotation(AGENT, "A. Person", NOW).unwrap());
    assert!(store.ask_rotation(AGENT, "A. Person", NOW).unwrap());
    assert_eq!((epochs(store), key_asked_for(store)), ((0, 1), Some(1)), "asked twice it is asked for one");
    assert_eq!(audited(store, "for another key"), 1);

    assert_eq!(store.rotate(&rotation(1, 1, 2), NOW).unwrap(), Rotated::Changed);
    assert_eq!((epochs(store), key_asked_for(store)), ((1, 1), Some(1)));
    assert_eq!(store.agent(AGENT).unwrap().unwrap().public_key, [2; 32]);
    let retired = store.retired_keys(AGENT).unwrap();
    assert_eq!((retired[0].epoch, retired[0].retired_at, retired[0].speaks()), (0, NOW, true));
    assert_eq!(
        store.rotate(&rotation(1, 1, 2), NOW).unwrap(),
        Rotated::Known,
        "its answer may have been lost"
    );
    assert_eq!((store.retired_keys(AGENT).unwrap().len(), audited(store, "as asked")), (1, 1));

    assert_eq!(store.rotate(&rotation(2, 2, 3), NOW).unwrap(), Rotated::Changed);
    assert_eq!(audited(store, "which nobody had asked for here"), 1);
    assert_eq!(store.rotate(&rotation(1, 1, 2), NOW).unwrap(), Rotated::Known, "whoever shows all it had");
    assert_eq!(epochs(store), (2, 2));
}

pub(super) fn a_rotation_that_does_not_follow_changes_nothing(store: &dyn Store) {
    agent(store);
    store.register(&enrolled(Id128([9; 16]), 9, "g"), "import", "another", NOW).unwrap();
    assert_eq!(store.rotate(&rotation(1, 1, 2), NOW).unwrap(), Rotated::Changed);
    for (unfit, why) in [
        (rotation(1, 1, 3), "another key of that number: a copy has rotated as well"),
        (rotation(2, 1, 3), "from a key that is retired"),
        (rotation(3, 2, 3), "one is left out"),
        (rotation(2, 2, 9), "another agent's key"),
        (rotation(2, 2, 1), "a key it had before"),
        (rotation(2, 2, 2), "the key it has"),
        (Rotation { agent: Id128([8; 16]), ..rotation(1, 1, 3) }, "nobody's"),
    ] {
        assert_eq!(store.rotate(&unfit, NOW).unwrap(), Rotated::Unfit, "{why}");
    }
    assert_eq!((epochs(store), store.retired_keys(AGENT).unwrap().len()), ((1, 1), 1));
}

pub(super) fn a_retired_key_is_nobody_elses(store: &dyn Store) {
    agent(store);
    store.rotate(&rotation(1, 1, 2), NOW).unwrap();
    store.put_token(&token("t2", 5)).unwrap();
    let with_retired = enrolled(Id128([9; 16]), 1, "g");
    assert!(matches!(store.enrol("t2", &with_retired, NOW), Err(StoreError::Refused(_))));
    assert!(!store.register(&with_retired, "move", "a copy", NOW).unwrap());
    assert!(store.is_retired(&[1; 32]).unwrap() && !store.is_retired(&[2; 32]).unwrap());
    let again = enrolled(Id128([9; 16]), 2, "f");
    assert_eq!(store.enrol("t2", &again, NOW).unwrap(), Some(AGENT), "with the new one it is itself");
    assert!(store.erase_server("web1", false, "A. Person", NOW, &|_| String::new()).unwrap().is_some());
    assert!(!store.is_retired(&[1; 32]).unwrap(), "erased with its agent");
}

pub(super) fn a_revoked_agent_takes_no_other_key(store: &dyn Store) {
    agent(store);
    store.revoke(AGENT, "A. Person", NOW).unwrap();
    assert!(!store.ask_rotation(AGENT, "A. Person", NOW).unwrap());
    assert!(!store.ask_rotation(Id128([8; 16]), "A. Person", NOW).unwrap());
    assert_eq!(store.rotate(&rotation(1, 1, 2), NOW).unwrap(), Rotated::Unfit);
}

pub(super) fn a_retired_key_is_good_for_what_it_sealed(store: &dyn Store) {
    let source = agent(store);
    store.rotate(&rotation(1, 1, 2), NOW).unwrap();
    let minute = |seq: u64| batch(seq, &[(seq as i64 * 60, 1)], vec![], None);
    let append = |batch: Incoming| store.append(&[batch]).unwrap().remove(0);
    let retired = |batch| append(signed_with(0, batch));
    let current = |batch| append(signed_with(1, batch));
    assert_eq!(retired(minute(9)), Appended::Stored, "the agent may not know yet that it is retired");
    let lost = Incoming { tombstone: true, ..batch(2, &[], vec![], None) };
    assert_eq!(current(lost), Appended::Stored);
    assert!(store.retired_keys(AGENT).unwrap()[0].speaks(), "what stands for a lost batch says nothing");
    assert_eq!(current(minute(12)), Appended::Stored);
    assert_eq!(current(minute(11)), Appended::Stored, "on another way than the later one");
    assert_eq!(store.retired_keys(AGENT).unwrap()[0].succeeded, Some((SPOOL, 11)));
    assert_eq!(retired(minute(10)), Appended::Stored, "it waited");
    assert_eq!(retired(minute(13)), Appended::KeyRetired);
    assert_eq!(retired(batch_of(Id128([7; 16]), 1, &[(0, 1)], vec![], None)), Appended::KeyRetired);
    assert_eq!(audited(store, "signed with a retired key"), 2);
    assert!(store.facts("web1").unwrap().contains_key("identity_conflict"));
    assert_eq!(slots_of(store, source.id).len(), 4, "nothing of it is kept");
}

//! Batches around a change of key: what waited is kept, what the old key signs afterwards is not.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::sqlite::SqliteStore;
use crate::store::{Rotated, Rotation};

impl Site {
    /// The agent has the key of another seed; what it is, before it has sealed anything.
    fn rotated(self, epoch: u64, seed: u8) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let of = |key: &Ed25519KeyPair| key.public_key().as_ref().to_vec();
        let rotation = Rotation { agent: AGENT, epoch, from: of(&self.key), to: of(&key) };
        assert_eq!(self.store.rotate(&rotation, NOW).unwrap(), Rotated::Changed);
        Self { key, ..self }
    }

    fn minute(&self, seq: u64) -> Vec<u8> {
        self.sealed(seq, 1, NOW.0 - 6_000 + 60 * seq as i64)
    }
}

#[test]
fn what_waited_while_the_key_was_changed_is_kept() {
    let site = site();
    let waited: Vec<Vec<u8>> = (1..=3).map(|seq| site.minute(seq)).collect();
    let site = site.rotated(1, 10);
    let between = site.minute(4);
    let site = site.rotated(2, 11);
    assert_eq!(site.take(&site.minute(5)).unwrap().missing, [1, 2, 3, 4]);
    for sealed in waited.iter().rev().chain([&between]) {
        assert!(!site.take(sealed).unwrap().duplicate);
        assert!(site.take(sealed).unwrap().duplicate);
    }
    assert_eq!(site.slots(), 5);
    assert_eq!(site.store.check(true).unwrap().faults, []);
}

#[test]
fn a_key_that_was_retired_seals_nothing_more() {
    let site = site();
    let (early, late) = (site.minute(2), site.minute(4));
    let site = site.rotated(1, 10);
    site.take(&site.minute(3)).unwrap();
    assert!(matches!(site.take(&late), Err(Rejection::KeyRetired)));
    assert_eq!(site.take(&early).unwrap().missing, [1]);
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[99; 32]).unwrap();
    let forged = Site { key: stranger, ..site };
    assert!(matches!(forged.take(&forged.minute(4)), Err(Rejection::Corrupt(_))));
    assert!(forged.store.revoke(AGENT, "A. Person", NOW).unwrap());
    assert!(matches!(forged.take(&early), Err(Rejection::Revoked(_))), "its retired keys go with it");
}

#[test]
fn the_check_of_the_store_knows_retired_keys_of_what_waits() {
    let site = site();
    site.take(&site.minute(1)).unwrap();
    let site = site.rotated(1, 10);
    site.take(&site.minute(2)).unwrap();
    assert_eq!(site.store.check(true).unwrap().faults, []);
}

#[test]
fn a_batch_that_was_verified_before_the_key_was_changed_is_judged_by_the_key_that_signed_it() {
    let check = |seq: u64, through: Option<u64>| {
        let site = site();
        site.take(&site.minute(1)).unwrap();
        assert!(site.engagements.remembered(AGENT).is_some(), "it is not read again for its next batch");
        let waits = verify(&site.engagements, &site.minute(seq), NOW).unwrap();
        assert_eq!(waits.incoming.key_epoch, 0);
        let site = site.rotated(1, 10);
        site.take(&site.minute(3)).unwrap();
        match (commit(&[waits]).unwrap().remove(0), through) {
            (Ok(ack), Some(through)) => assert_eq!(ack.ack_through, through),
            (Err(Rejection::KeyRetired), None) => {}
            (answer, _) => panic!("{seq}: {answer:?}"),
        }
        let next = verify(&site.engagements, &site.minute(5), NOW).unwrap();
        assert_eq!(next.incoming.key_epoch, 1, "what is remembered is of the key before");
        assert_eq!(site.store.check(true).unwrap().faults, []);
    };
    check(2, Some(3));
    check(4, None);
}

#[test]
fn an_agent_that_lost_its_next_key_goes_on_under_the_one_before() {
    let site = site();
    let minutes: Vec<Vec<u8>> = (1..=4).map(|seq| site.minute(seq)).collect();
    site.take(&minutes[0]).unwrap();
    // The collector has taken a key that no one has: nothing will ever be signed with it.
    let site = site.rotated(1, 10);
    for (sealed, through) in minutes[1..].iter().zip(2..) {
        assert_eq!(site.take(sealed).unwrap().ack_through, through);
    }
    assert_eq!(site.slots(), 4);
    assert_eq!(site.store.check(true).unwrap().faults, []);
}

#[test]
fn a_copy_from_before_a_change_of_key_keeps_what_it_inherited() {
    let site = site();
    let [first, late, third, stale] = [1, 2, 3, 5].map(|seq| site.minute(seq));
    site.take(&first).unwrap();
    site.take(&third).unwrap();
    // Both wait in the inbox when the copy is made, under the key that is retired after it.
    let home = tempfile::tempdir().unwrap();
    let engagements = Engagements::new(home.path());
    let file = SqliteStore::file(home.path(), site.store.engagement());
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    site.store.copy_to(&file).unwrap();
    let site = site.rotated(1, 10);
    let fourth = site.minute(4);
    assert_eq!(site.take(&fourth).unwrap().missing, [2]);

    let store = engagements.store(site.store.engagement()).unwrap();
    let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let copy = Site { _dir: home, engagements, store, key };
    assert_eq!(copy.store.check(true).unwrap().faults, []);
    assert!(matches!(copy.take(&fourth), Err(Rejection::Corrupt(_))), "it knows nothing of the change yet");
    let copy = copy.rotated(1, 10);
    assert_eq!(copy.take(&fourth).unwrap().missing, [2]);
    assert_eq!(copy.store.check(true).unwrap().faults, [], "what it inherited is the old key's");
    for sealed in [&first, &third] {
        assert!(copy.take(sealed).unwrap().duplicate);
    }
    assert_eq!(copy.take(&late).unwrap().ack_through, 4);
    assert!(matches!(copy.take(&stale), Err(Rejection::KeyRetired)));
    assert_eq!(copy.slots(), 4);
    assert_eq!(copy.store.check(true).unwrap().faults, []);
}

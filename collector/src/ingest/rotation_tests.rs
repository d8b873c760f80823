//! Batches around a change of key: what waited is kept, what the old key signs afterwards is not.
// SPDX-License-Identifier: Apache-2.0

use super::*;
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

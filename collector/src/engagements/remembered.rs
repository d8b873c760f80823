//! An agent as it was last read. Its key is kept as a point of the curve: to find that point from the key's bytes costs
//! an eighth of a verification, and each of its batches is verified.
// SPDX-License-Identifier: Apache-2.0

use super::SharedStore;
use crate::store::Agent;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};

/// An agent as it was last read: it may have been revoked, erased or changed since.
pub struct Remembered {
    /// Where it is enrolled.
    pub store: SharedStore,
    /// The agent.
    pub agent: Agent,
    key: ReadyKey,
}

impl Remembered {
    pub(super) fn new(store: SharedStore, agent: Agent) -> Self {
        let key = ReadyKey::of(&agent.public_key);
        Self { store, agent, key }
    }

    /// Whether its key signed some bytes. What does not fit here is looked at again by whoever refuses it.
    #[must_use]
    pub fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.key.signed(bytes, signature)
    }
}

/// A key made ready; `None` for bytes that are no key.
struct ReadyKey(Option<VerifyingKey>);

impl ReadyKey {
    fn of(public_key: &[u8]) -> Self {
        let key = public_key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
        // With a key of small order anybody can sign.
        Self(key.filter(|key| !key.is_weak()))
    }

    fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature).ok();
        self.0.zip(signature).is_some_and(|(key, signature)| key.verify(bytes, &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

    #[test]
    fn it_says_what_ring_says() {
        for seed in 0..8_u8 {
            let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
            let (public, bytes) = (pair.public_key().as_ref(), [seed; 99]);
            let key = ReadyKey::of(public);
            let mut signature = pair.sign(&bytes).as_ref().to_vec();
            assert!(key.signed(&bytes, &signature));
            assert!(!key.signed(&bytes[1..], &signature));
            // Each seed has other bits: unoptimised, all of them take a minute.
            for bit in (usize::from(seed)..8 * signature.len()).step_by(31) {
                signature[bit / 8] ^= 1 << (bit % 8);
                let slowly = UnparsedPublicKey::new(&ED25519, public).verify(&bytes, &signature);
                assert_eq!(key.signed(&bytes, &signature), slowly.is_ok(), "bit {bit}");
                assert!(slowly.is_err(), "bit {bit}");
                signature[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn what_is_no_key_and_no_signature_fits_nothing() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let signature = pair.sign(b"bytes");
        let check = |key: &[u8], signature: &[u8], expected: bool| {
            assert_eq!(ReadyKey::of(key).signed(b"bytes", signature), expected, "{key:?}");
        };
        let public = pair.public_key().as_ref();
        check(public, signature.as_ref(), true);
        check(&public[1..], signature.as_ref(), false);
        check(public, &signature.as_ref()[1..], false);
        // The neutral point signs anything with itself and zero.
        let mut neutral = [0; 64];
        neutral[0] = 1;
        check(&neutral[..32], &neutral, false);
    }
}

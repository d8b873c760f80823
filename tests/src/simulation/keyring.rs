//! The keys of a simulated agent, kept as `cairn_agent::rotation` keeps them: one signs, those before it are known, and
//! one may be on its way. They are the agent's and not a run's, and a copy of its disk has a copy of them.
// SPDX-License-Identifier: Apache-2.0

use cairn_agent::spool::Signer;
use cairn_collector::store::Rotation;
use cairn_schemas::batch::SIGNATURE_BYTES;
use cairn_schemas::identity::AgentId;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A key.
#[derive(Clone, Debug)]
pub struct Key(Arc<Ed25519KeyPair>);

impl Key {
    /// A key of its own for each number.
    ///
    /// # Panics
    /// Never: any 32 bytes are a seed.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "any 32 bytes are a seed")]
    pub fn new(number: u64) -> Self {
        let mut seed = [0x5a; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        Self(Arc::new(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0.public_key().as_ref()).verify(bytes, signature).is_ok()
    }
}

/// All keys of an agent, shared with its spool.
#[derive(Clone, Debug)]
pub struct Keyring(Arc<Mutex<Keys>>);

#[derive(Clone, Debug)]
struct Keys {
    current: Key,
    epoch: u64,
    retired: Vec<Key>,
    pending: Option<Key>,
    /// Which key it was asked for in vain.
    refused: u64,
}

impl Keyring {
    /// That of an agent with its first key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        let keys = Keys { current: key, epoch: 0, retired: Vec::new(), pending: None, refused: 0 };
        Self(Arc::new(Mutex::new(keys)))
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That of a copy, which goes its own way.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.keys().clone())))
    }

    /// What to ask of the collector: the key that is on its way, or another if the collector asks for one.
    pub fn request(&self, agent: AgentId, asked: u64, another: impl FnOnce() -> Key) -> Option<Rotation> {
        let mut keys = self.keys();
        if keys.pending.is_none() && asked > keys.epoch.max(keys.refused) {
            keys.pending = Some(another());
        }
        let to = keys.pending.as_ref()?.public();
        Some(Rotation { agent, epoch: keys.epoch + 1, from: keys.current.public(), to })
    }

    /// The collector has taken it; or had, and says so late. Whether that is news.
    pub fn taken(&self, rotation: &Rotation) -> bool {
        let mut keys = self.keys();
        let Some(new) = keys.pending.take_if(|key| key.public() == rotation.to) else { return false };
        let before = std::mem::replace(&mut keys.current, new);
        keys.retired.push(before);
        keys.epoch = rotation.epoch;
        true
    }

    /// The collector will not take it.
    pub fn refused(&self, rotation: &Rotation, asked: u64) {
        let mut keys = self.keys();
        keys.refused = asked.max(rotation.epoch);
        keys.pending.take_if(|key| key.public() == rotation.to);
    }
}

impl Signer for Keyring {
    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.keys().current.0.sign(bytes).as_ref());
        signature
    }

    fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let keys = self.keys();
        keys.current.verify(bytes, signature) || keys.retired.iter().any(|key| key.verify(bytes, signature))
    }
}

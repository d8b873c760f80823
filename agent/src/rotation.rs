//! Another key for an agent that stays itself. It is made beside the one in use, both sign for it, and once the
//! collector has taken it, it takes the other's place. All that was sealed before stays as it was signed.
//!
//! Every step may be the last before a crash: the new key is on the disk before the request names it, the request
//! before it is sent, and that it was taken before it takes its place. Until then the key in use signs on, which the
//! collector lets it until it has seen something that the new one signed.
// SPDX-License-Identifier: Apache-2.0

use crate::identity::{IdentityError, SigningKey, verify, write_private};
use crate::spool::Signer;
use cairn_schemas::batch::SIGNATURE_BYTES;
use cairn_schemas::digest::{hex, unhex};
use cairn_schemas::enrolment::RotateRequest;
use cairn_schemas::identity::AgentId;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const FILE: &str = "keys.json";
/// Changes of key that are remembered: years of them.
const TAKEN_MAX: usize = 64;

/// The changes of key of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Book {
    agent_id: AgentId,
    /// Asked for, and not answered yet.
    pending: Option<RotateRequest>,
    /// Taken by the collector, oldest first.
    taken: Vec<RotateRequest>,
}

impl Book {
    fn read(data: &Path) -> Result<Self, IdentityError> {
        let path = data.join(FILE);
        match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(IdentityError::File { what: "cannot read", path, source }),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|why| IdentityError::Damaged { path, why: why.to_string() }),
        }
    }

    /// That of an agent. A copy of a machine finds there what its source did, which is not its own.
    fn of(data: &Path, agent_id: AgentId) -> Result<Self, IdentityError> {
        let book = Self::read(data)?;
        Ok(if book.agent_id == agent_id { book } else { Self { agent_id, ..Self::default() } })
    }

    fn write(&self, data: &Path) -> Result<(), IdentityError> {
        let json = serde_json::to_vec_pretty(self)
            .map_err(|why| IdentityError::Damaged { path: data.join(FILE), why: why.to_string() })?;
        write_private(data, FILE, &json)
    }

    fn epoch(&self) -> u64 {
        self.taken.last().map_or(0, |taken| taken.epoch)
    }
}

/// The key the collector has taken is nowhere: nothing it would have to sign can be made any more.
fn lost(data: &Path) -> IdentityError {
    let why = "the collector has taken a key that is not here any more: the one before signs on and is accepted, but \
               another change of key needs this agent to be enrolled anew";
    IdentityError::Damaged { path: data.join("key.new"), why: why.to_owned() }
}

/// Puts a key that was taken in its place, where a crash came between.
///
/// # Errors
/// The data directory cannot be read or written.
pub(crate) fn finish(data: &Path) -> Result<(), IdentityError> {
    match Book::read(data)?.taken.last() {
        Some(taken) => SigningKey::adopt(data, &taken.public_key),
        None => Ok(()),
    }
}

/// The key an agent signs with, and those it signed with before: what waits in its spool may be of any of them.
#[derive(Clone, Debug)]
pub struct Keyring(Arc<Mutex<Keys>>);

#[derive(Debug)]
struct Keys {
    current: SigningKey,
    retired: Vec<Vec<u8>>,
}

impl Keyring {
    /// The keys of an agent in its data directory; its first is made when it has none yet.
    ///
    /// # Errors
    /// A file of it is unreadable, unwritable or damaged.
    pub fn load(data: &Path, agent_id: AgentId) -> Result<Self, IdentityError> {
        let current = SigningKey::load_or_make(data)?;
        let taken = Book::of(data, agent_id)?.taken;
        if taken.last().is_some_and(|taken| taken.public_key != current.public_hex()) {
            tracing::error!(error = %lost(data), "key");
        }
        let retired = taken.iter().filter_map(|taken| unhex(&taken.retired_key)).collect();
        Ok(Self(Arc::new(Mutex::new(Keys { current, retired }))))
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn public_hex(&self) -> String {
        self.keys().current.public_hex()
    }

    fn replace(&self, key: SigningKey) {
        let mut keys = self.keys();
        let before = std::mem::replace(&mut keys.current, key);
        keys.retired.push(before.public().to_vec());
    }
}

impl Signer for Keyring {
    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.keys().current.sign(bytes)
    }

    fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let keys = self.keys();
        keys.current.verify(bytes, signature) || keys.retired.iter().any(|key| verify(key, bytes, signature))
    }
}

/// The changes of key of a run.
#[derive(Debug)]
pub struct Rotation {
    data: PathBuf,
    agent_id: AgentId,
    keyring: Keyring,
    /// Which key the collector asked for and did not take: it is not made again and again.
    refused: u64,
}

impl Rotation {
    /// Goes on where an earlier run was.
    #[must_use]
    pub fn new(data: &Path, agent_id: AgentId, keyring: Keyring) -> Self {
        Self { data: data.to_owned(), agent_id, keyring, refused: 0 }
    }

    /// The request to make now, if the collector asks for the key of number `asked`, or one is under way.
    ///
    /// # Errors
    /// The data directory cannot be read or written.
    pub fn request(&mut self, asked: u64) -> Result<Option<RotateRequest>, IdentityError> {
        let mut book = self.settled()?;
        let beside = SigningKey::beside(&self.data)?;
        let is_beside = |request: &RotateRequest| {
            beside.as_ref().is_some_and(|key| key.public_hex() == request.public_key)
        };
        if let Some(pending) = book.pending.take_if(|pending| is_beside(pending)) {
            return Ok(Some(pending));
        }
        if asked <= book.epoch().max(self.refused) {
            return Ok(None);
        }
        let request = self.signed(book.epoch() + 1)?;
        book.pending = Some(request.clone());
        book.write(&self.data)?;
        Ok(Some(request))
    }

    /// Another key, and both signatures.
    fn signed(&self, epoch: u64) -> Result<RotateRequest, IdentityError> {
        let new = SigningKey::make_beside(&self.data)?;
        let mut request = RotateRequest {
            agent_id: self.agent_id,
            epoch,
            retired_key: self.keyring.public_hex(),
            public_key: new.public_hex(),
            signature: String::new(),
            proof: String::new(),
        };
        let bytes = request.signed();
        request.signature = hex(&self.keyring.sign(&bytes));
        request.proof = hex(&new.sign(&bytes));
        Ok(request)
    }

    /// The collector has taken it: from now on the new key signs.
    ///
    /// # Errors
    /// The data directory cannot be read or written; then the old key signs on, and the same may be asked again.
    pub fn taken(&mut self, request: &RotateRequest) -> Result<(), IdentityError> {
        let mut book = Book::of(&self.data, self.agent_id)?;
        if book.epoch() < request.epoch {
            book.pending = None;
            book.taken.push(request.clone());
            book.taken.drain(..book.taken.len().saturating_sub(TAKEN_MAX));
            book.write(&self.data)?;
        }
        self.settled()?;
        if self.keyring.public_hex() != request.public_key {
            return Err(lost(&self.data));
        }
        tracing::info!(epoch = request.epoch, "another key signs from now on");
        Ok(())
    }

    /// The collector will not take it: the key there is signs on.
    ///
    /// # Errors
    /// The data directory cannot be read or written.
    pub fn refused(&mut self, request: &RotateRequest, asked: u64) -> Result<(), IdentityError> {
        self.refused = asked.max(request.epoch);
        let mut book = Book::of(&self.data, self.agent_id)?;
        book.pending = None;
        book.write(&self.data)?;
        SigningKey::discard_beside(&self.data)
    }

    /// All it asked for, oldest first: a collector that was brought back from the past may know none of it.
    ///
    /// # Errors
    /// The data directory cannot be read.
    pub fn all(&self) -> Result<Vec<RotateRequest>, IdentityError> {
        let book = Book::of(&self.data, self.agent_id)?;
        Ok(book.taken.into_iter().chain(book.pending).collect())
    }

    /// The book, once the key that was last taken is the one that signs.
    fn settled(&self) -> Result<Book, IdentityError> {
        let book = Book::of(&self.data, self.agent_id)?;
        if let Some(taken) = book.taken.last().filter(|taken| taken.public_key != self.keyring.public_hex()) {
            let key = SigningKey::load_or_make(&self.data)?;
            if key.public_hex() == taken.public_key {
                self.keyring.replace(key);
            }
        }
        Ok(book)
    }
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;

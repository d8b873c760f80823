//! Ingest: what an agent sends is verified, committed, and only then acknowledged. One writer commits what
//! has gathered while it was committing before, so that many agents share one fsync.
// SPDX-License-Identifier: Apache-2.0

use crate::engagements::{Engagements, SharedStore};
use crate::store::{Agent, Appended, Contents, Incoming, NOTHING_BEFORE, Store, StoreError};
use cairn_schemas::batch::{self, Envelope, WireError};
use cairn_schemas::digest::sha256;
use cairn_schemas::enrolment::Ack;
use cairn_schemas::identity::AgentId;
use cairn_schemas::time::{DAY_S, Timestamp};
use ring::signature::{ED25519, UnparsedPublicKey};
use std::sync::Arc;

mod writer;
pub(crate) use writer::WAITING_MAX;
pub use writer::Writer;

/// Seconds until the next upload a collector asks for.
const NEXT_UPLOAD_S: u32 = 900;
/// How far ahead of our clock a slot may lie.
const AHEAD_S_MAX: i64 = DAY_S;
/// Largest number of a batch.
const SEQ_MAX: u64 = i64::MAX as u64;

/// Why a batch is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// It is no batch, cut short, or altered since it was sealed.
    #[error("the batch is damaged: {0}")]
    Corrupt(String),
    /// It is larger than anybody accepts.
    #[error("the batch is too large: {0}")]
    TooLarge(WireError),
    /// Its agent is not enrolled here.
    #[error("agent {0} is not enrolled here; enrol it again with a join string")]
    UnknownAgent(String),
    /// Its agent was revoked.
    #[error("agent {0} was revoked; it keeps its data until it is enrolled again")]
    Revoked(String),
    /// It is well signed and cannot be read all the same.
    #[error("the batch cannot be read: {0}")]
    Undecodable(String),
    /// Its slots lie in the future, or before this century; seconds ahead of our clock.
    #[error(
        "the last slot lies {0} s ahead of the collector's clock, or the first before 2000; set the clock of the host"
    )]
    ClockInvalid(i64),
    /// Another batch has its key.
    #[error(
        "another batch of the same agent, spool and number is here already: two machines share one identity"
    )]
    Forked,
    /// Another key had taken the place of its own before it was sealed.
    #[error(
        "it is signed with a key that was retired before it was sealed: two machines share one identity, one was \
         brought back from before its key was changed, or the key was taken"
    )]
    KeyRetired,
    /// More is waiting than can be taken.
    #[error("too many batches are waiting; send it again later")]
    Busy,
    /// Nothing is taken any more.
    #[error("the writer of the inbox ended; restart the collector, then send it again")]
    WriterStopped,
    /// The store refused; the same batch may be taken later.
    #[error("the store could not keep the batch: {0}")]
    Store(Arc<StoreError>),
}

/// A batch that was verified and may be committed.
pub struct Verified {
    store: SharedStore,
    incoming: Incoming,
}

impl Verified {
    /// The same, carried here in a bundle.
    #[must_use]
    pub fn carried(mut self) -> Self {
        self.incoming.carried = true;
        self
    }

    /// Whose it is.
    #[must_use]
    pub const fn agent_id(&self) -> AgentId {
        self.incoming.key.agent_id
    }
}

/// Verifies a sealed batch: sizes, agent, signature, content, time. Blocks.
///
/// # Errors
/// Why it is not taken.
pub fn verify(engagements: &Engagements, sealed: &[u8], now: Timestamp) -> Result<Verified, Rejection> {
    let envelope = batch::open(sealed).map_err(|error| match error {
        WireError::TooLarge { .. } => Rejection::TooLarge(error),
        _ => Rejection::Corrupt(error.to_string()),
    })?;
    if !(1..=SEQ_MAX).contains(&envelope.key.seq) {
        return Err(Rejection::Corrupt(format!("number {} is none a spool gives", envelope.key.seq)));
    }
    let (store, key_epoch) = signer(engagements, &envelope)?;
    let batch = envelope.skim().map_err(|error| match error {
        WireError::TooLarge { .. } => Rejection::TooLarge(error),
        _ => Rejection::Undecodable(error.to_string()),
    })?;
    let ahead = batch.table.slots.last().map_or(0, |slot| slot.end().0 - now.0);
    let first = batch.table.slots.first().map_or(now, |slot| slot.start);
    if ahead > AHEAD_S_MAX || first < NOTHING_BEFORE {
        return Err(Rejection::ClockInvalid(ahead));
    }
    let incoming = Incoming {
        key: envelope.key,
        sha256: sha256(sealed),
        sealed: sealed.to_vec(),
        received_at: now,
        key_epoch,
        carried: false,
        // An announcement has no slots either, but stands for no other batch: two of one number are a fork.
        tombstone: batch.table.slots.is_empty() && batch.inventory.is_none(),
        holds: Contents::of(&batch),
    };
    Ok(Verified { store, incoming })
}

/// The store of the agent that signed a batch, and with which of its keys. An agent that is remembered is not read
/// again for each of its batches: whether it was revoked, erased or given another key meanwhile is seen where the batch
/// is committed.
fn signer(engagements: &Engagements, envelope: &Envelope<'_>) -> Result<(SharedStore, u64), Rejection> {
    let id = envelope.key.agent_id;
    if let Some(known) = engagements.remembered(id)
        && known.signed(envelope.signed, envelope.signature)
    {
        return Ok((Arc::clone(&known.store), known.agent.key_epochs.current));
    }
    let fits = |key: &[u8]| {
        UnparsedPublicKey::new(&ED25519, key).verify(envelope.signed, envelope.signature).is_ok()
    };
    let refused = |error| Rejection::Store(Arc::new(error));
    let (store, agent) =
        engagements.agent(id).map_err(refused)?.ok_or_else(|| Rejection::UnknownAgent(id.to_string()))?;
    if agent.revoked_at.is_some() {
        return Err(Rejection::Revoked(id.to_string()));
    }
    let epoch = key_epoch(&*store, &agent, fits).map_err(refused)?;
    // A known agent signs what it seals: a signature that does not fit says the bytes are not those.
    let epoch = epoch.ok_or_else(|| Rejection::Corrupt("its signature is not of these bytes".into()))?;
    Ok((store, epoch))
}

/// Which of an agent's keys fits. What waited while a key was changed is signed with the one before; whether that one
/// can have sealed it, the store says when it keeps it.
fn key_epoch(
    store: &dyn Store,
    agent: &Agent,
    fits: impl Fn(&[u8]) -> bool,
) -> Result<Option<u64>, StoreError> {
    let current = agent.key_epochs.current;
    if fits(&agent.public_key) {
        return Ok(Some(current));
    }
    if current == 0 {
        return Ok(None);
    }
    let retired = store.retired_keys(agent.id)?;
    Ok(retired.into_iter().find(|key| fits(&key.public_key)).map(|key| key.epoch))
}

/// Commits verified batches of one engagement in one transaction; what each agent is told, in their order. Blocks.
///
/// # Errors
/// The store refuses: none of them was kept, and the same may be tried again.
pub fn commit(batches: &[Verified]) -> Result<Vec<Result<Ack, Rejection>>, StoreError> {
    let Some(store) = batches.first().map(|verified| &verified.store) else { return Ok(Vec::new()) };
    debug_assert!(batches.iter().all(|verified| verified.store.engagement() == store.engagement()));
    let incoming: Vec<Incoming> = batches.iter().map(|verified| verified.incoming.clone()).collect();
    let appended = store.append(&incoming)?;
    let tell = |(incoming, appended): (&Incoming, Appended)| acknowledge(store, incoming, appended);
    Ok(incoming.iter().zip(appended).map(tell).collect())
}

/// What the agent is told once its batch is committed. Blocks.
///
/// # Errors
/// It is a fork, or the store cannot be read.
fn acknowledge(store: &SharedStore, incoming: &Incoming, appended: Appended) -> Result<Ack, Rejection> {
    match appended {
        Appended::Stored | Appended::Duplicate => {}
        Appended::Forked => return Err(Rejection::Forked),
        Appended::KeyRetired => return Err(Rejection::KeyRetired),
        Appended::Revoked => return Err(Rejection::Revoked(incoming.key.agent_id.to_string())),
        Appended::Stranger => return Err(Rejection::UnknownAgent(incoming.key.agent_id.to_string())),
    }
    let state = store
        .ack_state(incoming.key.agent_id, incoming.key.spool_id)
        .map_err(|error| Rejection::Store(Arc::new(error)))?;
    let directives =
        store.directives_of(incoming.key.agent_id).map_err(|error| Rejection::Store(Arc::new(error)))?;
    Ok(Ack {
        spool_id: incoming.key.spool_id,
        ack_through: state.ack_through,
        missing: state.missing,
        duplicate: appended == Appended::Duplicate,
        server_time: incoming.received_at,
        next_upload_in_s: NEXT_UPLOAD_S,
        directives_version: directives.as_ref().map_or(0, |directives| directives.version),
        directives,
    })
}

#[cfg(test)]
#[path = "ingest/ingest_tests.rs"]
mod tests;

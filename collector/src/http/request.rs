//! What the small JSON requests have in common: read whole and in time, worked on off the async threads, and signed
//! by an agent that is known.
// SPDX-License-Identifier: Apache-2.0

use super::Shared;
use super::batches::bytes;
use super::problem::Refused;
use super::refusal::Refusal;
use crate::engagements::{Engagements, SharedStore};
use crate::ingest::Rejection;
use crate::store::{Agent, Store};
use axum::body::Body;
use cairn_schemas::digest::unhex;
use cairn_schemas::identity::AgentId;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The request in a body of at most `limit` bytes; what is no such request is refused as `otherwise`.
pub(super) async fn asked<T: DeserializeOwned>(
    body: Body,
    limit: usize,
    otherwise: Refusal,
) -> Result<T, Refused> {
    let body = bytes(body, limit).await?;
    serde_json::from_slice(&body).map_err(|error| Refused::new(otherwise, error.to_string()))
}

/// Work that waits for a disk.
pub(super) async fn off_thread<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Engagements) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let engagements = Arc::clone(&shared.engagements);
    tokio::task::spawn_blocking(move || work(&engagements)).await.map_err(|_| Refused::panicked())?
}

/// An agent that is enrolled, revoked or not, and where.
pub(super) fn known(engagements: &Engagements, id: AgentId) -> Result<(SharedStore, Agent), Refused> {
    let found = engagements.agent(id).map_err(|error| Refused::store(&error))?;
    found.ok_or_else(|| Rejection::UnknownAgent(id.to_string()).into())
}

/// Whether a signature, in hexadecimal digits, is of these bytes and by that agent: with its key, or with the one
/// before as long as the agent may not know that it is retired.
pub(super) fn signed_by(
    store: &dyn Store,
    agent: &Agent,
    signed: &[u8],
    signature: &str,
) -> Result<bool, Refused> {
    if signed_with(&agent.public_key, signed, signature) {
        return Ok(true);
    }
    let retired = store.retired_keys(agent.id).map_err(|error| Refused::store(&error))?;
    Ok(retired.iter().any(|key| key.speaks() && signed_with(&key.public_key, signed, signature)))
}

/// Whether a signature, in hexadecimal digits, is of these bytes and with that key.
pub(super) fn signed_with(public_key: &[u8], signed: &[u8], signature: &str) -> bool {
    let signature = unhex(signature).unwrap_or_default();
    UnparsedPublicKey::new(&ED25519, public_key).verify(signed, &signature).is_ok()
}

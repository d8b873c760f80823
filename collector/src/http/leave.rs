//! `POST /v1/leave`: an agent that is being uninstalled has its identity revoked. The row and its data stay.
// SPDX-License-Identifier: Apache-2.0

use super::batches::bytes;
use super::problem::Refused;
use super::{Peer, Shared};
use crate::clock::now;
use crate::engagements::Engagements;
use crate::ingest::Rejection;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use cairn_schemas::digest::unhex;
use cairn_schemas::enrolment::LeaveRequest;
use cairn_schemas::time::{DAY_S, Timestamp};
use ring::signature::{ED25519, UnparsedPublicKey};
use std::sync::Arc;

/// Largest request accepted.
const REQUEST_BYTES_MAX: usize = 4 << 10;

pub(super) async fn leave(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    body: Body,
) -> Result<StatusCode, Refused> {
    shared.limits.enrolment(address)?;
    let body = bytes(body, REQUEST_BYTES_MAX).await?;
    let request: LeaveRequest = serde_json::from_slice(&body).map_err(|error| invalid(error.to_string()))?;
    let engagements = Arc::clone(&shared.engagements);
    let work = move || revoked(&engagements, &request, now());
    tokio::task::spawn_blocking(work).await.map_err(|_| Rejection::Busy)??;
    shared.counters.add("agent_left", 1);
    Ok(StatusCode::NO_CONTENT)
}

fn revoked(engagements: &Engagements, request: &LeaveRequest, now: Timestamp) -> Result<(), Refused> {
    let id = request.agent_id;
    let found = engagements.agent(id).map_err(|error| Refused::store(&error))?;
    let (store, agent) = found.ok_or_else(|| Rejection::UnknownAgent(id.to_string()))?;
    let signature = unhex(&request.signature).unwrap_or_default();
    UnparsedPublicKey::new(&ED25519, &agent.public_key)
        .verify(&LeaveRequest::signed(id, request.at), &signature)
        .map_err(|_| invalid("the signature is not that agent's".into()))?;
    if request.at.0.abs_diff(now.0) > DAY_S as u64 {
        return Err(invalid(format!("the request is of {}, more than a day from now", request.at)));
    }
    // Asked twice, it has left all the same.
    store.revoke(id, "the agent, being uninstalled", now).map_err(|error| Refused::store(&error))?;
    tracing::info!(agent = %id, "agent left");
    Ok(())
}

fn invalid(detail: String) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "leave-invalid", "Not a valid request to leave", detail)
}

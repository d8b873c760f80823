//! `POST /v1/leave`: an agent that is being uninstalled has its identity revoked. The row and its data stay.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use super::request::{asked, known, off_thread, signed_by};
use super::{Peer, Shared};
use crate::clock::now;
use crate::engagements::Engagements;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use cairn_schemas::enrolment::LeaveRequest;
use cairn_schemas::time::{DAY_S, Timestamp};

/// Largest request accepted.
const REQUEST_BYTES_MAX: usize = 4 << 10;

pub(super) async fn leave(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    body: Body,
) -> Result<StatusCode, Refused> {
    shared.limits.enrolment(address)?;
    let request: LeaveRequest = asked(body, REQUEST_BYTES_MAX, Refusal::LeaveInvalid).await?;
    off_thread(&shared, move |engagements| revoked(engagements, &request, now())).await?;
    shared.counters.add("agent_left", 1);
    Ok(StatusCode::NO_CONTENT)
}

fn revoked(engagements: &Engagements, request: &LeaveRequest, now: Timestamp) -> Result<(), Refused> {
    let id = request.agent_id;
    let (store, agent) = known(engagements, id)?;
    signed_by(&*store, &agent, &LeaveRequest::signed(id, request.at), &request.signature)?
        .then_some(())
        .ok_or_else(|| invalid("the signature is not that agent's".into()).of(id))?;
    if request.at.0.abs_diff(now.0) > DAY_S as u64 {
        return Err(invalid(format!("the request is of {}, more than a day from now", request.at)));
    }
    // Asked twice, it has left all the same.
    store.revoke(id, "the agent, being uninstalled", now).map_err(|error| Refused::store(&error))?;
    tracing::info!(agent = %id, "agent left");
    Ok(())
}

fn invalid(detail: String) -> Refused {
    Refused::new(Refusal::LeaveInvalid, detail)
}

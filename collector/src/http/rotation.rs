//! `POST /v1/rotate`: an agent that stays itself puts another key in the place of the one it has.
// SPDX-License-Identifier: Apache-2.0

use super::enrolment::public_key;
use super::limits::Limits;
use super::problem::Refused;
use super::refusal::Refusal;
use super::request::{asked, known, off_thread, signed_with};
use super::{Peer, Shared};
use crate::clock::now;
use crate::engagements::Engagements;
use crate::ingest::Rejection;
use crate::store::{Rotated, Rotation};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use cairn_schemas::enrolment::RotateRequest;
use cairn_schemas::time::Timestamp;
use std::sync::Arc;

/// Largest request accepted.
const REQUEST_BYTES_MAX: usize = 4 << 10;

pub(super) async fn rotate(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    body: Body,
) -> Result<StatusCode, Refused> {
    shared.limits.address(address)?;
    let request: RotateRequest = asked(body, REQUEST_BYTES_MAX, Refusal::RotationInvalid).await?;
    let limits = Arc::clone(&shared.limits);
    let rotated =
        off_thread(&shared, move |engagements| rotated(engagements, &limits, &request, now())).await?;
    if rotated == Rotated::Changed {
        shared.counters.add("agent_key_rotated", 1);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A repetition is answered as the first time, whose answer may have been lost. So is one that nobody asked for here:
/// a collector brought back from the past has forgotten that it did, and would never understand its agent again.
fn rotated(
    engagements: &Engagements,
    limits: &Limits,
    request: &RotateRequest,
    now: Timestamp,
) -> Result<Rotated, Refused> {
    let id = request.agent_id;
    let (store, agent) = known(engagements, id)?;
    if agent.revoked_at.is_some() {
        return Err(Rejection::Revoked(id.to_string()).into());
    }
    let from = public_key(&request.retired_key, "retired_key").map_err(invalid)?;
    let to = public_key(&request.public_key, "public_key").map_err(invalid)?;
    let signed = request.signed();
    if !signed_with(&from, &signed, &request.signature) || !signed_with(&to, &signed, &request.proof) {
        return Err(invalid("not both keys have signed it".into()).of(id));
    }
    let is_its_own = from == agent.public_key || to == agent.public_key;
    let had = store.retired_keys(id).map_err(|error| Refused::store(&error))?;
    if !is_its_own && !had.iter().any(|key| key.public_key == from) {
        return Err(invalid("the key it is signed with is not that agent's".into()).of(id));
    }
    limits.rotation(id)?;
    let rotation = Rotation { agent: id, epoch: request.epoch, from, to };
    match store.rotate(&rotation, now).map_err(|error| Refused::store(&error))? {
        Rotated::Unfit => {
            let why = format!("key {} does not follow on what is known of that agent's keys", request.epoch);
            Err(invalid(why).of(id))
        }
        rotated => {
            tracing::info!(agent = %id, epoch = request.epoch, ?rotated, "the agent has another key");
            Ok(rotated)
        }
    }
}

fn invalid(detail: String) -> Refused {
    Refused::new(Refusal::RotationInvalid, detail)
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;

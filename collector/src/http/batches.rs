//! `POST /v1/batches`: one sealed batch in, one acknowledgement out, after the commit.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use super::request::off_thread;
use super::{Peer, Shared};
use crate::clock::now;
use crate::ingest::{Rejection, verify};
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::State;
use axum::{Extension, Json};
use cairn_schemas::batch::{self, ENCODED_BYTES_MAX};
use cairn_schemas::enrolment::Ack;
use std::time::Duration;

/// Batches up to here, once they are decoded, are verified where they arrive, in about a tenth of a millisecond: to
/// hand one to another thread and back costs more than its signature.
pub(crate) const VERIFIED_HERE_BYTES_MAX: usize = 64 << 10;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(60);

pub(super) async fn receive(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    body: Body,
) -> Result<Json<Ack>, Refused> {
    shared.limits.address(address)?;
    let _place = shared.limits.body(body.size_hint().exact()).await?;
    let sealed = bytes(body, ENCODED_BYTES_MAX).await?;
    let claimed = batch::open(&sealed).map(|envelope| envelope.key.agent_id).ok();
    let of = |refused: Refused| refused.of(claimed.map(|agent| agent.to_string()).unwrap_or_default());
    let ack = taken(&shared, sealed).await.map_err(of)?;
    shared.counters.add(if ack.duplicate { "batch_duplicate" } else { "batch_stored" }, 1);
    Ok(Json(ack))
}

async fn taken(shared: &Shared, sealed: Bytes) -> Result<Ack, Refused> {
    let decoded_bytes = batch::open(&sealed).map_or(0, |envelope| envelope.decoded_bytes());
    let is_large = decoded_bytes.max(sealed.len()) > VERIFIED_HERE_BYTES_MAX;
    // Kept until the answer: its inventory waits with it, decoded.
    let _place = if is_large { Some(shared.limits.decoder().await?) } else { None };
    let verified = if is_large {
        off_thread(shared, move |engagements| Ok(verify(engagements, &sealed, now())?)).await?
    } else {
        let verified = verify(&shared.engagements, &sealed, now())?;
        drop(sealed);
        verified
    };
    let agent = verified.agent_id();
    shared.limits.agent(agent)?;
    let committed = shared.writer.commit(verified).await;
    if matches!(committed, Err(Rejection::Revoked(_) | Rejection::UnknownAgent(_))) {
        shared.engagements.forget(agent);
    }
    Ok(committed?)
}

/// A body of at most `limit` bytes, in time.
pub(super) async fn bytes(body: Body, limit: usize) -> Result<Bytes, Refused> {
    let broken = |error: axum::Error| {
        // Only what is too large is refused for good; what broke off may come whole the next time.
        if error.to_string().contains("length limit") {
            return Refused::new(Refusal::TooLarge, format!("the body is above {limit} bytes"));
        }
        Refused::new(Refusal::BodyIncomplete, format!("the body broke off ({error}); send it again"))
    };
    let late = |_| Refused::new(Refusal::BodyIncomplete, "the body did not arrive in time; send it again");
    tokio::time::timeout(BODY_DEADLINE, to_bytes(body, limit)).await.map_err(late)?.map_err(broken)
}

//! `POST /v1/batches`: one sealed batch in, one acknowledgement out, after the commit.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use super::request::off_thread;
use super::{Peer, Shared};
use crate::clock::now;
use crate::ingest::verify;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::State;
use axum::{Extension, Json};
use cairn_schemas::batch::{self, ENCODED_BYTES_MAX};
use cairn_schemas::enrolment::Ack;
use std::time::Duration;

/// Batches up to here are verified where they arrive, in about a tenth of a millisecond: to hand one to another
/// thread and back costs more than its signature.
const VERIFIED_HERE_BYTES_MAX: usize = 32 << 10;
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
    let claimed = batch::open(&sealed).map(|envelope| envelope.key.agent_id.to_string()).unwrap_or_default();
    let ack = taken(&shared, sealed).await.map_err(|refused| refused.of(claimed))?;
    shared.counters.add(if ack.duplicate { "batch_duplicate" } else { "batch_stored" }, 1);
    Ok(Json(ack))
}

async fn taken(shared: &Shared, sealed: Bytes) -> Result<Ack, Refused> {
    let verified = if sealed.len() <= VERIFIED_HERE_BYTES_MAX {
        verify(&shared.engagements, &sealed, now())?
    } else {
        off_thread(shared, move |engagements| Ok(verify(engagements, &sealed, now())?)).await?
    };
    shared.limits.agent(verified.agent_id())?;
    Ok(shared.writer.commit(verified).await?)
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

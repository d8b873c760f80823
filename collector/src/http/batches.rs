//! `POST /v1/batches`: one sealed batch in, one acknowledgement out, after the commit.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::{Peer, Shared};
use crate::clock::now;
use crate::ingest::{Rejection, verify};
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use cairn_schemas::batch::ENCODED_BYTES_MAX;
use cairn_schemas::enrolment::Ack;
use std::net::IpAddr;
use std::sync::Arc;
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
    let counters = Arc::clone(&shared.counters);
    match taken(shared, address, body).await {
        Ok(ack) => {
            counters.add(if ack.duplicate { "batch_duplicate" } else { "batch_stored" }, 1);
            Ok(Json(ack))
        }
        Err(refused) => {
            counters.add(refused.code, 1);
            tracing::warn!(code = refused.code, detail = %refused.detail, "batch refused");
            Err(refused)
        }
    }
}

async fn taken(shared: Shared, address: IpAddr, body: Body) -> Result<Ack, Refused> {
    shared.limits.address(address)?;
    let _place = shared.limits.body(body.size_hint().exact()).await?;
    let sealed = bytes(body, ENCODED_BYTES_MAX).await?;
    let verified = if sealed.len() <= VERIFIED_HERE_BYTES_MAX {
        verify(&shared.engagements, &sealed, now())?
    } else {
        let engagements = Arc::clone(&shared.engagements);
        let verified = tokio::task::spawn_blocking(move || verify(&engagements, &sealed, now())).await;
        verified.map_err(|_| Rejection::Busy)??
    };
    shared.limits.agent(verified.agent_id())?;
    Ok(shared.writer.commit(verified).await?)
}

/// A body of at most `limit` bytes, in time.
pub(super) async fn bytes(body: Body, limit: usize) -> Result<axum::body::Bytes, Refused> {
    let late =
        |detail: String| Refused::new(StatusCode::REQUEST_TIMEOUT, "timeout", "Incomplete request", detail);
    let broken = |error: axum::Error| {
        // Only what is too large is refused for good; what broke off may come whole the next time.
        if error.to_string().contains("length limit") {
            let detail = format!("the body is above {limit} bytes");
            return Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Body too large", detail);
        }
        late(format!("the body broke off ({error}); send it again"))
    };
    let whole = tokio::time::timeout(BODY_DEADLINE, to_bytes(body, limit)).await;
    whole.map_err(|_| late("the body did not arrive in time; send it again".into()))?.map_err(broken)
}

//! `POST /v1/enroll`: a join token and a public key in, an identity out.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use super::request::{asked, off_thread};
use super::{Peer, Shared};
use crate::clock::now;
use crate::engagements::Engagements;
use crate::store::{Agent, KeyEpochs, RegisteredBy, StoreError};
use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use cairn_schemas::digest::{sha256_hex, unhex};
use cairn_schemas::enrolment::{EnrolReply, EnrolRequest};
use cairn_schemas::identity::Id128;
use cairn_schemas::time::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};

/// Largest request accepted.
const REQUEST_BYTES_MAX: usize = 16 << 10;
/// Bytes of an Ed25519 public key.
const KEY_BYTES: usize = 32;
/// Longest host name kept.
const HOSTNAME_CHARS_MAX: usize = 255;

pub(super) async fn enrol(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    body: Body,
) -> Result<Json<EnrolReply>, Refused> {
    shared.limits.enrolment(address)?;
    let request: EnrolRequest = asked(body, REQUEST_BYTES_MAX, Refusal::EnrolmentInvalid).await?;
    let mut random = [0; 10];
    SystemRandom::new().fill(&mut random).map_err(|_| invalid("no random numbers here".into()))?;
    let reply =
        off_thread(&shared, move |engagements| register(engagements, &request, random, now())).await?;
    shared.counters.add("agent_enrolled", 1);
    Ok(Json(reply))
}

fn register(
    engagements: &Engagements,
    request: &EnrolRequest,
    random: [u8; 10],
    now: Timestamp,
) -> Result<EnrolReply, Refused> {
    let store_failed = |error: StoreError| Refused::store(&error);
    let public_key = public_key(&request.public_key, "public_key").map_err(invalid)?;
    let hostname = hostname(&request.hostname).map_err(invalid)?;
    let (store, token) = engagements.token(&request.token_id).map_err(store_failed)?.ok_or_else(denied)?;
    let digest = sha256_hex(request.secret.as_bytes());
    if !same(digest.as_bytes(), token.secret_sha256.as_bytes()) {
        return Err(denied());
    }
    if store.is_retired(&public_key).map_err(store_failed)? {
        return Err(retired());
    }
    let id = Id128::v7(u64::try_from(now.0).unwrap_or(0) * 1_000, random);
    let agent = Agent {
        id,
        source: 0,
        public_key,
        key_epochs: KeyEpochs::default(),
        hostname,
        fingerprint: request.fingerprint.clone(),
        version: request.agent_version.clone(),
        registered_by: RegisteredBy::Token,
        enrolled_at: now,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
    };
    let agent_id = store.enrol(&request.token_id, &agent, now).map_err(store_failed)?.ok_or_else(denied)?;
    tracing::info!(agent = %agent_id, hostname = ?agent.hostname, "agent enrolled");
    Ok(EnrolReply { agent_id, engagement: store.engagement().as_str().to_owned(), server_time: now })
}

/// A public key from its hexadecimal digits.
pub(super) fn public_key(hex: &str, field: &str) -> Result<Vec<u8>, String> {
    let key = unhex(hex).filter(|key| key.len() == KEY_BYTES);
    key.ok_or_else(|| format!("{field} is not 64 hexadecimal digits"))
}

/// A host name as it is kept.
pub(super) fn hostname(name: &str) -> Result<String, String> {
    let kept: String = name.chars().take(HOSTNAME_CHARS_MAX).collect();
    if kept.trim().is_empty() { Err("hostname is empty".into()) } else { Ok(kept) }
}

/// Compares without telling by its time where two hashes differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

/// One answer for every wrong, used-up or expired token: it tells a guesser nothing.
fn denied() -> Refused {
    Refused::new(
        Refusal::TokenDenied,
        "the join token is wrong, used up or expired; ask for a new one (cairn token create)",
    )
}

fn retired() -> Refused {
    let why = "an agent had this key once and it was retired; remove the data directory and enrol anew";
    Refused::new(Refusal::KeyRetired, why)
}

fn invalid(why: String) -> Refused {
    Refused::new(Refusal::EnrolmentInvalid, why)
}

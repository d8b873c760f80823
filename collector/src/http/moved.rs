//! `POST /v1/move`: a copy of an enrolled machine becomes an agent of its own, linked to the one it was copied from.
// SPDX-License-Identifier: Apache-2.0

use super::enrolment::public_key;
use super::problem::Refused;
use super::refusal::Refusal;
use super::request::{asked, known, off_thread, signed_by};
use super::{Peer, Shared};
use crate::clock::now;
use crate::engagements::Engagements;
use crate::ingest::Rejection;
use crate::store::{self, Agent, KeyEpochs, RegisteredBy, SourceId, Store};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use cairn_schemas::enrolment::MoveRequest;
use cairn_schemas::fact::{Fact, FactValue};
use cairn_schemas::identity::AgentId;
use cairn_schemas::time::Timestamp;

/// Largest request accepted.
const REQUEST_BYTES_MAX: usize = 8 << 10;

pub(super) async fn moved(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    body: Body,
) -> Result<StatusCode, Refused> {
    shared.limits.enrolment(address)?;
    let request: MoveRequest = asked(body, REQUEST_BYTES_MAX, Refusal::MoveInvalid).await?;
    off_thread(&shared, move |engagements| registered(engagements, &request, now())).await?;
    shared.counters.add("agent_moved", 1);
    Ok(StatusCode::NO_CONTENT)
}

fn registered(engagements: &Engagements, request: &MoveRequest, now: Timestamp) -> Result<(), Refused> {
    let from = request.from;
    let (store, source) = known(engagements, from)?;
    if source.revoked_at.is_some() {
        return Err(Rejection::Revoked(from.to_string()).into());
    }
    signed_by(&*store, &source, &request.signed(), &request.signature)?.then_some(()).ok_or_else(|| {
        invalid("the signature is not that of the agent it was copied from".into()).of(from)
    })?;
    let agent = Agent {
        id: request.to,
        source: 0,
        public_key: public_key(&request.public_key, "public_key").map_err(invalid)?,
        key_epochs: KeyEpochs::default(),
        hostname: super::enrolment::hostname(&request.hostname).map_err(invalid)?,
        fingerprint: request.fingerprint.clone(),
        version: request.agent_version.clone(),
        registered_by: RegisteredBy::Move { from },
        enrolled_at: now,
        last_upload_at: None,
        revoked_at: None,
        ring: source.ring,
    };
    let what = format!("agent {} of {} moved, a copy of agent {from}", agent.id, agent.hostname);
    let new = store.register(&agent, "move", &what, now).map_err(|error| Refused::store(&error))?;
    if new {
        tracing::warn!(agent = %agent.id, from = %from, "a copy of an enrolled machine reports");
        return link(&*store, agent.id, source.source, now).map_err(|error| Refused::store(&error));
    }
    // Its first answer may have been lost on the way; but another agent under that id is somebody else.
    let known = store.agent(agent.id).map_err(|error| Refused::store(&error))?;
    let had = store.retired_keys(agent.id).map_err(|error| Refused::store(&error))?;
    let keys = known.iter().map(|known| &known.public_key).chain(had.iter().map(|key| &key.public_key));
    if keys.into_iter().any(|key| *key == agent.public_key) {
        return Ok(());
    }
    Err(invalid("that identity or key belongs to another agent".into()))
}

/// The copy's server says whose copy it is.
fn link(store: &dyn Store, copy: AgentId, from: SourceId, now: Timestamp) -> store::Result<()> {
    let sources = store.sources()?;
    let server_of = |id| sources.iter().find(|source| source.id == id).map(|source| source.server.clone());
    let copy = store.agent(copy)?.and_then(|agent| server_of(agent.source));
    let (Some(copy), Some(from)) = (copy, server_of(from)) else { return Ok(()) };
    let fact = Fact {
        value: FactValue::Text(from),
        unit: String::new(),
        source: "agent: it found itself on another machine".to_owned(),
        observed_at: now,
        valid_from: None,
        confirmed_by: None,
    };
    store.put_facts(&copy, &[("moved_from".to_owned(), fact)])
}

fn invalid(detail: String) -> Refused {
    Refused::new(Refusal::MoveInvalid, detail)
}

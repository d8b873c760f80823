//! The HTTP side of the collector: the whole route table on one screen, and the only place that knows axum.
// SPDX-License-Identifier: Apache-2.0

use crate::engagements::{Engagements, SharedStore};
use crate::ingest::Writer;
use axum::Router;
use axum::routing::{get, post};
use std::net::IpAddr;
use std::sync::Arc;

pub mod pages;

mod batches;
mod enrolment;
mod health;
mod leave;
mod limits;
mod moved;
mod problem;
mod server;

pub use health::Counters;
pub use limits::Limits;
pub use problem::answer_to;
pub use server::{Listener, serve};

/// What the handlers share.
#[derive(Clone)]
pub struct Shared {
    /// The engagements agents belong to.
    pub engagements: Arc<Engagements>,
    /// The one writer of the inbox.
    pub writer: Writer,
    /// What happened, by name.
    pub counters: Arc<Counters>,
    /// What one client may ask for.
    pub limits: Arc<Limits>,
}

/// Where a request comes from; set by the accept loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Routes for agents: all that a listener beyond loopback offers.
pub fn agent_routes(shared: Shared) -> Router {
    Router::new()
        .route("/v1/enroll", post(enrolment::enrol))
        .route("/v1/batches", post(batches::receive))
        .route("/v1/leave", post(leave::leave))
        .route("/v1/move", post(moved::moved))
        .with_state(shared)
}

/// Routes for people and monitoring, on loopback only until there is sign-in; `store` is the engagement whose
/// pages are shown.
pub fn local_routes(shared: Shared, store: SharedStore) -> Router {
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .with_state(shared.clone())
        .merge(agent_routes(shared))
        .merge(pages::routes(store))
}

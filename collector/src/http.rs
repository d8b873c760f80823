//! The HTTP side of the collector: the whole route table on one screen, and the only place that knows axum.
// SPDX-License-Identifier: Apache-2.0

use crate::engagements::Engagements;
use crate::ingest::Writer;
use crate::store::EngagementName;
use axum::http::{Method, Uri};
use axum::routing::{get, post};
use axum::{Router, middleware};
use problem::Refused;
use refusal::Refusal;
use std::net::IpAddr;
use std::sync::Arc;

pub mod pages;

mod batches;
mod enrolment;
mod health;
mod leave;
mod ledger;
mod limits;
mod moved;
mod patience;
mod problem;
mod refusal;
mod request;
mod rotation;
mod server;

pub(crate) use batches::VERIFIED_HERE_BYTES_MAX;
pub use health::Counters;
pub use limits::Limits;
pub(crate) use limits::{BODIES_BYTES_MAX, DECODERS_MAX};
pub use problem::answer_to;
pub use server::{CONNECTIONS_MAX, Listener, serve};

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
    guarded(for_agents(), shared)
}

/// Routes for people and monitoring, on loopback only until there is sign-in; `first` is the engagement whose
/// pages are shown first.
pub fn local_routes(shared: Shared, first: &EngagementName) -> Router {
    let routes = for_agents()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .merge(pages::routes(Arc::clone(&shared.engagements), first.as_str()));
    guarded(routes, shared)
}

fn for_agents() -> Router<Shared> {
    Router::new()
        .route("/v1/enroll", post(enrolment::enrol))
        .route("/v1/batches", post(batches::receive))
        .route("/v1/leave", post(leave::leave))
        .route("/v1/move", post(moved::moved))
        .route("/v1/rotate", post(rotation::rotate))
}

/// Whatever the routes refuse is said as a problem, counted and logged.
fn guarded(routes: Router<Shared>, shared: Shared) -> Router {
    let ledger = Arc::clone(&shared.counters.refused);
    let nothing = |uri: Uri| async move {
        Refused::new(Refusal::NotFound, format!("there is nothing at {:?}", uri.path()))
    };
    let not_so = |method: Method| async move {
        Refused::new(Refusal::MethodNotAllowed, format!("this path does not know {method}"))
    };
    routes
        .fallback(nothing)
        .method_not_allowed_fallback(not_so)
        .with_state(shared)
        .layer(middleware::from_fn_with_state(ledger, ledger::enter))
}

#[cfg(test)]
#[path = "http/refusals_tests.rs"]
mod tests;

//! The HTTP side of the collector, and the only place that knows axum. `routes` is the whole route table on one screen,
//! `guard` stands before all of it but what agents ask.
// SPDX-License-Identifier: Apache-2.0

use crate::engagements::Engagements;
use crate::ingest::Writer;
use axum::http::{Method, Uri};
use axum::{Router, middleware};
use problem::Refused;
use refusal::Refusal;
use routes::Least;
use std::net::IpAddr;
use std::sync::Arc;

pub mod pages;

mod batches;
mod door;
mod enrolment;
mod guard;
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
mod routes;
mod server;

pub(crate) use batches::VERIFIED_HERE_BYTES_MAX;
pub use door::Door;
pub(crate) use door::HASHINGS_BYTES_MAX;
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
    /// Who is let in to the pages.
    pub door: Arc<Door>,
    /// What stays at hand of the pages.
    kept: Arc<pages::Kept>,
}

impl Shared {
    /// A collector that begins: nothing is counted yet, and nothing at hand.
    #[must_use]
    pub fn new(engagements: Arc<Engagements>, door: Door) -> Self {
        Self {
            engagements,
            writer: Writer::start(),
            counters: Arc::default(),
            limits: Arc::default(),
            door: Arc::new(door),
            kept: Arc::default(),
        }
    }
}

/// Where a request comes from; set by the accept loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What a listener offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Agents alone: beyond loopback, where nobody asked for more.
    Agents,
    /// Agents, and the pages for people.
    Pages,
    /// The same, and what programs of this machine watch the collector by: on loopback.
    All,
}

/// The routes of a listener.
pub fn routes(shared: Shared, offer: Offer) -> Router {
    let offered = |least| match least {
        Least::Agent => true,
        Least::Monitor => offer == Offer::All,
        Least::Anybody | Least::Role(_) => offer != Offer::Agents,
    };
    guarded(routes::router(&shared, offered), shared)
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

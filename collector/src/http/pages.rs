//! The pages people come back to, over the stores of all engagements. A page is one file and one line of [`PAGES`]; it
//! turns what is kept into sections, most of them those of the report. Pages work without a script, ask nobody else,
//! and change nothing: what changes something is a verb of `cairn`.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use crate::engagements::{Engagements, SharedStore};
use crate::report::render::html;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use std::collections::BTreeMap;
use std::sync::Arc;
use visit::{Kept, Visit};

mod files;
mod layout;
mod parts;
mod telemetry;
mod visit;
mod words;

mod overview;

mod server;
mod servers;

mod readiness;

mod plan;
mod risk;
mod whatif;

mod method;
mod proposal;

mod journey;

mod administration;
mod assessments;

/// Only our own style sheet and our own script, nothing frames a page, and nothing is evaluated.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                           base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// Replaces the part of a page that an answer is in while a slider moves.
const LIVE: &str = include_str!("../../ui/live.js");

/// A page of an engagement.
pub(super) struct Page {
    /// Last part of its address, and of the ids of its wording; empty for the first page.
    id: &'static str,
    /// Whether the navigation names it.
    in_navigation: bool,
    /// Whether a script makes it livelier.
    live: bool,
    /// What it shows, as HTML whose texts are escaped.
    build: fn(&Visit) -> Result<Vec<String>, Refused>,
}

/// Every page, in the order of the navigation.
static PAGES: &[&Page] = &[
    &overview::PAGE,
    &servers::PAGE,
    &server::PAGE,
    &readiness::PAGE,
    &plan::PAGE,
    &whatif::PAGE,
    &risk::PAGE,
    &proposal::PAGE,
    &journey::PAGE,
    &method::PAGE,
    &assessments::PAGE,
    &administration::PAGE,
];

/// What all requests share.
#[derive(Clone)]
struct Pages {
    engagements: Arc<Engagements>,
    /// The engagement `/` leads to.
    first: String,
    kept: Arc<Kept>,
}

/// What a page was asked for.
type Asked = BTreeMap<String, String>;

/// Routes of the pages and of the reading API. They belong on a loopback listener until there is sign-in.
pub fn routes<S: Clone + Send + Sync + 'static>(engagements: Arc<Engagements>, first: &str) -> Router<S> {
    let pages = Pages { engagements, first: first.to_owned(), kept: Arc::default() };
    Router::new()
        .route("/", get(home))
        .route("/e/{engagement}/", get(front))
        .route("/e/{engagement}/{page}", get(page))
        .route("/e/{engagement}/assessments/{id}/{file}", get(files::file))
        .route("/static/style.css", get(style))
        .route("/static/live.js", get(script))
        .route("/api/v1/engagements/{engagement}/assessments", get(files::list))
        .route("/api/v1/engagements/{engagement}/assessments/{id}", get(files::one))
        .with_state(pages)
}

impl Pages {
    /// The store of an engagement there is; asking for another makes none.
    fn store(&self, name: &str) -> Result<SharedStore, Refused> {
        let stores = self.engagements.all().map_err(internal)?;
        let found = stores.into_iter().find(|store| store.engagement().as_str() == name);
        found.ok_or_else(|| not_found(format!("engagement {name:?} here")))
    }
}

async fn home(State(pages): State<Pages>) -> Redirect {
    Redirect::to(&format!("/e/{}/", pages.first))
}

async fn front(
    state: State<Pages>,
    Path(engagement): Path<String>,
    query: Query<Asked>,
) -> Result<Response, Refused> {
    page(state, Path((engagement, String::new())), query).await
}

async fn page(
    State(pages): State<Pages>,
    Path((engagement, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    blocking(move || {
        let page = PAGES.iter().find(|page| page.id == id);
        let page = page.ok_or_else(|| not_found(format!("page {id:?}")))?;
        let visit = Visit::new(pages.store(&engagement)?, asked, &pages.kept)?;
        let pieces = (page.build)(&visit)?;
        let body = layout::render(page, &visit, &pieces, &pages.engagements)?;
        Ok(answer(StatusCode::OK, "text/html; charset=utf-8", PAGE_POLICY, body))
    })
    .await
}

async fn style() -> Response {
    answer(StatusCode::OK, "text/css; charset=utf-8", PAGE_POLICY, html::STYLE.to_owned())
}

async fn script() -> Response {
    answer(StatusCode::OK, "text/javascript; charset=utf-8", PAGE_POLICY, LIVE.to_owned())
}

fn not_found(what: String) -> Refused {
    Refused::new(Refusal::NotFound, format!("there is no {what}"))
}

fn internal(error: impl std::fmt::Display) -> Refused {
    tracing::error!(%error, "a page could not be made");
    Refused::new(Refusal::PageFailed, "the page could not be made; the collector's log says why")
}

/// The store blocks: it is asked off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

fn answer(status: StatusCode, kind: &'static str, policy: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
#[path = "pages/pages_tests.rs"]
mod tests;

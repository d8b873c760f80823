//! The pages people come back to, over the stores of all engagements. A page is one file and one line of [`PAGES`]; it
//! turns what is kept into sections, most of them those of the report. Pages work without a script and ask nobody else.
// SPDX-License-Identifier: Apache-2.0

use super::Shared;
use super::guard::Visitor;
use super::problem::Refused;
use super::refusal::Refusal;
use crate::report::render::html;
use crate::store::people::Role;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;
pub(super) use visit::Kept;
use visit::Visit;

pub(super) mod actions;
pub(super) mod enter;
pub(super) mod files;
mod layout;
mod parts;
mod telemetry;
mod visit;
pub(super) mod words;

mod overview;

mod server;
mod servers;

mod readiness;

mod plan;
mod risk;
mod whatif;

mod method;
mod proposal;

mod changes;
mod journey;

mod account;
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
    pub(super) id: &'static str,
    /// The least that whoever looks at it must be.
    pub(super) least: Role,
    /// Whether the navigation names it.
    in_navigation: bool,
    /// Whether a script makes it livelier.
    live: bool,
    /// What it shows, as HTML whose texts are escaped.
    build: fn(&Visit) -> Result<Vec<String>, Refused>,
}

/// Every page, in the order of the navigation.
pub(super) static PAGES: &[&Page] = &[
    &overview::PAGE,
    &servers::PAGE,
    &server::PAGE,
    &readiness::PAGE,
    &plan::PAGE,
    &whatif::PAGE,
    &risk::PAGE,
    &proposal::PAGE,
    &journey::PAGE,
    &changes::PAGE,
    &method::PAGE,
    &assessments::PAGE,
    &administration::PAGE,
    &account::PAGE,
];

/// What a page was asked for.
pub(super) type Asked = BTreeMap<String, String>;

pub(super) async fn home(State(shared): State<Shared>) -> Redirect {
    Redirect::to(&format!("/e/{}/", shared.door.first))
}

/// A page, for somebody who may see it.
pub(super) async fn show(
    page: &'static Page,
    shared: Shared,
    visitor: Visitor,
    asked: Asked,
) -> Result<Response, Refused> {
    blocking(move || {
        let visit = Visit::new(&shared, visitor, asked)?;
        let forms = actions::forms(&visit, page.id)?;
        let mut pieces: Vec<String> = actions::told(&visit, forms.as_ref())?.into_iter().collect();
        pieces.extend((page.build)(&visit)?);
        pieces.extend(forms);
        let body = layout::render(page, &visit, &pieces)?;
        Ok(answer(StatusCode::OK, "text/html; charset=utf-8", PAGE_POLICY, body))
    })
    .await
}

pub(super) async fn style() -> Response {
    answer(StatusCode::OK, "text/css; charset=utf-8", PAGE_POLICY, html::STYLE.to_owned())
}

pub(super) async fn script() -> Response {
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
    let words = words::current();
    tokio::task::spawn_blocking(move || words::within(words, work)).await.map_err(internal)?
}

fn answer(status: StatusCode, kind: &'static str, policy: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Under "no-referrer" a browser would not say that a form is from our own page.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body.into()).into_response()
}

#[cfg(test)]
#[path = "pages/pages_tests.rs"]
mod tests;

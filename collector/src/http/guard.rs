//! The guard before every route but the agents': is the request addressed to us, does it come from our own page, who
//! is signed in, and may they. What a handler needs to know of it travels with the request.
// SPDX-License-Identifier: Apache-2.0

use super::Shared;
use super::batches::bytes;
use super::pages;
use super::problem::{Refused, Told};
use super::refusal::Refusal;
use super::request::off_thread;
use super::routes::Least;
use crate::clock::now;
use crate::engagements::{Engagements, SharedStore};
use crate::people::{Secret, same};
use crate::store::EngagementName;
use crate::store::people::{Digest, Person, Role};
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest form.
const FORM_BYTES_MAX: usize = 64 << 10;
/// Field of the form's token.
pub(super) const TOKEN_FIELD: &str = "token";

/// Who is signed in where they are.
#[derive(Clone)]
pub(super) struct Visitor {
    /// The engagement they are in.
    pub(super) store: SharedStore,
    /// They.
    pub(super) person: Person,
    /// What their forms carry.
    pub(super) form_token: String,
    /// Their session.
    pub(super) session: Digest,
    /// Other engagements they are signed in to.
    pub(super) elsewhere: Vec<String>,
}

/// What a form holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Posted(pub(super) Arc<BTreeMap<String, String>>);

impl Posted {
    /// What was filled in, without the spaces around it.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }
}

/// The guard of one route.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) shared: Shared,
    pub(super) least: Least,
    /// Whether its line says that it changes something.
    pub(super) is_change: bool,
}

/// Lets a request pass, or answers it.
pub(super) async fn pass(
    State(guard): State<Guard>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let reads = request.headers().get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok());
    let is_person = reads.is_some_and(|kinds| kinds.contains("text/html"));
    let language = pages::words::asked(request.headers());
    let answer = async {
        match guard.admitted(&params, request).await {
            Ok(request) => next.run(request).await,
            Err(answer) if is_person => in_words(answer, &params),
            Err(answer) => answer,
        }
    };
    pages::words::answering(language, answer).await
}

/// What the guard says, as a page: to whoever looks with a browser.
fn in_words(answer: Response, params: &RawPathParams) -> Response {
    let Some(told) = answer.extensions().get::<Told>().cloned() else { return answer };
    let engagement = params.iter().find(|(name, _)| *name == "engagement").map_or("", |(_, name)| name);
    let page = pages::enter::refused(answer.status(), engagement, told.refusal.terms().title, &told.detail);
    page.map_or(answer, |mut page| {
        page.extensions_mut().insert(told);
        page
    })
}

impl Guard {
    async fn admitted(&self, params: &RawPathParams, request: Request) -> Result<Request, Response> {
        let no = |refused: Refused| refused.into_response();
        let host = self.host(&request).map_err(no)?;
        let is_change = self.is_change || !matches!(*request.method(), Method::GET | Method::HEAD);
        if is_change {
            from_our_page(request.headers(), &self.shared.door.origin(&host)).map_err(no)?;
        }
        let mut request = request;
        let visitor = match self.least {
            Least::Role(role) => {
                let engagement = params.iter().find(|(name, _)| *name == "engagement");
                let engagement = engagement.map(|(_, value)| value.to_owned()).unwrap_or_default();
                let found = self.visitor(&engagement, request.headers()).await.map_err(no)?;
                let visitor = found.ok_or_else(|| nobody(&request, &engagement))?;
                allowed(&visitor.person, role).map_err(no)?;
                Some(visitor)
            }
            Least::Agent | Least::Monitor | Least::Anybody => None,
        };
        if is_change {
            let (parts, body) = request.into_parts();
            let posted = posted(&bytes(body, FORM_BYTES_MAX).await.map_err(no)?);
            if let Some(visitor) = &visitor {
                of_this_session(&posted, visitor).map_err(no)?;
            }
            request = Request::from_parts(parts, axum::body::Body::empty());
            request.extensions_mut().insert(posted);
        }
        if let Some(visitor) = visitor {
            request.extensions_mut().insert(visitor);
        }
        Ok(request)
    }

    /// The name the request is addressed to, which has to be one of ours: else a page of somebody who lets a name of
    /// theirs point to this machine would be of the same origin as ours.
    fn host(&self, request: &Request) -> Result<String, Refused> {
        let from_head = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
        let host =
            from_head.or_else(|| request.uri().authority().map(|name| name.as_str())).unwrap_or_default();
        if self.shared.door.is_ours(host) {
            return Ok(host.to_owned());
        }
        let what = format!(
            "this collector is not called {host:?}; `cairn serve --name NAME` gives it a name, or open the address it \
             printed"
        );
        Err(Refused::new(Refusal::WrongHost, what))
    }

    async fn visitor(&self, engagement: &str, headers: &HeaderMap) -> Result<Option<Visitor>, Refused> {
        let shown = self.shared.door.shown(headers);
        if !shown.iter().any(|(of, _)| of == engagement) {
            return Ok(None);
        }
        let engagement = engagement.to_owned();
        off_thread(&self.shared, move |engagements| visitor(engagements, &engagement, &shown)).await
    }
}

/// Whose session it is; a session of one engagement opens no other.
fn visitor(
    engagements: &Engagements,
    engagement: &str,
    shown: &[(String, Secret)],
) -> Result<Option<Visitor>, Refused> {
    let failed = |error| Refused::store(&error);
    let mut here = None;
    let mut elsewhere = Vec::new();
    for (of, secret) in shown {
        let Some(store) = engagements.find(of).map_err(failed)? else { continue };
        let Some(person) = store.session(&secret.digest(), now()).map_err(failed)? else { continue };
        if of == engagement {
            here = Some((store, person, secret));
        } else {
            elsewhere.push(of.clone());
        }
    }
    Ok(here.map(|(store, person, secret)| Visitor {
        store,
        person,
        form_token: secret.form_token(),
        session: secret.digest(),
        elsewhere,
    }))
}

/// Whoever is not signed in is shown where to, when they look at a page.
fn nobody(request: &Request, engagement: &str) -> Response {
    if engagement.parse::<EngagementName>().is_err() {
        return Refused::new(Refusal::NotFound, format!("there is no engagement {engagement:?} here"))
            .into_response();
    }
    let wanted = request.uri().path_and_query().map_or("", |wanted| wanted.as_str());
    if *request.method() == Method::GET && wanted.starts_with("/e/") {
        let to: String = form_urlencoded::Serializer::new(String::new()).append_pair("to", wanted).finish();
        return Redirect::to(&format!("/e/{engagement}/sign-in?{to}")).into_response();
    }
    let what = format!("sign in at /e/{engagement}/sign-in first; a session may have ended");
    Refused::new(Refusal::SignInNeeded, what).into_response()
}

fn allowed(person: &Person, least: Role) -> Result<(), Refused> {
    if person.role >= least {
        return Ok(());
    }
    let (has, needs) = (person.role.name(), least.name());
    let what = format!("you are {has} here, and this needs {needs}; an admin of this engagement gives roles");
    Err(Refused::new(Refusal::NotAllowed, what))
}

/// Browsers say where a request comes from, and a page cannot change what they say: what comes from elsewhere, or does
/// not say, changes nothing.
fn from_our_page(headers: &HeaderMap, ours: &str) -> Result<(), Refused> {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let (site, origin) = (said("sec-fetch-site"), said("origin"));
    let is_ours = match (site, origin) {
        (None, None) => false,
        (site, origin) => {
            site.is_none_or(|site| site == "same-origin") && origin.is_none_or(|from| from == ours)
        }
    };
    if is_ours {
        return Ok(());
    }
    let what =
        format!("a change has to come from a page of {ours}; it came from {}", origin.unwrap_or("nowhere"));
    Err(Refused::new(Refusal::CrossSite, what))
}

fn of_this_session(posted: &Posted, visitor: &Visitor) -> Result<(), Refused> {
    if same(posted.get(TOKEN_FIELD), &visitor.form_token) {
        return Ok(());
    }
    let what = "the form was not made for this session; go back, load the page again and send it once more";
    Err(Refused::new(Refusal::FormInvalid, what))
}

fn posted(body: &[u8]) -> Posted {
    Posted(Arc::new(form_urlencoded::parse(body).into_owned().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_comes_from_our_own_page() {
        let check = |site: Option<&str>, origin: Option<&str>, good: bool| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(from_our_page(&headers, "http://127.0.0.1:1").is_ok(), good, "{site:?} {origin:?}");
        };
        let ours = Some("http://127.0.0.1:1");
        check(Some("same-origin"), ours, true);
        check(None, ours, true);
        check(Some("same-origin"), None, true);
        check(None, None, false);
        check(Some("same-site"), ours, false);
        check(Some("cross-site"), ours, false);
        check(Some("none"), None, false);
        check(Some("same-origin"), Some("https://127.0.0.1:1"), false);
        check(Some("same-origin"), Some("http://127.0.0.1:2"), false);
        check(None, Some("null"), false);
        check(None, Some("http://127.0.0.1:1.evil.example"), false);
    }
}

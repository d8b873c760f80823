//! The way in and out: the sign-in page, the link that signs in once, signing out. Whoever is not known and whoever
//! has the wrong password hear the same, after the same time.
// SPDX-License-Identifier: Apache-2.0

use super::words::{command, say, with};
use super::{Asked, PAGE_POLICY, Refused, answer, internal, layout, not_found};
use crate::clock::now;
use crate::http::guard::{Posted, Visitor};
use crate::http::refusal::Refusal;
use crate::http::request::off_thread;
use crate::http::{Peer, Shared};
use crate::people::{Secret, is_right};
use crate::store::EngagementName;
use crate::store::people::Begun;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use cairn_schemas::time::Timestamp;

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignIn {
    problem: Option<String>,
    action: String,
    to: String,
    name: String,
    name_label: String,
    password_label: String,
    go: String,
    link: String,
    command: String,
}

/// The sign-in page; the same whether there is such an engagement or not.
pub(in crate::http) async fn form(
    Path(engagement): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    page(&engagement, StatusCode::OK, None, "", asked.get("to").map_or("", String::as_str))
}

fn page(
    engagement: &str,
    status: StatusCode,
    problem: Option<String>,
    name: &str,
    to: &str,
) -> Result<Response, Refused> {
    // It stands in a command people may copy: only what can be an engagement's name does.
    let known: Result<EngagementName, _> = engagement.parse();
    known.map_err(|_| not_found(format!("engagement {engagement:?} here")))?;
    let sign_in = SignIn {
        problem,
        action: format!("/e/{}/sign-in", engagement),
        to: to.to_owned(),
        name: crate::number::terminal_safe(name).into_owned(),
        name_label: say("sign-in.name"),
        password_label: say("sign-in.password"),
        go: say("sign-in.go"),
        link: say("sign-in.link"),
        command: command(engagement, "sign-in.link"),
    };
    let piece = sign_in.render().map_err(internal)?;
    let body = layout::before_sign_in(engagement, &say("title.sign-in"), piece)?;
    Ok(answer(status, "text/html; charset=utf-8", PAGE_POLICY, body))
}

#[derive(Template)]
#[template(path = "refused.html")]
struct No<'a> {
    detail: &'a str,
    /// Where to sign in, of an engagement there may be.
    sign_in: Option<String>,
    go: String,
}

/// A refusal as a page.
pub(in crate::http) fn refused(
    status: StatusCode,
    engagement: &str,
    title: &str,
    detail: &str,
) -> Result<Response, Refused> {
    let is_name = engagement.parse::<EngagementName>().is_ok();
    let sign_in = is_name.then(|| format!("/e/{engagement}/sign-in"));
    let piece = No { detail, sign_in, go: say("sign-in.go") }.render().map_err(internal)?;
    let body = layout::before_sign_in(if is_name { engagement } else { "" }, title, piece)?;
    Ok(answer(status, "text/html; charset=utf-8", PAGE_POLICY, body))
}

/// Where to go after signing in: a page of the engagement that was asked for, else its first. A whole address, or one
/// that a browser would read as such, would be a way to lead people away from here.
fn wanted(engagement: &str, to: &str) -> String {
    let home = format!("/e/{engagement}/");
    let plain = to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if plain && to.starts_with(&home) && !to.contains("/..") { to.to_owned() } else { home }
}

/// A session that begins now.
fn begun(shared: &Shared, now: Timestamp) -> Result<(Secret, Begun), Refused> {
    let (secret, terms) = (Secret::new().map_err(internal)?, shared.door.terms);
    let expires_at = Timestamp(now.0 + terms.whole_s);
    let begun = Begun { secret_sha256: secret.digest(), idle_s: terms.idle_s, expires_at };
    Ok((secret, begun))
}

/// On to a page, with a cookie that keeps the session, or ends it.
fn on(shared: &Shared, engagement: &str, secret: Option<&Secret>, to: &str) -> Result<Response, Refused> {
    let cookie = shared.door.cookie(engagement, secret);
    let cookie = cookie.ok_or_else(|| internal("a cookie that is no header"))?;
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

pub(in crate::http) async fn sign_in(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    Extension(posted): Extension<Posted>,
    Path(engagement): Path<String>,
) -> Result<Response, Refused> {
    let (name, now) = (posted.get("name").to_owned(), now());
    let to = posted.get("to").to_owned();
    if let Err(wait_s) = shared.door.attempts.begin(&engagement, &name, address, now) {
        let problem = with("sign-in.early", [("wait", wait_s as f64)]);
        let mut response = page(&engagement, StatusCode::TOO_MANY_REQUESTS, Some(problem), &name, &to)?;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        return Ok(response);
    }
    let (secret, begun) = begun(&shared, now)?;
    let (of, who) = (engagement.clone(), name.clone());
    let place = shared.door.hashing().await;
    let is_in = off_thread(&shared, move |engagements| {
        // Not trimmed: spaces are part of a password.
        let password = posted.0.get("password").map_or("", String::as_str);
        let failed = |error| Refused::store(&error);
        let store = engagements.find(&of).map_err(failed)?;
        let person = store.as_ref().map(|store| store.person(&who)).transpose().map_err(failed)?.flatten();
        let hash = person.as_ref().and_then(|person| person.password.as_deref());
        match (is_right(password, hash), store, person) {
            (true, Some(store), Some(person)) => store.begin_session(&person, &begun, now).map_err(failed),
            _ => Ok(false),
        }
    })
    .await?;
    drop(place);
    if is_in {
        shared.door.attempts.succeeded(&engagement, &name, address);
        return on(&shared, &engagement, Some(&secret), &wanted(&engagement, &to));
    }
    tracing::warn!(engagement = %engagement.escape_debug(), %address, "somebody could not sign in");
    page(&engagement, StatusCode::UNAUTHORIZED, Some(say("sign-in.wrong")), &name, &to)
}

/// The link that `cairn serve` prints: good once. A look ahead at it (HEAD) does not use it up.
pub(in crate::http) async fn by_link(
    State(shared): State<Shared>,
    method: Method,
    Path(engagement): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refused> {
    if method != Method::GET {
        return Err(Refused::new(Refusal::MethodNotAllowed, "a link is opened with GET"));
    }
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    let now = now();
    let (secret, begun) = begun(&shared, now)?;
    let (of, link) = (engagement.clone(), Secret::shown(text("link")));
    let person = off_thread(&shared, move |engagements| {
        let failed = |error| Refused::store(&error);
        let (Some(store), Some(link)) = (engagements.find(&of).map_err(failed)?, link) else {
            return Ok(None);
        };
        store.begin_by_link(&link.digest(), &begun, now).map_err(failed)
    })
    .await?;
    if person.is_some() {
        return on(&shared, &engagement, Some(&secret), &wanted(&engagement, text("to")));
    }
    page(&engagement, StatusCode::UNAUTHORIZED, Some(say("sign-in.used")), "", text("to"))
}

pub(in crate::http) async fn sign_out(
    State(shared): State<Shared>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Refused> {
    let engagement = visitor.store.engagement().as_str().to_owned();
    let ended = off_thread(&shared, move |_| {
        visitor.store.end_session(&visitor.session, now()).map_err(|error| Refused::store(&error))
    });
    ended.await?;
    on(&shared, &engagement, None, &format!("/e/{engagement}/sign-in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        let check = |to: &str, expected: &str| assert_eq!(wanted("a", to), expected, "{to}");
        check("/e/a/server?name=x%20y", "/e/a/server?name=x%20y");
        for away in [
            "",
            "//evil.example/",
            "https://evil.example/",
            "/e/b/",
            "/e/a/../../x",
            "/e/a/\\x",
            "/e/a/\r\nx",
        ] {
            check(away, "/e/a/");
        }
    }
}

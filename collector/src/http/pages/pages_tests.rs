//! The pages over stores that hold assessments, and over empty ones, asked through the router.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::engagements::{Engagements, SharedStore};
use crate::http::{Door, Offer, Peer, routes};
use crate::people::Secret;
use crate::report::fixtures::{one_server, rich};
use crate::report::shelf::Shelf;
use crate::serve::Place;
use crate::store::people::{Begun, NewPerson, People as _};
use crate::store::sqlite::SqliteStore;
use axum::Extension;
use axum::body::Body;
use axum::http::Request;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::Timestamp;
use std::sync::Arc;
use tower::ServiceExt as _;

const SECRET: &str = "abababababababababababababababababababababababababababababababab";

/// A router of one store, and a request of somebody who shows a session of it.
async fn ask(store: SharedStore, path: &str) -> (StatusCode, String, String) {
    asked(Arc::new(Engagements::of_store(store)), path).await
}

async fn asked(engagements: Arc<Engagements>, path: &str) -> (StatusCode, String, String) {
    asked_in("en", engagements, path).await
}

async fn asked_in(language: &str, engagements: Arc<Engagements>, path: &str) -> (StatusCode, String, String) {
    let cookie = format!("cairn-default={SECRET}; cairn-new={SECRET}");
    let request = Request::get(path).header(header::HOST, "localhost").header(header::COOKIE, cookie);
    let request = request.header(header::ACCEPT_LANGUAGE, language);
    let place = Place { url: "http://localhost".into(), ca_spki_sha256: None };
    let shared = Shared::new(engagements, Door::new(place, &[], "default", true));
    let pages = routes(shared, Offer::All).layer(Extension(Peer([127, 0, 0, 1].into())));
    let answer = pages.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let header = |name| answer.headers().get(name).map(|v: &HeaderValue| v.to_str().unwrap().to_owned());
    let (status, policy) = (answer.status(), header(header::CONTENT_SECURITY_POLICY).unwrap_or_default());
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, policy, String::from_utf8_lossy(&body).into_owned())
}

/// An admin is signed in.
fn signed_in(store: &SqliteStore) {
    let now = crate::clock::now();
    store.add_person(&NewPerson { name: "Ada", role: Role::Admin, password: None }, "a test", now).unwrap();
    let (person, secret) = (store.person("Ada").unwrap().unwrap(), Secret::shown(SECRET).unwrap());
    let expires_at = Timestamp(now.0 + 3_600);
    let begun = Begun { secret_sha256: secret.digest(), idle_s: 3_600, expires_at };
    assert!(store.begin_session(&person, &begun, now).unwrap());
}

async fn get_page(assessments: Vec<Assessment>, path: &str) -> (StatusCode, String, String) {
    ask(Arc::new(Shelf::new(assessments)), path).await
}

/// An empty store, and one with an assessment of as many servers.
fn kept(servers: Option<usize>) -> SharedStore {
    let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
    signed_in(&store);
    if let Some(servers) = servers {
        let assessment = if servers == 1 { one_server() } else { rich(servers) };
        crate::store::Store::put_assessment(&store, &assessment).unwrap();
    }
    Arc::new(store)
}

#[tokio::test]
async fn every_page_shows_whatever_is_there_and_every_sentence_has_wording() {
    for servers in [None, Some(1), Some(40)] {
        for page in PAGES.iter().filter(|page| page.id != "server") {
            let (status, policy, body) = ask(kept(servers), &format!("/e/default/{}", page.id)).await;
            assert_eq!(status, StatusCode::OK, "{}: {body}", page.id);
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert!(!body.contains("[page.") && !body.contains("[report."), "{}: {body}", page.id);
            for inline in ["<style", " style=", "<script>", " onclick", "javascript:"] {
                assert!(!body.contains(inline), "{}: {inline}", page.id);
            }
            let here = body.matches("aria-current=\"page\"").count();
            assert_eq!(here, usize::from(page.in_navigation), "{}", page.id);
        }
    }
}

#[tokio::test]
async fn every_section_of_the_report_is_on_a_page_or_a_link_leads_to_it() {
    let mut all = String::new();
    for page in PAGES.iter().filter(|page| page.id != "server") {
        all += &ask(kept(Some(40)), &format!("/e/default/{}", page.id)).await.2;
    }
    let is_there = |id: &str| {
        all.contains(&format!("<section id=\"{id}\"")) || all.contains(&format!("report.html#{id}\""))
    };
    let missing: Vec<&str> =
        crate::report::SECTIONS.iter().map(|section| section.id).filter(|id| !is_there(id)).collect();
    assert!(missing.is_empty(), "on no page: {missing:?}");
    let (drawings, tables) =
        (all.matches("<svg class=\"chart\"").count(), all.matches("<details class=\"data\">").count());
    assert!(drawings > 5 && drawings == tables, "{drawings} drawings, {tables} tables beside them");
}

#[tokio::test]
async fn pages_speak_german_to_whoever_asks_for_it() {
    for page in PAGES.iter().filter(|page| page.id != "server") {
        let engagements = Arc::new(Engagements::of_store(kept(Some(40))));
        let (status, _, body) =
            asked_in("de-DE,de;q=0.9,en;q=0.5", engagements, &format!("/e/default/{}", page.id)).await;
        assert_eq!(status, StatusCode::OK, "{}", page.id);
        assert!(body.contains("<html lang=\"de\">") && body.contains("Zum Inhalt springen"), "{}", page.id);
        assert!(!body.contains("[page.") && !body.contains("[report."), "{}: {body}", page.id);
    }
}

#[tokio::test]
async fn any_two_assessments_are_compared_when_somebody_asks() {
    let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
    signed_in(&store);
    for _ in 0..3 {
        crate::store::Store::put_assessment(&store, &rich(12)).unwrap();
    }
    let store: SharedStore = Arc::new(store);
    let page = async |asked: &str, language: &str| {
        let engagements = Arc::new(Engagements::of_store(Arc::clone(&store)));
        let (status, _, page) = asked_in(language, engagements, &format!("/e/default/changes{asked}")).await;
        assert_eq!(status, StatusCode::OK, "{asked}: {page}");
        assert!(!page.contains("[page."), "a sentence without wording: {page}");
        page.replace('\u{a0}', " ")
    };
    let check = async |asked: &str, expected: &str| {
        let page = page(asked, "en").await;
        assert!(page.contains(expected), "{asked} without {expected}: {page}");
    };
    check("", "There is no earlier assessment to compare with").await;
    check("?since=1", "From assessment 1 of").await;
    check("?since=1", "to assessment 3 of").await;
    check("?since=1&of=2", "to assessment 2 of").await;
    check("?since=1&of=2", "<option value=\"2\" selected>").await;
    for nothing in ["?since=2&of=1", "?since=2&of=2", "?since=3"] {
        check(nothing, "must have been made before the later one").await;
    }
    for unknown in ["?since=9&of=10", "?since=x", "?since=1&of=%3Cscript%3E"] {
        check(unknown, "There is no such assessment any more").await;
    }
    let german = page("?since=2&of=1", "de").await;
    assert!(
        german.contains("Zwei beliebige vergleichen") && german.contains("Die frühere muss vor der späteren")
    );
}

#[tokio::test]
async fn an_empty_engagement_says_what_to_do_first() {
    let (status, _, page) = ask(kept(None), "/e/default/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("cairn token create") && page.contains("cairn import csv DIRECTORY"));
    let (status, _, _) = ask(kept(None), "/").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_list_is_searched_sorted_and_turned() {
    let list = async |query: &str| ask(kept(Some(250)), &format!("/e/default/servers?{query}")).await.2;
    let rows = |page: &str| page.matches("<tr").count() - 1;
    let all = list("").await;
    assert!(rows(&all) == 100 && all.contains("page 1 of 3") && all.contains("rel=\"next\""), "{all}");
    let last = list("page=99").await;
    let servers = rich(250).readiness.servers.len();
    assert!(rows(&last) == servers - 200 && last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""));
    let name = rich(250).readiness.servers[7].server.clone();
    let found = list(&servers::query(&[("q", &name.to_uppercase())])).await;
    assert!(rows(&found) >= 1 && found.contains(&format!("value=\"{}\"", name.to_uppercase())), "{found}");
    assert_eq!(rows(&list("q=there+is+no+such+server").await), 0);
    let by_name = list("order=name").await;
    let first = by_name.split("/server?name=").nth(1).unwrap();
    let least = rich(250).readiness.servers.iter().map(|s| s.server.clone()).min().unwrap();
    assert!(first.starts_with(&servers::query(&[("name", &least)])[5..]), "{first:.60}");
}

#[tokio::test]
async fn hostile_names_stay_words() {
    let hostile = ["<script>alert(1)</script>", "\u{202e}gnp.exe", "a\"onmouseover=x", "\u{1b}[31mred"];
    for name in hostile {
        let mut assessment = one_server();
        assessment.readiness.servers[0].server = name.to_owned();
        let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
        signed_in(&store);
        crate::store::Store::put_assessment(&store, &assessment).unwrap();
        let store: SharedStore = Arc::new(store);
        let address = format!("/e/default/server?{}", servers::query(&[("name", name)]));
        for path in ["/e/default/", "/e/default/servers", &address] {
            let (status, _, page) = ask(Arc::clone(&store), path).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            for part in ["<script>alert", "\u{202e}", "\u{1b}", "\"onmouseover"] {
                assert!(!page.contains(part), "{path} holds {part:?}");
            }
        }
    }
}

#[tokio::test]
async fn files_and_api_answer_and_what_is_not_there_is_a_problem() {
    for (path, status, part) in [
        ("/e/default/assessments/1/report.html", 200, "<!doctype html>"),
        ("/e/default/assessments/1/servers.csv", 200, "server,simulated,category"),
        ("/e/default/assessments/1/assessment.json", 200, "\"cairn.assessment/1\""),
        ("/e/default/assessments/1/report.xlsx", 200, "PK"),
        ("/e/default/assessments/1/owners.html", 200, "<!doctype html>"),
        ("/e/default/assessments/1/report.pdf", if files::HAS_PDF { 200 } else { 404 }, "PDF"),
        ("/e/default/assessments/1/other.txt", 404, "there is no file"),
        ("/e/default/assessments/9/report.html", 404, "there is no assessment \\\"9\\\""),
        ("/e/default/assessments/nine/report.html", 404, "urn:cairn:problem:not-found"),
        ("/e/default/nothing", 404, "there is nothing at"),
        ("/e/default/server", 404, "there is no server"),
        ("/e/default/server?name=nobody", 404, "there is no server \\\"nobody\\\""),
        ("/e/Other/", 404, "there is no engagement"),
        ("/static/style.css", 200, "@media print"),
        ("/static/live.js", 200, "data-live"),
        ("/api/v1/engagements/default/assessments", 200, "\"state\":\"draft\""),
        ("/api/v1/engagements/default/assessments/1", 200, "\"schema\":\"cairn.assessment/1\""),
        ("/api/v1/engagements/default/assessments/7", 404, "\"status\":404"),
        ("/api/v1/engagements/other/assessments", 401, "urn:cairn:problem:sign-in-needed"),
    ] {
        let (got, policy, body) = match path {
            path if path.contains("server") => ask(kept(Some(1)), path).await,
            path => get_page(vec![one_server()], path).await,
        };
        assert_eq!(got.as_u16(), status, "{path}");
        assert!(status == 200 || policy == "default-src 'none'", "{path}: {policy}");
        assert!(body.contains(part), "{path}: {body:.200}");
    }
}

#[tokio::test]
async fn asking_for_an_engagement_makes_none() {
    let dir = tempfile::tempdir().unwrap();
    let (status, ..) = asked(Arc::new(Engagements::new(dir.path())), "/e/new/").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "to the sign-in page, as for any other");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

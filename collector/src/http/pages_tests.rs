//! The pages over a store that holds assessments, asked through the router.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::fixtures::{one_server, rich};
use crate::report::shelf::Shelf;
use axum::body::Body;
use axum::http::Request;
use tower::ServiceExt as _;

async fn get_page(assessments: Vec<Assessment>, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let pages: Router = routes(Arc::new(Shelf::new(assessments)));
    let answer = pages.oneshot(request).await.unwrap();
    let header = |name| answer.headers().get(name).map(|v: &HeaderValue| v.to_str().unwrap().to_owned());
    let (status, policy) = (answer.status(), header(header::CONTENT_SECURITY_POLICY).unwrap_or_default());
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, policy, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn an_empty_engagement_says_what_to_do_first() {
    let (status, policy, page) = get_page(vec![], "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    assert!(page.contains("cairn token create") && page.contains("cairn import csv DIRECTORY"));
    assert!(!page.contains("[page."), "a sentence has no wording");
}

#[tokio::test]
async fn the_overview_shows_the_latest_assessment_without_inline_style_or_script() {
    let (_, _, page) = get_page(vec![one_server(), rich(40)], "/").await;
    assert!(page.contains("href=\"/assessments/2/report.html\"") && page.contains("<section id=\"summary\""));
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("<script"));
}

#[tokio::test]
async fn files_and_api_answer_and_what_is_not_there_is_a_problem() {
    for (path, status, part) in [
        ("/assessments/1/report.html", 200, "<!doctype html>"),
        ("/assessments/1/servers.csv", 200, "server,simulated,category"),
        ("/assessments/1/assessment.json", 200, "\"cairn.assessment/1\""),
        ("/assessments/1/other.txt", 404, "there is no file"),
        ("/assessments/9/report.html", 404, "there is no assessment \\\"9\\\""),
        ("/assessments/nine/report.html", 404, "urn:cairn:problem:not-found"),
        ("/static/style.css", 200, "@media print"),
        ("/api/v1/engagements/default/assessments", 200, "\"state\":\"draft\""),
        ("/api/v1/engagements/default/assessments/1", 200, "\"schema\":\"cairn.assessment/1\""),
        ("/api/v1/engagements/default/assessments/7", 404, "\"status\":404"),
        ("/api/v1/engagements/other/assessments", 404, "there is no engagement"),
    ] {
        let (got, policy, body) = get_page(vec![one_server()], path).await;
        assert_eq!(got.as_u16(), status, "{path}");
        assert!(status == 200 || policy == "default-src 'none'", "{path}: {policy}");
        assert!(body.contains(part), "{path}: {body:.200}");
    }
}

//! Whatever is asked of whatever path in whatever way: an answer that is an error is a problem, counted and logged.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use axum::http::Method;

/// Every path there is, some of which there is none, and some no one would write.
const PATHS: [&str; 30] = [
    "/v1/enroll",
    "/v1/batches",
    "/v1/leave",
    "/v1/move",
    "/v1/rotate",
    "/v1/",
    "/v2/batches",
    "/livez",
    "/readyz",
    "/metrics",
    "/",
    "/e/default/",
    "/e/default/servers",
    "/e/default/servers/none",
    "/e/default/servers/%ff%00",
    "/e/default/servers?page=%ff&sort=%3cscript%3e",
    "/e/none/",
    "/e/%ff/",
    "/e/..%2f..%2fetc/",
    "/e/default/report?from=yesterday",
    "/e/default/%1b%5b31m",
    "/e/default/assessments/none/report.html",
    "/e/default/assessments/%ff/%ff",
    "/e/default/assessments/1/..%2f..%2fetc",
    "/static/style.css",
    "/static/nothing.js",
    "/api/v1/engagements/default/assessments",
    "/api/v1/engagements/%ff/assessments",
    "/api/v1/engagements/default/assessments/-1",
    "/nowhere?x=%",
];

impl Site {
    fn refused(&self) -> u64 {
        let text = self.shared.counters.text();
        let lines = text.lines().filter(|line| line.starts_with("cairn_collector_requests_refused_total{"));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    fn logged(&self) -> usize {
        self.log.text().lines().filter(|line| line.contains("reason=\"")).count()
    }
}

#[tokio::test]
async fn every_answer_that_is_an_error_is_a_problem_counted_and_logged_once() {
    let mut site = Site::new();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(Mutex::new(site.log.clone())).finish();
    let _logged = tracing::subscriber::set_default(lines);
    let methods = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let mut errors = 0;
    for (path, method) in PATHS.iter().flat_map(|path| methods.iter().map(move |method| (path, method))) {
        for body in ["", "{", "{\"a\":1}"] {
            // A flood of one kind is no longer logged line by line: each has a ledger of its own.
            site.shared.counters = Arc::default();
            let logged = site.logged();
            let request = Request::builder().method(method).uri(*path).header(header::HOST, "c");
            let request = request.header(header::COOKIE, &*COOKIE).body(Body::from(body)).unwrap();
            let router = site.router(None, Arc::clone(&site.store));
            let (status, kind, said) = site.ask(router, NEAR, request).await;
            let asked = format!("{method} {path} {body:?}: {status} {}", String::from_utf8_lossy(&said));
            let one = usize::from(status >= 400);
            assert_eq!(site.refused(), one as u64, "counted: {asked}");
            assert_eq!(site.logged() - logged, one, "logged: {asked}");
            if status < 400 {
                continue;
            }
            errors += 1;
            assert_eq!(kind, "application/problem+json", "{asked}");
            if method != Method::HEAD {
                let problem: Problem =
                    serde_json::from_slice(&said).unwrap_or_else(|why| panic!("{asked}: {why}"));
                assert_eq!(problem.status, status, "{asked}");
                let known =
                    Refusal::ALL.iter().any(|r| problem.kind.ends_with(&format!(":{}", r.terms().code)));
                assert!(known && !problem.detail.is_empty(), "{asked}");
            }
        }
    }
    assert!(errors > 200, "{errors} errors only");
}

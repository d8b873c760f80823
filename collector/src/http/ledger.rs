//! The ledger of refusals: each is counted under its code, and logged with who asked for what. A flood of them fills
//! the counters, not the disk.
// SPDX-License-Identifier: Apache-2.0

use super::Peer;
use super::problem::{Refused, Told};
use super::refusal::Refusal;
use crate::clock::now;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use cairn_schemas::time::Timestamp;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Lines of one code within [`LINES_WINDOW_S`]; what is above is counted and said in one line.
const LINES_MAX: u64 = 20;
const LINES_WINDOW_S: u64 = 60;
/// Longest detail and path in a line; both may come from the client.
const LOGGED_CHARS_MAX: usize = 300;

/// What was refused so far.
#[derive(Debug)]
pub(super) struct Ledger {
    counts: [AtomicU64; Refusal::ALL.len()],
    lines: Mutex<[Lines; Refusal::ALL.len()]>,
}

/// Lines of one code in the window that runs.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    since: Option<Timestamp>,
    count: u64,
}

impl Lines {
    /// Whether one more line may be written now, and how many were left out in the window before.
    fn admit(&mut self, now: Timestamp) -> Option<u64> {
        let mut left_out = 0;
        if self.since.is_none_or(|since| now.0.abs_diff(since.0) >= LINES_WINDOW_S) {
            left_out = self.count.saturating_sub(LINES_MAX);
            *self = Self { since: Some(now), count: 0 };
        }
        self.count += 1;
        (self.count <= LINES_MAX).then_some(left_out)
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            lines: Mutex::new([Lines::default(); Refusal::ALL.len()]),
        }
    }
}

impl Ledger {
    /// Counts and logs a refusal. `agent` is who it says it is, where that was learnt.
    pub(super) fn enter(
        &self,
        refusal: Refusal,
        address: IpAddr,
        path: &str,
        agent: Option<&str>,
        detail: &str,
    ) {
        self.counts[refusal as usize].fetch_add(1, Ordering::Relaxed);
        let admitted = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines[refusal as usize].admit(now())
        };
        let Some(left_out) = admitted else { return };
        let reason = refusal.terms().code;
        if left_out > 0 {
            tracing::warn!(reason, left_out, "more were refused than are logged");
        }
        let (path, detail) = (printable(path), printable(detail));
        tracing::warn!(reason, %address, path, agent = agent.unwrap_or_default(), detail, "request refused");
    }

    /// Prometheus text: every code from the start, so that a rate has a zero to begin from.
    pub(super) fn write(&self, text: &mut String) {
        text.push_str("# HELP cairn_collector_requests_refused_total Requests and connections refused.\n");
        text.push_str("# TYPE cairn_collector_requests_refused_total counter\n");
        for (refusal, count) in Refusal::ALL.iter().zip(&self.counts) {
            let (code, count) = (refusal.terms().code, count.load(Ordering::Relaxed));
            let _ = writeln!(text, "cairn_collector_requests_refused_total{{reason=\"{code}\"}} {count}");
        }
    }
}

/// Text of a client as one bounded line without control characters.
fn printable(text: &str) -> String {
    text.chars().take(LOGGED_CHARS_MAX).flat_map(char::escape_debug).collect()
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// Enters whatever the routes refuse, and says as a problem what was refused before a route had its say: a path or a
/// query that cannot be read.
pub(super) async fn enter(
    State(ledger): State<Arc<Ledger>>,
    Extension(Peer(address)): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let response = match next.run(request).await {
        // What is told already, and pages that say themselves what is wrong.
        response if response.extensions().get::<Told>().is_some() || is_page(&response) => response,
        response if response.status().is_client_error() => {
            Refused::new(Refusal::NotFound, "the path or the query of this request cannot be read")
                .into_response()
        }
        response if response.status().is_server_error() => {
            Refused::new(Refusal::PageFailed, "the answer could not be made").into_response()
        }
        response => response,
    };
    if let Some(told) = response.extensions().get::<Told>() {
        ledger.enter(told.refusal, address, &path, told.agent.as_deref(), &told.detail);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_not_logged() {
        let (mut lines, begin) = (Lines::default(), Timestamp(1_793_600_000));
        let admitted = (0..10_000).filter(|_| lines.admit(begin).is_some()).count() as u64;
        assert_eq!(admitted, LINES_MAX);
        let later = Timestamp(begin.0 + LINES_WINDOW_S as i64);
        assert_eq!(lines.admit(later), Some(10_000 - LINES_MAX), "what was left out is said");
        assert_eq!(lines.admit(later), Some(0));
    }

    #[test]
    fn a_clients_text_stays_one_bounded_line() {
        assert_eq!(printable("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(printable(&"x".repeat(1_000)).len(), LOGGED_CHARS_MAX);
    }
}

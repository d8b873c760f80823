//! Health: alive, ready, and counters in Prometheus text.
// SPDX-License-Identifier: Apache-2.0

use super::Shared;
use super::problem::Refused;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// What happened, counted by name.
#[derive(Debug, Default)]
pub struct Counters(Mutex<BTreeMap<&'static str, u64>>);

impl Counters {
    /// Counts one more.
    pub fn add(&self, name: &'static str, more: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += more;
    }

    /// Prometheus text, by name.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from("# TYPE cairn_events_total counter\n");
        for (name, count) in counts.iter() {
            let _ = writeln!(text, "cairn_events_total{{event=\"{name}\"}} {count}");
        }
        text
    }
}

pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// Ready when every store answers.
pub(super) async fn ready(State(shared): State<Shared>) -> Result<&'static str, Refused> {
    let asked = tokio::task::spawn_blocking(move || shared.engagements.all().map(|_| ())).await;
    match asked {
        Ok(Ok(())) => Ok("ready\n"),
        Ok(Err(error)) => Err(Refused::store(&error)),
        Err(_) => Err(Refused::from(crate::ingest::Rejection::Busy)),
    }
}

pub(super) async fn metrics(State(shared): State<Shared>) -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4");
    ([(header::CONTENT_TYPE, text)], shared.counters.text()).into_response()
}

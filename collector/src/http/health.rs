//! Health: alive, ready, and counters in Prometheus text.
// SPDX-License-Identifier: Apache-2.0

use super::Shared;
use super::ledger::Ledger;
use super::problem::Refused;
use super::refusal::Refusal;
use super::request::off_thread;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// What happened, counted by name, and what was refused.
#[derive(Debug, Default)]
pub struct Counters {
    events: Mutex<BTreeMap<&'static str, u64>>,
    pub(super) refused: Arc<Ledger>,
}

impl Counters {
    /// Counts one more.
    pub fn add(&self, name: &'static str, more: u64) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += more;
    }

    /// Prometheus text, by name.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from("# TYPE cairn_events_total counter\n");
        for (name, count) in counts.iter() {
            let _ = writeln!(text, "cairn_events_total{{event=\"{name}\"}} {count}");
        }
        drop(counts);
        self.refused.write(&mut text);
        text
    }
}

pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// Ready when every store answers and the writer keeps what it is given.
pub(super) async fn ready(State(shared): State<Shared>) -> Result<&'static str, Refused> {
    if let Some(why) = shared.writer.trouble() {
        return Err(Refused::new(Refusal::WriterStopped, why));
    }
    off_thread(&shared, |engagements| engagements.all().map_err(|error| Refused::store(&error))).await?;
    Ok("ready\n")
}

pub(super) async fn metrics(State(shared): State<Shared>) -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4");
    ([(header::CONTENT_TYPE, text)], shared.counters.text()).into_response()
}

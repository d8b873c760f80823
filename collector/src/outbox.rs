//! The outbox: when a phase of the journey opens, one CloudEvent is kept in the store and delivered to a
//! webhook, signed, again and again until it is taken, once a phase.
// SPDX-License-Identifier: Apache-2.0

use crate::config::Config;
use crate::store::timetable::Message;
use crate::store::{Result, Store};
use cairn_schemas::assessment::{Assessment, OpenedPhase};
use cairn_schemas::digest::hex;
use cairn_schemas::event::{CloudEvent, PHASE_OPENED, PhaseOpened, TEST, TestEvent, TestMessage};
use cairn_schemas::time::{HOUR_S, MINUTE_S, Timestamp};
use ring::hmac;
use std::path::Path;

mod webhook;
pub use webhook::{HttpPoster, Webhook, WebhookError};

/// Header with the signature of the body: `sha256=` and the HMAC-SHA256 in hexadecimal.
pub const SIGNATURE_HEADER: &str = "cairn-signature-256";
/// How long a claimed message is left to the process that claimed it.
const CLAIM_S: i64 = 2 * MINUTE_S;
/// Wait after the first failure; it doubles with each further one.
const BACKOFF_FIRST_S: i64 = 30;
/// Longest wait.
const BACKOFF_MAX_S: i64 = 6 * HOUR_S;

/// Sends one message; the seam at which tests put another network.
pub trait Poster {
    /// Posts a body and gives the status of the answer.
    ///
    /// # Errors
    /// No answer came; the text says why.
    fn post(&self, url: &str, headers: &[(&str, &str)], body: &str) -> std::result::Result<u16, String>;
}

/// What a round of deliveries did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Messages the receiver has taken.
    pub delivered: u64,
    /// Messages that failed, each with why; they will be tried again.
    pub failed: Vec<String>,
}

/// The event of an opened phase.
#[must_use]
pub fn event_of(assessment: &Assessment, opened: &OpenedPhase) -> CloudEvent {
    let engagement = &assessment.engagement;
    CloudEvent {
        specversion: "1.0".into(),
        id: format!("{engagement}-phase-{}", opened.phase),
        source: format!("/cairn/engagements/{engagement}"),
        kind: PHASE_OPENED.into(),
        time: opened.at,
        datacontenttype: "application/json".into(),
        data: PhaseOpened {
            engagement: engagement.clone(),
            phase: opened.phase,
            phase_id: opened.phase_id.clone(),
            assessment: assessment.id,
            inputs_sha256: assessment.inputs_sha256.clone(),
            first_wave: opened.first_wave.clone(),
            net_consolidation_ratio: assessment.waves.first().and_then(|wave| wave.net_consolidation_ratio),
        },
    }
}

/// A message to try a receiver with. Its id is the moment's, so that no receiver takes it for an event it knows.
#[must_use]
pub fn test_event(engagement: &str, now: Timestamp) -> TestEvent {
    TestEvent {
        specversion: "1.0".into(),
        id: format!("{engagement}-test-{now}"),
        source: format!("/cairn/engagements/{engagement}"),
        kind: TEST.into(),
        time: now,
        datacontenttype: "application/json".into(),
        data: TestMessage { engagement: engagement.to_owned(), test: true },
    }
}

/// Puts the phases a stored assessment opens into the outbox; gives those that opened for the first time.
///
/// # Errors
/// The store fails.
pub fn enqueue_opened<'a>(
    store: &dyn Store,
    assessment: &'a Assessment,
    now: Timestamp,
) -> Result<Vec<&'a OpenedPhase>> {
    let mut new = Vec::new();
    for (opened, message) in assessment.journey.opened.iter().zip(messages_of_opened(assessment)) {
        if store.enqueue(&message.id, &message.body, now)? {
            store.audit("cairn", &message.audit, now)?;
            new.push(opened);
        }
    }
    Ok(new)
}

/// The messages of the phases an assessment opens, in their order.
#[must_use]
pub fn messages_of_opened(assessment: &Assessment) -> Vec<Message> {
    let message = |opened: &OpenedPhase| {
        let event = event_of(assessment, opened);
        // An event is plain data: it always serialises.
        let body = serde_json::to_string(&event).unwrap_or_default();
        let audit = format!("phase {} opened by assessment {}", opened.phase, assessment.id);
        Message { id: event.id, body, audit }
    };
    assessment.journey.opened.iter().map(message).collect()
}

/// Tries every message that is due once. `random` gives numbers from 0 to 1.
///
/// # Errors
/// The store fails; a receiver that fails is no error.
pub fn deliver_due(
    store: &dyn Store,
    webhook: &Webhook,
    poster: &dyn Poster,
    now: Timestamp,
    random: &mut dyn FnMut() -> f64,
) -> Result<Deliveries> {
    let mut done = Deliveries::default();
    for row in store.claim_due(now, Timestamp(now.0 + CLAIM_S))? {
        match send(webhook, poster, &row.body) {
            Ok(()) => {
                store.delivered(&row.id, now)?;
                done.delivered += 1;
            }
            Err(why) => {
                let wait = backoff_s(row.attempts, random());
                store.delivery_failed(&row.id, Timestamp(now.0 + wait))?;
                done.failed.push(format!("{}: {why}; next try in {wait} s", row.id));
            }
        }
    }
    Ok(done)
}

/// Delivers what is due to the webhook of the data directory's configuration, and logs what happened; without
/// a webhook messages wait.
pub fn deliver_configured(store: &dyn Store, data_dir: &Path, now: Timestamp) {
    let delivered = || -> anyhow::Result<Deliveries> {
        let config = Config::load(data_dir)?;
        let Some(webhook) = Webhook::of(&config.journey, data_dir)? else { return Ok(Deliveries::default()) };
        let mut random = crate::cli::random();
        Ok(deliver_due(store, &webhook, &HttpPoster::new()?, now, &mut random)?)
    };
    match delivered() {
        Ok(done) => {
            for why in done.failed {
                tracing::warn!(%why, "event not delivered");
            }
        }
        Err(error) => tracing::error!(error = format!("{error:#}"), "the outbox could not be worked through"),
    }
}

fn send(webhook: &Webhook, poster: &dyn Poster, body: &str) -> std::result::Result<(), String> {
    match post(webhook, poster, body)? {
        200..=299 => Ok(()),
        status => Err(format!("the receiver answered {status}")),
    }
}

/// Signs a message and posts it once; gives the status of the answer.
///
/// # Errors
/// No answer came; the text says why.
pub fn post(webhook: &Webhook, poster: &dyn Poster, body: &str) -> std::result::Result<u16, String> {
    let signature = signature(&webhook.secret, body.as_bytes());
    let headers = [("content-type", "application/cloudevents+json"), (SIGNATURE_HEADER, signature.as_str())];
    poster.post(&webhook.url, &headers, body)
}

/// The signature of a body.
#[must_use]
pub fn signature(secret: &[u8], body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), body);
    format!("sha256={}", hex(tag.as_ref()))
}

/// Seconds until the next try: half of the doubled wait for certain, half at random.
fn backoff_s(failures_before: u32, random: f64) -> i64 {
    let whole = BACKOFF_FIRST_S.saturating_mul(1 << failures_before.min(20)).min(BACKOFF_MAX_S);
    whole / 2 + (whole as f64 / 2.0 * random.clamp(0.0, 1.0)) as i64
}

#[cfg(test)]
#[path = "outbox/outbox_tests.rs"]
mod tests;

//! `cairn journey test-hook`: a test message to the receiver of events, on the way every event takes.
// SPDX-License-Identifier: Apache-2.0

use super::super::{Exit, Place, now};
use crate::config::Config;
use crate::outbox::{self, HttpPoster, Poster, SIGNATURE_HEADER, Webhook};
use anyhow::Context as _;
use cairn_schemas::time::Timestamp;
use clap::Args;
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct TestHook {
    /// Receiver to try instead of `journey.webhook_url` in cairn.toml; the secret is the configured one.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(super) fn run(args: &TestHook, place: &Place, json: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let data_dir = place.data_dir()?;
    let mut config = Config::load(&data_dir)?.journey;
    if args.url.is_some() {
        config.webhook_url.clone_from(&args.url);
    }
    let webhook = Webhook::of(&config, &data_dir)?.context(
        "no receiver: set journey.webhook_url and journey.webhook_secret_file in cairn.toml, or give --url",
    )?;
    let now = now()?;
    tried(&webhook, &HttpPoster::new()?, place.name()?.as_str(), now, json, out)
}

/// Sends the message and says what came of it. It is sent once, and the outbox never hears of it.
fn tried(
    webhook: &Webhook,
    poster: &dyn Poster,
    engagement: &str,
    now: Timestamp,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let event = outbox::test_event(engagement, now);
    let body = serde_json::to_string(&event)?;
    let answer = outbox::post(webhook, poster, &body);
    let taken = matches!(answer, Ok(200..=299));
    let signature = outbox::signature(&webhook.secret, body.as_bytes());
    if json {
        let (status, why) = (answer.as_ref().ok(), answer.as_ref().err());
        let document = serde_json::json!({
            "url": webhook.url, "taken": taken, "status": status, "why": why,
            "header": SIGNATURE_HEADER, "signature": signature, "event": event,
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)?;
    } else {
        let came = match &answer {
            Ok(status) if taken => format!("the receiver took it, status {status}"),
            Ok(status) => format!("the receiver answered {status}; an event would be tried again"),
            Err(why) => format!("no answer: {why}"),
        };
        writeln!(out, "test message {} to {}: {came}", event.id, webhook.url.escape_debug())?;
        writeln!(out, "  header    {SIGNATURE_HEADER}: {signature}")?;
        writeln!(out, "  body      {body}")?;
        writeln!(
            out,
            "The receiver must compute HMAC-SHA256 of the body's bytes as they came, with the secret, compare it in \
             constant time with the header, and answer 2xx. It tells a test by its type, {}, and must not act on it. \
             An event that was taken may come again: its id is the same.",
            event.kind
        )?;
    }
    Ok(if taken { Exit::Done } else { Exit::Unreachable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::event::{TEST, TestEvent};
    use std::cell::RefCell;

    /// A receiver that checks what it is told to check.
    struct Receiver {
        secret: Vec<u8>,
        taken: RefCell<Vec<String>>,
    }

    impl Poster for Receiver {
        fn post(&self, _: &str, headers: &[(&str, &str)], body: &str) -> Result<u16, String> {
            let signed = outbox::signature(&self.secret, body.as_bytes());
            if !headers.contains(&(SIGNATURE_HEADER, signed.as_str())) {
                return Ok(401);
            }
            self.taken.borrow_mut().push(body.to_owned());
            Ok(204)
        }
    }

    #[test]
    fn a_test_is_signed_and_marked_and_a_wrong_secret_shows() {
        let secret = b"0123456789abcdef".to_vec();
        let receiver = Receiver { secret: secret.clone(), taken: RefCell::default() };
        let check = |secret: Vec<u8>, exit: Exit, expected: &str| {
            let webhook = Webhook { url: "https://example.org/h".into(), secret };
            let mut said = Vec::new();
            let done = tried(&webhook, &receiver, "acme", Timestamp(0), false, &mut said).unwrap();
            let said = String::from_utf8(said).unwrap();
            assert_eq!(done, exit, "{said}");
            assert!(said.contains(expected), "{said}");
        };
        check(secret, Exit::Done, "took it, status 204");
        check(b"another secret of its".to_vec(), Exit::Unreachable, "answered 401");
        let taken = receiver.taken.borrow();
        let event: TestEvent = serde_json::from_str(&taken[0]).unwrap();
        assert_eq!((taken.len(), event.kind.as_str(), event.data.test), (1, TEST, true));
    }
}

//! When phase 1 opens its event leaves once, through a refusing receiver and a sender that is killed while it
//! waits for the answer.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::event::{CloudEvent, PHASE_OPENED};
use cairn_schemas::time::Timestamp;
use cairn_tests::harness::webhook::{Answer, Received, Webhook};
use cairn_tests::harness::{Done, FreshDir, Running, cairn, csv, fresh_dir, run, wait_for};
use std::process::Command;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Engagement {
    home: FreshDir,
    estate: csv::Estate,
}

impl Engagement {
    fn verb(&self, now: &str, arguments: &[&str]) -> Done {
        run(self.command(now, arguments))
    }

    fn command(&self, now: &str, arguments: &[&str]) -> Command {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.home.path()).env("CAIRN_NOW", now);
        command
    }

    fn assess(&self, now: &str) -> serde_json::Value {
        let (from, to) = (self.estate.begin.to_string(), self.estate.end().to_string());
        self.verb(now, &["assess", "--json", "--from", &from, "--to", &to]).json()
    }
}

/// An estate for which everything but a person's word holds: a month-end inside, five weeks, all owned by IT.
fn engagement(webhook: &Webhook) -> Engagement {
    let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
    let engagement =
        Engagement { home: fresh_dir("outbox"), estate: csv::Estate { servers: 12, begin, days: 35 } };
    let config = format!("[journey]\nwebhook_url = \"{}\"\nwebhook_secret_file = \"secret\"\n", webhook.url);
    std::fs::write(engagement.home.path().join("cairn.toml"), config).unwrap();
    std::fs::write(engagement.home.path().join("secret"), SECRET).unwrap();
    let files = fresh_dir("csv");
    engagement.estate.write(files.path());
    let imported =
        engagement.verb("2026-11-25T12:00:00Z", &["import", "csv", files.path().to_str().unwrap()]);
    assert_eq!(imported.code(), 0, "{}{}", imported.stdout, imported.stderr);
    engagement
}

fn check_event(received: &Received, engagement: &Engagement) {
    let event: CloudEvent = serde_json::from_str(&received.body).unwrap();
    assert_eq!((event.specversion.as_str(), event.kind.as_str(), event.data.phase), ("1.0", PHASE_OPENED, 1));
    assert!(event.data.first_wave.len() >= 5, "{event:?}");
    let first = csv::Estate::name(0);
    assert!(event.data.first_wave.contains(&first) && engagement.estate.servers == 12);
    assert!(received.is_signed_with(SECRET), "{}", received.headers);
    assert!(received.headers.contains("application/cloudevents+json"), "{}", received.headers);
}

#[test]
fn the_event_of_an_opened_phase_leaves_once() {
    let webhook = Webhook::listen(&[Answer::Status(503), Answer::Never]);
    let engagement = engagement(&webhook);

    let before = engagement.assess("2026-11-25T12:00:00Z");
    assert_eq!(before["journey"]["opened"], serde_json::json!([]), "{:#}", before["journey"]);
    assert_eq!(webhook.received().len(), 0, "nobody has recorded a business trigger yet");
    let record = ["journey", "record", "hardware-refresh", "--by", "R. Owner", "--on", "2026-11-20"];
    let recorded = engagement.verb("2026-11-25T12:00:00Z", &record);
    assert_eq!(recorded.code(), 0, "{}", recorded.stderr);

    let opened = engagement.assess("2026-11-25T12:01:00Z");
    assert_eq!(opened["journey"]["opened"][0]["phase"], 1, "{:#}", opened["journey"]);
    assert_eq!(webhook.received().len(), 1, "it was offered, and refused");

    // The sender is killed while the receiver lets it wait.
    let mut sender = Running::start("assess", engagement.command("2026-11-25T14:00:00Z", &["assess"]));
    wait_for("the second delivery", 60, || (webhook.received().len() == 2).then_some(()));
    sender.kill();
    assert_eq!(webhook.accepted().len(), 0);

    let _ = engagement.assess("2026-11-25T16:00:00Z");
    let _ = engagement.assess("2026-11-26T16:00:00Z");
    let _ = engagement.assess("2026-11-27T16:00:00Z");
    let accepted = webhook.accepted();
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    check_event(&accepted[0], &engagement);
    let bodies: std::collections::BTreeSet<String> = webhook.received().into_iter().map(|r| r.body).collect();
    assert_eq!(bodies.len(), 1, "every try carries the same event, so that a receiver can tell");
}

//! Schedules with the real program: missed runs caught up once by whoever serves, a run killed and begun again, several
//! schedulers at once; each run one assessment and one signed message.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::event::{RUN_COMPLETED, RunEvent};
use cairn_schemas::time::{DAY_S, Timestamp};
use cairn_tests::harness::webhook::Webhook;
use cairn_tests::harness::{Done, FreshDir, Running, cairn, csv, fresh_dir, run, wait_for};
use serde_json::Value;
use std::process::Command;

/// 2026-03-02, a Monday; the clock of Berlin is put forward on the 29th.
const BEGIN: &str = "2026-03-02T00:00:00Z";

struct Engagement {
    home: FreshDir,
}

impl Engagement {
    /// Five weeks of four servers, and a schedule for Mondays at seven in Berlin.
    fn new(name: &str, servers: usize) -> Self {
        let engagement = Self { home: fresh_dir(name) };
        let begin = Timestamp::parse_rfc3339(BEGIN).unwrap();
        let files = fresh_dir("csv");
        csv::Estate { servers, begin, days: 35 }.write(files.path());
        engagement.verb(BEGIN, &["import", "csv", files.path().to_str().unwrap()]);
        let add =
            ["schedule", "add", "weekly", "--cron", "0 7 * * mon", "--zone", "Europe/Berlin", "--days", "7"];
        engagement.verb("2026-03-02T12:00:00Z", &[&add[..], &["--by", "A. Consultant"]].concat());
        engagement
    }

    fn command(&self, now: Option<&str>, arguments: &[&str]) -> Command {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.home.path());
        now.map(|now| command.env("CAIRN_NOW", now));
        command
    }

    fn verb(&self, now: &str, arguments: &[&str]) -> Done {
        let done = run(self.command(Some(now), arguments));
        assert_eq!(done.code(), 0, "{arguments:?}: {}{}", done.stdout, done.stderr);
        done
    }

    fn runs(&self) -> Vec<Value> {
        self.verb(BEGIN, &["schedule", "runs", "--json"]).json().as_array().unwrap().clone()
    }

    fn assessments(&self) -> usize {
        self.verb(BEGIN, &["assessments", "--json"]).json().as_array().unwrap().len()
    }
}

#[test]
fn the_clock_is_put_forward_a_run_is_missed_and_each_leaves_one_message() {
    let webhook = Webhook::listen(&[]);
    let engagement = Engagement::new("schedule", 4);
    let config = format!("[journey]\nwebhook_url = \"{}\"\nwebhook_secret_file = \"secret\"\n", webhook.url);
    std::fs::write(engagement.home.path().join("cairn.toml"), config).unwrap();
    std::fs::write(engagement.home.path().join("secret"), "0123456789abcdef").unwrap();
    let due = |now: &str| engagement.verb(now, &["schedule", "run-due"]).stdout;
    assert_eq!(due("2026-03-09T05:59:59Z"), "nothing is due\n");
    assert_eq!(due("2026-03-09T06:00:00Z"), "schedule weekly, due 2026-03-09T06:00:00Z: assessment 1\n");
    assert_eq!(due("2026-03-09T06:00:20Z"), "nothing is due\n");
    // Nobody served on the 16th and 23rd; on the 30th it is summer, and seven o'clock an hour earlier.
    let caught_up =
        "schedule weekly, due 2026-03-30T05:00:00Z and 2 times before that nobody did: assessment 2\n";
    assert_eq!(due("2026-03-30T05:00:00Z"), caught_up);

    let events: Vec<RunEvent> =
        webhook.accepted().iter().map(|received| serde_json::from_str(&received.body).unwrap()).collect();
    let said: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.data.missed)).collect();
    assert_eq!(said, [(RUN_COMPLETED, 0), (RUN_COMPLETED, 2)]);
    let windows: Vec<String> = (1..=2)
        .map(|number| {
            let json = engagement
                .verb(BEGIN, &["report", &number.to_string(), "--format", "json", "--out", "-"])
                .json();
            format!("{} {}", json["window"]["from"].as_str().unwrap(), json["window"]["to"].as_str().unwrap())
        })
        .collect();
    assert_eq!(windows[0], "2026-03-02T05:00:00Z 2026-03-09T05:00:00Z");
    assert_eq!(windows[1], "2026-03-23T04:00:00Z 2026-03-30T04:00:00Z");
}

#[test]
fn several_schedulers_at_once_and_one_that_is_killed_make_each_run_once() {
    let engagement = Engagement::new("schedulers", 12);
    let monday = Timestamp::parse_rfc3339("2026-03-09T06:00:00Z").unwrap();
    let start = |at: Timestamp| {
        let now = at.to_string();
        Running::start("run-due", engagement.command(Some(&now), &["schedule", "run-due"]))
    };
    for week in 0..3 {
        let at = Timestamp(monday.0 + week * 7 * DAY_S);
        let mut all: Vec<Running> = (0..3).map(|_| start(at)).collect();
        if week > 0 {
            wait_for("a run to begin", 60, || (engagement.runs().len() as i64 > week).then_some(()));
            all.iter_mut().for_each(Running::kill);
        }
        wait_for("all to end", 60, || all.iter_mut().all(|one| one.ended().is_some()).then_some(()));
        // Whoever comes later begins what was broken off again, and nothing else.
        engagement.verb(&Timestamp(at.0 + 1_800).to_string(), &["schedule", "run-due"]);
    }
    let runs = engagement.runs();
    assert_eq!(runs.len(), 3, "{runs:#?}");
    assert!(runs.iter().all(|run| run["assessment"].is_u64() && run["missed"] == 0), "{runs:#?}");
    assert_eq!(engagement.assessments(), 3);
}

#[test]
fn who_serves_does_what_is_due() {
    let engagement = Engagement::new("served", 2);
    let mut serving =
        Running::start("serve", engagement.command(None, &["serve", "--listen", "127.0.0.1:0"]));
    // By the clock of this machine it was due many times, and the last time nothing was measured any more.
    let run = wait_for("what was due to be done", 60, || {
        engagement.runs().into_iter().find(|run| !run["ended_at"].is_null())
    });
    serving.terminate();
    assert!(run["missed"].as_u64().unwrap() > 10, "{run}");
    assert!(run["failure"].as_str().unwrap().contains("nothing was measured"), "{run}");
}

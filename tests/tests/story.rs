//! The story of an engagement, with real programs and a steered clock: a week is too little and the trigger says what
//! is missing; four weeks with a month-end open phase 1; its event reaches the receiver once through two crashes of the
//! collector; an owner's veto moves a server out of the first wave, and the assessment says why.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::event::{CloudEvent, PHASE_OPENED};
use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::webhook::{Answer, Webhook};
use cairn_tests::harness::{Done, FreshDir, Running, cairn, fresh_dir, run, sheet, wait_for};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// A Monday; the four weeks from here hold the last day of October.
const BEGIN: &str = "2026-10-05T00:00:00Z";

struct Engagement {
    home: FreshDir,
}

impl Engagement {
    fn command(&self, now: &str, arguments: &[&str]) -> Command {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.home.path()).env("CAIRN_NOW", now);
        command
    }

    fn verb(&self, now: &str, arguments: &[&str]) -> Done {
        let done = run(self.command(now, arguments));
        assert_eq!(done.code(), 0, "{arguments:?}: {}{}", done.stdout, done.stderr);
        done
    }

    /// What agents or an export bring: everything since the beginning.
    fn measured(&self, now: &str, days: i64) {
        let begin = Timestamp::parse_rfc3339(BEGIN).unwrap();
        let files = fresh_dir("csv");
        Estate { servers: 12, begin, days }.write(files.path());
        self.verb(now, &["import", "csv", files.path().to_str().unwrap()]);
    }

    fn assess(&self, now: &str) -> Value {
        self.verb(now, &["assess", "--json"]).json()
    }

    /// The collector, with its clock begun at a moment.
    fn serve(&self, now: &str) -> Running {
        Running::start("serve", self.command(now, &["serve", "--listen", "127.0.0.1:0"]))
    }

    fn tell(&self, webhook: &Webhook) {
        let config =
            format!("[journey]\nwebhook_url = \"{}\"\nwebhook_secret_file = \"secret\"\n", webhook.url);
        std::fs::write(self.home.path().join("cairn.toml"), config).unwrap();
        std::fs::write(self.home.path().join("secret"), SECRET).unwrap();
    }
}

/// The conditions of phase 1 that do not hold.
fn open_conditions(assessment: &Value) -> Vec<String> {
    let triggers = assessment["journey"]["triggers"].as_array().unwrap().iter();
    let of_it = triggers.filter(|t| t["phase"] == 1 && (t["state"] == "unmet" || t["state"] == "unknown"));
    of_it.map(|trigger| trigger["condition"].as_str().unwrap().to_owned()).collect()
}

fn first_wave(assessment: &Value) -> BTreeSet<&str> {
    let servers = assessment["waves"][0]["servers"].as_array().unwrap();
    servers.iter().map(|server| server.as_str().unwrap()).collect()
}

#[test]
fn from_the_first_week_to_the_first_wave() {
    let engagement = Engagement { home: fresh_dir("story") };
    a_week_is_too_little(&engagement);
    let opened = four_weeks_open_the_phase(&engagement);
    one_event_through_two_crashes(&engagement, &opened);
    a_veto_is_obeyed(&engagement, &opened);
}

fn a_week_is_too_little(engagement: &Engagement) {
    engagement.measured("2026-10-12T06:00:00Z", 7);
    let record = ["journey", "record", "hardware-refresh", "--by", "R. Owner", "--on", "2026-10-06"];
    engagement.verb("2026-10-12T06:00:00Z", &record);
    let assessment = engagement.assess("2026-10-12T06:00:00Z");
    assert_eq!(assessment["journey"]["opened"], serde_json::json!([]));
    let open = open_conditions(&assessment);
    assert!(open.contains(&"measured-long-enough".to_owned()), "{open:?}");
    let said = engagement.verb("2026-10-12T06:00:00Z", &["journey"]).stdout;
    let missing =
        "Ready servers need 28 days at 90 % coverage with a month-end; the nearest needs 21 days more.";
    assert!(said.replace('\u{a0}', " ").contains(missing), "{said}");
    assert!(!said.contains("event "), "nothing waits to be sent: {said}");
}

fn four_weeks_open_the_phase(engagement: &Engagement) -> Value {
    engagement.measured("2026-11-02T06:00:00Z", 28);
    let done = run(engagement.command("2026-11-02T06:00:00Z", &["assess", "--json"]));
    assert!(done.stderr.contains("phase 1 opened: its event is in the outbox"), "{}", done.stderr);
    let assessment = done.json();
    assert_eq!(open_conditions(&assessment), Vec::<String>::new());
    let opened = &assessment["journey"]["opened"];
    assert_eq!((opened.as_array().unwrap().len(), &opened[0]["phase"]), (1, &1.into()));
    assert!(first_wave(&assessment).len() >= 5, "{:?}", assessment["waves"]);
    let page = engagement.home.path().join("report.html");
    let report = ["report", "--format", "html", "--out", page.to_str().unwrap()];
    engagement.verb("2026-11-02T06:00:00Z", &report);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("IT Production"), "the report is marked");
    assessment
}

/// The first collector dies before the receiver has answered, the second after the receiver took the event and before
/// it could say so: the receiver sees one event, by its id.
fn one_event_through_two_crashes(engagement: &Engagement, opened: &Value) {
    let webhook = Webhook::listen(&[Answer::Never, Answer::Never]);
    engagement.tell(&webhook);
    // Each life begins when the claim of the one before is over.
    for (life, now) in ["2026-11-02T06:01:00Z", "2026-11-02T06:11:00Z"].into_iter().enumerate() {
        let mut collector = engagement.serve(now);
        wait_for("the event to be offered", 60, || {
            assert!(collector.ended().is_none(), "{}", collector.stderr());
            (webhook.received().len() == life + 1).then_some(())
        });
        collector.kill();
    }
    assert_eq!(webhook.accepted().len(), 0);
    let mut collector = engagement.serve("2026-11-02T06:21:00Z");
    wait_for("the event to be taken", 60, || (webhook.accepted().len() == 1).then_some(()));
    let delivered = || engagement.verb("2026-11-02T06:22:00Z", &["journey"]).stdout;
    wait_for("the collector to know", 60, || delivered().contains("-phase-1: delivered ").then_some(()));
    collector.terminate();

    // A later assessment finds the phase still open, and says nothing more.
    let _ = engagement.assess("2026-11-03T06:00:00Z");
    engagement.serve("2026-11-04T06:00:00Z").terminate();
    let received = webhook.received();
    assert_eq!((received.len(), webhook.accepted().len()), (3, 1));
    assert!(received.iter().all(|received| received.is_signed_with(SECRET)), "{received:?}");
    assert!(!received[0].is_signed_with(&SECRET.replace('0', "1")), "another secret signs otherwise");
    let events: Vec<CloudEvent> = received.iter().map(|r| serde_json::from_str(&r.body).unwrap()).collect();
    let identities: BTreeSet<(&str, &str)> =
        events.iter().map(|event| (event.source.as_str(), event.id.as_str())).collect();
    assert_eq!(
        identities.len(),
        1,
        "a receiver that remembers identities has taken one event: {identities:?}"
    );
    let (event, wave) = (&events[0], first_wave(opened));
    assert_eq!((event.kind.as_str(), event.data.phase), (PHASE_OPENED, 1));
    assert_eq!(event.data.inputs_sha256, opened["inputs_sha256"].as_str().unwrap());
    assert_eq!(event.data.first_wave.iter().map(String::as_str).collect::<BTreeSet<_>>(), wave);
    let store =
        rusqlite::Connection::open(engagement.home.path().join("engagements/default.sqlite")).unwrap();
    let count = "select count(*) from audit where what like 'phase 1 opened by assessment %'";
    let entries: i64 = store.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(entries, 1, "the audit has it once");
}

fn a_veto_is_obeyed(engagement: &Engagement, opened: &Value) {
    let now = "2026-11-05T09:00:00Z";
    let vetoed = *first_wave(opened).first().unwrap();
    let sheets = engagement.home.path().join("sheets");
    engagement.verb(now, &["sheets", "export", "--out", sheets.to_str().unwrap()]);
    let answers = [(vetoed, "move", "no", "it runs the pay slips")];
    let filled = sheets.join("filled.xlsx");
    sheet::save(&sheet::fill(&sheets.join("it.xlsx"), "Ada", &answers), &filled);
    let take = ["sheets", "import", "--by", "Consultant", filled.to_str().unwrap()];
    let taken = engagement.verb(now, &take);
    assert!(taken.stdout.contains("1 decisions made"), "{}", taken.stdout);

    let after = engagement.assess(now);
    let mut expected = first_wave(opened);
    expected.remove(vetoed);
    assert_eq!(first_wave(&after), expected, "only the vetoed server leaves the wave");
    assert!(!after["waves"].to_string().contains(vetoed));
    let servers = after["readiness"]["servers"].as_array().unwrap();
    let server = servers.iter().find(|server| server["server"] == vetoed).unwrap();
    let why = &server["findings"][0];
    assert_eq!(why["message_id"], "decisions.veto");
    assert_eq!((&why["args"]["by"], &why["args"]["words"]), (&"Ada".into(), &"it runs the pay slips".into()));
    let stay = after["consolidation"]["stay"].as_array().unwrap();
    assert!(stay.iter().any(|one| one["server"] == vetoed && one["reason"] == "vetoed"), "{stay:?}");
    let page = engagement.home.path().join("vetoed.html");
    engagement.verb(now, &["report", "--format", "html", "--out", page.to_str().unwrap()]);
    assert!(std::fs::read_to_string(page).unwrap().contains("Ada has vetoed its move"));
}

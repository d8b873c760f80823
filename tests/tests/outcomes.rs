//! Promised and arrived, from outside and under a steered clock: a wave is promised by an issued assessment; three
//! months later a re-scan, which the schedule catches up after two that nobody made and a change of the clocks, sees a
//! part of it virtual and three of the servers moved still running. They yield no cash, nor does one whose contract
//! still runs. What the run says leaves as a signed message, and a moment is told in its owner's words.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::event::{RUN_COMPLETED, RunEvent};
use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::webhook::Webhook;
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};
use serde_json::Value;
use std::path::PathBuf;

/// When the assessment is issued and the wave promised; three months later is the re-scan.
const ISSUED: &str = "2026-08-10T12:00:00Z";
const RESCAN: &str = "2026-11-10T12:00:00Z";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Engagement {
    home: FreshDir,
    estate: Estate,
}

impl Engagement {
    fn measured(webhook: &Webhook) -> Self {
        let begin = Timestamp::parse_rfc3339("2026-07-06T00:00:00Z").unwrap();
        let engagement = Self { home: fresh_dir("outcomes"), estate: Estate { servers: 8, begin, days: 35 } };
        let config =
            format!("[journey]\nwebhook_url = \"{}\"\nwebhook_secret_file = \"secret\"\n", webhook.url);
        std::fs::create_dir_all(engagement.path("store")).unwrap();
        std::fs::write(engagement.path("store").join("cairn.toml"), config).unwrap();
        std::fs::write(engagement.path("store").join("secret"), SECRET).unwrap();
        engagement.import(engagement.estate.servers_csv(), &engagement.estate.samples_csv(), ISSUED);
        engagement
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn at(&self, now: &str, line: &[&str]) -> Done {
        let mut command = cairn(line);
        command.arg("--data").arg(self.path("store")).env("CAIRN_NOW", now);
        run(command)
    }

    fn done(&self, now: &str, line: &str) {
        let done = self.at(now, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(done.code(), 0, "cairn {line}: {}{}", done.stdout, done.stderr);
    }

    fn import(&self, servers: String, samples: &str, now: &str) {
        let folder = self.path("csv");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("servers.csv"), servers).unwrap();
        std::fs::write(folder.join("samples.csv"), samples).unwrap();
        let done = self.at(now, &["import", "csv", folder.to_str().unwrap()]);
        assert_eq!(done.code(), 0, "{}{}", done.stdout, done.stderr);
    }

    /// Facts of people, in a file.
    fn facts(&self, now: &str, text: &str) {
        let file = self.path("facts.csv");
        std::fs::write(&file, text).unwrap();
        let done = self.at(now, &["facts", "import", file.to_str().unwrap(), "--by", "Dora"]);
        assert_eq!(done.code(), 0, "{}{}", done.stdout, done.stderr);
    }

    /// An assessment as JSON.
    fn assessment(&self, now: &str, id: &str) -> Value {
        self.at(now, &["report", id, "--format", "json", "--out", "-"]).json()
    }

    /// Three months later the machines of the first servers run virtual, two of the old ones still report, and
    /// somebody has made a new one.
    fn rescanned(&self) -> (String, String) {
        let begin = Timestamp::parse_rfc3339("2026-10-12T00:00:00Z").unwrap();
        let later = Estate { servers: 5, begin, days: 28 };
        let servers = later.servers_csv().replace("srv-", "vm-");
        let mut lines = servers.lines();
        let mut text = format!("{},moved_from\n", lines.next().unwrap());
        for (n, line) in lines.enumerate() {
            let from = if n < 4 { Estate::name(n) } else { String::new() };
            text += &format!("{},{from}\n", line.replace(",none,no,", ",kvm,no,"));
        }
        let mut samples = later.samples_csv().replace("srv-", "vm-");
        // What srv-001 has become is five times as busy as it was.
        samples = samples.lines().map(busier).collect();
        // The host they run on.
        let host =
            servers.lines().nth(1).unwrap().replace("vm-000", "host-000").replace(",none,no,", ",none,yes,");
        text += &format!("{host},\n");
        // Of the physical ones, those that were not moved still report, and so do two that were.
        let physical = Estate { servers: 8, ..later }.samples_csv();
        let still = |line: &&str| !["srv-000", "srv-003", "srv-005"].iter().any(|off| line.starts_with(off));
        for line in physical.lines().skip(1).filter(still) {
            samples += line;
            samples.push('\n');
        }
        (text, samples)
    }

    /// The tenth of each month at six in Berlin.
    fn scheduled(&self) {
        let add =
            ["schedule", "add", "monthly", "--cron", "0 6 10 * *", "--zone", "Europe/Berlin", "--by", "Ada"];
        assert_eq!(self.at(ISSUED, &add).code(), 0);
    }

    /// What the schedule makes: nobody did what was due in September and October, and since the 25th of October six in
    /// Berlin is an hour later.
    fn rescan(&self) -> Value {
        let done = self.at(RESCAN, &["schedule", "run-due"]);
        let caught_up =
            "schedule monthly, due 2026-11-10T05:00:00Z and 2 times before that nobody did: assessment 2\n";
        assert_eq!(done.stdout, caught_up, "{}", done.stderr);
        assert_eq!(self.at(RESCAN, &["schedule", "run-due"]).stdout, "nothing is due\n");
        self.assessment(RESCAN, "2")
    }
}

/// A row of samples, of vm-001 with more work for the CPUs.
fn busier(line: &str) -> String {
    let mut columns: Vec<String> = line.split(',').map(str::to_owned).collect();
    if columns[0] == "vm-001" {
        let cpu: f64 = columns[2].parse().unwrap();
        columns[2] = format!("{:.4}", (cpu * 5.0).min(1.0));
    }
    columns.join(",") + "\n"
}

fn progress<'a>(assessment: &'a Value, server: &str) -> &'a Value {
    let servers = assessment["realised"]["servers"].as_array().unwrap();
    servers.iter().find(|found| found["server"] == server).unwrap()
}

#[test]
fn three_months_later_value_counts_only_where_it_has_arrived() {
    let webhook = Webhook::listen(&[]);
    let engagement = Engagement::measured(&webhook);
    engagement.facts(ISSUED, "server,annual_maintenance_cost\nsrv-005,1200\n");
    promised(&engagement);
    made(&engagement);
    told(&engagement);
    let (servers, samples) = engagement.rescanned();
    engagement.import(servers, &samples, RESCAN);
    let found = engagement.rescan();
    message(&webhook, &found);
    let totals = &found["realised"]["totals"];
    let count = |name: &str| totals[name].as_u64().unwrap();
    let wave = count("promised");
    assert_eq!((count("arrived"), count("still_running"), count("contradicted")), (1, 3, 1), "{totals:#}");
    assert_eq!((count("late"), count("under_way")), (wave - 1, 0));
    for (server, why) in [
        ("srv-001", "realised.still-runs"),
        ("srv-002", "realised.contradicted"),
        ("srv-003", "realised.still-runs"),
    ] {
        let server = progress(&found, server);
        assert_eq!(server["why"][0]["message_id"], why);
        assert_eq!(server["realised_annual_cash"]["high"], 0.0, "no cash");
        assert!(server["still_paid_annual_cash"]["base"].as_f64().unwrap() > 300.0, "and it costs");
    }
    let paid = progress(&found, "srv-005");
    assert_eq!((&paid["state"], &paid["step"]), (&"late".into(), &"decommissioned".into()));
    assert_eq!(paid["why"][0]["message_id"], "realised.contract-runs");
    assert_eq!(paid["realised_annual_cash"]["high"], 0.0, "out of the rack, and it is still paid");
    assert!(paid["still_paid_annual_cash"]["base"].as_f64().unwrap() >= 1_200.0);
    let only = progress(&found, "srv-000");
    assert_eq!(only["state"], "arrived");
    assert_eq!(totals["realised_annual_cash"], only["realised_annual_cash"]);
    let seen = &found["realised"]["estate"];
    assert_eq!((&seen["virtual_workloads"], &seen["physical_workloads"]), (&5.into(), &4.into()));
    assert_eq!((&seen["reappeared"].as_array().unwrap().len(), &seen["grown"][0]), (&4, &"vm-004".into()));
    assert_eq!((&seen["hosts"], &seen["consolidation_ratio"]), (&1.into(), &5.0.into()));
    let share = seen["virtualised_share_ratio"].as_f64().unwrap();
    assert!((share - 5.0 / 9.0).abs() < 1e-12, "{share}");
    let sheets = &found["realised"]["before_after"];
    assert_eq!(
        (&sheets[0]["seen_as"], &sheets[0]["verdict"]),
        (&"vm-000".into(), &"kept".into()),
        "{sheets:#}"
    );
    assert_eq!((&sheets[1]["seen_as"], &sheets[1]["verdict"]), (&"vm-001".into(), &"worse".into()));

    net(&found);
    page_one(&engagement);
    text(&engagement);
    journey(&engagement, &found);
    last_steps(&engagement);
    for figure in ["realised_annual_cash", "net_cash"] {
        let why = engagement.at(RESCAN, &["explain", "2", figure]);
        assert_eq!(why.code(), 0, "{}", why.stderr);
    }
}

/// An issued assessment promises its first wave, and what shall be compared is frozen.
fn promised(engagement: &Engagement) {
    engagement.done(ISSUED, "assess");
    let refused =
        engagement.at(ISSUED, &["outcome", "plan", "1", "--wave", "1", "--due", "2026-10-31", "--by", "Ada"]);
    assert_eq!(refused.code(), 1, "a draft promises nothing");
    assert!(refused.stderr.contains("is not issued"), "{}", refused.stderr);
    engagement.done(ISSUED, "assessments review 1 --by Bob");
    engagement.done(ISSUED, "assessments issue 1 --by Cleo");
    engagement.scheduled();
    engagement.done(ISSUED, "outcome freeze srv-000 --by Ada");
    engagement.done(ISSUED, "outcome freeze srv-001 --by Ada");
    engagement.done(ISSUED, "outcome plan 1 --wave 1 --due 2026-10-31 --by Ada");
}

/// The steps of the wave, from a file that is taken whole or not at all.
fn made(engagement: &Engagement) {
    // srv-000 goes all the way; 001 to 003 are moved: one still runs, one is said to be off and reports, one is not
    // powered off and nobody measures it. 005 is out of the rack, and its contract runs on.
    let steps = "server,step,on,ticket\nsrv-000,moved,2026-09-01,CHG-1\nsrv-001,moved,2026-09-01,CHG-2\n\
                 srv-002,moved,2026-09-02,CHG-3\nsrv-003,moved,2026-09-02,CHG-4\nsrv-000,powered_off,2026-09-10,\n\
                 srv-000,decommissioned,2026-09-20,CHG-9\nsrv-002,powered_off,2026-09-12,CHG-8\n\
                 srv-005,moved,2026-09-03,CHG-5\nsrv-005,powered_off,2026-09-11,\n\
                 srv-005,decommissioned,2026-09-21,CHG-10\n";
    let file = engagement.path("steps.csv");
    std::fs::write(&file, steps.replace("srv-003,moved", "srv-03,moved")).unwrap();
    let import = ["outcome", "import", file.to_str().unwrap(), "--by", "Dora"];
    let refused = engagement.at(RESCAN, &import);
    assert_eq!(refused.code(), 1);
    assert!(
        refused.stdout.contains("steps.csv:5:server: there is no server \"srv-03\"; was \"srv-003\" meant?"),
        "{}",
        refused.stdout
    );
    let listed = engagement.at(RESCAN, &["outcome", "list", "--json"]).json();
    assert_eq!(listed["steps"].as_array().unwrap().len(), 8, "nothing of it was taken");
    std::fs::write(&file, steps).unwrap();
    assert_eq!(engagement.at(RESCAN, &import).code(), 0);
    let late = ["outcome", "late", "srv-001", "--cause", "customer", "--why", "change freeze", "--by", "Ada"];
    assert_eq!(engagement.at(RESCAN, &late).code(), 0);
}

/// What the run leaves: one signed message, with how many runs it stands for.
fn message(webhook: &Webhook, found: &Value) {
    let received = webhook.accepted();
    let runs: Vec<_> = received.iter().filter(|message| message.body.contains(RUN_COMPLETED)).collect();
    assert_eq!(runs.len(), 1, "one message of one run");
    assert!(runs[0].is_signed_with(SECRET), "{}", runs[0].headers);
    let event: RunEvent = serde_json::from_str(&runs[0].body).unwrap();
    let data = event.data;
    assert_eq!((data.schedule.as_str(), data.missed), ("monthly", 2));
    let figures = data.figures.unwrap();
    assert_eq!(
        serde_json::json!([figures.assessment, figures.servers]),
        serde_json::json!([2, found["estate"]["assessed"]])
    );
}

/// A first maintenance without downtime, with its figures, in the words of whoever it was done for.
fn told(engagement: &Engagement) {
    let moment = |figure: &'static str| {
        let words = "nobody noticed <script>alert(1)</script>\u{1b}[31m";
        let of =
            ["journey", "moment", "first-maintenance-without-downtime", "--on", "2026-10-05", "--by", "Ada"];
        let said = ["--owner", "Finance", "--words", words, "--evidence", "CHG-77"];
        let figures = ["--figure", "downtime_minutes_before=95", "--figure", figure];
        engagement.at(RESCAN, &[&of[..], &said, &figures].concat())
    };
    let refused = moment("downtime_minutes_aftre=0");
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr.contains("was \"downtime_minutes_after\" meant?"), "{}", refused.stderr);
    let refused = moment("request_hours_after=3");
    assert!(
        refused.stderr.contains("request_hours_after: is no figure of first-maint"),
        "{}",
        refused.stderr
    );
    assert_eq!(engagement.at(RESCAN, &["journey", "--json"]).json()["moments"], serde_json::json!([]));
    let done = moment("downtime_minutes_after=0");
    assert_eq!(done.code(), 0, "{}", done.stderr);

    let file = engagement.path("moments.csv");
    let rows = "moment,on,owner,words,evidence,recovery_minutes_required,recovery_minutes_tested\n\
                first-recovery-test,2026-10-20,Sales,\"back before lunch, truly\",protocol 4,240,42\n";
    std::fs::write(&file, rows.replace(",42", ",soon")).unwrap();
    let import = ["outcome", "import", file.to_str().unwrap(), "--by", "Dora"];
    let refused = engagement.at(RESCAN, &import);
    assert_eq!(refused.code(), 1);
    let why = "moments.csv:2:recovery_minutes_tested: \"soon\" is no number";
    assert!(refused.stdout.contains(why), "{}", refused.stdout);
    std::fs::write(&file, rows).unwrap();
    let done = engagement.at(RESCAN, &import);
    assert_eq!(done.code(), 0, "{}{}", done.stdout, done.stderr);
}

/// Moments in the assessment, in the report, and under pseudonyms.
fn journey(engagement: &Engagement, found: &Value) {
    let moments = &found["journey"]["moments"];
    assert_eq!(moments[0]["moment"], "first-maintenance-without-downtime");
    assert_eq!(
        moments[0]["figures"][1],
        serde_json::json!({"figure": "downtime_minutes_after", "amount": 0.0})
    );
    assert_eq!((&moments[1]["owner"], &moments[1]["figures"][1]["amount"]), (&"Sales".into(), &42.0.into()));
    let html = std::fs::read_to_string(engagement.path("report.html")).unwrap();
    let html = html.replace('\u{a0}', " ");
    for told in [
        "nobody noticed &lt;script&gt;",
        "(Finance)",
        "downtime before: 95 min",
        "recovered in 42 min",
        "CHG-77",
    ] {
        let html = html.replace("&#60;", "&lt;").replace("&#62;", "&gt;");
        assert!(html.contains(told), "{told}");
    }
    assert!(!html.contains("<script>alert") && !html.contains('\u{1b}'), "harmless");
    let german = ["report", "2", "--format", "html", "--language", "de", "--out", "-"];
    let german = engagement.at(RESCAN, &german).stdout;
    assert!(german.contains("Ausfall zuvor: 95 min") && german.contains("wiederhergestellt in 42 min"));
}

/// What arrived, once the hosts that came for it are paid.
fn net(found: &Value) {
    let net = &found["realised"]["net"];
    let base = |name: &str| net[name]["base"].as_f64().unwrap_or_else(|| panic!("{name} of {net:#}"));
    assert_eq!(net["hosts_unknown"], 0, "an assessment promised all of them");
    assert!(base("hosts_cash") > 20_000.0, "a host at least was promised with the wave: {net:#}");
    assert!((base("net_cash") - (base("gross_cash") - base("hosts_cash"))).abs() < 1e-6);
    let a_year = found["realised"]["totals"]["realised_annual_cash"]["base"].as_f64().unwrap();
    assert!(base("gross_cash") > 0.0 && base("gross_cash") < a_year);
}

/// Cash comes with the last step that applies: the end of the contract, then the return of a licence.
fn last_steps(engagement: &Engagement) {
    engagement.facts(RESCAN, "server,licence_pool\nsrv-005,oracle\n");
    let step = |step: &str, id: &str| {
        engagement.done(RESCAN, &format!("outcome step srv-005 {step} --on 2026-11-09 --by Dora"));
        engagement.done(RESCAN, "assess");
        engagement.assessment(RESCAN, id)
    };
    let found = step("contract_ended", "3");
    let held = progress(&found, "srv-005");
    assert_eq!(held["why"][0]["message_id"], "realised.licence-held");
    assert_eq!((&held["state"], &held["realised_annual_cash"]["high"]), (&"late".into(), &0.0.into()));
    let found = step("licence_returned", "4");
    let arrived = progress(&found, "srv-005");
    assert_eq!(arrived["state"], "arrived");
    assert_eq!(arrived["realised_annual_cash"], arrived["promised_annual_cash"], "all of it at once");
    assert!(arrived["realised_annual_cash"]["base"].as_f64().unwrap() >= 1_200.0);
    assert_eq!(found["realised"]["totals"]["arrived"], 2);
}

/// What the whole report says, without its tags.
fn text(engagement: &Engagement) {
    let html = std::fs::read_to_string(engagement.path("report.html")).unwrap();
    let bare: String =
        html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect();
    let text = bare.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "5 workloads run virtual on 1 host (5.0 : 1), 4 physical",
        "1 new virtual machine is growth, not failure",
        "worse than agreed",
        "Decommissioned, and its contract still runs",
    ] {
        assert!(text.contains(said), "{said} in the report");
    }
}

/// Promised, arrived, late and why stand before the plan.
fn page_one(engagement: &Engagement) {
    let page = engagement.path("report.html");
    let done = engagement.at(RESCAN, &["report", "--format", "html", "--out", page.to_str().unwrap()]);
    assert_eq!(done.code(), 0, "{}", done.stderr);
    let page = std::fs::read_to_string(page).unwrap();
    let summary = page.split("<section id=\"summary\"").nth(1).unwrap().split("</section>").next().unwrap();
    let heading = summary.find("Promised, arrived, late and why").unwrap();
    let plan = summary.find("can go.").or_else(|| summary.find("does not pay")).unwrap();
    assert!(heading < plan, "it stands first");
    for text in [
        "3 moved servers still run",
        "change freeze",
        "said to be off since 2026-09-12",
        "net of the new hosts",
        "its contract still runs",
        "56 %",
        "1 of them new: growth",
        "servers a host: 5.0 : 1",
        "1 as before, 1 worse than agreed",
        "worse than agreed: srv-001",
    ] {
        let found = summary.to_lowercase().replace('\u{a0}', " ");
        assert!(found.contains(text), "{text} on page one");
    }
}

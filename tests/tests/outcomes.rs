//! Promised and arrived, from outside and under a steered clock: a wave is promised by an issued assessment; three
//! months later a re-scan, which the schedule catches up after two that nobody made and a change of the clocks, sees a
//! part of it virtual and three of the servers moved still running. They yield no cash.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};
use serde_json::Value;
use std::path::PathBuf;

/// When the assessment is issued and the wave promised; three months later is the re-scan.
const ISSUED: &str = "2026-08-10T12:00:00Z";
const RESCAN: &str = "2026-11-10T12:00:00Z";

struct Engagement {
    home: FreshDir,
    estate: Estate,
}

impl Engagement {
    fn measured() -> Self {
        let begin = Timestamp::parse_rfc3339("2026-07-06T00:00:00Z").unwrap();
        let engagement = Self { home: fresh_dir("outcomes"), estate: Estate { servers: 8, begin, days: 35 } };
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
        // Of the physical ones, those that were not moved still report, and so do two that were.
        let physical = Estate { servers: 8, ..later }.samples_csv();
        let still = |line: &&str| !["srv-000", "srv-003"].iter().any(|off| line.starts_with(off));
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
        self.at(RESCAN, &["report", "2", "--format", "json", "--out", "-"]).json()
    }
}

fn progress<'a>(assessment: &'a Value, server: &str) -> &'a Value {
    let servers = assessment["realised"]["servers"].as_array().unwrap();
    servers.iter().find(|found| found["server"] == server).unwrap()
}

#[test]
fn three_months_later_value_counts_only_where_it_has_arrived() {
    let engagement = Engagement::measured();
    engagement.done(ISSUED, "assess");
    let refused =
        engagement.at(ISSUED, &["outcome", "plan", "1", "--wave", "1", "--due", "2026-10-31", "--by", "Ada"]);
    assert_eq!(refused.code(), 1, "a draft promises nothing");
    assert!(refused.stderr.contains("is not issued"), "{}", refused.stderr);
    engagement.done(ISSUED, "assessments review 1 --by Bob");
    engagement.done(ISSUED, "assessments issue 1 --by Cleo");
    engagement.scheduled();
    engagement.done(ISSUED, "outcome freeze srv-000 --by Ada");
    engagement.done(ISSUED, "outcome plan 1 --wave 1 --due 2026-10-31 --by Ada");

    // srv-000 goes all the way; 001 to 003 are moved: one still runs, one is said to be off and reports, one is not
    // powered off and nobody measures it.
    let steps = "server,step,on,ticket\nsrv-000,moved,2026-09-01,CHG-1\nsrv-001,moved,2026-09-01,CHG-2\n\
                 srv-002,moved,2026-09-02,CHG-3\nsrv-003,moved,2026-09-02,CHG-4\nsrv-000,powered_off,2026-09-10,\n\
                 srv-000,decommissioned,2026-09-20,CHG-9\nsrv-002,powered_off,2026-09-12,CHG-8\n";
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

    let (servers, samples) = engagement.rescanned();
    engagement.import(servers, &samples, RESCAN);
    let found = engagement.rescan();
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
    let only = progress(&found, "srv-000");
    assert_eq!(only["state"], "arrived");
    assert_eq!(totals["realised_annual_cash"], only["realised_annual_cash"]);
    let seen = &found["realised"]["estate"];
    assert_eq!((&seen["virtual_workloads"], &seen["physical_workloads"]), (&5.into(), &4.into()));
    assert_eq!((&seen["reappeared"].as_array().unwrap().len(), &seen["grown"][0]), (&4, &"vm-004".into()));
    let sheet = &found["realised"]["before_after"][0];
    assert_eq!((&sheet["seen_as"], &sheet["verdict"]), (&"vm-000".into(), &"kept".into()), "{sheet:#}");

    let net = &found["realised"]["net"];
    let base = |name: &str| net[name]["base"].as_f64().unwrap_or_else(|| panic!("{name} of {net:#}"));
    assert_eq!(net["hosts_unknown"], 0, "an assessment promised all of them");
    assert!(base("hosts_cash") > 20_000.0, "a host at least was promised with the wave: {net:#}");
    assert!((base("net_cash") - (base("gross_cash") - base("hosts_cash"))).abs() < 1e-6);
    assert!(
        base("gross_cash") > 0.0
            && base("gross_cash") < totals["realised_annual_cash"]["base"].as_f64().unwrap()
    );

    page_one(&engagement);
    for figure in ["realised_annual_cash", "net_cash"] {
        let why = engagement.at(RESCAN, &["explain", "2", figure]);
        assert_eq!(why.code(), 0, "{}", why.stderr);
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
    ] {
        let found = summary.to_lowercase().replace('\u{a0}', " ");
        assert!(found.contains(text), "{text} on page one");
    }
}

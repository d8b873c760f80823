//! Another key for a running agent: asked for while batches wait, everything arrives once, the old key is good for
//! nothing more, and a collector that went back to before the change understands its agent again.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::fleet::get;
use cairn_tests::harness::{Collector, Done, FreshDir, Running, agent, fresh_dir, now, run, wait_for};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const SLOT_S: i64 = 2;

/// A collector, an agent enrolled there, and what was copied of its data directory.
struct Site {
    collector: Collector,
    home: FreshDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { collector: Collector::start(), home: fresh_dir("rotation") };
        let enrolled = site.enrol("data");
        assert_eq!(enrolled.code(), 0, "{}", enrolled.stderr);
        site.collector.count_this_machine_as_physical();
        site
    }

    fn data(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn verb(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = agent(arguments);
        command.arg("--data").arg(self.data(data));
        command
    }

    fn enrol(&self, data: &str) -> Done {
        let join = self.home.path().join("join");
        std::fs::write(&join, self.collector.join_string(1)).unwrap();
        run(self.verb(data, &["enroll", "--join-file", join.to_str().unwrap()]))
    }

    fn run(&self, data: &str) -> Running {
        let arguments = ["run", "--slot-s", "2", "--batch-every", "1", "--upload-every", "1"];
        Running::start("agent", self.verb(data, &arguments))
    }

    fn last_run(&self, data: &str) -> Value {
        let said = run(self.verb(data, &["status", "--json"])).stdout;
        serde_json::from_str::<Value>(&said).map(|status| status["last_run"].clone()).unwrap_or_default()
    }

    fn spool(&self, what: &str) -> u64 {
        self.last_run("data")["spool"][what].as_u64().unwrap_or(0)
    }

    fn wait_for_acknowledged(&self, running: &mut Running, more: u64) {
        let before = self.spool("ack_through");
        wait_for("batches to be acknowledged", 90, || {
            assert!(running.ended().is_none(), "{}", running.stderr());
            (self.spool("ack_through") >= before + more).then_some(())
        });
    }

    /// What the collector knows of the agent.
    fn known(&self) -> Value {
        self.collector.verb(&["agents", "--json"]).json()[0].clone()
    }

    fn wait_for_key(&self, running: &mut Running, epoch: u64) {
        wait_for("another key", 90, || {
            assert!(running.ended().is_none(), "{}", running.stderr());
            (self.known()["key_epoch"] == epoch).then_some(())
        });
    }

    fn refused(&self, reason: &str) -> u64 {
        let (_, metrics) = get(&format!("{}/metrics", self.collector.url())).unwrap_or_default();
        let name = format!("cairn_collector_requests_refused_total{{reason=\"{reason}\"}} ");
        let count = metrics.lines().find_map(|line| line.strip_prefix(&name));
        count.and_then(|count| count.parse().ok()).unwrap_or(0)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else if std::fs::copy(entry.path(), &target).is_err() {
            // A file of the running agent that was replaced meanwhile.
            assert!(!entry.path().exists(), "{}", entry.path().display());
        }
    }
}

#[test]
fn everything_arrives_once_and_the_old_key_is_good_for_nothing_more() {
    let mut site = Site::new();
    let mut running = site.run("data");
    let begin = Timestamp((now().0 / SLOT_S + 2) * SLOT_S);
    site.wait_for_acknowledged(&mut running, 3);
    let before = site.known();
    assert_eq!((&before["key_epoch"], &before["key_epoch_asked"]), (&json!(0), &json!(0)));

    // Batches wait when the key is asked for, and when it is made.
    site.collector.stop();
    copy(&site.data("data"), &site.data("copy"));
    wait_for("batches to wait", 90, || (site.spool("batches") >= 2).then_some(()));
    let asked = site.collector.verb(&["agents", "rotate", "--all", "--by", "A. Person"]);
    assert!(asked.code() == 0 && asked.stdout.starts_with("1 agents are asked"), "{}", asked.stdout);
    site.collector.restart();
    site.wait_for_key(&mut running, 1);
    let after = site.known();
    assert_ne!(before["key"], after["key"]);
    let key = |data: &str| std::fs::read(site.data(data).join("key.pk8")).unwrap();
    wait_for("the key to take its place", 30, || (key("data") != key("copy")).then_some(()));
    site.wait_for_acknowledged(&mut running, 3);

    let end = Timestamp(now().0 / SLOT_S * SLOT_S - SLOT_S);
    site.wait_for_acknowledged(&mut running, 3);
    let assessment = site.collector.assess(&begin.to_string(), &end.to_string());
    let coverage = &assessment["readiness"]["servers"][0]["coverage"];
    assert_eq!(coverage["missing_s"], json!({}), "{coverage:#}");
    assert_eq!(coverage["covered_s"].as_i64(), Some(end.0 - begin.0), "{coverage:#}");
    assert!(running.terminate().success(), "{}", running.stderr());
    assert_eq!(std::fs::read_dir(site.data("data").join("spool/quarantine")).unwrap().count(), 0);
    assert_eq!(site.collector.verb(&["check", "--full"]).code(), 0);

    the_old_key_is_refused(&site);
    site.collector.stop();
}

/// Whoever has a copy of the data directory from before begins anew with the old key, as its agent or as another.
fn the_old_key_is_refused(site: &Site) {
    // With its spool it would be told as a fork of what was delivered since.
    std::fs::remove_dir_all(site.data("copy").join("spool")).unwrap();
    let mut copied = site.run("copy");
    wait_for("the old key to be refused", 90, || (site.refused("key-retired") > 0).then_some(()));
    copied.terminate();
    assert!(site.last_run("copy")["spool"]["batches"].as_u64() > Some(0), "it keeps what it has");

    std::fs::create_dir(site.data("thief")).unwrap();
    std::fs::copy(site.data("copy").join("key.pk8"), site.data("thief").join("key.pk8")).unwrap();
    let enrolled = site.enrol("thief");
    assert!(enrolled.code() != 0 && enrolled.stderr.contains("retired"), "{}", enrolled.stderr);

    let id = site.known()["agent_id"].as_str().unwrap().to_owned();
    assert_eq!(site.collector.verb(&["agents", "revoke", &id, "--by", "A. Person"]).code(), 0);
    let asked = site.collector.verb(&["agents", "rotate", &id, "--by", "A. Person"]);
    assert_eq!(asked.code(), 3, "{}", asked.stdout);
    let mut copied = site.run("copy");
    wait_for("the revoked agent to be refused", 90, || (site.refused("agent-revoked") > 0).then_some(()));
    copied.terminate();
}

#[test]
fn a_collector_from_before_the_change_understands_its_agent_again() {
    let mut site = Site::new();
    let mut running = site.run("data");
    site.wait_for_acknowledged(&mut running, 2);
    let backup = site.home.path().join("backup.zst");
    assert_eq!(site.collector.verb(&["backup", "--out", backup.to_str().unwrap()]).code(), 0);
    let id = site.known()["agent_id"].as_str().unwrap().to_owned();
    for epoch in [1, 2] {
        assert_eq!(site.collector.verb(&["agents", "rotate", &id, "--by", "A. Person"]).code(), 0);
        site.wait_for_key(&mut running, epoch);
    }
    site.wait_for_acknowledged(&mut running, 2);
    let key = site.known()["key"].clone();

    site.collector.stop();
    let restored = ["restore", backup.to_str().unwrap(), "--replace", "--by", "A. Person"];
    assert_eq!(site.collector.verb(&restored).code(), 0);
    assert_eq!(site.known()["key_epoch"], 0);
    site.collector.restart();
    site.wait_for_key(&mut running, 2);
    assert_eq!(site.known()["key"], key);
    site.wait_for_acknowledged(&mut running, 3);
    assert!(running.terminate().success(), "{}", running.stderr());
    assert_eq!(std::fs::read_dir(site.data("data").join("spool/quarantine")).unwrap().count(), 0);
    assert_eq!(site.collector.verb(&["check", "--full"]).code(), 0);
    site.collector.stop();
}

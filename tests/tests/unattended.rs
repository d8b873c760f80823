//! An agent nobody looks after: it heeds directives, loses no slot over a restart, and leaves without a trace.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::{Collector, FreshDir, Running, agent, fresh_dir, now, run, wait_for};
use serde_json::Value;
use std::process::Command;

/// An agent enrolled at a collector of its own.
struct Site {
    collector: Collector,
    home: FreshDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { collector: Collector::start(), home: fresh_dir("agent") };
        let join = site.home.path().join("join");
        std::fs::write(&join, site.collector.join_string(1)).unwrap();
        let enrolled = run(site.verb(&["enroll", "--join-file", join.to_str().unwrap()]));
        assert_eq!(enrolled.code(), 0, "{}", enrolled.stderr);
        site.collector.count_this_machine_as_physical();
        site
    }

    fn verb(&self, arguments: &[&str]) -> Command {
        let mut command = agent(arguments);
        command.arg("--data").arg(self.home.path().join("data"));
        command
    }

    fn run(&self, slot_s: &str) -> Running {
        let arguments = ["run", "--slot-s", slot_s, "--batch-every", "1", "--upload-every", "1"];
        Running::start("agent", self.verb(&arguments))
    }

    fn status(&self) -> Value {
        run(self.verb(&["status", "--json"])).json()
    }

    /// Coverage of the one server, once it was heard of up to the end of the window.
    fn coverage(&self, from: Timestamp, to: Timestamp) -> Option<Value> {
        let assessment = self.collector.assess(&from.to_string(), &to.to_string());
        let coverage = assessment["readiness"]["servers"].get(0)?["coverage"].clone();
        coverage["missing_s"].get("not_reported").is_none().then_some(coverage)
    }
}

#[test]
fn a_restart_loses_no_slot() {
    const SLOT_S: i64 = 6;
    let mut site = Site::new();
    let mut running = site.run("6");
    // From the slot after its first on.
    let begin = Timestamp((now().0 / SLOT_S + 2) * SLOT_S);
    wait_for("the first slots", 60, || (now().0 > begin.0 + SLOT_S).then_some(()));
    for _ in 0..2 {
        let restarted = now();
        assert!(running.terminate().success(), "{}", running.stderr());
        running = site.run("6");
        wait_for("a slot of the new run", 60, || (now().0 > restarted.0 + 2 * SLOT_S).then_some(()));
    }
    let end = Timestamp(now().0 / SLOT_S * SLOT_S);
    let coverage = wait_for("everything to arrive", 60, || site.coverage(begin, end));
    assert_eq!(coverage["missing_s"], serde_json::json!({}), "{coverage:#}");
    assert_eq!(coverage["covered_s"].as_i64(), Some(end.0 - begin.0), "{coverage:#}");
    running.terminate();
    site.collector.stop();
}

#[test]
fn a_pause_is_heard_heeded_told_and_ended() {
    let mut site = Site::new();
    let mut running = site.run("2");
    let measures = |site: &Site| {
        let status = site.status();
        let paused = status["last_run"]["directives"]["paused"].as_bool();
        (paused == Some(false) && status["last_run"]["last_ack_at"].is_string()).then_some(())
    };
    wait_for("the first word", 60, || measures(&site));
    let set = |what: &str| site.collector.verb(&["directives", "set", what, "--by", "A. Person"]);
    assert_eq!(set("--pause").code(), 0);
    wait_for("the pause to be heard", 60, || {
        (site.status()["last_run"]["directives"]["paused"] == true).then_some(())
    });
    let paused = Timestamp((now().0 + 3) / 2 * 2);
    let said = run(site.verb(&["status"])).stdout;
    assert!(said.contains("at rest"), "{said}");
    // A resting agent that is started again leaves a word, and hears that the pause is over.
    assert_eq!(set("--resume").code(), 0);
    wait_for("some seconds of rest", 60, || (now().0 > paused.0 + 6).then_some(()));
    assert!(running.terminate().success(), "{}", running.stderr());
    running = site.run("2");
    wait_for("the end of the pause", 60, || measures(&site));
    let end = Timestamp((now().0 + 5) / 2 * 2);
    let coverage = wait_for("slots after the pause", 60, || {
        (now() > end)
            .then(|| site.coverage(paused, end))
            .flatten()
            .filter(|c| c["covered_s"].as_i64() > Some(0))
    });
    assert!(coverage["missing_s"]["paused"].as_i64() >= Some(4), "{coverage:#}");
    running.terminate();
    site.collector.stop();
}

#[test]
fn an_agent_that_is_uninstalled_leaves_nothing_and_is_revoked() {
    let mut site = Site::new();
    let mut running = site.run("2");
    wait_for("the first word", 60, || site.status()["last_run"]["last_ack_at"].is_string().then_some(()));
    let refused = run(site.verb(&["uninstall", "--purge"]));
    assert!(refused.code() == 1 && refused.stderr.contains("stop it first"), "{}", refused.stderr);
    running.terminate();
    let removed = run(site.verb(&["uninstall", "--purge"]));
    assert_eq!(removed.code(), 0, "{}{}", removed.stdout, removed.stderr);
    assert!(!site.home.path().join("data").exists(), "{}", removed.stdout);
    let agents = site.collector.verb(&["agents", "--json"]).json();
    assert!(agents[0]["revoked_at"].is_string(), "{agents:#}");
    site.collector.stop();
}

/// A server is copied into a virtual machine while it goes on: the copy finds itself on another make of machine.
#[test]
fn a_copy_beside_its_source_is_told_apart_and_loses_nothing() {
    let mut site = Site::new();
    let mut source = site.run("2");
    wait_for("the first word", 60, || site.status()["last_run"]["last_ack_at"].is_string().then_some(()));
    let copy = site.home.path().join("copy");
    let copied = Command::new("cp").arg("-a").arg(site.home.path().join("data")).arg(&copy).status();
    assert!(copied.unwrap().success());
    // The same host, but for what its firmware says it is.
    let root = site.home.path().join("root");
    std::fs::create_dir_all(root.join("sys/class/dmi/id")).unwrap();
    std::fs::write(root.join("sys/class/dmi/id/product_name"), "VMware Virtual Platform").unwrap();
    for folder in ["proc", "etc"] {
        std::os::unix::fs::symlink(format!("/{folder}"), root.join(folder)).unwrap();
    }
    let mut command = agent(&["run", "--slot-s", "2", "--batch-every", "1", "--upload-every", "1"]);
    command.arg("--data").arg(&copy).arg("--root").arg(&root);
    let mut running = Running::start("copy", command);
    let from = Timestamp((now().0 + 5) / 2 * 2);
    let agents = wait_for("the copy to deliver", 60, || {
        assert!(running.ended().is_none(), "{}", running.stderr());
        let agents = site.collector.verb(&["agents", "--json"]).json();
        let delivered = agents[1]["last_upload_at"].is_string() && now().0 > from.0 + 6;
        delivered.then_some(agents)
    });
    assert_eq!(agents[1]["moved_from"], agents[0]["agent_id"], "{agents:#}");
    assert_ne!(agents[1]["server"], agents[0]["server"], "{agents:#}");
    let to = Timestamp(now().0 / 2 * 2);
    let coverage = wait_for("everything of the source to arrive", 60, || site.coverage(from, to));
    assert_eq!(coverage["missing_s"], serde_json::json!({}), "the source loses nothing: {coverage:#}");
    running.terminate();
    source.terminate();
    let facts = site.collector.verb(&["facts", "show", agents[1]["server"].as_str().unwrap()]).stdout;
    assert!(facts.contains("moved_from"), "{facts}");
    site.collector.stop();
}

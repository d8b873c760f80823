//! A server without a network: collected into a file by the real agent, killed on the way, carried, imported.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::batch;
use cairn_schemas::time::Timestamp;
use cairn_tests::harness::{Collector, Done, FreshDir, Running, agent, fresh_dir, note, now, run, wait_for};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A host and the bundle it writes.
struct Host {
    home: FreshDir,
}

impl Host {
    fn new() -> Self {
        Self { home: fresh_dir("airgap") }
    }

    fn bundle(&self) -> PathBuf {
        self.home.path().join("host.cairn")
    }

    fn agent(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = agent(arguments);
        command.arg("--data").arg(self.home.path().join("data"));
        command
    }

    fn collect(&self, duration: &str) -> std::process::Command {
        let arguments = ["collect", "--duration", duration, "--slot-s", "2", "--batch-every", "2"];
        let mut command = self.agent(&arguments);
        command.arg("--out").arg(self.bundle());
        command
    }

    fn status(&self) -> Value {
        let done = run(self.agent(&["status", "--json"]));
        serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {}", done.stderr))
    }

    /// Waits until so many batches are in the bundle.
    fn wait_for_batches(&self, running: &mut Running, batches: u64) {
        wait_for("batches in the bundle", 60, || {
            assert!(running.ended().is_none(), "{}", running.stderr());
            let state = self.home.path().join("data/status.json").exists().then(|| self.status())?;
            (state["last_run"]["bundle"]["batches"].as_u64()? >= batches).then_some(())
        });
    }

    /// Collects what a test needs, in a single run that is stopped by a signal.
    fn collected(batches: u64) -> Self {
        let host = Self::new();
        let mut running = Running::start("collect", host.collect("1h"));
        host.wait_for_batches(&mut running, batches);
        assert!(running.terminate().success(), "{}", running.stderr());
        host
    }
}

/// The word after a label in what a program printed.
fn labelled(text: &str, label: &str) -> String {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(label));
    line.and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_else(|| panic!("no {label}: {text}"))
        .to_owned()
}

fn import(collector: &Collector, file: &Path, further: &[&str]) -> Done {
    let file = file.to_string_lossy();
    collector.verb(&[&["import", "bundle", &file], further].concat())
}

/// Kept, repeated, rejected.
fn counts(done: &Done) -> [u64; 3] {
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|e| panic!("{e}: {}", done.stderr));
    ["kept", "repeated", "rejected"].map(|what| report["rows"][what].as_u64().unwrap())
}

/// Where each batch of a bundle begins.
fn begins(bytes: &[u8]) -> Vec<usize> {
    let magic = |at: &usize| bytes[*at..].starts_with(&batch::MAGIC);
    (0..bytes.len()).filter(magic).collect()
}

#[test]
fn a_killed_collection_goes_on_and_counts_once() {
    let (host, mut collector) = (Host::new(), Collector::start());
    let mut running = Running::start("collect", host.collect("1h"));
    host.wait_for_batches(&mut running, 3);
    let (key, id) = (labelled(&running.stdout(), "key"), labelled(&running.stdout(), "agent"));
    assert_eq!(host.bundle().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(host.status()["running"], true);
    assert_eq!(host.status()["last_run"]["bundle"]["key"], Value::from(key.as_str()));
    running.kill();
    let killed = now();

    let early = import(&collector, &host.bundle(), &["--json"]);
    assert_eq!(early.code(), 5, "{}{}", early.stdout, early.stderr);
    assert!(early.stdout.contains("incomplete: no signed end"), "{}", early.stdout);
    let [kept_early, 0, 0] = counts(&early) else { panic!("{}", early.stdout) };
    assert!(kept_early >= 3);
    wait_for("slots to be lost", 30, || (now().0 >= killed.0 + 6).then_some(()));

    let mut running = Running::start("collect", host.collect("1h"));
    host.wait_for_batches(&mut running, kept_early + 3);
    let said = running.stdout();
    assert!(
        said.contains("going on with") && labelled(&said, "key") == key && labelled(&said, "agent") == id
    );
    assert!(running.terminate().success(), "{}", running.stderr());
    let seal = labelled(&running.stdout(), "seal");

    let unpinned = import(&collector, &host.bundle(), &["--expect-key", "0000-0000-0000-0000-0000"]);
    assert_eq!(unpinned.code(), 1, "{}", unpinned.stdout);
    assert!(unpinned.stdout.contains(&key), "{}", unpinned.stdout);
    let whole = import(&collector, &host.bundle(), &["--expect-key", &key]);
    assert_eq!(whole.code(), 0, "{}{}", whole.stdout, whole.stderr);
    for part in
        [&*format!("agent {id}"), &format!("key {key}"), &format!("seal {seal}: whole"), "\n1 server\n"]
    {
        assert!(whole.stdout.contains(part), "{part}: {}", whole.stdout);
    }
    let again = counts(&import(&collector, &host.bundle(), &["--json"]));
    assert_eq!((again[0], again[2]), (0, 0), "imported again, everything was there");
    note(&format!("bundle: {} batches, {} bytes", again[1], host.bundle().metadata().unwrap().len()));
    check_coverage(&collector);
    collector.stop();
}

/// Every second between the first and the last slot is measured or has a reason, and none counts twice.
fn check_coverage(collector: &Collector) {
    collector.count_this_machine_as_physical();
    let assessed = collector.verb(&["assess", "--json"]).json();
    let (from, to) = (&assessed["window"]["from"], &assessed["window"]["to"]);
    let at = |moment: &Value| Timestamp::parse_rfc3339(moment.as_str().unwrap()).unwrap();
    let due = at(to).0 - at(from).0;
    let server = &assessed["readiness"]["servers"][0];
    let coverage = &server["coverage"];
    let missing = coverage["missing_s"].as_object().unwrap();
    assert!(!missing.contains_key("not_reported"), "{coverage:#}");
    assert!(missing.contains_key("agent_down"), "while it was killed: {coverage:#}");
    let covered = coverage["covered_s"].as_i64().unwrap();
    assert_eq!(covered + missing.values().filter_map(Value::as_i64).sum::<i64>(), due, "{coverage:#}");
    let samples = server["utilisation"]["cpu_busy_ratio"]["samples"].as_i64().unwrap();
    assert!(samples > 3 && 2 * samples <= covered, "{server:#}");
    assert!(
        server["capacity"]["memory_bytes"].as_f64().unwrap() > 0.0,
        "the inventory came along: {server:#}"
    );
}

#[test]
fn what_was_done_to_a_bundle_is_said_and_the_rest_is_taken() {
    let (host, mut collector) = (Host::collected(4), Collector::start());
    let bytes = std::fs::read(host.bundle()).unwrap();
    let begins = begins(&bytes);
    let batches = begins.len() as u64;
    let carried = host.home.path().join("carried.cairn");
    let check = |what: &str, bytes: &[u8], expected: [u64; 3], said: &str| {
        std::fs::write(&carried, bytes).unwrap();
        let done = import(&collector, &carried, &["--json"]);
        assert_eq!(counts(&done), expected, "{what}: {}", done.stdout);
        assert_eq!(done.code(), 5, "{what}: {}", done.stdout);
        assert!(done.stdout.contains(said), "{what}: {}", done.stdout);
    };
    let mut flipped = bytes.clone();
    flipped[begins[1] + 90] ^= 4;
    check("a flipped bit", &flipped, [batches - 1, 0, 1], &format!("byte {}", begins[1]));
    check("cut short", &bytes[..begins[3] + 40], [1, 2, 1], "cut short");
    check("its end taken away", &bytes[..begins[3]], [0, 3, 0], "incomplete: no signed end");
    let without = [&bytes[..begins[1]], &bytes[begins[2]..]].concat();
    check("a batch taken out", &without, [0, batches - 1, 0], "batch 2 is missing");
    let moved = [
        &bytes[..begins[1]],
        &bytes[begins[2]..begins[3]],
        &bytes[begins[1]..begins[2]],
        &bytes[begins[3]..],
    ];
    check("batches moved", &moved.concat(), [0, batches, 0], "not what its host signed");

    let missing = import(&collector, Path::new("/nonexistent.cairn"), &[]);
    assert_eq!(missing.code(), 1, "{}", missing.stdout);
    let elsewhere = import(&collector, &host.bundle(), &["--engagement", "other"]);
    assert_eq!(elsewhere.code(), 1, "{}", elsewhere.stdout);
    assert!(elsewhere.stdout.contains("import it with --engagement default"), "{}", elsewhere.stdout);
    collector.stop();
}

#[test]
fn an_enrolled_agent_carries_what_it_uploads_later() {
    let (host, mut collector) = (Host::new(), Collector::start());
    let join = host.home.path().join("join");
    std::fs::write(&join, collector.join_string(1)).unwrap();
    let enrolled = run(host.agent(&["enroll", "--join-file", join.to_str().unwrap()]));
    assert_eq!(enrolled.code(), 0, "{}", enrolled.stderr);
    let began = now();
    let done = run(host.collect("7s"));
    assert_eq!(done.code(), 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("finished"), "{}", done.stdout);
    let again = run(host.collect("7s"));
    assert_eq!((again.code(), labelled(&again.stdout, "seal")), (0, labelled(&done.stdout, "seal")));

    let carried = import(&collector, &host.bundle(), &["--json"]);
    assert_eq!(carried.code(), 0, "{}{}", carried.stdout, carried.stderr);
    let [kept, 0, 0] = counts(&carried) else { panic!("{}", carried.stdout) };
    assert!(kept >= 2, "{}", carried.stdout);
    let samples = || {
        let assessed = collector.assess(&began.to_string(), &Timestamp(began.0 + 10).to_string());
        assessed["readiness"]["servers"][0]["utilisation"]["cpu_busy_ratio"]["samples"].clone()
    };
    collector.count_this_machine_as_physical();
    let before = samples();
    assert!(before.as_u64() >= Some(1), "{before}");
    let mut uploads = host.agent(&["run", "--for", "1", "--upload-every", "1"]);
    uploads.args(["--slot-s", "60"]);
    let uploaded = run(uploads);
    assert_eq!(uploaded.code(), 0, "{}", uploaded.stderr);
    assert_eq!(samples(), before, "the same batches by network");
    assert_eq!(host.status()["last_run"]["spool"]["batches"], 0, "and the spool may forget them");
    collector.stop();
}

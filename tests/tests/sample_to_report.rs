//! From `/proc` to a report: a real collector, a real agent, this very server.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::{Collector, Running, agent, fresh_dir, now, run, wait_for};

#[test]
fn this_server_is_sampled_shipped_kept_assessed_and_reported() {
    let (mut collector, home) = (Collector::start(), fresh_dir("agent"));
    let join = home.path().join("join");
    std::fs::write(&join, collector.join_string(1)).unwrap();
    let data = home.path().join("data");
    let enrolled = {
        let mut command = agent(&["enroll", "--join-file", join.to_str().unwrap(), "--data"]);
        command.arg(&data);
        run(command)
    };
    assert_eq!(enrolled.code(), 0, "{}", enrolled.stderr);

    collector.count_this_machine_as_physical();
    let began = now();
    let mut command = agent(&["run", "--slot-s", "5", "--batch-every", "1", "--upload-every", "1", "--data"]);
    command.arg(&data);
    let mut running = Running::start("agent", command);
    let found = wait_for("two slots of this server in an assessment", 60, || {
        assert!(running.ended().is_none(), "{}", running.stderr());
        let (from, to) = (began.to_string(), Timestamp(now().0 + 1).to_string());
        let assessed = collector.verb(&["assess", "--json", "--from", &from, "--to", &to]);
        let assessment: serde_json::Value = serde_json::from_str(&assessed.stdout).ok()?;
        let server = assessment["readiness"]["servers"].as_array()?.first()?.clone();
        let measured = server["utilisation"]["cpu_busy_ratio"]["samples"].as_u64() >= Some(2);
        measured.then_some(server)
    });
    assert!(running.terminate().success(), "{}", running.stderr());

    let cpu = &found["utilisation"]["cpu_busy_ratio"];
    assert!((0.0..=1.0).contains(&cpu["max"].as_f64().unwrap()), "{cpu}");
    assert!(found["coverage_ratio"].as_f64().unwrap() > 0.0);
    let memory = found["utilisation"]["memory_used_bytes"]["max"].as_f64().unwrap();
    let installed = found["capacity"]["memory_bytes"].as_f64().unwrap();
    assert!(0.0 < memory && memory < installed, "{memory} of {installed}");
    assert!(found["capacity"]["cpu_mhz"].as_f64().unwrap() > 0.0);

    for format in ["html", "json", "csv"] {
        let out = home.path().join(format!("report.{format}"));
        let made = collector.verb(&["report", "--format", format, "--out", out.to_str().unwrap()]);
        assert_eq!(made.code(), 0, "{}", made.stderr);
        let text = std::fs::read_to_string(out).unwrap();
        assert!(text.contains(found["server"].as_str().unwrap()), "{format}");
    }
    collector.stop();
}

#[test]
fn one_sample_agrees_with_proc_read_by_hand() {
    let memory_total = || {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap();
        let kib: f64 = text.lines().next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
        kib * 1024.0
    };
    let once = run(agent(&["once", "--json"])).json();
    let flat = once.to_string();
    assert!(flat.contains("cpu_busy_ratio") && flat.contains("memory_used_bytes"), "{once:#}");
    let inventory = run(agent(&["inventory", "--json"])).json();
    // What is installed is what the kernel has to give, and what it keeps to itself: up to an eighth.
    let installed = inventory["facts"]["memory_bytes"].as_f64().unwrap();
    assert!((memory_total()..memory_total() * 1.125).contains(&installed), "{installed}, {}", memory_total());
}

#[test]
fn verbs_without_an_identity_say_so() {
    let home = fresh_dir("agent");
    let mut command = agent(&["run", "--data"]);
    command.arg(home.path());
    let done = run(command);
    assert_eq!(done.code(), 3, "{}", done.stderr);
    assert!(done.stderr.contains("enroll"), "{}", done.stderr);
}

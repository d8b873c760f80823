//! A backup made while the collector serves, brought back after more was delivered: agents and collector find
//! together again, nothing waits for ever, and what was lost has a reason. And: erasing, beside a running collector.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::fleet::{Reply, SimulatedAgent};
use cairn_tests::harness::{Collector, Running, agent, fresh_dir, note, now, run, wait_for};
use std::path::Path;

fn begin() -> Timestamp {
    Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap()
}

fn deliver(agent: &SimulatedAgent, seqs: std::ops::RangeInclusive<u64>) {
    for seq in seqs {
        let reply = agent.send(&agent.sealed(seq));
        assert!(matches!(&reply, Reply::Acknowledged(ack) if ack.ack_through == seq), "{seq}: {reply:?}");
    }
}

/// The collector stops, goes back to a backup, and starts again.
fn go_back(collector: &mut Collector, backup: &Path) -> serde_json::Value {
    let file = backup.to_str().unwrap();
    let refused = collector.verb(&["restore", file, "--replace"]);
    assert_eq!(refused.code(), 1, "never over one that is served: {}", refused.stdout);
    assert!(refused.stderr.contains("cairn serve"), "{}", refused.stderr);
    collector.stop();
    let refused = collector.verb(&["restore", file]);
    assert!(refused.code() == 1 && refused.stderr.contains("--replace"), "{}", refused.stderr);
    let restored = collector.verb(&["restore", file, "--replace", "--by", "A. Person", "--json"]).json();
    assert_eq!(collector.verb(&["check", "--full"]).code(), 0);
    collector.restart();
    restored
}

/// Numbers of a real agent's spool: sealed and not acknowledged, and acknowledged through.
fn spool(data: &Path) -> Option<(u64, u64)> {
    let mut command = agent(&["status", "--json"]);
    command.arg("--data").arg(data);
    let status: serde_json::Value = serde_json::from_str(&run(command).stdout).ok()?;
    let spool = &status["last_run"]["spool"];
    Some((spool["batches"].as_u64()?, spool["ack_through"].as_u64()?))
}

#[test]
fn an_agent_and_a_collector_that_went_back_in_time_find_together() {
    let (mut collector, home) = (Collector::start(), fresh_dir("agent"));
    let (join, data) = (home.path().join("join"), home.path().join("data"));
    std::fs::write(&join, collector.join_string(1)).unwrap();
    let with_data = |arguments: &[&str]| {
        let mut command = agent(arguments);
        command.arg("--data").arg(&data);
        command
    };
    let enrolled = run(with_data(&["enroll", "--join-file", join.to_str().unwrap()]));
    assert_eq!(enrolled.code(), 0, "{}", enrolled.stderr);
    collector.count_this_machine_as_physical();
    let arguments = ["run", "--slot-s", "2", "--batch-every", "1", "--upload-every", "1"];
    let mut running = Running::start("agent", with_data(&arguments));
    let acknowledged = |through: u64| {
        wait_for("batches to be acknowledged", 90, || spool(&data).filter(|(_, ack)| *ack >= through))
    };
    let (_, before) = acknowledged(4);
    let begin = Timestamp(now().0 - 6);
    let backup = home.path().join("backup.zst");
    let made = collector.verb(&["backup", "--out", backup.to_str().unwrap(), "--json"]).json();
    assert_eq!(collector.verb(&["backup", "--list", "--json"]).json()[0], made);
    // While the backup was made more was acknowledged, which it may hold: on a slow machine any number of batches.
    let (_, held) = acknowledged(before);
    let (_, lost) = acknowledged(held + 8);
    go_back(&mut collector, &backup);

    // The collector hears of each number it lost, and the agent's disk empties again.
    let (_, healed) = wait_for("both to agree again", 120, || {
        assert!(running.ended().is_none(), "{}", running.stderr());
        spool(&data).filter(|(batches, ack)| *batches <= 2 && *ack > lost + 3)
    });
    assert!(running.stderr().contains("the collector lost a batch"), "{}", running.stderr());
    let end = now();
    assert!(running.terminate().success(), "{}", running.stderr());
    let coverage = wait_for("what arrived to be compacted", 60, || {
        let assessment = collector.assess(&begin.to_string(), &end.to_string());
        let coverage = assessment["readiness"]["servers"][0]["coverage"].clone();
        (coverage["covered_s"].as_i64()? > 4).then_some(coverage)
    });
    let missing = coverage["missing_s"].as_object().unwrap();
    let total: i64 = missing.values().map(|seconds| seconds.as_i64().unwrap()).sum();
    assert_eq!(coverage["covered_s"].as_i64().unwrap() + total, coverage["due_s"].as_i64().unwrap());
    assert!(missing["not_reported"].as_i64().unwrap() >= 4, "what was lost has a reason: {coverage:#}");
    assert_eq!(collector.verb(&["check", "--full"]).code(), 0);
    note(&format!(
        "backup: acknowledged {before} at the backup, {lost} at the restore, {healed} after; {coverage}"
    ));
}

#[test]
fn a_restored_collector_takes_a_bundle_of_what_it_lost() {
    let mut collector = Collector::start();
    let sim = SimulatedAgent::enrol(&collector.join_string(1), "web1", begin(), 60);
    deliver(&sim, 1..=3);
    let home = fresh_dir("backup");
    let backup = home.path().join("backup.sqlite");
    assert_eq!(collector.verb(&["backup", "--out", backup.to_str().unwrap(), "--keep-days", "30"]).code(), 0);
    let again = collector.verb(&["backup", "--out", backup.to_str().unwrap()]);
    assert!(again.code() == 1 && again.stderr.contains("exists"), "{}", again.stderr);
    deliver(&sim, 4..=6);
    let restored = go_back(&mut collector, &backup);
    assert_eq!((&restored["agents"], &restored["servers"]), (&1.into(), &1.into()));
    // What the agent answers for a number it has forgotten, then the number itself from elsewhere.
    let reply = sim.send(&sim.sealed(7));
    assert!(matches!(&reply, Reply::Acknowledged(ack) if ack.missing == [4, 5, 6]), "{reply:?}");
    deliver(&sim, 4..=4);
    let end = sim.start_of(8);
    wait_for("what came to be compacted", 30, || {
        let assessment = collector.assess(&begin().to_string(), &end.to_string());
        let coverage = &assessment["readiness"]["servers"][0]["coverage"];
        let missing = coverage["missing_s"]["not_reported"].as_i64().unwrap();
        (coverage["covered_s"] == 5 * 3_600 && missing == 2 * 3_600).then_some(())
    });
    let bad = home.path().join("bad");
    let mut bytes = std::fs::read(&backup).unwrap();
    let half = bytes.len() / 2;
    bytes.truncate(half);
    std::fs::write(&bad, bytes).unwrap();
    let refused = collector.verb(&["restore", bad.to_str().unwrap(), "--engagement", "other"]);
    assert_eq!(refused.code(), 1, "{}", refused.stdout);
    let elsewhere = collector.verb(&["restore", backup.to_str().unwrap(), "--engagement", "other"]);
    assert!(elsewhere.code() == 1 && elsewhere.stderr.contains("engagement default"), "{}", elsewhere.stderr);
    assert_eq!(collector.verb(&["restore", "nowhere"]).code(), 3);
}

/// Whether some bytes are in any file below a directory.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        let file = std::fs::read(&path).unwrap_or_default();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn what_is_erased_is_gone_while_the_collector_serves() {
    let mut collector = Collector::start();
    let join = collector.join_string(2);
    let sim = SimulatedAgent::enrol(&join, "secret-host-4711", begin(), 60);
    let other = SimulatedAgent::enrol(&join, "web2", begin(), 60);
    deliver(&sim, 1..=3);
    deliver(&other, 1..=3);
    let home = fresh_dir("backup");
    let backup = home.path().join("b.zst");
    assert_eq!(collector.verb(&["backup", "--out", backup.to_str().unwrap()]).code(), 0);
    let end = sim.start_of(4).to_string();
    let numbers = ["1", "2"].map(|_| collector.assess(&begin().to_string(), &end)["id"].to_string());
    for state in ["review", "issue"] {
        let moved = collector.verb(&["assessments", state, &numbers[0], "--by", "A. Person"]);
        assert_eq!(moved.code(), 0, "{}{}", moved.stdout, moved.stderr);
    }
    let erase = |more: &[&str]| {
        collector.verb(&[&["erase", "server", "secret-host-4711", "--by", "A. Person"], more].concat())
    };
    let said = erase(&[]);
    assert!(said.code() == 0 && said.stdout.contains("--yes"), "{}{}", said.stdout, said.stderr);
    let erased = erase(&["--yes", "--json"]).json();
    assert_eq!(erased["did"]["issued_kept"].as_array().unwrap().len(), 1, "{erased:#}");
    let statement = erased["statement"].as_str().unwrap();
    assert!(statement.contains("b.zst") && statement.contains("secret-host-4711"), "{statement}");
    let store = collector.data().join("engagements");
    for trace in [&b"secret-host-4711"[..], &sim.id.0, sim.id.to_string().as_bytes()] {
        assert!(!holds(&store, trace), "{trace:?} is still there");
    }
    assert_eq!(erase(&["--yes"]).code(), 3);
    let refused = sim.send(&sim.sealed(4));
    assert!(matches!(refused, Reply::Refused(401 | 403 | 404, _)), "{refused:?}");
    deliver(&other, 4..=5);
    assert_eq!(collector.verb(&["check", "--full"]).code(), 0);

    let engagement = ["erase", "engagement", "default", "--by", "A. Person", "--yes"];
    let in_use = collector.verb(&engagement);
    assert!(in_use.code() == 1 && in_use.stderr.contains("cairn serve"), "{}", in_use.stderr);
    collector.stop();
    let gone = collector.verb(&engagement);
    assert_eq!(gone.code(), 0, "{}{}", gone.stdout, gone.stderr);
    let left: Vec<String> = std::fs::read_dir(&store)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(left.len() == 1 && left[0].starts_with("default.erased-"), "{left:?}");
    assert_eq!(collector.verb(&engagement).code(), 3);
    assert_eq!(collector.verb(&["check"]).code(), 3);
}

#[test]
fn retention_says_what_it_keeps_and_why() {
    let mut collector = Collector::start();
    let sim = SimulatedAgent::enrol(&collector.join_string(1), "web1", begin(), 60);
    deliver(&sim, 1..=2);
    // Its last round applies the retention of the day, which removes nothing yet; what came waits to be packed.
    collector.stop();
    let file = collector.data().join("cairn.toml");
    std::fs::write(&file, "[retention]\nminutes = 7\n").unwrap();
    let shown = collector.verb(&["retention", "show", "--json"]).json();
    let minutes = shown.as_array().unwrap().iter().find(|class| class["class"] == "minutes").unwrap();
    assert_eq!((&minutes["days"], &minutes["default_days"]), (&7.into(), &400.into()));
    let would = collector.verb(&["retention", "apply", "--dry-run", "--json"]).json();
    assert_eq!(would, serde_json::json!({ "dry_run": true, "removed": { "minutes": 1 } }));
    let removed = collector.verb(&["retention", "apply", "--by", "A. Person", "--json"]).json();
    assert_eq!(removed["removed"]["minutes"], 1);
    let again = collector.verb(&["retention", "apply"]);
    assert_eq!(again.stdout.trim(), "nothing is past its time");
    let check = collector.verb(&["check", "--json"]).json();
    assert_eq!(check["looked_at"]["weekly summary"], 1, "the summary stays: {check:#}");
    std::fs::write(&file, "[retention]\nminuts = 7\n").unwrap();
    let wrong = collector.verb(&["retention", "show"]);
    assert!(wrong.code() == 1 && wrong.stderr.contains("minuts"), "{}", wrong.stderr);
}

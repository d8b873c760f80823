//! `kill -9` at random moments during upload. Afterwards: every acknowledged slot is there exactly once, and
//! every other minute has a reason.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::gap::GapReason;
use cairn_schemas::time::{MINUTE_S, Timestamp};
use cairn_schemas::value_code::Coding;
use cairn_tests::harness::fleet::{Reply, SimulatedAgent};
use cairn_tests::harness::{Collector, Running, agent, csv::percentile, fresh_dir, note, now, run, wait_for};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const AGENTS: usize = 3;
/// Few, and of the year: hundreds of kills take minutes, and the minutes sent must not overtake the clock meanwhile.
const SLOTS_PER_BATCH: i64 = 2;

/// Kills: a few in the quick run, `CAIRN_CRASH_CYCLES` of them in the long one.
fn cycles() -> u32 {
    std::env::var("CAIRN_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Moments that differ from run to run; the seed is printed, so that a failure can be looked at again.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let given = std::env::var("CAIRN_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| now().0.unsigned_abs() ^ u64::from(std::process::id()) << 20);
        note(&format!("crash: CAIRN_SEED={seed}"));
        Self(seed | 1)
    }

    fn within_ms(&mut self, low: u64, high: u64) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_millis(low + self.0 % (high - low))
    }
}

/// Uploads until told to stop, each batch until it is acknowledged, now and then once more; gives the number
/// of batches acknowledged.
fn upload(agent: &SimulatedAgent, stop: &AtomicBool, acknowledged: &AtomicU64) {
    let mut through = 0;
    for seq in 1.. {
        let sealed = agent.sealed(seq);
        loop {
            match agent.send(&sealed) {
                Reply::Acknowledged(ack) => {
                    assert!(ack.ack_through >= seq, "{}: {seq} is not in {ack:?}", agent.hostname);
                    assert!(ack.ack_through >= through, "{}: took back {through}: {ack:?}", agent.hostname);
                    through = ack.ack_through;
                    break;
                }
                Reply::Refused(status, text) => {
                    assert!(matches!(status, 429 | 503), "{}: {status} {text}", agent.hostname);
                }
                Reply::Silent(_) => {}
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        acknowledged.store(seq, Ordering::SeqCst);
        if seq % 17 == 0 {
            let again = agent.send(&sealed);
            let told = matches!(&again, Reply::Acknowledged(ack) if ack.duplicate);
            assert!(told || !matches!(again, Reply::Acknowledged(_)), "{again:?}");
        }
        if stop.load(Ordering::SeqCst) {
            return;
        }
    }
}

fn check_kept(agent: &SimulatedAgent, batches: u64, assessment: &serde_json::Value) {
    let servers = assessment["readiness"]["servers"].as_array().unwrap();
    let server = servers.iter().find(|server| server["server"] == agent.hostname.as_str()).unwrap();
    let minutes: Vec<Timestamp> =
        (agent.start_of(1).0..agent.start_of(batches + 1).0).step_by(60).map(Timestamp).collect();
    let decode = |minute: &Timestamp| Coding::Ratio.decode(agent.cpu_code(*minute)).unwrap();
    let mut sent: Vec<f64> = minutes.iter().map(decode).collect();
    sent.sort_by(f64::total_cmp);

    let cpu = &server["utilisation"]["cpu_busy_ratio"];
    assert_eq!(cpu["samples"], sent.len(), "{}: lost or doubled", agent.hostname);
    let mean = sent.iter().sum::<f64>() / sent.len() as f64;
    for (name, value) in [("mean", mean), ("p50", percentile(&sent, 0.5)), ("p95", percentile(&sent, 0.95))] {
        let kept = cpu[name].as_f64().unwrap();
        assert!((kept - value).abs() < 1e-9, "{}: {name} {kept}, sent {value}", agent.hostname);
    }
    check_reasons(&server["coverage"], i64::try_from(sent.len()).unwrap() * MINUTE_S);
}

/// Covered and missing seconds make what was due, and nothing is missing without one of the known reasons.
fn check_reasons(coverage: &serde_json::Value, covered_s: i64) {
    assert_eq!(coverage["covered_s"], covered_s, "{coverage:#}");
    let missing = coverage["missing_s"].as_object().unwrap();
    let known: Vec<&str> = GapReason::ALL.iter().map(|reason| reason.name()).collect();
    assert!(missing.keys().all(|reason| known.contains(&reason.as_str())), "{coverage:#}");
    let total: i64 = missing.values().map(|seconds| seconds.as_i64().unwrap()).sum();
    assert_eq!(covered_s + total, coverage["due_s"].as_i64().unwrap(), "{coverage:#}");
}

#[test]
fn a_killed_collector_keeps_what_it_acknowledged_and_nothing_twice() {
    let (mut collector, mut moments) = (Collector::start(), Moments::new());
    let join = collector.join_string(AGENTS);
    let begin = Timestamp::parse_rfc3339("2026-01-05T00:00:00Z").unwrap();
    let agents: Vec<SimulatedAgent> = (0..AGENTS)
        .map(|i| SimulatedAgent::enrol(&join, &format!("sim-{i}"), begin, SLOTS_PER_BATCH))
        .collect();
    let stop = AtomicBool::new(false);
    let acknowledged: Vec<AtomicU64> = (0..AGENTS).map(|_| AtomicU64::new(0)).collect();

    std::thread::scope(|scope| {
        for (agent, acknowledged) in agents.iter().zip(&acknowledged) {
            let stop = &stop;
            scope.spawn(move || upload(agent, stop, acknowledged));
        }
        for _ in 0..cycles() {
            std::thread::sleep(moments.within_ms(50, 700));
            collector.kill();
            collector.restart();
        }
        let before: Vec<u64> = acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        wait_for("uploads to go on after the last kill", 60, || {
            let goes_on = |(count, before): (&AtomicU64, &u64)| count.load(Ordering::SeqCst) > *before;
            acknowledged.iter().zip(&before).all(goes_on).then_some(())
        });
        stop.store(true, Ordering::SeqCst);
    });

    let batches: Vec<u64> = acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect();
    note(&format!("crash: {} kills of the collector, {batches:?} batches acknowledged", cycles()));
    let end = agents.iter().zip(&batches).map(|(agent, batches)| agent.start_of(batches + 1)).max().unwrap();
    let assessment = collector.assess(&begin.to_string(), &end.to_string());
    for (agent, batches) in agents.iter().zip(batches) {
        check_kept(agent, batches, &assessment);
    }
    collector.stop();
}

#[test]
fn a_killed_agent_accounts_for_every_minute() {
    let (mut collector, home, mut moments) = (Collector::start(), fresh_dir("agent"), Moments::new());
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
    let start = || Running::start("agent", with_data(&arguments));
    let mut running = start();
    // Its first slots aside: before them it was not there.
    let begin = later(6);
    wait_for("the first slots", 60, || (now() > begin).then_some(()));
    for _ in 0..cycles() {
        std::thread::sleep(moments.within_ms(300, 6_000));
        assert!(running.ended().is_none(), "{}", running.stderr());
        running.kill();
        running = start();
    }
    let end = later(6);
    let assessed = wait_for("slots after the last kill", 60, || {
        assert!(running.ended().is_none(), "{}", running.stderr());
        if now() < end {
            return None;
        }
        let assessment = collector.assess(&begin.to_string(), &end.to_string());
        let server = assessment["readiness"]["servers"].get(0)?.clone();
        server["coverage"]["missing_s"].get("not_reported").is_none().then_some(server)
    });
    assert!(running.terminate().success(), "{}", running.stderr());
    let coverage = &assessed["coverage"];
    note(&format!("crash: {} kills of an agent, coverage {coverage}", cycles()));
    check_reasons(coverage, coverage["covered_s"].as_i64().unwrap());
    // The first reading of a run has no rates yet: a slot of two seconds may hold nothing but it.
    let measured = assessed["utilisation"]["cpu_busy_ratio"]["samples"].as_i64().unwrap();
    assert!(
        2 * measured <= coverage["covered_s"].as_i64().unwrap(),
        "a slot was counted twice: {assessed:#}"
    );
    assert!(coverage["ratio"].as_f64().unwrap() > 0.2, "{coverage:#}");
    collector.stop();
}

/// A moment some seconds ahead at which a slot of two seconds begins.
fn later(seconds: i64) -> Timestamp {
    Timestamp((now().0 + seconds) / 2 * 2)
}

//! What a collector does with batches that are not right: each is refused with its own code, later ones go on,
//! and nothing of a refused one is kept.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::batch::ENCODED_BYTES_MAX;
use cairn_schemas::time::Timestamp;
use cairn_tests::harness::Collector;
use cairn_tests::harness::fleet::{Reply, SimulatedAgent, get};

fn status(reply: &Reply) -> u16 {
    match reply {
        Reply::Acknowledged(_) => 200,
        Reply::Refused(status, _) => *status,
        // A body that is too large may be cut off before all of it was sent.
        Reply::Silent(_) => 0,
    }
}

#[test]
fn faults_are_refused_and_later_batches_go_on() {
    let mut collector = Collector::start();
    let begin = Timestamp::parse_rfc3339("2026-11-02T00:00:00Z").unwrap();
    let join = collector.join_string(2);
    let agent = SimulatedAgent::enrol(&join, "honest", begin, 15);
    let other = SimulatedAgent::enrol(&join, "other", begin, 15);
    let good = agent.sealed(1);
    assert_eq!(status(&agent.send(&good)), 200);

    let mut flipped = agent.sealed(2);
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let cut = &agent.sealed(2)[..100];
    let mut foreign = other.sealed(2);
    foreign[8..24].copy_from_slice(&agent.id.0);
    for (what, bytes, expected) in [
        ("a flipped bit", flipped.as_slice(), &[400, 401, 422][..]),
        ("a truncated batch", cut, &[400, 422]),
        ("no batch at all", b"hello", &[400, 422]),
        ("another agent's signature", foreign.as_slice(), &[400, 401, 403, 422]),
        ("an over-sized body", &vec![0; ENCODED_BYTES_MAX + 1], &[413, 0]),
    ] {
        let reply = agent.send(bytes);
        assert!(expected.contains(&status(&reply)), "{what}: {reply:?}");
    }

    let (status, metrics) = get(&format!("{}/metrics", collector.url())).unwrap();
    assert_eq!(status, 200);
    let counted = |reason: &str, count: u32| {
        let line = format!("cairn_collector_requests_refused_total{{reason=\"{reason}\"}} {count}\n");
        assert!(metrics.contains(&line), "no {line} in {metrics}");
    };
    counted("batch-corrupt", 4);
    counted("too-large", 1);
    counted("busy", 0);

    let again = agent.send(&good);
    assert!(matches!(&again, Reply::Acknowledged(ack) if ack.duplicate), "{again:?}");
    let Reply::Acknowledged(ack) = agent.send(&agent.sealed(3)) else { panic!("batch 3 was refused") };
    assert_eq!((ack.ack_through, ack.missing.as_slice()), (1, &[2][..]));
    let Reply::Acknowledged(ack) = agent.send(&agent.sealed(2)) else { panic!("batch 2 was refused") };
    assert_eq!((ack.ack_through, ack.missing.as_slice()), (3, &[][..]));

    let assessment = collector.assess(&begin.to_string(), &agent.start_of(4).to_string());
    let servers = assessment["readiness"]["servers"].as_array().unwrap();
    let honest = servers.iter().find(|server| server["server"] == "honest").unwrap();
    assert_eq!(honest["utilisation"]["cpu_busy_ratio"]["samples"], 45);
    collector.stop();
}

#[test]
fn one_key_with_two_contents_is_a_fork() {
    let mut collector = Collector::start();
    let begin = Timestamp::parse_rfc3339("2026-11-02T00:00:00Z").unwrap();
    let agent = SimulatedAgent::enrol(&collector.join_string(1), "copied", begin, 15);
    assert_eq!(status(&agent.send(&agent.sealed(1))), 200);
    let reply = agent.send(&agent.sealed_again(1));
    assert_eq!(status(&reply), 409, "{reply:?}");
    collector.stop();
}

#[test]
fn a_token_lets_in_as_many_as_it_says() {
    let mut collector = Collector::start();
    let begin = Timestamp::parse_rfc3339("2026-11-02T00:00:00Z").unwrap();
    let join = collector.join_string(1);
    let _ = SimulatedAgent::enrol(&join, "first", begin, 15);
    assert!(SimulatedAgent::try_enrol(&join, "second", begin, 15).is_err());
    let forged = join.replace('.', ".x");
    assert!(SimulatedAgent::try_enrol(&forged, "third", begin, 15).is_err());
    collector.stop();
}

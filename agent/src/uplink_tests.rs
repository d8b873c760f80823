//! What goes next, and when, for every kind of reply.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::identity::Id128;
use cairn_schemas::time::Timestamp;
use proptest::prelude::*;

const SPOOL: SpoolId = Id128([7; 16]);

fn uplink(sealed: impl IntoIterator<Item = u64>) -> Uplink {
    Uplink::new(SPOOL, sealed, None)
}

fn ack(ack_through: u64, missing: &[u64]) -> Outcome {
    Outcome::Acknowledged(Ack {
        spool_id: SPOOL,
        ack_through,
        missing: missing.to_vec(),
        duplicate: false,
        server_time: Timestamp(0),
        next_upload_in_s: 30,
        directives_version: 0,
        directives: None,
    })
}

fn refused(status: u16, retry_after_s: Option<u64>) -> Outcome {
    Outcome::Refused { status, retry_after_s, detail: String::new() }
}

#[test]
fn batches_go_in_order_and_a_backlog_does_not_wait() {
    let mut uplink = uplink([1, 2]);
    assert_eq!(uplink.next(0), Step::Send(1));
    assert_eq!(uplink.settle(1, &ack(1, &[]), 0, 0, |_| true, true), Verdict::Forget(1));
    assert_eq!(uplink.next(0), Step::Send(2));
    assert_eq!(uplink.settle(2, &ack(2, &[]), 0, 0, |_| true, true), Verdict::Forget(2));
    assert_eq!(uplink.next(0), Step::Idle);
    uplink.add(3);
    assert_eq!(uplink.next(0), Step::Wait(30_000));
    uplink.hurry();
    assert_eq!(uplink.next(0), Step::Send(3));
}

#[test]
fn what_the_collector_misses_is_sent_again_if_it_is_still_here() {
    let mut uplink = uplink([4, 5, 6]);
    uplink.settle(6, &ack(3, &[4, 2]), 0, 0, |seq| seq >= 4, true);
    assert_eq!(uplink.next(0), Step::Send(4));
}

#[test]
fn only_what_was_sent_is_forgotten() {
    // Another life of this disk has delivered up to 9 under our numbers: ours are compared one by one.
    let mut uplink = uplink([1, 2, 3]);
    assert_eq!(uplink.settle(1, &ack(9, &[]), 0, 0, |_| true, true), Verdict::Forget(1));
    assert_eq!(uplink.next(0), Step::Send(2));
    assert_eq!(uplink.settle(2, &refused(409, None), 0, 0, |_| true, true), Verdict::Keep);
    assert_eq!(uplink.next(0), Step::Send(2));
}

#[test]
fn each_refusal_has_its_answer() {
    let check = |outcome: &Outcome, has_slots, verdict, next| {
        let mut uplink = uplink([1, 2]);
        assert_eq!(uplink.settle(1, outcome, 1_000, 0, |_| true, has_slots), verdict, "{outcome:?}");
        assert_eq!(uplink.next(1_000), next, "{outcome:?}");
    };
    let aside = Verdict::PutAside(GapReason::CollectorRejected);
    for status in [400, 413, 422] {
        check(&refused(status, None), true, aside, Step::Send(2));
    }
    for status in [401, 403, 404, 408, 409, 500, 502] {
        check(&refused(status, None), true, Verdict::Keep, Step::Send(1));
    }
    check(&refused(409, None), false, aside, Step::Send(2));
    check(&refused(429, Some(20)), true, Verdict::Keep, Step::Wait(21_000));
    check(&refused(503, Some(u64::MAX)), true, Verdict::Keep, Step::Wait(3_601_000));
    check(&Outcome::Unreachable(String::new()), true, Verdict::Keep, Step::Send(1));
    // Said to be taken and missing at once: kept, and not at full speed.
    check(&ack(0, &[1]), true, Verdict::Keep, Step::Send(1));
    let mut stranger = ack(9, &[]);
    if let Outcome::Acknowledged(ack) = &mut stranger {
        ack.spool_id = Id128([8; 16]);
    }
    check(&stranger, true, Verdict::Keep, Step::Send(1));
}

proptest! {
    #[test]
    fn retries_never_end_and_stay_within_a_quarter_of_an_hour(failures in 1_u32..200, random in any::<u64>()) {
        let mut uplink = uplink([1]);
        for _ in 0..failures {
            uplink.settle(1, &Outcome::Unreachable(String::new()), 0, random, |_| true, true);
        }
        match uplink.next(0) {
            Step::Wait(until) => prop_assert!(until <= BACKOFF_MS_MAX),
            step => prop_assert_eq!(step, Step::Send(1)),
        }
        let bound = BACKOFF_MS_FIRST.saturating_mul(1 << (failures - 1).min(20)).min(BACKOFF_MS_MAX);
        prop_assert!(uplink.not_before_ms <= bound);
    }

    /// Against a collector that loses, doubles and refuses, every batch is settled in the end.
    #[test]
    fn every_batch_is_settled_in_the_end(total in 1_u64..20, fates in proptest::collection::vec(0_u8..5, 0..60)) {
        let mut uplink = uplink(1..=total);
        let (mut arrived, mut forgotten) = (BTreeSet::new(), 0);
        let mut fates = fates.into_iter();
        let mut now_ms = 0;
        for _ in 0..1_000 {
            let seq = match uplink.next(now_ms) {
                Step::Send(seq) => seq,
                Step::Wait(until) => { now_ms = until; continue; }
                Step::Idle => break,
            };
            let outcome = match fates.next() {
                Some(0) => Outcome::Unreachable(String::new()),
                // Arrived, but the reply was lost.
                Some(1) => { arrived.insert(seq); Outcome::Unreachable(String::new()) }
                Some(2) => refused(503, Some(1)),
                _ => {
                    arrived.insert(seq);
                    let through = (1..).take_while(|n| arrived.contains(n)).last().unwrap_or(0);
                    let missing: Vec<u64> = (1..seq).filter(|n| !arrived.contains(n)).collect();
                    ack(through, &missing)
                }
            };
            if let Verdict::Forget(through) =
                uplink.settle(seq, &outcome, now_ms, 12_345, |n| n > forgotten, true)
            {
                prop_assert!((forgotten + 1..=through).all(|n| arrived.contains(&n)));
                forgotten = forgotten.max(through);
            }
        }
        prop_assert_eq!(forgotten, total);
    }
}

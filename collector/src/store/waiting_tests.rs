//! What waits in the inbox is read, and packed once: days that are over, late batches, gaps, and two processes on one
//! store.
// SPDX-License-Identifier: Apache-2.0

use super::*;

const DAY: i64 = 86_400;

/// Within the day after Monday, as the collector's clock has it.
const TUESDAY: Timestamp = Timestamp(MONDAY + DAY + 7_200);

fn received(at: Timestamp, seq: u64, slots: &[(i64, Code)]) -> Incoming {
    Incoming { received_at: at, ..batch(seq, slots, vec![], None) }
}

fn due(store: &dyn Store, now: Timestamp) -> (u64, u64) {
    let done = store.compact_due(now, &|| true).unwrap();
    (done.batches, done.day_blocks)
}

#[test]
fn a_day_is_packed_once_it_is_over() {
    let (_dir, store) = fresh();
    let source = agent(&store);
    store.append(&[received(TUESDAY, 1, &[(0, 1), (60, 2)])]).unwrap();
    assert_eq!(due(&store, TUESDAY), (0, 0), "its source may still deliver more of that day");
    store.append(&[received(TUESDAY, 2, &[(86_340, 3), (86_400, 4)])]).unwrap();
    assert_eq!(
        due(&store, TUESDAY),
        (1, 1),
        "it has delivered something later; what is cut by midnight stays"
    );
    assert_eq!(due(&store, TUESDAY), (0, 0));
    let all = [(0, 1), (60, 2), (86_340, 3), (86_400, 4)];
    assert_eq!(slots_of(&store, source.id), all);
    let weeks = store.weeks(source.id, EVER).unwrap();
    let silent = Timestamp(MONDAY + 2 * DAY + 4 * 3_600);
    assert_eq!(due(&store, silent), (1, 1), "nobody waits for who is silent");
    assert_eq!((slots_of(&store, source.id), store.weeks(source.id, EVER).unwrap()), (all.to_vec(), weeks));
}

#[test]
fn a_clock_ahead_of_ours_closes_no_day_that_is_not_over() {
    let (_dir, store) = fresh();
    agent(&store);
    store.append(&[received(TUESDAY, 1, &[(DAY, 1), (2 * DAY + 60, 2)])]).unwrap();
    assert_eq!(due(&store, TUESDAY), (0, 0));
}

#[test]
fn a_late_batch_reopens_its_day() {
    let (_dir, store) = fresh();
    let source = agent(&store);
    store.append(&[received(TUESDAY, 1, &[(0, 1)]), received(TUESDAY, 3, &[(DAY, 3)])]).unwrap();
    assert_eq!(due(&store, TUESDAY), (1, 1));
    store.append(&[received(TUESDAY, 2, &[(0, 9), (60, 2)])]).unwrap();
    let read = || (slots_of(&store, source.id), store.weeks(source.id, EVER).unwrap());
    let before = read();
    assert_eq!(before.0, [(0, 1), (60, 2), (DAY, 3)], "the first value of a slot stays");
    assert_eq!(due(&store, TUESDAY), (1, 1));
    assert_eq!(read(), before);
}

#[test]
fn gaps_are_read_before_they_are_compacted() {
    let (_dir, store) = fresh();
    let source = agent(&store);
    let gap = |from: i64, to: i64| Gap {
        window: Window { from: Timestamp(MONDAY + from), to: Timestamp(MONDAY + to) },
        reason: GapReason::AgentDown,
    };
    store.append(&[batch(1, &[(0, 1)], vec![gap(60, 300)], None)]).unwrap();
    store.append(&[batch(2, &[(120, 1)], vec![], None)]).unwrap();
    let expected = [gap(60, 120), gap(180, 300)];
    assert_eq!(store.gaps(source.id, EVER).unwrap(), expected);
    while store.compact(1, NOW).unwrap().batches > 0 {}
    assert_eq!(store.gaps(source.id, EVER).unwrap(), expected);
}

#[test]
fn what_is_packed_first_hides_no_loss() {
    let (_dir, store) = fresh();
    let source = agent(&store);
    let gap = |from: i64, to: i64, reason| Gap {
        window: Window { from: Timestamp(MONDAY + from), to: Timestamp(MONDAY + to) },
        reason,
    };
    // What was measured on Tuesday was lost under a clock that was right. Then it went back to Monday and the machine
    // was switched off; the next run takes all the time since for an absence. That batch is of the day that is over.
    let lost = gap(DAY + 600, DAY + 1_200, GapReason::SpoolFull);
    let absent = gap(60, DAY + 3_600, GapReason::HostDown);
    let at = |seq, slots: &[(i64, Code)], told| Incoming {
        received_at: TUESDAY,
        ..batch(seq, slots, vec![told], None)
    };
    store.append(&[at(1, &[(DAY, 1)], lost), at(2, &[(0, 2)], absent)]).unwrap();
    let expected = [
        gap(60, DAY, GapReason::HostDown),
        gap(DAY + 60, DAY + 600, GapReason::HostDown),
        lost,
        gap(DAY + 1_200, DAY + 3_600, GapReason::HostDown),
    ];
    assert_eq!(store.gaps(source.id, EVER).unwrap(), expected);
    assert_eq!(due(&store, TUESDAY), (1, 1), "the day before alone");
    assert_eq!(store.gaps(source.id, EVER).unwrap(), expected);
    while store.compact(1, NOW).unwrap().batches > 0 {}
    assert_eq!(store.gaps(source.id, EVER).unwrap(), expected);
}

#[test]
fn two_processes_share_a_store() {
    let (dir, serving) = fresh();
    let source = agent(&serving);
    let other = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for seq in 1..=40 {
                serving.append(&[batch(seq, &[(seq as i64 * 3_600, seq as Code)], vec![], None)]).unwrap();
                serving.compact_due(NOW, &|| true).unwrap();
            }
        });
        scope.spawn(|| {
            let mut seen = 0;
            while seen < 40 {
                let now = slots_of(&other, source.id).len();
                assert!(now >= seen, "what was read once is there the next time");
                seen = now;
                other.compact(1, NOW).unwrap();
            }
        });
    });
    assert_eq!(slots_of(&other, source.id).len(), 40);
    assert_eq!(other.ack_state(AGENT, SPOOL).unwrap().ack_through, 40);
}

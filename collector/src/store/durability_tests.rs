//! What is acknowledged is there after the store was closed, after the disk was full, and whatever the order of its
//! coming.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use proptest::prelude::*;

#[test]
fn a_store_opened_again_has_everything() {
    let (dir, store) = fresh();
    let source = agent(&store);
    store.append(&[batch(1, &[(0, 1), (60, 2)], vec![], None)]).unwrap();
    drop(store);
    let store = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
    assert_eq!(store.ack_state(AGENT, SPOOL).unwrap(), AckState { ack_through: 1, missing: vec![] });
    store.compact(10, NOW).unwrap();
    assert_eq!(slots_of(&store, source.id), [(0, 1), (60, 2)]);
}

#[test]
fn a_full_disk_loses_nothing_and_heals_without_a_restart() {
    let (_dir, store) = fresh();
    let source = agent(&store);
    // Columns that do not compress fill the file soon.
    let noise = |seq: u64| -> Vec<(i64, Code)> {
        let at = |i: u64| (seq * 600 + i).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50;
        (0..600).map(|i| ((seq * 600 + i) as i64 * 60, at(i) as Code)).collect()
    };
    let pages = store.page_count();
    store.limit_pages(pages + 8).unwrap();
    let mut seq = 0;
    let full = loop {
        seq += 1;
        match store.append(&[batch(seq, &noise(seq), vec![], None)]) {
            Ok(_) => assert!(seq < 1_000, "the limit was never met"),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full(_)), "{full}");
    assert_eq!(store.ack_state(AGENT, SPOOL).unwrap().ack_through, seq - 1, "what was acknowledged is there");
    store.limit_pages(1 << 20).unwrap();
    assert_eq!(store.append(&[batch(seq, &noise(seq), vec![], None)]).unwrap(), [Appended::Stored]);
    while store.compact(10, NOW).unwrap().batches > 0 {}
    assert_eq!(slots_of(&store, source.id).len() as u64, seq * 600);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn nothing_is_lost_or_doubled_whatever_the_order(
        cuts in proptest::collection::vec(1_usize..40, 1..8),
        order in proptest::collection::vec(any::<u32>(), 24),
        rounds in proptest::collection::vec(1_usize..5, 1..6),
    ) {
        let (_dir, store) = fresh();
        let source = agent(&store);
        // Minutes from Sunday noon on: batches cross a midnight and a week.
        let count: usize = cuts.iter().sum();
        let all: Vec<(i64, Code)> = (0..count).map(|i| (-3_600 + 60 * i as i64 * 7, i as Code)).collect();
        let mut batches = Vec::new();
        let mut from = 0;
        for (cut, seq) in cuts.iter().zip(1..) {
            batches.push(batch(seq, &all[from..from + cut], vec![], None));
            from += cut;
        }
        // Every batch twice, in any order, compacted in between.
        let mut sent: Vec<(u32, &Incoming)> =
            batches.iter().chain(&batches).zip(&order).map(|(batch, key)| (*key, batch)).collect();
        sent.sort_by_key(|(key, batch)| (*key, batch.key.seq));
        for (i, (_, batch)) in sent.iter().enumerate() {
            store.append(std::slice::from_ref(*batch)).unwrap();
            if rounds.contains(&(i % 5)) {
                store.compact(3, NOW).unwrap();
            }
        }
        let read = || (slots_of(&store, source.id), store.weeks(source.id, EVER).unwrap());
        let waiting = read();
        while store.compact(3, NOW).unwrap().batches > 0 {}
        let (slots, weeks) = read();
        prop_assert_eq!(waiting, (slots.clone(), weeks.clone()), "compaction changes nothing that is read");
        prop_assert_eq!(slots, all);
        let counted: u32 = weeks.iter().flat_map(|w| &w.loads[0].as_ref().unwrap().counts).map(|(_, n)| n).sum();
        prop_assert_eq!(counted as usize, count);
        prop_assert_eq!(store.ack_state(AGENT, SPOOL).unwrap().ack_through, cuts.len() as u64);
    }
}

//! What becomes of the segment a batch was sealed from.
// SPDX-License-Identifier: Apache-2.0

use super::*;

#[test]
fn a_segment_that_could_not_be_removed_is_not_sealed_again() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(0));
    // The batch, its name and the directory are written; the segment stays.
    disk.with(|m| m.faults.extend([Fault::None, Fault::None, Fault::None, Fault::Refuse]));
    assert_eq!(spool.seal(NOW, None), Some(1));
    spool.append(closed(1));
    assert_eq!(spool.seal(NOW, None), Some(2));
    let mut spool = open(&disk, LIMITS);
    assert_eq!((spool.pending_slots(), spool.seal(NOW, None)), (0, None));
}

#[test]
fn the_time_of_a_damaged_newest_batch_ends_where_what_is_not_sealed_begins() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    for minute in 0..3 {
        spool.append(closed(minute));
        spool.seal(NOW, None);
    }
    spool.append(closed(3));
    disk.with(|m| m.files.get_mut(&spool.batch_file(3)).unwrap()[80] ^= 1);
    drop(spool);
    let window = Window { from: Timestamp(120), to: Timestamp(180) };
    assert_eq!(content(&mut open(&disk, LIMITS), 3).gaps, [Gap { window, reason: GapReason::Corrupt }]);
}

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

//! What the spool loses, it tells: rejected, damaged and never delivered batches leave their gaps.
// SPDX-License-Identifier: Apache-2.0

use super::*;

#[test]
fn a_rejected_and_a_damaged_batch_leave_their_gaps_and_later_ones_go_on() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    for minute in 0..3 {
        spool.append(closed(minute));
        spool.seal(NOW, None);
    }
    spool.reject(1, GapReason::CollectorRejected, NOW);
    assert_eq!(content(&mut spool, 1).gaps[0].reason, GapReason::CollectorRejected);
    disk.with(|m| m.files.get_mut(&spool.batch_file(2)).unwrap()[80] ^= 1);
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    let window = Window { from: Timestamp(60), to: Timestamp(120) };
    assert_eq!(content(&mut spool, 2).gaps, [Gap { window, reason: GapReason::Corrupt }]);
    assert_eq!(minutes(&content(&mut spool, 3)), [2]);
    let aside = disk.list(Path::new("/spool/quarantine")).unwrap();
    assert_eq!(aside.len(), 2);
}

#[test]
fn a_number_whose_batch_of_gaps_the_disk_refused_is_filled_when_it_is_asked_for() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(1));
    spool.seal(NOW, None);
    spool.append(closed(2));
    spool.seal(NOW, None);
    disk.with(|m| m.full = true);
    spool.reject(1, GapReason::CollectorRejected, NOW);
    assert!(!spool.fill(1, NOW));
    disk.with(|m| m.full = false);
    assert!(spool.fill(1, NOW) && !spool.fill(1, NOW) && !spool.fill(3, NOW));
    assert_eq!(content(&mut spool, 1).gaps, []);
    assert_eq!(spool.seal(NOW, None), Some(3));
    let window = Window { from: Timestamp(60), to: Timestamp(120) };
    let lost = Gap { window, reason: GapReason::CollectorRejected };
    assert_eq!(content(&mut spool, 3).gaps, [lost], "told in a later batch");
}

#[test]
fn what_was_put_aside_on_a_full_disk_is_told_after_the_next_start() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(1));
    spool.seal(NOW, None);
    disk.with(|m| m.full = true);
    spool.reject(1, GapReason::CollectorRejected, NOW);
    spool.append(closed(2));
    assert_eq!(
        spool.seal(NOW, None),
        None,
        "its number is not given again, and there is no room for another"
    );
    drop(spool);
    disk.with(|m| m.full = false);
    let mut spool = open(&disk, LIMITS);
    let window = Window { from: Timestamp(60), to: Timestamp(120) };
    assert_eq!(content(&mut spool, 1).gaps, [Gap { window, reason: GapReason::CollectorRejected }]);
    assert_eq!(spool.covered().map(|covered| covered.until), Some(window.to));
    spool.append(closed(3));
    assert_eq!(spool.seal(NOW, None), Some(2));
}

#[test]
fn a_gap_told_under_a_later_number_hides_no_other_loss() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    for minute in 1..3 {
        spool.append(closed(minute));
        spool.seal(NOW, None);
    }
    // The first is lost while the disk refuses its batch of gaps: a later one tells of it. Then the second is damaged.
    let first = spool.batch_file(1);
    disk.with(|m| m.files.get_mut(&first).unwrap()[80] ^= 1);
    disk.with(|m| m.full = true);
    assert_eq!(spool.read(1, NOW), None);
    disk.with(|m| m.full = false);
    spool.append(closed(3));
    assert_eq!(spool.seal(NOW, None), Some(3));
    let second = spool.batch_file(2);
    disk.with(|m| m.files.get_mut(&second).unwrap()[80] ^= 1);
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    let gap = |minute: i64| {
        let window = Window { from: Timestamp(minute * 60), to: Timestamp(minute * 60 + 60) };
        Gap { window, reason: GapReason::Corrupt }
    };
    // Under which of the two numbers is nobody's concern.
    let mut told: Vec<Gap> = (1..=3).flat_map(|seq| content(&mut spool, seq).gaps).collect();
    told.sort_by_key(|gap| gap.window.from);
    assert_eq!(told, [gap(1), gap(2)]);
}

#[test]
fn a_loss_that_is_told_in_a_batch_that_is_lost_too_is_told_again() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    for minute in 1..4 {
        spool.append(closed(minute));
        spool.seal(NOW, None);
    }
    let damage = |file: std::path::PathBuf| disk.with(|m| m.files.get_mut(&file).unwrap()[80] ^= 1);
    // The first is lost while the disk refuses its batch of gaps; the fourth tells of it, and is lost after it.
    damage(spool.batch_file(1));
    disk.with(|m| m.full = true);
    assert_eq!(spool.read(1, NOW), None);
    disk.with(|m| m.full = false);
    spool.append(closed(4));
    assert_eq!(spool.seal(NOW, None), Some(4));
    spool.append(closed(5));
    spool.seal(NOW, None);
    drop(spool);
    // The next start finds the first one told of, so that its number says nothing.
    let spool = open(&disk, LIMITS);
    damage(spool.batch_file(4));
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    let mut told: Vec<Window> =
        (1..=5).flat_map(|seq| content(&mut spool, seq).gaps).map(|gap| gap.window).collect();
    told.sort_by_key(|window| window.from);
    let minute = |minute: i64| Window { from: Timestamp(minute * 60), to: Timestamp(minute * 60 + 60) };
    assert_eq!(told, [minute(1), minute(4)]);
}

#[test]
fn the_first_batch_is_missed_from_when_it_began() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    for minute in 1..4 {
        spool.append(closed(minute));
        spool.seal(NOW, None);
    }
    for seq in 1..3 {
        disk.with(|m| m.files.get_mut(&spool.batch_file(seq)).unwrap()[80] ^= 1);
    }
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    let window = Window { from: Timestamp(60), to: Timestamp(180) };
    assert_eq!(content(&mut spool, 1).gaps, [Gap { window, reason: GapReason::Corrupt }]);
}

#[test]
fn gaps_that_cannot_be_decoded_are_told_again() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    let gap = Gap { window: Window { from: Timestamp(0), to: Timestamp(60) }, reason: GapReason::Paused };
    spool.note(gap);
    spool.seal(NOW, None);
    disk.with(|m| m.files.get_mut(&spool.batch_file(1)).unwrap()[70] ^= 1);
    spool.reject(1, GapReason::CollectorRejected, NOW);
    assert_eq!(content(&mut spool, 1).gaps, [Gap { reason: GapReason::CollectorRejected, ..gap }]);
    spool.reject(1, GapReason::CollectorRejected, NOW);
    assert_eq!(spool.sealed().count(), 0, "a good batch of gaps that is refused is not replaced by another");
}

#[test]
fn minutes_of_a_wrong_clock_are_sealed_apart_even_when_the_disk_had_refused() {
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    let ahead = 2 * 1_440;
    for minute in [1, 2, ahead, ahead + 1, 3] {
        spool.append(closed(minute));
    }
    let now = Timestamp(240);
    disk.with(|m| m.full = true);
    assert_eq!((spool.seal_apart(now), spool.seal(now, None)), (None, None));
    disk.with(|m| m.full = false);
    assert_eq!((spool.seal_apart(now), spool.seal_apart(now)), (Some(1), None));
    assert_eq!(minutes(&content(&mut spool, 1)), [ahead, ahead + 1]);
    // Killed between the two.
    drop(spool);
    let mut spool = open(&disk, LIMITS);
    assert_eq!(spool.seal(now, None), Some(2));
    assert_eq!(minutes(&content(&mut spool, 2)), [1, 2, 3]);
}

#[test]
fn what_a_wrong_clock_dated_ahead_hides_no_later_absence() {
    let covered_again = |disk: &Faulty| {
        let covered = open(disk, LIMITS).covered().unwrap();
        (covered.until.0 / 60, covered.stopped)
    };
    let restart = |spool: &mut Spool| {
        spool.begin_again(Timestamp(600));
        let sealed = spool.seal(NOW, None);
        spool.begin_again(Timestamp(600));
        sealed
    };
    // It was sealed in time, and the power is cut before and after the first minute under the true time.
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(500));
    assert_eq!(restart(&mut spool), Some(1));
    assert_eq!(covered_again(&disk), (10, true), "nothing is kept of since");
    spool.append(closed(10));
    assert_eq!(covered_again(&disk), (11, false));
    assert_eq!(spool.seal(NOW, None), Some(2));
    spool.forget(1);
    assert_eq!(covered_again(&disk), (11, false));
    spool.forget(2);
    assert_eq!(covered_again(&disk), (11, false), "nothing is left but the cursor");
    spool.append(closed(20));
    assert_eq!(covered_again(&disk), (21, false));

    // What was acknowledged since speaks of no time.
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(500));
    restart(&mut spool);
    assert_eq!(spool.seal(NOW, Some(&Inventory::default())), Some(2));
    spool.forget(2);
    assert_eq!(covered_again(&disk), (10, true));

    // No room to seal it: both go into one batch, of which nobody can say where the one ends. What was since is
    // accounted for again rather than not at all.
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(500));
    disk.with(|m| m.full = true);
    assert_eq!(restart(&mut spool), None);
    spool.append(closed(10));
    disk.with(|m| m.full = false);
    assert_eq!(spool.seal(NOW, None), Some(1));
    assert_eq!(covered_again(&disk), (10, true));
    spool.append(closed(11));
    assert_eq!(covered_again(&disk), (12, false));

    // The disk refuses the cursor: the next time it is written, it says so.
    let disk = Faulty::default();
    let mut spool = open(&disk, LIMITS);
    spool.append(closed(500));
    assert_eq!(spool.seal(NOW, None), Some(1));
    disk.with(|m| m.faults.push_back(Fault::Refuse));
    spool.begin_again(Timestamp(600));
    spool.append(closed(10));
    assert_eq!(covered_again(&disk).0, 501, "a disk that refuses knows no better");
    spool.forget(1);
    assert_eq!(covered_again(&disk), (11, false));
}

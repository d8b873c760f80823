//! Batches good and bad, against a real store: what is acknowledged is kept, what is refused says why.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::{Agent, KeyEpochs, RegisteredBy, Token};
use cairn_schemas::batch::{Batch, seal};
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::Window;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

#[path = "rotation_tests.rs"]
mod rotation;

const NOW: Timestamp = Timestamp(1_793_600_000);
const AGENT: Id128 = Id128([7; 16]);

struct Site {
    _dir: tempfile::TempDir,
    engagements: Engagements,
    store: SharedStore,
    key: Ed25519KeyPair,
}

fn site() -> Site {
    let dir = tempfile::tempdir().unwrap();
    let engagements = Engagements::new(dir.path());
    let store = engagements.store(&"default".parse().unwrap()).unwrap();
    let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let token = Token {
        id: "t".into(),
        secret_sha256: String::new(),
        expires_at: Timestamp(NOW.0 + 60),
        uses_left: 1,
        created_at: NOW,
        ring: String::new(),
    };
    store.put_token(&token).unwrap();
    let agent = Agent {
        id: AGENT,
        source: 0,
        public_key: key.public_key().as_ref().to_vec(),
        key_epochs: KeyEpochs::default(),
        hostname: "web1".into(),
        fingerprint: String::new(),
        version: "1".into(),
        registered_by: RegisteredBy::Token,
        enrolled_at: NOW,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
    };
    assert_eq!(store.enrol("t", &agent, NOW).unwrap(), Some(AGENT));
    Site { _dir: dir, engagements, store, key }
}

impl Site {
    fn sealed(&self, seq: u64, value: u16, at: i64) -> Vec<u8> {
        let slot = Slot { start: Timestamp(at), width_s: 60, samples: 60, power: Power::On };
        let column = Column { key: SeriesKey::total(&CPU_BUSY), mean: vec![value], max: None };
        let batch = Batch {
            key: BatchKey { agent_id: AGENT, spool_id: Id128([3; 16]), seq },
            sealed_at: NOW,
            table: SlotTable { slots: vec![slot], columns: vec![column] },
            gaps: vec![],
            inventory: None,
        };
        seal(&batch, |bytes| self.key.sign(bytes).as_ref().try_into().unwrap()).unwrap()
    }

    /// What an agent seals for a batch it has lost.
    fn tombstone(&self, seq: u64) -> Vec<u8> {
        let batch = Batch {
            key: BatchKey { agent_id: AGENT, spool_id: Id128([3; 16]), seq },
            sealed_at: NOW,
            table: SlotTable::default(),
            gaps: vec![],
            inventory: None,
        };
        seal(&batch, |bytes| self.key.sign(bytes).as_ref().try_into().unwrap()).unwrap()
    }

    fn take(&self, sealed: &[u8]) -> Result<Ack, Rejection> {
        let verified = verify(&self.engagements, sealed, NOW)?;
        commit(&[verified]).unwrap().remove(0)
    }

    fn slots(&self) -> usize {
        self.store.compact(1_000, NOW).unwrap();
        let source = self.store.sources().unwrap()[0].id;
        let ever = Window { from: Timestamp(0), to: Timestamp(NOW.0 * 2) };
        self.store.day_tables(source, ever).unwrap().iter().map(|table| table.slots.len()).sum()
    }
}

#[test]
fn numbers_are_acknowledged_up_to_the_first_that_is_missing() {
    let site = site();
    let ack = |seq: u64| site.take(&site.sealed(seq, 1, NOW.0 - 60 * seq as i64 * 2)).unwrap();
    assert_eq!((ack(1).ack_through, ack(4).ack_through), (1, 1));
    assert_eq!(ack(4).missing, [2, 3]);
    assert!(ack(4).duplicate);
    assert_eq!(ack(2).ack_through, 2);
    assert_eq!((ack(3).ack_through, ack(3).missing), (4, vec![]));
    assert_eq!(site.slots(), 4);
    assert!(ack(1).duplicate, "compaction forgets no number");
    assert_eq!(site.slots(), 4);
}

#[test]
fn bad_batches_are_told_apart_and_leave_the_good_ones_alone() {
    let site = site();
    let good = site.sealed(1, 1, NOW.0 - 600);
    let mut flipped = good.clone();
    flipped[70] ^= 1;
    assert!(matches!(site.take(&flipped), Err(Rejection::Corrupt(_))));
    assert!(matches!(site.take(&good[..good.len() - 3]), Err(Rejection::Corrupt(_))));
    assert!(matches!(site.take(b"hello"), Err(Rejection::Corrupt(_))));
    assert!(matches!(site.take(&site.sealed(0, 1, NOW.0 - 600)), Err(Rejection::Corrupt(_))));
    assert!(matches!(site.take(&site.sealed(u64::MAX, 1, NOW.0 - 600)), Err(Rejection::Corrupt(_))));
    assert!(matches!(site.take(&site.sealed(2, 1, 60)), Err(Rejection::ClockInvalid(_))));
    assert!(matches!(site.take(&vec![0; batch::ENCODED_BYTES_MAX + 1]), Err(Rejection::TooLarge(_))));
    let mut stranger = good.clone();
    stranger[8..24].copy_from_slice(&[1; 16]);
    assert!(matches!(site.take(&stranger), Err(Rejection::UnknownAgent(_))));
    assert!(matches!(site.take(&site.sealed(2, 1, NOW.0 + 2 * DAY_S)), Err(Rejection::ClockInvalid(_))));
    assert_eq!(site.take(&good).unwrap().ack_through, 1);
    assert_eq!(site.slots(), 1);
}

#[test]
fn the_same_key_with_other_content_is_a_fork() {
    let site = site();
    site.take(&site.sealed(1, 1, NOW.0 - 600)).unwrap();
    assert!(matches!(site.take(&site.sealed(1, 2, NOW.0 - 600)), Err(Rejection::Forked)));
    assert!(site.store.audit_log().unwrap().iter().any(|(_, _, what)| what.contains("forked identity")));
}

#[test]
fn an_announcement_under_a_number_that_was_used_is_a_fork() {
    let site = site();
    site.take(&site.sealed(1, 1, NOW.0 - 600)).unwrap();
    let envelope = site.tombstone(1);
    let mut batch = batch::open(&envelope).unwrap().decode().unwrap();
    batch.inventory = Some(cairn_schemas::inventory::Inventory::default());
    let sealed = seal(&batch, |bytes| site.key.sign(bytes).as_ref().try_into().unwrap()).unwrap();
    assert!(matches!(site.take(&sealed), Err(Rejection::Forked)));
}

#[test]
fn a_tombstone_for_a_batch_that_arrived_is_no_fork() {
    let site = site();
    site.take(&site.sealed(1, 1, NOW.0 - 600)).unwrap();
    assert!(site.take(&site.tombstone(1)).unwrap().duplicate);
    assert_eq!(site.slots(), 1);
}

#[test]
fn the_gaps_of_such_a_tombstone_may_reach_over_a_neighbour() {
    let site = site();
    site.take(&site.sealed(1, 1, NOW.0 - 600)).unwrap();
    let mut tombstone = batch::open(&site.tombstone(1)).unwrap().decode().unwrap();
    let window = |from: i64, to: i64| Window { from: Timestamp(NOW.0 - from), to: Timestamp(NOW.0 - to) };
    tombstone.gaps = vec![Gap { window: window(600, 480), reason: GapReason::Corrupt }];
    let sealed = seal(&tombstone, |bytes| site.key.sign(bytes).as_ref().try_into().unwrap()).unwrap();
    assert!(site.take(&sealed).unwrap().duplicate);
    assert_eq!(site.slots(), 1);
    let source = site.store.sources().unwrap()[0].id;
    let told: Vec<Window> =
        site.store.gaps(source, window(600, 0)).unwrap().iter().map(|gap| gap.window).collect();
    assert_eq!(told, [window(540, 480)]);
}

#[test]
fn a_batch_whose_tombstone_arrived_first_is_taken_all_the_same() {
    let site = site();
    assert_eq!(site.take(&site.tombstone(1)).unwrap().ack_through, 1);
    let kept = site.sealed(1, 1, NOW.0 - 600);
    let ack = site.take(&kept).unwrap();
    assert_eq!((ack.ack_through, ack.duplicate), (1, false));
    assert!(site.take(&kept).unwrap().duplicate);
    assert!(site.take(&site.tombstone(1)).unwrap().duplicate);
    assert!(matches!(site.take(&site.sealed(1, 2, NOW.0 - 600)), Err(Rejection::Forked)));
    assert_eq!(site.slots(), 1);
}

#[test]
fn a_revoked_agent_is_refused() {
    for remembered in [false, true] {
        let site = site();
        if remembered {
            site.take(&site.sealed(1, 1, NOW.0 - 900)).unwrap();
        }
        // By another process, which tells nobody.
        assert!(site.store.revoke(AGENT, "A. Person", NOW).unwrap());
        let late = site.sealed(2, 1, NOW.0 - 600);
        assert!(matches!(site.take(&late), Err(Rejection::Revoked(_))), "{remembered}");
        assert_eq!(site.slots(), usize::from(remembered), "nothing of it is kept");
        assert!(!site.store.revoke(AGENT, "A. Person", NOW).unwrap());
    }
}

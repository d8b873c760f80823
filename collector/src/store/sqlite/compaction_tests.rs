//! Sources that are compacted together: all of them in one step, none of them held up by a damaged one.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::{Agent, Contents, Incoming, KeyEpochs, RegisteredBy, Store as _, Token};
use cairn_schemas::batch::{Batch, seal};
use cairn_schemas::digest::sha256;
use cairn_schemas::identity::BatchKey;
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};

const NOW: Timestamp = Timestamp(1_793_577_600);
const AGENTS: u8 = 5;
const BATCHES: u64 = 3;

/// A store with some batches of each of some agents, in turns.
fn filled() -> SqliteStore {
    let store = SqliteStore::in_memory(&"default".parse().unwrap()).unwrap();
    let expires_at = Timestamp(NOW.0 + 1);
    let (id, ring) = ("t".to_owned(), String::new());
    let secret_sha256 = String::new();
    let token = Token { id, secret_sha256, expires_at, uses_left: 99, created_at: NOW, ring };
    store.put_token(&token).unwrap();
    for number in 0..AGENTS {
        store.enrol("t", &agent(number), NOW).unwrap().unwrap();
    }
    for seq in 1..=BATCHES {
        store.append(&(0..AGENTS).map(|number| batch(number, seq)).collect::<Vec<_>>()).unwrap();
    }
    store
}

fn agent(number: u8) -> Agent {
    Agent {
        id: Id128([number + 1; 16]),
        source: 0,
        public_key: vec![number; 32],
        hostname: format!("web{number}"),
        fingerprint: format!("f{number}"),
        version: "1".into(),
        registered_by: RegisteredBy::Token,
        enrolled_at: NOW,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
        key_epochs: KeyEpochs::default(),
    }
}

fn batch(number: u8, seq: u64) -> Incoming {
    let start = Timestamp(NOW.0 - DAY_S + 60 * seq as i64);
    let slot = Slot { start, width_s: 60, samples: 60, power: Power::On };
    let column = Column { key: SeriesKey::total(&CPU_BUSY), mean: vec![u16::from(number) + 7], max: None };
    let key = BatchKey { agent_id: Id128([number + 1; 16]), spool_id: Id128([1; 16]), seq };
    let table = SlotTable { slots: vec![slot], columns: vec![column] };
    let batch = Batch { key, sealed_at: NOW, table, gaps: vec![], inventory: None };
    let sealed = seal(&batch, |_| [0; 64]).unwrap();
    let holds = Contents::of(&batch);
    Incoming {
        key,
        sha256: sha256(&sealed),
        sealed,
        received_at: NOW,
        key_epoch: 0,
        carried: false,
        tombstone: false,
        holds,
    }
}

fn count(store: &SqliteStore, table: &str) -> u64 {
    let sql = format!("select count(*) from {table}");
    store.connection().query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn sources_are_packed_together_until_enough_is_done() {
    let store = filled();
    let (all, one) = (BATCHES * u64::from(AGENTS), BATCHES);
    assert_eq!(store.compact(1, NOW).unwrap().batches, one, "a source is never cut for it");
    assert_eq!((count(&store, "inbox"), count(&store, "day_block")), (all - one, 1));
    let rest = store.compact(usize::MAX, NOW).unwrap();
    assert_eq!((rest.batches, rest.day_blocks), (all - one, u64::from(AGENTS) - 1));
    assert_eq!((count(&store, "inbox"), count(&store, "day_block")), (0, u64::from(AGENTS)));
}

#[test]
fn a_damaged_block_holds_up_no_other_source() {
    let store = filled();
    let sources = store.sources().unwrap();
    let day = NOW.day() - 1;
    store
        .connection()
        .execute(
            "insert into day_block (source, day, block) values (?1, ?2, x'09')",
            params![sources[2].id, day],
        )
        .unwrap();
    let done = store.compact(usize::MAX, NOW).unwrap();
    assert_eq!((done.batches, done.day_blocks), (BATCHES * u64::from(AGENTS), u64::from(AGENTS) - 1));
    assert_eq!((count(&store, "inbox"), count(&store, "quarantine")), (0, BATCHES));
    for (source, is_packed) in sources.iter().zip([true, true, false, true, true]) {
        let read = store.day_tables(source.id, Window { from: BEFORE, to: NOW });
        assert_eq!(
            read.is_ok_and(|days| days[0].slots.len() as u64 == BATCHES),
            is_packed,
            "{}",
            source.server
        );
    }
}

//! A store that panics: others' batches are kept, the writer goes on, and readiness tells.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::shelf::Shelf;
use crate::store::{Contents, Incoming};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::time::Timestamp;
use std::sync::mpsc;

fn batch(seq: u64) -> Verified {
    let key = BatchKey { agent_id: Id128([1; 16]), spool_id: Id128([2; 16]), seq };
    let incoming = Incoming {
        key,
        sha256: [0; 32],
        sealed: vec![],
        received_at: Timestamp(0),
        key_epoch: 0,
        carried: false,
        tombstone: false,
        holds: Contents::default(),
    };
    Verified { store: Arc::new(Shelf::new(vec![])), incoming }
}

fn ack(seq: u64) -> Ack {
    Ack {
        spool_id: Id128([2; 16]),
        ack_through: seq,
        missing: vec![],
        duplicate: false,
        server_time: Timestamp(0),
        next_upload_in_s: 900,
        directives_version: 0,
        directives: None,
    }
}

#[tokio::test]
async fn a_store_that_panics_ends_neither_the_writer_nor_its_hope() {
    // This store has no inbox: it panics at the first append.
    let writer = Writer::start();
    assert_eq!(writer.trouble(), None);
    for _ in 0..3 {
        assert!(matches!(writer.commit(batch(1)).await, Err(Rejection::Store(_))));
        assert!(writer.trouble().unwrap().contains("panicked"));
    }
}

#[tokio::test]
async fn one_batch_that_panics_delays_no_other_of_its_group() {
    let (open, gate) = mpsc::channel::<()>();
    let writer = Writer::committing_by(QUEUE_MAX, move |batches| {
        let seqs: Vec<u64> = batches.iter().map(|verified| verified.incoming.key.seq).collect();
        // The first is held until the others wait behind it, so that they are one group.
        if seqs == [1] {
            let _ = gate.recv();
        }
        assert!(!seqs.contains(&3), "a batch this store cannot stand");
        Ok(seqs.into_iter().map(|seq| Ok(ack(seq))).collect())
    });
    let ask = |seq| {
        let writer = writer.clone();
        async move { writer.commit(batch(seq)).await.map(|ack| ack.ack_through).ok() }
    };
    let release = async { open.send(()).unwrap() };
    // Polled in this order: all are in the queue before the gate opens.
    let told = tokio::join!(ask(1), ask(2), ask(3), ask(4), release);
    assert_eq!(told, (Some(1), Some(2), None, Some(4), ()));
    assert_eq!(writer.trouble(), None, "the last commit went well");
}

#[tokio::test]
async fn a_writer_that_ended_says_so() {
    let writer = Writer::stopped();
    assert!(matches!(writer.commit(batch(1)).await, Err(Rejection::WriterStopped)));
    assert!(writer.trouble().unwrap().contains("restart"));
}

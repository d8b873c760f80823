//! Batches and changes of key against a collector that answers, does not, or has forgotten.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::identity::{SigningKey, verify};
use crate::rotation::Keyring;
use crate::spool::Signer as _;
use cairn_schemas::digest::unhex;
use cairn_schemas::directives::Directives;
use cairn_schemas::enrolment::Ack;
use cairn_schemas::identity::{AgentId, Id128};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

const AGENT: AgentId = Id128([3; 16]);

/// What it knows of the agent, and what becomes of requests.
#[derive(Default)]
struct Fake {
    keys: RefCell<Vec<Vec<u8>>>,
    asked: u64,
    /// Answers to requests for another key that are lost, though they are taken.
    lost: RefCell<u32>,
    /// Status every such request is refused with.
    refuses: Option<u16>,
    heard: RefCell<BTreeMap<&'static str, u32>>,
}

impl Fake {
    fn knowing(keys: &[Vec<u8>], asked: u64) -> Self {
        Self { keys: RefCell::new(keys.to_vec()), asked, ..Self::default() }
    }

    fn count(&self, what: &'static str) {
        *self.heard.borrow_mut().entry(what).or_default() += 1;
    }

    fn heard(&self, what: &'static str) -> u32 {
        self.heard.borrow().get(what).copied().unwrap_or(0)
    }
}

impl Line for Fake {
    async fn send(&self, sealed: Vec<u8>) -> Outcome {
        self.count("batch");
        let (bytes, signature) = sealed.split_at(sealed.len() - 64);
        if !self.keys.borrow().iter().any(|key| verify(key, bytes, signature)) {
            return Outcome::Refused { status: 400, retry_after_s: None, detail: "damaged".into() };
        }
        Outcome::Acknowledged(Ack {
            spool_id: Id128([1; 16]),
            ack_through: 1,
            missing: vec![],
            duplicate: false,
            server_time: Timestamp(0),
            next_upload_in_s: 900,
            directives_version: 0,
            directives: Some(Directives { key_epoch: self.asked, ..Directives::default() }),
        })
    }

    async fn rotate(&self, request: &RotateRequest) -> Result<(), EnrolError> {
        self.count("rotation");
        if let Some(status) = self.refuses {
            return Err(EnrolError::Refused { status, detail: "no".into() });
        }
        let (from, to) = (unhex(&request.retired_key).unwrap(), unhex(&request.public_key).unwrap());
        let mut keys = self.keys.borrow_mut();
        if !keys.contains(&to) {
            assert_eq!(keys.last(), Some(&from), "it follows on the key that is known");
            keys.push(to);
        }
        if *self.lost.borrow() > 0 {
            *self.lost.borrow_mut() -= 1;
            return Err(EnrolError::Unreachable { url: "u".into(), why: "lost".into() });
        }
        Ok(())
    }
}

struct Host {
    _data: tempfile::TempDir,
    keyring: Keyring,
    renewal: Renewal,
    first: Vec<u8>,
}

impl Host {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let keyring = Keyring::load(data.path(), AGENT).unwrap();
        let renewal = Renewal::new(Rotation::new(data.path(), AGENT, keyring.clone()));
        let first = SigningKey::load_or_make(data.path()).unwrap().public().to_vec();
        Self { _data: data, keyring, renewal, first }
    }

    /// A collector that knows its first key.
    fn known(&self, asked: u64) -> Fake {
        Fake::knowing(std::slice::from_ref(&self.first), asked)
    }

    fn sealed(&self) -> Vec<u8> {
        [&b"a batch"[..], &self.keyring.sign(b"a batch")].concat()
    }

    fn sends(&self, line: &Fake, sealed: Vec<u8>) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.renewal.send(line, sealed))
    }

    fn delivers(&self, line: &Fake) -> bool {
        matches!(self.sends(line, self.sealed()), Outcome::Acknowledged(_))
    }
}

#[test]
fn an_acknowledgement_that_asks_for_another_key_gets_one() {
    let host = Host::new();
    let line = host.known(1);
    let before = host.sealed();
    assert!(host.delivers(&line) && host.delivers(&line));
    assert_eq!((line.keys.borrow().len(), line.heard("rotation")), (2, 1));
    assert_ne!(host.sealed(), before);
    assert!(matches!(host.sends(&line, before), Outcome::Acknowledged(_)), "what waited goes as it is");
}

#[test]
fn a_lost_answer_is_asked_for_again_and_batches_do_not_wait_for_it() {
    let host = Host::new();
    let line = Fake { lost: RefCell::new(2), ..host.known(1) };
    assert!((0..4).all(|_| host.delivers(&line)));
    assert_eq!((line.keys.borrow().len(), line.heard("rotation")), (2, 3));
}

#[test]
fn a_collector_brought_back_from_the_past_is_shown_every_change() {
    let host = Host::new();
    let line = host.known(1);
    assert!(host.delivers(&line));
    let line = Fake::knowing(&line.keys.borrow(), 2);
    assert!(host.delivers(&line) && line.keys.borrow().len() == 3);
    let restored = host.known(0);
    assert!(host.delivers(&restored), "the batch goes with it");
    assert_eq!((restored.heard("batch"), restored.heard("rotation")), (2, 2));
    assert_eq!(*restored.keys.borrow(), *line.keys.borrow());
    let deaf = Fake { refuses: Some(503), ..host.known(0) };
    let kept = host.sends(&deaf, host.sealed());
    assert!(matches!(kept, Outcome::Refused { status: 503, .. }), "not put aside: {kept:?}");
    let stranger = Fake { refuses: Some(400), ..host.known(0) };
    let kept = host.sends(&stranger, host.sealed());
    assert!(matches!(kept, Outcome::Refused { status: 500, .. }), "not put aside: {kept:?}");
}

#[test]
fn a_batch_that_is_damaged_is_said_to_be() {
    let host = Host::new();
    let line = host.known(1);
    assert!(matches!(host.sends(&line, vec![0; 70]), Outcome::Refused { status: 400, .. }));
    assert_eq!((line.heard("batch"), line.heard("rotation")), (1, 0), "there is nothing to show");
    assert!(host.delivers(&line));
    assert!(matches!(host.sends(&line, vec![0; 70]), Outcome::Refused { status: 400, .. }));
}

#[test]
fn a_refusal_for_good_is_taken_for_one_and_another_is_not() {
    for (status, requests) in [(400, 1), (404, 1), (409, 1), (429, 3), (503, 3), (403, 3)] {
        let host = Host::new();
        let line = Fake { refuses: Some(status), ..host.known(1) };
        assert!((0..3).all(|_| host.delivers(&line)));
        assert_eq!(line.heard("rotation"), requests, "{status}");
    }
}

//! Events leave once a phase, signed, and are tried until they are taken.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::sqlite::SqliteStore;
use std::cell::RefCell;

/// Answers as told and remembers what it was sent.
struct Fake {
    answers: RefCell<Vec<std::result::Result<u16, String>>>,
    seen: RefCell<Vec<(String, String)>>,
}

impl Fake {
    fn new(answers: &[std::result::Result<u16, &str>]) -> Self {
        let answers = answers.iter().rev().map(|answer| answer.map_err(str::to_owned)).collect();
        Self { answers: RefCell::new(answers), seen: RefCell::default() }
    }
}

impl Poster for Fake {
    fn post(&self, _: &str, headers: &[(&str, &str)], body: &str) -> std::result::Result<u16, String> {
        let signature = headers.iter().find(|(name, _)| *name == SIGNATURE_HEADER).unwrap().1;
        self.seen.borrow_mut().push((signature.to_owned(), body.to_owned()));
        self.answers.borrow_mut().pop().unwrap()
    }
}

fn webhook() -> Webhook {
    Webhook { url: "https://example.org/hook".into(), secret: b"0123456789abcdef".to_vec() }
}

#[test]
fn a_message_is_tried_until_it_is_taken_and_then_never_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), &"test".parse().unwrap()).unwrap();
    assert!(store.enqueue("test-phase-1", "{}", Timestamp(100)).unwrap());
    assert!(!store.enqueue("test-phase-1", "{}", Timestamp(101)).unwrap());
    let fake = Fake::new(&[Err("connection refused"), Ok(503), Ok(204)]);
    let round = |at: i64| deliver_due(&store, &webhook(), &fake, Timestamp(at), &mut || 1.0).unwrap();
    assert_eq!(round(100).failed, ["test-phase-1: connection refused; next try in 30 s"]);
    assert_eq!(round(129), Deliveries::default(), "not due yet");
    assert_eq!(round(130).failed, ["test-phase-1: the receiver answered 503; next try in 60 s"]);
    assert_eq!(round(190).delivered, 1);
    assert_eq!(round(9_999_999), Deliveries::default(), "delivered once");
    let seen = fake.seen.borrow();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0], (signature(b"0123456789abcdef", b"{}"), "{}".to_owned()));
    assert_eq!(store.outbox().unwrap()[0].delivered_at, Some(Timestamp(190)));
    assert!(store.audit_log().unwrap().iter().any(|(_, _, what)| what == "event test-phase-1 delivered"));
}

#[test]
fn signatures_are_hmac_sha256() {
    // RFC 4231, test case 2.
    let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(signature(b"Jefe", b"what do ya want for nothing?"), expected);
}

#[test]
fn waits_double_up_to_six_hours_and_half_of_them_is_random() {
    let check = |failures, random, expected| assert_eq!(backoff_s(failures, random), expected, "{failures}");
    check(0, 0.0, 15);
    check(0, 1.0, 30);
    check(1, 1.0, 60);
    check(30, 0.0, 3 * HOUR_S);
    check(u32::MAX, 1.0, 6 * HOUR_S);
}

//! Requests for another key: both keys sign, a repetition is answered again, and nobody speaks for another.
// SPDX-License-Identifier: Apache-2.0

use super::super::request::signed_by;
use super::*;
use crate::store::{Agent, KeyEpochs, RegisteredBy, Token};
use cairn_schemas::digest::hex;
use cairn_schemas::identity::Id128;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const NOW: Timestamp = Timestamp(1_793_600_000);
const AGENT: Id128 = Id128([7; 16]);

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn request(epoch: u64, from: u8, to: u8) -> RotateRequest {
    let shown = |seed: u8| hex(key(seed).public_key().as_ref());
    let mut request = RotateRequest {
        agent_id: AGENT,
        epoch,
        retired_key: shown(from),
        public_key: shown(to),
        signature: String::new(),
        proof: String::new(),
    };
    let signed = request.signed();
    request.signature = hex(key(from).sign(&signed).as_ref());
    request.proof = hex(key(to).sign(&signed).as_ref());
    request
}

struct Site {
    _dir: tempfile::TempDir,
    engagements: Engagements,
    limits: Limits,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = Self { engagements: Engagements::new(dir.path()), _dir: dir, limits: Limits::default() };
        let store = site.engagements.store(&"default".parse().unwrap()).unwrap();
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
            public_key: key(1).public_key().as_ref().to_vec(),
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
        store.enrol("t", &agent, NOW).unwrap();
        site
    }

    fn ask(&self, request: &RotateRequest) -> Result<Rotated, Refusal> {
        rotated(&self.engagements, &self.limits, request, NOW).map_err(|refused| refused.refusal)
    }
}

#[test]
fn a_chain_of_keys_is_taken_and_may_be_shown_again() {
    let site = Site::new();
    assert_eq!(site.ask(&request(1, 1, 2)), Ok(Rotated::Changed));
    assert_eq!(site.ask(&request(2, 2, 3)), Ok(Rotated::Changed));
    for (epoch, from, to) in [(1, 1, 2), (2, 2, 3)] {
        assert_eq!(site.ask(&request(epoch, from, to)), Ok(Rotated::Known));
    }
}

#[test]
fn whoever_does_not_have_both_keys_is_refused() {
    let site = Site::new();
    let good = request(1, 1, 2);
    let stolen = request(1, 9, 2);
    let check = |request: RotateRequest, expected: Refusal| {
        assert_eq!(site.ask(&request), Err(expected), "{request:?}");
    };
    check(RotateRequest { proof: stolen.signature.clone(), ..good.clone() }, Refusal::RotationInvalid);
    check(RotateRequest { signature: good.proof.clone(), ..good.clone() }, Refusal::RotationInvalid);
    check(RotateRequest { epoch: 2, ..good.clone() }, Refusal::RotationInvalid);
    check(RotateRequest { public_key: "ab".into(), ..good.clone() }, Refusal::RotationInvalid);
    check(stolen, Refusal::RotationInvalid);
    check(request(2, 1, 2), Refusal::RotationInvalid);
    check(RotateRequest { agent_id: Id128([8; 16]), ..good.clone() }, Refusal::UnknownAgent);
    assert_eq!(site.ask(&good), Ok(Rotated::Changed));
    check(request(1, 1, 3), Refusal::RotationInvalid);
    let store = site.engagements.store(&"default".parse().unwrap()).unwrap();
    store.revoke(AGENT, "A. Person", NOW).unwrap();
    check(good, Refusal::AgentRevoked);
}

#[test]
fn an_agent_that_never_ends_asking_is_held_back() {
    let site = Site::new();
    let refused = (0..500).find_map(|_| site.ask(&request(1, 1, 2)).err());
    assert_eq!(refused, Some(Refusal::TooMany));
}

#[test]
fn until_its_successor_is_used_the_key_before_may_sign_for_its_agent() {
    let site = Site::new();
    site.ask(&request(1, 1, 2)).unwrap();
    let (store, agent) = known(&site.engagements, AGENT).unwrap();
    let speaks = |seed: u8| {
        let signature = hex(key(seed).sign(b"cairn leave").as_ref());
        signed_by(&*store, &agent, b"cairn leave", &signature).unwrap()
    };
    assert!(speaks(1) && speaks(2) && !speaks(3));
}

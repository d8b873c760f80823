//! Another key, with a crash after every step, an answer that is lost, and the disk of a copy.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use std::os::unix::fs::PermissionsExt as _;

const AGENT: AgentId = cairn_schemas::identity::Id128([3; 16]);

/// An agent that was killed and started again as often as it is asked for.
struct Host(tempfile::TempDir);

impl Host {
    fn new() -> Self {
        let host = Self(tempfile::tempdir().unwrap());
        SigningKey::load_or_make(host.data()).unwrap();
        host
    }

    fn data(&self) -> &Path {
        self.0.path()
    }

    fn keyring(&self) -> Keyring {
        Keyring::load(self.data(), AGENT).unwrap()
    }

    fn started(&self) -> (Keyring, Rotation) {
        let keyring = self.keyring();
        (keyring.clone(), Rotation::new(self.data(), AGENT, keyring))
    }

    fn key(&self) -> String {
        SigningKey::load_or_make(self.data()).unwrap().public_hex()
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.data().join(name)).unwrap()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.data().join(name), bytes).unwrap();
    }

    /// Asked for another key, and the collector takes whatever it is asked for.
    fn goes_on(&self, asked: u64) -> RotateRequest {
        let (_, mut rotation) = self.started();
        let request = rotation.request(asked).unwrap().unwrap();
        rotation.taken(&request).unwrap();
        request
    }
}

fn is_signed_by_both(request: &RotateRequest) -> bool {
    let bytes = |hex: &str| unhex(hex).unwrap();
    verify(&bytes(&request.retired_key), &request.signed(), &bytes(&request.signature))
        && verify(&bytes(&request.public_key), &request.signed(), &bytes(&request.proof))
}

#[test]
fn another_key_takes_the_place_of_the_first_and_both_are_known() {
    let host = Host::new();
    let (keyring, mut rotation) = host.started();
    let (first, before) = (host.key(), keyring.sign(b"sealed before"));
    assert_eq!(rotation.request(0).unwrap(), None, "nobody asks");
    let request = rotation.request(1).unwrap().unwrap();
    assert!(is_signed_by_both(&request));
    assert_eq!((request.epoch, &request.retired_key), (1, &first));
    let mode = host.data().join("key.new").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(keyring.public_hex(), first, "until it is taken the first signs on");
    rotation.taken(&request).unwrap();
    assert_eq!((&host.key(), &keyring.public_hex()), (&request.public_key, &request.public_key));
    assert!(!host.data().join("key.new").exists());
    for keyring in [&keyring, &host.keyring()] {
        assert!(keyring.verify(b"sealed before", &before));
        assert!(keyring.verify(b"sealed after", &keyring.sign(b"sealed after")));
        assert!(!keyring.verify(b"another", &before));
    }
    assert_eq!(rotation.request(1).unwrap(), None, "once");
    assert_eq!(rotation.all().unwrap(), [request]);
    assert_eq!(rotation.request(2).unwrap().unwrap().epoch, 2);
}

#[test]
fn a_crash_after_any_step_is_mended() {
    // The key was made, and nothing names it yet.
    let host = Host::new();
    let unnamed = SigningKey::make_beside(host.data()).unwrap().public_hex();
    let request = host.goes_on(1);
    assert!(host.key() == request.public_key && request.public_key != unnamed);

    // The request was written, and sent or not, and answered or not: it is the same again.
    let host = Host::new();
    let asked = host.started().1.request(1).unwrap().unwrap();
    assert_eq!(host.started().1.request(0).unwrap(), Some(asked.clone()), "even if nobody asks any more");
    assert_eq!(host.goes_on(1), asked);
    assert_eq!(host.key(), asked.public_key);

    // That it was taken was written, and the key is not in its place.
    let host = Host::new();
    let (_, mut rotation) = host.started();
    let request = rotation.request(1).unwrap().unwrap();
    let (old, new) = (host.file("key.pk8"), host.file("key.new"));
    rotation.taken(&request).unwrap();
    host.put("key.pk8", &old);
    host.put("key.new", &new);
    let (keyring, mut rotation) = host.started();
    assert_eq!((keyring.public_hex(), host.key()), (request.public_key.clone(), request.public_key.clone()));
    assert_eq!(rotation.request(1).unwrap(), None);
    assert_eq!(rotation.all().unwrap(), [request]);
}

#[test]
fn a_key_that_could_not_take_its_place_does_so_in_the_same_run() {
    let host = Host::new();
    let (keyring, mut rotation) = host.started();
    let request = rotation.request(1).unwrap().unwrap();
    let new = host.file("key.new");
    // A directory of that name: nothing can be renamed over it.
    let old = host.file("key.pk8");
    std::fs::remove_file(host.data().join("key.pk8")).unwrap();
    std::fs::create_dir(host.data().join("key.pk8")).unwrap();
    assert!(rotation.taken(&request).is_err());
    assert_eq!(keyring.public_hex(), request.retired_key, "the old key signs on");
    std::fs::remove_dir(host.data().join("key.pk8")).unwrap();
    host.put("key.pk8", &old);
    host.put("key.new", &new);
    assert_eq!(rotation.request(1).unwrap(), None);
    assert_eq!((keyring.public_hex(), host.key()), (request.public_key.clone(), request.public_key));
}

#[test]
fn a_key_that_was_lost_before_it_took_its_place_is_told_and_the_one_before_signs_on() {
    let host = Host::new();
    let (keyring, mut rotation) = host.started();
    let (first, before) = (host.key(), keyring.sign(b"sealed before"));
    let request = rotation.request(1).unwrap().unwrap();
    std::fs::remove_file(host.data().join("key.new")).unwrap();
    let error = rotation.taken(&request).unwrap_err().to_string();
    assert!(error.contains("key.new") && error.contains("enrolled anew"), "{error}");
    for keyring in [&keyring, &host.keyring()] {
        assert_eq!(keyring.public_hex(), first);
        assert!(keyring.verify(b"sealed before", &before));
        assert_eq!(keyring.sign(b"sealed after"), host.keyring().sign(b"sealed after"));
    }
    assert_eq!(rotation.request(1).unwrap(), None, "it is not asked for again and again");

    // Lost before the answer was heard, it is another one that is asked for: the collector will not take it, and the
    // one before signs on.
    let host = Host::new();
    let asked = host.started().1.request(1).unwrap().unwrap();
    std::fs::remove_file(host.data().join("key.new")).unwrap();
    let (keyring, mut rotation) = host.started();
    let again = rotation.request(1).unwrap().unwrap();
    assert!(again.epoch == asked.epoch && again.public_key != asked.public_key);
    rotation.refused(&again, 1).unwrap();
    assert_eq!((keyring.public_hex(), rotation.request(1).unwrap()), (asked.retired_key, None));
}

#[test]
fn what_the_collector_will_not_take_is_given_up() {
    let host = Host::new();
    let (keyring, mut rotation) = host.started();
    let first = host.key();
    let request = rotation.request(1).unwrap().unwrap();
    rotation.refused(&request, 1).unwrap();
    assert!(!host.data().join("key.new").exists());
    assert_eq!((rotation.request(1).unwrap(), rotation.all().unwrap()), (None, vec![]));
    assert_eq!((host.key(), keyring.public_hex()), (first.clone(), first));
    assert!(rotation.request(2).unwrap().is_some(), "asked again, it tries again");
}

#[test]
fn the_history_of_a_source_is_not_that_of_its_copy() {
    let host = Host::new();
    host.goes_on(1);
    let under_way = host.started().1.request(2).unwrap().unwrap();
    let copy = AgentId::v4([9; 16]);
    let mut rotation = Rotation::new(host.data(), copy, Keyring::load(host.data(), copy).unwrap());
    assert_eq!((rotation.all().unwrap(), rotation.request(0).unwrap()), (vec![], None));
    let own = rotation.request(1).unwrap().unwrap();
    assert!(own.agent_id == copy && own.epoch == 1 && own.public_key != under_way.public_key);
}

#[test]
fn a_damaged_history_is_said_and_not_taken_for_none() {
    let host = Host::new();
    host.goes_on(1);
    host.put(FILE, b"{");
    let error = Keyring::load(host.data(), AGENT).unwrap_err();
    assert!(matches!(error, IdentityError::Damaged { .. }), "{error}");
}

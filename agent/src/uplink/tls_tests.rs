//! Only the pinned authority is trusted, whatever else is presented.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_schemas::digest::sha256_hex;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PublicKeyData as _};

struct Chain {
    authority: CertificateDer<'static>,
    server: CertificateDer<'static>,
    pin: String,
    pem: String,
}

fn chain() -> Chain {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signed = params.self_signed(&key).unwrap();
    let (authority, pem) = (signed.der().clone(), signed.pem());
    let pin = sha256_hex(&key.subject_public_key_info());
    let issuer = Issuer::new(params, key);
    let leaf = CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
    let server = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().clone();
    Chain { authority, server, pin, pem }
}

fn verified(
    pin: Option<&str>,
    server: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    name: &str,
) -> bool {
    let pin = pin.map(|hex| unhex(hex).unwrap().try_into().unwrap());
    verified_by(pin, Vec::new(), server, others, name)
}

fn verified_by(
    pin: Option<[u8; 32]>,
    further: Vec<CertificateDer<'static>>,
    server: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    name: &str,
) -> bool {
    let verifier = PinnedAuthority { pin, further, provider: Arc::new(ring::default_provider()) };
    let name = ServerName::try_from(name.to_owned()).unwrap();
    // 2026-11-25: within the validity rcgen gives.
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_795_622_400));
    verifier.verify_server_cert(server, others, &name, &[], now).is_ok()
}

#[test]
fn the_pinned_authority_is_trusted_and_no_other() {
    let (ours, theirs) = (chain(), chain());
    let check = |pin, server, others: &[_], name, expected| {
        assert_eq!(verified(pin, server, others, name), expected);
    };
    let name = "collector.example";
    let pin = Some(ours.pin.as_str());
    check(pin, &ours.server, std::slice::from_ref(&ours.authority), name, true);
    check(pin, &ours.server, std::slice::from_ref(&ours.authority), "other.example", false);
    check(pin, &ours.server, &[], name, false);
    check(pin, &theirs.server, std::slice::from_ref(&theirs.authority), name, false);
    // A stranger who shows our authority's certificate beside his own.
    check(pin, &theirs.server, &[theirs.authority.clone(), ours.authority.clone()], name, false);
    check(None, &ours.server, std::slice::from_ref(&ours.authority), name, false);
    assert!(config(Some("zz"), None).is_err());
}

#[test]
fn an_authority_the_administrator_names_is_trusted_too() {
    let (ours, customers, theirs) = (chain(), chain(), chain());
    let pin = Some(unhex(&ours.pin).unwrap().try_into().unwrap());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("a comment\n{}", customers.pem)).unwrap();
    let further = authorities(file.path()).unwrap();
    let name = "collector.example";
    // A root is not always presented, and need not be.
    assert!(verified_by(pin, further.clone(), &customers.server, &[], name));
    assert!(verified_by(pin, further.clone(), &ours.server, std::slice::from_ref(&ours.authority), name));
    assert!(!verified_by(pin, further, &theirs.server, std::slice::from_ref(&theirs.authority), name));
    std::fs::write(file.path(), "nothing").unwrap();
    for (path, why) in [(file.path(), "holds no certificate"), (Path::new("/nonexistent"), "/nonexistent")] {
        let error = config(None, Some(path)).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

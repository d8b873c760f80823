//! Which certificate is shown, and when another one is.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PublicKeyData as _};
use std::time::Duration;

/// A customer's authority, and the files of a listener.
struct Customer {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
    dir: tempfile::TempDir,
}

impl Customer {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate, dir: tempfile::tempdir().unwrap() }
    }

    /// Writes a new certificate and key, dated `second`.
    fn issue(&self, second: u64, with_authority: bool) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &self.issuer).unwrap();
        let above = if with_authority { self.certificate.pem() } else { String::new() };
        for (name, text) in [("cert.pem", leaf.pem() + &above), ("key.pem", key.serialize_pem())] {
            let path = self.dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(second)).unwrap();
        }
        leaf.der().to_vec()
    }

    fn open(&self) -> anyhow::Result<Shown> {
        let config =
            TlsConfig { certificate_file: Some("cert.pem".into()), key_file: Some("key.pem".into()) };
        Shown::open(self.dir.path(), &config, Vec::new())
    }
}

fn shown(shown: &Shown) -> Vec<u8> {
    shown.current.read().unwrap().cert[0].to_vec()
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let customer = Customer::new();
    let first = customer.issue(1, true);
    let open = customer.open().unwrap();
    assert_eq!(open.ca_spki_sha256, sha256_hex(&customer.issuer.key().subject_public_key_info()));
    assert_eq!(shown(&open), first);
    assert!(!open.refresh().unwrap());
    let second = customer.issue(2, true);
    assert!(open.refresh().unwrap());
    assert_eq!(shown(&open), second);
    assert!(Arc::new(open).acceptor().is_ok());
}

#[test]
fn what_is_no_good_is_said_and_the_old_one_stays() {
    let customer = Customer::new();
    let first = customer.issue(1, true);
    let open = customer.open().unwrap();
    customer.issue(2, false);
    assert!(open.refresh().unwrap_err().to_string().contains("holds no authority"));
    assert_eq!(shown(&open), first);
    assert!(!open.refresh().unwrap(), "it is said once");
    // A key of another certificate.
    customer.issue(3, true);
    std::fs::write(customer.dir.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem())
        .unwrap();
    assert!(open.refresh().is_err());
    assert_eq!(shown(&open), first);
}

#[test]
fn half_a_configuration_is_none() {
    let customer = Customer::new();
    let config = TlsConfig { certificate_file: Some("cert.pem".into()), key_file: None };
    let error = Shown::open(customer.dir.path(), &config, Vec::new()).unwrap_err();
    assert!(error.to_string().contains("both"), "{error}");
    assert!(customer.open().unwrap_err().to_string().contains("cert.pem"));
}

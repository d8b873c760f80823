//! An authority of the collector's own, made once, and certificates it signs for the names of the listener. Agents pin
//! the authority's key by its hash in the join string.
// SPDX-License-Identifier: Apache-2.0

use super::Chain;
use anyhow::Context as _;
use cairn_schemas::digest::sha256_hex;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::Write as _;
use std::path::Path;

/// File of the authority's key in the data directory; whoever has it can stand in for the collector.
const KEY_FILE: &str = "tls/authority-key.pem";

/// The authority of a data directory.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

impl Authority {
    /// Reads the authority's key, making it when it is new.
    ///
    /// # Errors
    /// The key cannot be read, made or kept.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(KEY_FILE);
        let key = match std::fs::read_to_string(&path) {
            Ok(pem) => {
                KeyPair::from_pem(&pem).with_context(|| format!("reading the key {}", path.display()))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => made(&path)?,
            Err(error) => return Err(error).with_context(|| format!("reading the key {}", path.display())),
        };
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "Cairn collector authority");
        let certificate = params.self_signed(&key).context("signing the authority's certificate")?;
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// SHA-256 of the authority's SubjectPublicKeyInfo, as join strings carry it.
    #[must_use]
    pub fn spki_sha256(&self) -> String {
        sha256_hex(&self.issuer.key().subject_public_key_info())
    }

    /// A certificate for a listener known under some names and addresses.
    ///
    /// # Errors
    /// A name is no DNS name.
    pub(super) fn certify(&self, names: Vec<String>) -> anyhow::Result<Chain> {
        let key = KeyPair::generate().context("making the listener's key")?;
        let params = CertificateParams::new(names).context("naming the listener")?;
        let leaf = params.signed_by(&key, &self.issuer).context("signing the listener's certificate")?;
        let certificates = vec![leaf.der().clone(), self.certificate.der().clone()];
        Ok(Chain { certificates, key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())) })
    }
}

fn made(path: &Path) -> anyhow::Result<KeyPair> {
    let key = KeyPair::generate().context("making the authority's key")?;
    let kept = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(key.serialize_pem().as_bytes())?;
        file.sync_all()
    };
    kept().with_context(|| format!("keeping the authority's key in {}", path.display()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_stays_the_same_and_its_key_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = Authority::open(dir.path()).unwrap().spki_sha256();
        let again = Authority::open(dir.path()).unwrap();
        assert_eq!(again.spki_sha256(), first);
        let chain = again.certify(vec!["collector.example".into(), "127.0.0.1".into()]).unwrap();
        assert_eq!(chain.authority_spki_sha256().unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

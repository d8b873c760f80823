//! TLS of a listener: a certificate of the collector's own authority, or the customer's from files, which are looked
//! at again while it runs. Either way agents pin the authority's key by its hash in the join string.
// SPDX-License-Identifier: Apache-2.0

mod authority;
mod spki;

pub use authority::Authority;

use crate::config::TlsConfig;
use anyhow::Context as _;
use cairn_schemas::digest::sha256_hex;
use rustls::ServerConfig;
use rustls::crypto::ring::{Ticketer, default_provider, sign::any_supported_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;

/// A certificate with those above it, the authority's last, and its key.
struct Chain {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Chain {
    /// Reads PEM files.
    fn read(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let named = |path: &Path| format!("reading {}", path.display());
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(certificate).with_context(|| named(certificate))?.collect();
        let key = PrivateKeyDer::from_pem_file(key).with_context(|| named(key))?;
        let chain = Self { certificates: certificates.with_context(|| named(certificate))?, key };
        anyhow::ensure!(
            chain.certificates.len() > 1,
            "{} holds no authority: append the certificates above the listener's, the authority's last; agents know it by its key",
            certificate.display()
        );
        Ok(chain)
    }

    /// SHA-256 of the authority's SubjectPublicKeyInfo, as join strings carry it.
    fn authority_spki_sha256(&self) -> anyhow::Result<String> {
        let authority = self.certificates.last().context("a chain of no certificate")?;
        Ok(sha256_hex(spki::of(authority).context("the authority's certificate is none of X.509")?))
    }

    fn certified(self) -> anyhow::Result<CertifiedKey> {
        let key = any_supported_type(&self.key).context("taking the listener's key")?;
        let certified = CertifiedKey::new(self.certificates, key);
        certified.keys_match().context("the key is not that of the certificate")?;
        Ok(certified)
    }
}

/// What a listener shows; replaced while it runs when its files change.
pub struct Shown {
    current: RwLock<Arc<CertifiedKey>>,
    files: Option<Files>,
    /// What join strings pin.
    pub ca_spki_sha256: String,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    read_at: RwLock<Option<[SystemTime; 2]>>,
}

impl Files {
    fn changed_at(&self) -> Option<[SystemTime; 2]> {
        let at = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        Some([at(&self.certificate)?, at(&self.key)?])
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({})", self.ca_spki_sha256)
    }
}

impl Shown {
    /// The customer's certificate if the configuration names one, else one of the collector's own authority.
    ///
    /// # Errors
    /// A file cannot be read or does not hold what it should; a name is no DNS name.
    pub fn open(data_dir: &Path, config: &TlsConfig, names: Vec<String>) -> anyhow::Result<Self> {
        let files = match (&config.certificate_file, &config.key_file) {
            (Some(certificate), Some(key)) => {
                let (certificate, key) = (data_dir.join(certificate), data_dir.join(key));
                Some(Files { certificate, key, read_at: RwLock::default() })
            }
            (None, None) => None,
            _ => anyhow::bail!("[tls] needs both certificate_file and key_file"),
        };
        let chain = match &files {
            Some(files) => Chain::read(&files.certificate, &files.key)?,
            None => Authority::open(data_dir)?.certify(names)?,
        };
        let ca_spki_sha256 = chain.authority_spki_sha256()?;
        if let Some(files) = &files {
            *files.read_at.write().unwrap_or_else(PoisonError::into_inner) = files.changed_at();
        }
        Ok(Self { current: RwLock::new(Arc::new(chain.certified()?)), files, ca_spki_sha256 })
    }

    /// Takes files that have changed; the ones shown stay if the new ones are no good. Whether they were taken.
    ///
    /// # Errors
    /// They cannot be used; a changed authority is taken, and said, since agents that pin the old one stay away.
    pub fn refresh(&self) -> anyhow::Result<bool> {
        let Some(files) = &self.files else { return Ok(false) };
        let changed_at = files.changed_at();
        if changed_at == *files.read_at.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(false);
        }
        // Remembered first: a pair that is no good is said once, not at each look.
        *files.read_at.write().unwrap_or_else(PoisonError::into_inner) = changed_at;
        let chain = Chain::read(&files.certificate, &files.key)?;
        let pin = chain.authority_spki_sha256()?;
        if pin != self.ca_spki_sha256 {
            tracing::error!(
                old = self.ca_spki_sha256,
                new = pin,
                "the listener's authority has changed: agents that know the old one stay away until it is in their ca_file"
            );
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(chain.certified()?);
        Ok(true)
    }

    /// TLS that shows whatever is current.
    ///
    /// # Errors
    /// The TLS library refuses its own defaults.
    pub fn acceptor(self: &Arc<Self>) -> anyhow::Result<TlsAcceptor> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .context("choosing TLS versions")?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        // Ten thousand agents come back every quarter of an hour: a ticket costs them and us a third of a handshake.
        config.ticketer = Ticketer::new().context("making session tickets")?;
        config.send_tls13_tickets = 1;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
#[path = "tls/tls_tests.rs"]
mod tests;

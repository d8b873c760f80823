//! TLS that trusts one authority: the one whose public key the join string names. Which certificate carries
//! that key is learned from the chain the collector presents. Besides it, only what the host's administrator puts
//! into a file: a customer's own authority, or that of a proxy that opens TLS.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::digest::{sha256, unhex};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;

/// A client configuration for the authority with this hash, and for those in a PEM file; without either, nobody is
/// trusted.
pub(super) fn config(ca_spki_sha256: Option<&str>, ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let pin = match ca_spki_sha256 {
        None => None,
        Some(hex) => Some(unhex(hex).and_then(|b| b.try_into().ok()).ok_or("the pin is not a SHA-256")?),
    };
    let further = ca_file.map(authorities).transpose()?.unwrap_or_default();
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(PinnedAuthority { pin, further, provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// The certificates of a PEM file.
fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |why: &dyn std::fmt::Display| format!("ca_file {}: {why}", file.display());
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))?.collect();
    let found = found.map_err(|error| wrong(&error))?;
    if found.is_empty() { Err(wrong(&"holds no certificate")) } else { Ok(found) }
}

#[derive(Debug)]
struct PinnedAuthority {
    pin: Option<[u8; 32]>,
    /// Trusted whatever their keys.
    further: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl PinnedAuthority {
    /// The presented certificate whose key is the pinned one, and what the administrator trusts besides.
    fn roots(&self, presented: &[CertificateDer<'_>]) -> Option<RootCertStore> {
        let pinned = presented.iter().find_map(|certificate| {
            let mut roots = RootCertStore::empty();
            roots.add(certificate.clone().into_owned()).ok()?;
            let spki = der_sequence(&roots.roots.first()?.subject_public_key_info);
            (Some(sha256(&spki)) == self.pin).then_some(roots)
        });
        let mut roots = pinned.unwrap_or_else(RootCertStore::empty);
        roots.add_parsable_certificates(self.further.iter().cloned());
        (!roots.is_empty()).then_some(roots)
    }
}

/// Puts back the SEQUENCE around a SubjectPublicKeyInfo, which trust anchors are kept without.
fn der_sequence(content: &[u8]) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    const LONG_FORM: u8 = 0x80;
    let mut der = vec![SEQUENCE];
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    if content.len() >= usize::from(LONG_FORM) {
        der.push(LONG_FORM | significant.len() as u8);
    }
    der.extend_from_slice(if content.is_empty() { &[0] } else { significant });
    der.extend_from_slice(content);
    der
}

impl ServerCertVerifier for PinnedAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let roots = self.roots(intermediates).ok_or_else(unknown)?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;

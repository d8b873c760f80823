//! The key a collector signs evidence with: Ed25519, made once, kept in the data directory. The listener's authority
//! has a key of its own: whoever may sign evidence cannot stand in for the collector.
// SPDX-License-Identifier: Apache-2.0

use anyhow::Context as _;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::io::Write as _;
use std::path::Path;

/// File of the key in the data directory, PKCS #8.
const KEY_FILE: &str = "evidence/signing-key.pk8";

/// The key of a data directory.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads the key, making it when it is new.
    ///
    /// # Errors
    /// It cannot be read, made or kept.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(KEY_FILE);
        let document = match std::fs::read(&path) {
            Ok(document) => document,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => made(&path)
                .with_context(|| format!("making the key evidence is signed with, {}", path.display()))?,
            Err(error) => return Err(error).with_context(|| format!("reading the key {}", path.display())),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&document);
        Ok(Self(pair.map_err(|why| anyhow::anyhow!("{} holds no Ed25519 key: {why}", path.display()))?))
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

fn made(path: &Path) -> anyhow::Result<Vec<u8>> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(document.as_ref())?;
    file.sync_all()?;
    Ok(document.as_ref().to_vec())
}

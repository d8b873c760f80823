//! Who this agent is: a key made on the host, an identity from enrolment, and a fingerprint that shows clones
//! without naming the machine. Secrets are neither printed nor logged.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;
use crate::rotation;
use crate::spool::Signer;
use cairn_schemas::batch::SIGNATURE_BYTES;
use cairn_schemas::digest::{hex, sha256_hex};
use cairn_schemas::enrolment::MoveRequest;
use cairn_schemas::identity::AgentId;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const IDENTITY_FILE: &str = "identity.json";
const KEY_FILE: &str = "key.pk8";
/// A key that is about to take the place of the one in use.
const NEW_KEY_FILE: &str = "key.new";
const OWNER_ONLY: u32 = 0o600;
const OWNER_ONLY_DIRECTORY: u32 = 0o700;
/// What the machine id is hashed for; another program's hash of it cannot be linked with ours.
const FINGERPRINT_PURPOSE: &[u8] = b"cairn-agent fingerprint 1";

/// Why there is no usable identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Nobody has enrolled this agent.
    #[error("not enrolled: no {}; run `cairn-agent enroll --join-file FILE`", .0.display())]
    NotEnrolled(PathBuf),
    /// A file of the identity is unreadable or unwritable.
    #[error("{what} {}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file of the identity does not hold what it should.
    #[error("{} is damaged: {why}; restore it, or remove the data directory and enrol anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
}

/// What enrolment gave: where to send, as whom, and whom to trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Address of the collector, without a trailing slash.
    pub url: String,
    /// The engagement it enrolled us in.
    pub engagement: String,
    /// Our identity there.
    pub agent_id: AgentId,
    /// SHA-256 of the authority's SubjectPublicKeyInfo; none for `http://` on loopback.
    pub ca_spki_sha256: Option<String>,
    /// Fingerprint of the machine it was given to; none where it was not kept yet.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// The request of a copy to be known, until the collector has taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<MoveRequest>,
}

impl Identity {
    /// Reads the identity of a data directory.
    ///
    /// # Errors
    /// Not enrolled, unreadable or damaged.
    pub fn load(data: &Path) -> Result<Self, IdentityError> {
        let path = data.join(IDENTITY_FILE);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(IdentityError::NotEnrolled(path));
            }
            Err(source) => return Err(IdentityError::File { what: "cannot read", path, source }),
            Ok(bytes) => bytes,
        };
        serde_json::from_slice(&bytes).map_err(|why| IdentityError::Damaged { path, why: why.to_string() })
    }

    /// Keeps the identity in a data directory.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn store(&self, data: &Path) -> Result<(), IdentityError> {
        let path = data.join(IDENTITY_FILE);
        let json = serde_json::to_vec_pretty(self)
            .map_err(|why| IdentityError::Damaged { path: path.clone(), why: why.to_string() })?;
        write_private(data, IDENTITY_FILE, &json)
    }
}

/// The agent's Ed25519 key; the private half never leaves the host.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public_hex())
    }
}

impl SigningKey {
    /// Reads the key of a data directory, or makes one. One that was to take its place has done so.
    ///
    /// # Errors
    /// Unreadable, unwritable or damaged.
    pub fn load_or_make(data: &Path) -> Result<Self, IdentityError> {
        rotation::finish(data)?;
        Self::load(data, KEY_FILE)?.map_or_else(|| Self::make(data, KEY_FILE), Ok)
    }

    /// Makes another key beside the one in use.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn make_beside(data: &Path) -> Result<Self, IdentityError> {
        Self::make(data, NEW_KEY_FILE)
    }

    /// The key that was made beside the one in use, if there is one.
    ///
    /// # Errors
    /// Unreadable or damaged.
    pub fn beside(data: &Path) -> Result<Option<Self>, IdentityError> {
        Self::load(data, NEW_KEY_FILE)
    }

    /// Removes it.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn discard_beside(data: &Path) -> Result<(), IdentityError> {
        let path = data.join(NEW_KEY_FILE);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(IdentityError::File { what: "cannot remove", path, source })
            }
            _ => Ok(()),
        }
    }

    /// Puts the key made beside in the place of the one in use, if it is the one named; else nothing is to be done.
    ///
    /// # Errors
    /// The directory cannot be read or written.
    pub fn adopt(data: &Path, public_hex: &str) -> Result<(), IdentityError> {
        let beside = Self::beside(data)?;
        if beside.is_none_or(|key| key.public_hex() != public_hex) {
            return Ok(());
        }
        let path = data.join(KEY_FILE);
        let adopted = std::fs::rename(data.join(NEW_KEY_FILE), &path)
            .and_then(|()| std::fs::File::open(data)?.sync_all());
        adopted.map_err(|source| IdentityError::File { what: "cannot replace", path, source })
    }

    fn load(data: &Path, name: &str) -> Result<Option<Self>, IdentityError> {
        let path = data.join(name);
        let pkcs8 = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(IdentityError::File { what: "cannot read", path, source }),
        };
        Ed25519KeyPair::from_pkcs8(&pkcs8)
            .map(|key| Some(Self(key)))
            .map_err(|why| IdentityError::Damaged { path, why: why.to_string() })
    }

    fn make(data: &Path, name: &str) -> Result<Self, IdentityError> {
        let made =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| IdentityError::NoRandom)?;
        write_private(data, name, made.as_ref())?;
        Ed25519KeyPair::from_pkcs8(made.as_ref())
            .map(Self)
            .map_err(|why| IdentityError::Damaged { path: data.join(name), why: why.to_string() })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The public half, 64 hexadecimal digits.
    #[must_use]
    pub fn public_hex(&self) -> String {
        hex(self.public())
    }
}

/// Whether a signature is of these bytes and by the key.
#[must_use]
pub fn verify(public_key: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(bytes, signature).is_ok()
}

impl Signer for SigningKey {
    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.0.sign(bytes).as_ref());
        signature
    }

    fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        verify(self.public(), bytes, signature)
    }
}

/// A hash that is the same as long as the machine is, and different on a copy that was given a new machine id or
/// runs on another make of machine. Only of what anybody may read: it must not depend on who asks.
#[must_use]
pub fn fingerprint(root: &Root) -> String {
    let sources = ["etc/machine-id", "sys/class/dmi/id/sys_vendor", "sys/class/dmi/id/product_name"];
    let hashes: Vec<String> = sources
        .iter()
        .map(|source| {
            let secret = root.text(source).unwrap_or_default();
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            hex(hmac::sign(&key, FINGERPRINT_PURPOSE).as_ref())
        })
        .collect();
    sha256_hex(hashes.concat().as_bytes())
}

/// Sixteen bytes nobody can guess.
///
/// # Errors
/// The system gives none.
pub fn random_bytes() -> Result<[u8; 16], IdentityError> {
    let random = ring::rand::generate::<[u8; 16]>(&SystemRandom::new());
    random.map(ring::rand::Random::expose).map_err(|_| IdentityError::NoRandom)
}

/// Makes the data directory, for its owner alone.
///
/// # Errors
/// It cannot be made.
pub fn make_data_directory(data: &Path) -> Result<(), IdentityError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(OWNER_ONLY_DIRECTORY).create(data);
    made.map_err(|source| IdentityError::File { what: "cannot create", path: data.to_owned(), source })
}

/// Root that enrols in the agent's name leaves files the agent can read: those of a directory are its owner's.
fn give_to_owner(data: &Path, file: &std::fs::File) -> io::Result<()> {
    let owner = std::fs::metadata(data)?;
    if rustix::process::geteuid().is_root() && owner.uid() != 0 {
        std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

/// Makes or replaces a file of a data directory, whole and for its owner alone.
pub(crate) fn write_private(data: &Path, name: &str, bytes: &[u8]) -> Result<(), IdentityError> {
    let (temporary, path) = (data.join(format!("{name}.tmp")), data.join(name));
    let write = || {
        // A left-over of a crash may have another mode.
        let _ = std::fs::remove_file(&temporary);
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&temporary)?;
        give_to_owner(data, &file)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, &path)?;
        std::fs::File::open(data)?.sync_all()
    };
    write().map_err(|source| IdentityError::File { what: "cannot write", path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_and_private() {
        let data = tempfile::tempdir().unwrap();
        let key = SigningKey::load_or_make(data.path()).unwrap();
        assert_eq!(SigningKey::load_or_make(data.path()).unwrap().public_hex(), key.public_hex());
        let mode = data.path().join(KEY_FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
        let public = cairn_schemas::digest::unhex(&key.public_hex()).unwrap();
        let verifier = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
        assert!(verifier.verify(b"batch", &key.sign(b"batch")).is_ok());
    }

    #[test]
    fn an_identity_comes_back_and_its_absence_is_told() {
        let data = tempfile::tempdir().unwrap();
        assert!(matches!(Identity::load(data.path()), Err(IdentityError::NotEnrolled(_))));
        let identity = Identity {
            url: "https://collector:8443".into(),
            engagement: "default".into(),
            agent_id: AgentId::v4([3; 16]),
            ca_spki_sha256: Some("ab".repeat(32)),
            fingerprint: Some("f".into()),
            moved: None,
        };
        identity.store(data.path()).unwrap();
        assert_eq!(Identity::load(data.path()).unwrap(), identity);
    }

    #[test]
    fn the_fingerprint_hides_the_machine_id_and_follows_it() {
        let tree = tempfile::tempdir().unwrap();
        std::fs::create_dir(tree.path().join("etc")).unwrap();
        let of = |id: &str| {
            std::fs::write(tree.path().join("etc/machine-id"), id).unwrap();
            fingerprint(&Root::new(tree.path()))
        };
        let (a, b) = (of("0123456789abcdef0123456789abcdef"), of("0123456789abcdef0123456789abcdee"));
        assert!(a != b && a.len() == 64 && !a.contains("0123456789abcdef0123"));
    }
}

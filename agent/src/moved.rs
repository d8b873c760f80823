//! A copy of a machine gets an identity of its own. When this host is not the one the identity was given to (it was
//! copied into a virtual machine, say, and its source may still run), the copy takes a new key, a new id and a new
//! spool, signed for with the old key, before it measures anything: the two are told apart and no slot is lost.
// SPDX-License-Identifier: Apache-2.0

use crate::identity::{Identity, IdentityError, SigningKey, fingerprint, random_bytes};
use crate::inventory;
use crate::root::Root;
use crate::slot::OpenMinute;
use crate::spool::{Signer as _, SystemDisk};
use cairn_schemas::digest::hex;
use cairn_schemas::enrolment::MoveRequest;
use cairn_schemas::identity::AgentId;
use cairn_schemas::time::Timestamp;
use std::path::{Path, PathBuf};

/// Begin of the name of a directory of batches that an earlier self had sealed and not delivered.
const INHERITED: &str = "inherited-";

/// The identity as it holds on this host: as it was, or that of a copy. `spool` is the directory of the spool.
///
/// Every step may be the last before a crash: the spool is put aside first, then the key of the copy is made beside
/// the old one, then the identity names it, and only then it takes the old key's place.
///
/// # Errors
/// The data directory cannot be read or written.
pub fn settle(data: &Path, spool: &Path, root: &Root, now: Timestamp) -> Result<Identity, IdentityError> {
    let mut identity = Identity::load(data)?;
    if let Some(request) = &identity.moved {
        SigningKey::adopt(data, &request.public_key)?;
    }
    let here = fingerprint(root);
    match &identity.fingerprint {
        Some(there) if *there == here => return Ok(identity),
        // Enrolled before fingerprints were kept: this is where it lives.
        None => {
            identity.fingerprint = Some(here);
            identity.store(data)?;
            return Ok(identity);
        }
        Some(_) => {}
    }
    put_aside(data, spool, identity.agent_id)?;
    // What the source was in the middle of is the source's.
    let _ = OpenMinute::take(&mut SystemDisk, data);
    let request = request(data, &identity, root, here.clone(), now)?;
    tracing::warn!(from = %request.from, to = %request.to, "this is a copy of another machine; it gets an identity of its own");
    let public_key = request.public_key.clone();
    let moved = Identity { agent_id: request.to, fingerprint: Some(here), moved: Some(request), ..identity };
    moved.store(data)?;
    SigningKey::adopt(data, &public_key)?;
    Ok(moved)
}

/// The old key signs for the new one, once.
fn request(
    data: &Path,
    identity: &Identity,
    root: &Root,
    fingerprint: String,
    now: Timestamp,
) -> Result<MoveRequest, IdentityError> {
    let [random @ .., _, _, _, _, _, _] = random_bytes()?;
    // Before another is made beside it: that may be one which was to take its place.
    let key = SigningKey::load_or_make(data)?;
    let mut request = MoveRequest {
        from: identity.agent_id,
        to: AgentId::v7(u64::try_from(now.0).unwrap_or(0) * 1_000, random),
        public_key: SigningKey::make_beside(data)?.public_hex(),
        hostname: inventory::hostname(root),
        fingerprint,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        at: now,
        signature: String::new(),
    };
    request.signature = hex(&key.sign(&request.signed()));
    Ok(request)
}

fn put_aside(data: &Path, spool: &Path, from: AgentId) -> Result<(), IdentityError> {
    let aside = data.join(format!("{INHERITED}{from}"));
    if aside.exists() || !spool.exists() {
        return Ok(());
    }
    let moved = std::fs::rename(spool, &aside);
    moved.map_err(|source| IdentityError::File { what: "cannot put aside", path: spool.to_owned(), source })
}

/// Batches an earlier self had sealed and not delivered, by directory and number. They are the source's own, sealed
/// under its identity: whoever delivers them first, they count once.
#[must_use]
pub fn inherited(data: &Path) -> Vec<PathBuf> {
    let mut batches: Vec<PathBuf> = directories(data)
        .iter()
        .filter_map(|directory| std::fs::read_dir(directory).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "batch"))
        .collect();
    batches.sort();
    batches
}

/// Directories of batches of earlier selves.
#[must_use]
pub fn directories(data: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(data) else { return Vec::new() };
    let ours = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(INHERITED);
    entries.flatten().filter(|entry| ours(&entry.file_name())).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::digest::unhex;
    use ring::signature::{ED25519, UnparsedPublicKey};

    const NOW: Timestamp = Timestamp(1_795_622_400);

    struct Machine {
        data: tempfile::TempDir,
        tree: tempfile::TempDir,
    }

    impl Machine {
        fn enrolled() -> Self {
            let machine = Self { data: tempfile::tempdir().unwrap(), tree: tempfile::tempdir().unwrap() };
            machine.becomes("PowerEdge R740");
            SigningKey::load_or_make(machine.data.path()).unwrap();
            let identity = Identity {
                url: "https://collector:8443".into(),
                engagement: "default".into(),
                agent_id: AgentId::v4([3; 16]),
                ca_spki_sha256: Some("ab".repeat(32)),
                fingerprint: Some(fingerprint(&machine.root())),
                moved: None,
            };
            identity.store(machine.data.path()).unwrap();
            std::fs::create_dir(machine.spool()).unwrap();
            std::fs::write(machine.spool().join("00000000000000000007.batch"), "sealed").unwrap();
            machine
        }

        fn becomes(&self, product: &str) {
            let dmi = self.tree.path().join("sys/class/dmi/id");
            std::fs::create_dir_all(&dmi).unwrap();
            std::fs::write(dmi.join("product_name"), product).unwrap();
        }

        fn root(&self) -> Root {
            Root::new(self.tree.path())
        }

        fn spool(&self) -> PathBuf {
            self.data.path().join("spool")
        }

        fn settle(&self) -> Identity {
            settle(self.data.path(), &self.spool(), &self.root(), NOW).unwrap()
        }

        fn key(&self) -> String {
            SigningKey::load_or_make(self.data.path()).unwrap().public_hex()
        }
    }

    #[test]
    fn a_machine_that_stays_keeps_everything() {
        let machine = Machine::enrolled();
        let (before, key) = (Identity::load(machine.data.path()).unwrap(), machine.key());
        assert_eq!(machine.settle(), before);
        assert_eq!(machine.key(), key);
        assert!(machine.spool().exists() && inherited(machine.data.path()).is_empty());
        // One that was enrolled before fingerprints were kept stays as well.
        Identity { fingerprint: None, ..before.clone() }.store(machine.data.path()).unwrap();
        assert_eq!(machine.settle(), before);
    }

    #[test]
    fn a_copy_gets_an_identity_of_its_own_signed_for_by_the_old_key() {
        let machine = Machine::enrolled();
        let old_key = machine.key();
        machine.becomes("VMware Virtual Platform");
        let moved = machine.settle();
        let request = moved.moved.clone().unwrap();
        assert_eq!((request.from, request.to), (AgentId::v4([3; 16]), moved.agent_id));
        assert_ne!(request.from, request.to);
        assert_eq!(machine.key(), request.public_key, "the new key has taken the old one's place");
        let signature = unhex(&request.signature).unwrap();
        let verifier = UnparsedPublicKey::new(&ED25519, unhex(&old_key).unwrap());
        assert!(verifier.verify(&request.signed(), &signature).is_ok());
        assert!(!machine.spool().exists() && inherited(machine.data.path()).len() == 1);
        assert_eq!(machine.settle(), moved, "it moves once");
    }

    #[test]
    fn a_crash_between_two_steps_is_mended() {
        let machine = Machine::enrolled();
        machine.becomes("VMware Virtual Platform");
        // After the spool was put aside and the key made.
        put_aside(machine.data.path(), &machine.spool(), AgentId::v4([3; 16])).unwrap();
        SigningKey::make_beside(machine.data.path()).unwrap();
        let moved = machine.settle();
        assert_eq!(machine.key(), moved.moved.unwrap().public_key);
        assert_eq!(inherited(machine.data.path()).len(), 1);
        // After the identity was written, before the key took its place.
        let machine = Machine::enrolled();
        let old = std::fs::read(machine.data.path().join("key.pk8")).unwrap();
        machine.becomes("VMware Virtual Platform");
        let moved = machine.settle();
        let new = std::fs::read(machine.data.path().join("key.pk8")).unwrap();
        std::fs::write(machine.data.path().join("key.new"), new).unwrap();
        std::fs::write(machine.data.path().join("key.pk8"), old).unwrap();
        assert_eq!(machine.settle(), moved);
        assert_eq!(machine.key(), moved.moved.unwrap().public_key);
    }
}

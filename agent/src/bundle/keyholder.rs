//! As whom a host without a network collects: as enrolled, or under a key and an identity made here, which
//! nobody vouches for until a person has compared the key.
// SPDX-License-Identifier: Apache-2.0

use crate::identity::{
    Identity, IdentityError, SigningKey, make_data_directory, random_bytes, write_private,
};
use cairn_schemas::identity::{AgentId, Id128};
use cairn_schemas::time::Timestamp;
use std::io;
use std::path::{Path, PathBuf};

/// Where the identity of a host that never met a collector lives: enrolling later leaves it alone.
const LOCAL_DIRECTORY: &str = "collect";
const AGENT_ID_FILE: &str = "agent_id";

/// Who signs, and where its files are.
#[derive(Debug)]
pub(super) struct Keyholder {
    pub(super) agent_id: AgentId,
    /// The engagement, for an enrolled agent.
    pub(super) engagement: Option<String>,
    /// Its key and spool are here.
    pub(super) directory: PathBuf,
}

impl Keyholder {
    /// The enrolled agent, or the one made here. A bundle that is continued decides: `writer` began it.
    pub(super) fn load_or_make(
        data: &Path,
        writer: Option<AgentId>,
        now: Timestamp,
    ) -> Result<Self, IdentityError> {
        let enrolled = match Identity::load(data) {
            Ok(identity) => Some(identity),
            Err(IdentityError::NotEnrolled(_)) => None,
            Err(error) => return Err(error),
        };
        match enrolled.filter(|identity| writer.is_none_or(|writer| writer == identity.agent_id)) {
            Some(identity) => Ok(Self {
                agent_id: identity.agent_id,
                engagement: Some(identity.engagement),
                directory: data.to_owned(),
            }),
            None => Self::local(data.join(LOCAL_DIRECTORY), now),
        }
    }

    fn local(directory: PathBuf, now: Timestamp) -> Result<Self, IdentityError> {
        make_data_directory(&directory)?;
        let path = directory.join(AGENT_ID_FILE);
        let agent_id = match std::fs::read_to_string(&path) {
            Ok(text) => Id128::parse(text.trim())
                .ok_or_else(|| IdentityError::Damaged { path, why: format!("{text:?} is no identity") })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let [random @ .., _, _, _, _, _, _] = random_bytes()?;
                let made = Id128::v7(now.0.max(0).unsigned_abs() * 1_000, random);
                write_private(&directory, AGENT_ID_FILE, format!("{made}\n").as_bytes())?;
                made
            }
            Err(source) => return Err(IdentityError::File { what: "cannot read", path, source }),
        };
        Ok(Self { agent_id, engagement: None, directory })
    }

    /// Its key, made when it has none yet.
    pub(super) fn key(&self) -> Result<SigningKey, IdentityError> {
        SigningKey::load_or_make(&self.directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_764_082_800);

    #[test]
    fn an_identity_made_here_stays_and_yields_to_enrolment() {
        let data = tempfile::tempdir().unwrap();
        let made = Keyholder::load_or_make(data.path(), None, NOW).unwrap();
        assert_eq!(made.agent_id.to_string().as_bytes()[14], b'7');
        let again = Keyholder::load_or_make(data.path(), None, NOW).unwrap();
        let key = |holder: &Keyholder| holder.key().unwrap().public_hex();
        assert_eq!((again.agent_id, key(&again)), (made.agent_id, key(&made)));

        let identity = Identity {
            url: "https://collector:8443".into(),
            engagement: "default".into(),
            agent_id: AgentId::v4([3; 16]),
            ca_spki_sha256: None,
            fingerprint: None,
            moved: None,
        };
        identity.store(data.path()).unwrap();
        let enrolled = Keyholder::load_or_make(data.path(), None, NOW).unwrap();
        assert_eq!((enrolled.agent_id, enrolled.engagement.as_deref()), (identity.agent_id, Some("default")));
        assert_ne!(key(&enrolled), key(&made));
        let continued = Keyholder::load_or_make(data.path(), Some(made.agent_id), NOW).unwrap();
        assert_eq!((continued.agent_id, continued.engagement), (made.agent_id, None));
    }
}

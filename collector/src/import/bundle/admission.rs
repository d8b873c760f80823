//! Whose bundle it is, and whether this engagement takes it: an agent keeps its engagement and its key, and one
//! that nobody enrolled is registered with the key it brings.
// SPDX-License-Identifier: Apache-2.0

use super::super::problem::quoted;
use super::{Context, Fault, ImportError, Kind};
use crate::engagements::SharedStore;
use crate::store::{Agent, KeyEpochs, RegisteredBy, Store, StoreError};
use cairn_schemas::bundle::{Header, KEY_BYTES, key_fingerprint};
use cairn_schemas::digest::sha256_hex;
use cairn_schemas::identity::AgentId;

/// Longest host name kept, as at enrolment.
const HOSTNAME_CHARS_MAX: usize = 255;
/// Digits by which a key can be expected: fewer could be met by a key made to match.
const EXPECTED_DIGITS: std::ops::RangeInclusive<usize> = 20..=64;

/// A bundle that may be read into a store.
pub(super) struct Admission {
    pub(super) store: SharedStore,
    pub(super) server: String,
    /// Whether the server is measured by other sources as well.
    pub(super) is_shared: bool,
    /// Why its key is believed, or that nobody vouches for it.
    pub(super) trust: &'static str,
}

/// The key a person expects: the short form `cairn-agent collect` prints, or more digits of the key's SHA-256.
///
/// # Errors
/// It is not that.
pub fn expected_key(text: &str) -> Result<String, String> {
    let digits = text.trim().replace('-', "").to_ascii_lowercase();
    if EXPECTED_DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(digits);
    }
    Err("give the key as `cairn-agent collect` printed it: five groups of four digits".to_owned())
}

/// Finds or registers the agent of a bundle.
pub(super) fn admit(
    header: &Header,
    key: &[u8; KEY_BYTES],
    file: &str,
    context: &Context<'_>,
) -> Result<Result<Admission, Fault>, ImportError> {
    let refused = |why: String| Ok(Err(Fault::new(Kind::File, why)));
    let (id, here, shown) = (header.agent_id, context.store.engagement(), key_fingerprint(key));
    let digest = sha256_hex(key);
    let is_expected = context.expect_keys.iter().any(|expected| digest.starts_with(expected.as_str()));
    if !context.expect_keys.is_empty() && !is_expected {
        return refused(format!("its key is {shown}, which was not expected; nothing of it is taken"));
    }
    let trust = match context.engagements.agent(id)? {
        Some((store, agent)) if agent.public_key != key && !had(&*store, id, key)? => {
            let known = key_fingerprint(&agent.public_key);
            return refused(format!(
                "agent {id} is known with key {known}, not {shown}; somebody else signed it"
            ));
        }
        Some((store, _)) if store.engagement() != here => {
            let other = store.engagement().as_str();
            return refused(format!(
                "agent {id} belongs to engagement {other}; import it with --engagement {other}"
            ));
        }
        Some((_, agent)) if agent.revoked_at.is_some() => {
            return refused(format!("agent {id} was revoked; nothing of it is taken"));
        }
        Some(_) if is_expected => "as expected",
        Some((_, agent)) => match agent.registered_by {
            RegisteredBy::Token | RegisteredBy::Move { .. } => "of an agent that is enrolled here",
            RegisteredBy::Bundle => "the same as in the bundle its agent was registered by",
        },
        None => match header.engagement.as_deref().filter(|engagement| *engagement != here.as_str()) {
            Some(other) => {
                let other = quoted(other);
                return refused(format!(
                    "it was collected for engagement {other}, this is {}",
                    here.as_str()
                ));
            }
            None if !register(header, key, file, is_expected, context)? => {
                return refused(format!("key {shown} belongs to another agent of this engagement"));
            }
            None if is_expected => "as expected; its agent is registered",
            None => {
                "nobody vouches for it; compare it with what `cairn-agent collect` printed, or give --expect-key"
            }
        },
    };
    let store = context.engagements.store(here)?;
    let (own, others): (Vec<_>, Vec<_>) =
        store.sources()?.into_iter().partition(|source| source.key == id.to_string());
    let server = own.into_iter().next().map_or_else(|| header.hostname.clone(), |source| source.server);
    let is_shared = others.iter().any(|source| source.server == server);
    Ok(Ok(Admission { store, server, is_shared, trust }))
}

/// Whether a key was that agent's once: what it sealed with it counts, and the store knows up to where that is.
fn had(store: &dyn Store, id: AgentId, key: &[u8; KEY_BYTES]) -> Result<bool, StoreError> {
    Ok(store.retired_keys(id)?.iter().any(|retired| retired.public_key == key))
}

/// Keeps the agent with the key its bundle brings; `false` when the key is another agent's.
fn register(
    header: &Header,
    key: &[u8; KEY_BYTES],
    file: &str,
    is_expected: bool,
    context: &Context<'_>,
) -> Result<bool, StoreError> {
    let bounded = header.hostname.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let hostname: String = bounded.take(HOSTNAME_CHARS_MAX).collect();
    let agent = Agent {
        id: header.agent_id,
        source: 0,
        public_key: key.to_vec(),
        key_epochs: KeyEpochs::default(),
        hostname: if hostname.trim().is_empty() { header.agent_id.to_string() } else { hostname },
        fingerprint: header.fingerprint.clone(),
        version: header.agent_version.clone(),
        registered_by: RegisteredBy::Bundle,
        enrolled_at: context.now,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
    };
    let vouched = if is_expected { "expected by who imported it" } else { "for which nobody vouched" };
    let what = format!(
        "agent {} of {} registered by bundle {} with key {}, {vouched}",
        agent.id,
        agent.hostname.escape_debug(),
        file.escape_debug(),
        key_fingerprint(key)
    );
    context.store.register(&agent, "import", &what, context.now)
}

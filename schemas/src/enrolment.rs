//! Enrolment and acknowledgement: the JSON around the binary batches, and the join string.
// SPDX-License-Identifier: Apache-2.0

use crate::directives::Directives;
use crate::identity::{AgentId, SpoolId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A join string taken apart: `https://host:port#<token_id>.<secret>#sha256:<CA SPKI>`.
///
/// The last part pins the collector's authority and is required unless the address is `http://` on
/// loopback, which the collector offers for trying things out on one machine.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinString {
    /// `https://host:port`, without a trailing slash.
    pub url: String,
    /// Public part of the token.
    pub token_id: String,
    /// Secret part; never logged, never in argv.
    pub secret: String,
    /// SHA-256 of the authority's SubjectPublicKeyInfo, 64 hexadecimal digits.
    pub ca_spki_sha256: Option<String>,
}

impl std::fmt::Debug for JoinString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JoinString {{ url: {:?}, token_id: {:?}, secret: *** }}", self.url, self.token_id)
    }
}

impl std::fmt::Display for JoinString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}.{}", self.url, self.token_id, self.secret)?;
        self.ca_spki_sha256.as_ref().map_or(Ok(()), |spki| write!(f, "#sha256:{spki}"))
    }
}

impl JoinString {
    /// Whether an address is plain HTTP on loopback.
    #[must_use]
    pub fn is_loopback(url: &str) -> bool {
        ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"].iter().any(|start| url.starts_with(start))
    }

    /// Takes a join string apart.
    ///
    /// # Errors
    /// What is wrong with it, without repeating the secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.trim().split('#');
        let url = parts.next().unwrap_or_default().trim_end_matches('/').to_owned();
        let token = parts.next().ok_or("join string has no token after '#'")?;
        let (token_id, secret) = token.split_once('.').ok_or("token is not <id>.<secret>")?;
        let ca_spki_sha256 = match parts.next().map(|pin| pin.strip_prefix("sha256:")) {
            None => None,
            Some(Some(pin)) if pin.len() == 64 && pin.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Some(pin.to_lowercase())
            }
            Some(_) => return Err("pin is not sha256: and 64 hexadecimal digits".into()),
        };
        match (url.starts_with("https://"), Self::is_loopback(&url)) {
            (true, _) if ca_spki_sha256.is_none() => {
                return Err("join string for https has no #sha256: pin".into());
            }
            (true, _) | (_, true) => {}
            _ => return Err(format!("{url:?} is neither https nor http on loopback")),
        }
        if token_id.is_empty() || secret.is_empty() || parts.next().is_some() {
            return Err("join string is not <url>#<id>.<secret>#sha256:<pin>".into());
        }
        Ok(Self { url, token_id: token_id.to_owned(), secret: secret.to_owned(), ca_spki_sha256 })
    }
}

/// `POST /v1/enroll`, asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// Public part of the token.
    pub token_id: String,
    /// Secret part of the token.
    pub secret: String,
    /// The agent's Ed25519 public key, 64 hexadecimal digits; the private key never leaves the host.
    pub public_key: String,
    /// Host name, for people.
    pub hostname: String,
    /// Hash of machine id, DMI UUID and the like: shows clones, identifies nobody.
    pub fingerprint: String,
    /// Agent version.
    pub agent_version: String,
}

/// `POST /v1/enroll`, answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrolReply {
    /// The agent's identity from now on.
    pub agent_id: AgentId,
    /// The engagement it belongs to.
    pub engagement: String,
    /// The collector's clock.
    pub server_time: Timestamp,
}

/// `POST /v1/batches`, answered with 200: everything up to `ack_through` is on disk here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The spool this speaks of.
    pub spool_id: SpoolId,
    /// Highest number up to which nothing is missing; the agent may forget these.
    pub ack_through: u64,
    /// Numbers above `ack_through` that have arrived already are not listed; these have not, and are below
    /// the highest one seen. At most 64 of them.
    pub missing: Vec<u64>,
    /// Whether the batch just sent was known already.
    pub duplicate: bool,
    /// The collector's clock.
    pub server_time: Timestamp,
    /// Seconds until the collector wants the next upload.
    pub next_upload_in_s: u32,
    /// Version of the directives the agent should hold.
    pub directives_version: u64,
    /// The directives themselves; none where nobody ever gave any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directives: Option<Directives>,
}

/// `POST /v1/move`: an agent that finds itself on another machine asks for an identity of its own, signed for with
/// the key of the one it was copied from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRequest {
    /// Whose copy it is.
    pub from: AgentId,
    /// The identity it has taken.
    pub to: AgentId,
    /// Its Ed25519 public key, 64 hexadecimal digits.
    pub public_key: String,
    /// Host name, for people.
    pub hostname: String,
    /// Fingerprint of the machine it is on.
    pub fingerprint: String,
    /// Agent version.
    pub agent_version: String,
    /// When it found out, by its clock.
    pub at: Timestamp,
    /// Signature of [`MoveRequest::signed`] with the key of `from`, 128 hexadecimal digits.
    pub signature: String,
}

impl MoveRequest {
    /// The bytes that are signed: everything but the signature.
    #[must_use]
    pub fn signed(&self) -> Vec<u8> {
        let Self { from, to, public_key, hostname, fingerprint, agent_version, at, signature: _ } = self;
        format!("cairn move {from} {to} {public_key} {fingerprint} {agent_version:?} {} {hostname:?}", at.0)
            .into_bytes()
    }
}

/// `POST /v1/rotate`: an agent that was asked to has made another key, and shows that it has both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateRequest {
    /// Whose key it is.
    pub agent_id: AgentId,
    /// Which of its keys the new one is; the one it enrolled with is 0.
    pub epoch: u64,
    /// The Ed25519 public key it has, 64 hexadecimal digits.
    pub retired_key: String,
    /// The one that is to take its place, likewise.
    pub public_key: String,
    /// Signature of [`RotateRequest::signed`] with the key it has, 128 hexadecimal digits.
    pub signature: String,
    /// The same with the new key: whoever asks for it has it.
    pub proof: String,
}

impl RotateRequest {
    /// The bytes that both keys sign: everything but the signatures.
    #[must_use]
    pub fn signed(&self) -> Vec<u8> {
        let Self { agent_id, epoch, retired_key, public_key, signature: _, proof: _ } = self;
        format!("cairn rotate {agent_id} {epoch} {retired_key} {public_key}").into_bytes()
    }
}

/// `POST /v1/leave`: an agent that is being uninstalled asks that its identity be revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveRequest {
    /// Who leaves.
    pub agent_id: AgentId,
    /// When, by its clock; a recorded request does not hold for ever.
    pub at: Timestamp,
    /// Its Ed25519 signature of [`LeaveRequest::signed`], 128 hexadecimal digits.
    pub signature: String,
}

impl LeaveRequest {
    /// The bytes that are signed.
    #[must_use]
    pub fn signed(agent_id: AgentId, at: Timestamp) -> Vec<u8> {
        format!("cairn leave {agent_id} {}", at.0).into_bytes()
    }
}

/// An error of the collector, RFC 9457 problem+json.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code: `urn:cairn:problem:batch-corrupt`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line for people.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What was tried, why it failed, what to do.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_strings_go_apart_and_together() {
        let text = format!("https://collector.example:8443#k3.s3cret#sha256:{}", "ab".repeat(32));
        let join = JoinString::parse(&text).unwrap();
        assert_eq!((join.token_id.as_str(), join.secret.as_str()), ("k3", "s3cret"));
        assert_eq!(join.to_string(), text);
        assert!(!format!("{join:?}").contains("s3cret"));
        assert!(JoinString::parse("http://127.0.0.1:8080#a.b").is_ok());
    }

    #[test]
    fn unsafe_join_strings_are_refused() {
        for (text, why) in [
            ("https://h:1#a.b", "no #sha256"),
            ("http://h:1#a.b", "neither https"),
            ("https://h:1", "no token"),
            ("https://h:1#ab#sha256:00", "<id>.<secret>"),
            ("https://h:1#a.b#sha256:00", "64 hexadecimal"),
        ] {
            let error = JoinString::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}

//! The bundle: a file that carries sealed batches where no network goes. It is written as it grows, so that what
//! is there at any moment can be used, and signed at its end, so that nothing can be taken out or moved unseen.
//!
//! Layout: header statement · sealed batches as they are, one behind the other · end statement. A statement,
//! little endian: magic (8) · bytes of the JSON (4) · JSON · Ed25519 signature of all that precedes (64).
//! The header names the agent and its key; the end signs how many batches there are and the hash chain over
//! them, and repeats the header, so that damage at the beginning does not cost the rest: `c(0) = sha256(header statement)`, `c(n) = sha256(c(n-1) · sha256(sealed batch n))`.
// SPDX-License-Identifier: Apache-2.0

use crate::batch::SIGNATURE_BYTES;
use crate::digest::{hex, sha256, unhex};
use crate::identity::{AgentId, SpoolId};
use crate::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

mod reader;
pub use reader::{Entry, Piece, Reader, Verdict};

/// First bytes of a bundle and of its header; the digit is the version of the layout.
pub const MAGIC: [u8; 8] = *b"CAIRNC1\n";
/// First bytes of the end statement.
pub const END_MAGIC: [u8; 8] = *b"CAIRNE1\n";
/// Largest JSON of a statement.
pub const STATEMENT_JSON_BYTES_MAX: usize = 16 << 10;
/// Largest bundle anybody reads: a year of a very large server.
pub const BUNDLE_BYTES_MAX: u64 = 4 << 30;
/// Bytes of an Ed25519 public key.
pub const KEY_BYTES: usize = 32;

const HEAD_BYTES: usize = 12;
const STATEMENT_BYTES_MAX: usize = HEAD_BYTES + STATEMENT_JSON_BYTES_MAX + SIGNATURE_BYTES;
/// Digits of a short form: 80 bits, more than anybody can make a second key for.
const SHORT_DIGITS: usize = 20;

/// Says whether a signature is of these bytes and by this key: `(key, bytes, signature)`.
pub type Verify = fn(&[u8; KEY_BYTES], &[u8], &[u8]) -> bool;

/// Who wrote the bundle. Its signature proves that the key is the writer's, not that anybody knows the writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The agent: from enrolment, or made on the host where nobody has enrolled it.
    pub agent_id: AgentId,
    /// The spool its batches were sealed in.
    pub spool_id: SpoolId,
    /// Ed25519 public key, 64 hexadecimal digits.
    pub public_key: String,
    /// Host name: for people, and hostile input.
    pub hostname: String,
    /// Hash of machine id, DMI UUID and the like, as at enrolment.
    pub fingerprint: String,
    /// Agent version.
    pub agent_version: String,
    /// The engagement the agent is enrolled in; `None` for one that never met a collector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement: Option<String>,
    /// When the collection began, by the host's clock.
    pub started_at: Timestamp,
}

/// Why the writer signed the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The time that was asked for has passed.
    Finished,
    /// It was stopped earlier, and may be continued.
    Stopped,
}

/// What stands in a bundle, signed at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The header once more.
    pub header: Header,
    /// Number of batches.
    pub batches: u64,
    /// Hash chain over header and batches, 64 hexadecimal digits.
    pub chain: String,
    /// Why it ends.
    pub ending: Ending,
    /// When it was signed, by the host's clock.
    pub ended_at: Timestamp,
}

/// What a bundle can be refused for as a whole.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It does not begin like a bundle of a version this program knows.
    #[error("not a bundle of version 1")]
    Magic,
    /// The header is damaged: it is not known whose batches these are.
    #[error("header damaged: {0}")]
    Header(String),
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
}

/// The hash chain over what a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    head: [u8; 32],
    batches: u64,
}

impl Chain {
    /// The chain of a bundle that has only its header statement.
    #[must_use]
    pub fn new(header_statement: &[u8]) -> Self {
        Self { head: sha256(header_statement), batches: 0 }
    }

    /// Adds the next sealed batch.
    pub fn push(&mut self, sealed: &[u8]) {
        let link = [self.head, sha256(sealed)].concat();
        (self.head, self.batches) = (sha256(&link), self.batches + 1);
    }

    /// Batches so far.
    #[must_use]
    pub const fn batches(&self) -> u64 {
        self.batches
    }

    /// The chain so far, 64 hexadecimal digits.
    #[must_use]
    pub fn digits(&self) -> String {
        hex(&self.head)
    }
}

/// Writes a statement: [`MAGIC`] with a [`Header`], or [`END_MAGIC`] with an [`End`]; `sign` signs the bytes
/// given to it.
///
/// # Errors
/// It is larger than the limit.
pub fn statement(
    magic: [u8; 8],
    says: &impl Serialize,
    sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_BYTES],
) -> Result<Vec<u8>, String> {
    let json = serde_json::to_vec(says).map_err(|error| error.to_string())?;
    if json.len() > STATEMENT_JSON_BYTES_MAX {
        return Err(format!("statement of {} bytes is too large", json.len()));
    }
    let mut bytes = [&magic[..], &(json.len() as u32).to_le_bytes(), &json].concat();
    let signature = sign(&bytes);
    bytes.extend_from_slice(&signature);
    Ok(bytes)
}

/// The statement `bytes` begin with: what it says, and its parts. Its signature is still to be verified.
fn read_statement<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Statement<'_>), String> {
    let short = || format!("cut short after {} bytes", bytes.len());
    let length = bytes.get(8..HEAD_BYTES).ok_or_else(short)?;
    let length = length.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    if length > STATEMENT_JSON_BYTES_MAX {
        return Err(format!("says that it is {length} bytes long"));
    }
    let signed = bytes.get(..HEAD_BYTES + length).ok_or_else(short)?;
    let signature = bytes.get(signed.len()..signed.len() + SIGNATURE_BYTES).ok_or_else(short)?;
    // What does not parse may be hostile: its text is not repeated.
    let says =
        serde_json::from_slice(&signed[HEAD_BYTES..]).map_err(|_| "its JSON is not that of a statement")?;
    Ok((says, Statement { signed, signature }))
}

struct Statement<'a> {
    signed: &'a [u8],
    signature: &'a [u8],
}

impl Statement<'_> {
    const fn bytes(&self) -> usize {
        self.signed.len() + self.signature.len()
    }
}

/// The short form of a key, for people to compare: groups of digits of its hash.
#[must_use]
pub fn key_fingerprint(public_key: &[u8]) -> String {
    short(&hex(&sha256(public_key)))
}

/// The short form of a hash: 20 digits in groups of four.
#[must_use]
pub fn short(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().take(SHORT_DIGITS).collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The public key of a text of 64 hexadecimal digits.
#[must_use]
pub fn parse_key(digits: &str) -> Option<[u8; KEY_BYTES]> {
    unhex(digits)?.try_into().ok()
}

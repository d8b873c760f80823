//! Evidence: a signed file with all that an assessment was computed from, with which anybody computes it again, byte
//! for byte. It is no bundle of an agent: that one carries measurements, this one an assessment and its input.
//!
//! Layout: [`MAGIC`] · the manifest as one line of JSON · the signature as one line of hexadecimal digits · the parts,
//! each a zstd frame, in the manifest's order. The Ed25519 signature is of magic and manifest; the manifest holds the
//! SHA-256 of each part, packed and unpacked, so that no byte of the file is left out.
// SPDX-License-Identifier: Apache-2.0

mod compare;
mod keep;
mod key;
mod read;
mod recompute;
mod write;

pub use compare::{Difference, differences};
pub use keep::{ensure_kept, keep, kept};
pub use key::SigningKey;
pub use read::{Opened, open};
pub use recompute::{Outcome, recompute};
pub use write::{EvidenceError, Inputs, write};

use cairn_schemas::digest::sha256_hex;
use cairn_schemas::time::Timestamp;
use serde::{Deserialize, Serialize};

/// First line of the file; the digit is the version of the layout.
pub const MAGIC: &[u8] = b"CAIRN EVIDENCE 1\n";
/// Largest manifest line.
pub const MANIFEST_BYTES_MAX: usize = 16 << 10;
/// The parts in their order, and how large each may be when it is unpacked: the estate is that of a few thousand
/// servers over a year, and what an assessment may be in a store.
pub const PARTS: [(&str, u64); 3] =
    [("estate.json", 2 << 30), ("policy.json", 1 << 20), ("assessment.json", 1 << 30)];
/// Largest file anybody reads.
pub const FILE_BYTES_MAX: u64 = 1 << 30;

/// What the file holds, and what its signature is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The engagement.
    pub engagement: String,
    /// Number of the assessment in it.
    pub assessment: u64,
    /// The moment it was made for.
    pub moment: Timestamp,
    /// Version of the program that made it.
    pub tool_version: String,
    /// Version of the method.
    pub method_version: String,
    /// Ed25519 public key that signs, 64 hexadecimal digits.
    pub public_key: String,
    /// The parts, as in [`PARTS`].
    pub parts: Vec<Part>,
}

/// One part of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name, as in [`PARTS`].
    pub name: String,
    /// Bytes of the JSON.
    pub bytes: u64,
    /// SHA-256 of the JSON.
    pub sha256: String,
    /// Bytes of the zstd frame.
    pub packed_bytes: u64,
    /// SHA-256 of the zstd frame.
    pub packed_sha256: String,
}

/// What a key is known by: the SHA-256 of its 32 bytes.
#[must_use]
pub fn fingerprint(public_key: &[u8]) -> String {
    sha256_hex(public_key)
}

#[cfg(test)]
#[path = "evidence/evidence_tests.rs"]
mod tests;

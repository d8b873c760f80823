//! Who sends: 128-bit identities, written as UUID text. Random numbers come from the caller.
// SPDX-License-Identifier: Apache-2.0

use crate::digest::{hex, unhex};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A 128-bit identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id128(pub [u8; 16]);

/// The identity an agent receives at enrolment (UUIDv7).
pub type AgentId = Id128;

/// The identity of a spool directory, new with each directory (UUIDv4).
pub type SpoolId = Id128;

impl Id128 {
    /// A UUIDv7 from a moment in milliseconds and ten random bytes (RFC 9562 5.7).
    #[must_use]
    pub fn v7(unix_ms: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&unix_ms.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Self(bytes)
    }

    /// A UUIDv4 from sixteen random bytes (RFC 9562 5.4).
    #[must_use]
    pub fn v4(mut random: [u8; 16]) -> Self {
        random[6] = 0x40 | (random[6] & 0x0f);
        random[8] = 0x80 | (random[8] & 0x3f);
        Self(random)
    }

    /// Parses UUID text, hyphens optional.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex(&text.replace('-', "")).and_then(|bytes| bytes.try_into().ok()).map(Self)
    }
}

impl std::fmt::Display for Id128 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let h = hex(&self.0);
        write!(f, "{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }
}

impl Serialize for Id128 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id128 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("not a UUID: {text:?}")))
    }
}

/// The key of a batch: who, from which spool, which number. Its sha256 is its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchKey {
    /// The agent.
    pub agent_id: AgentId,
    /// The spool directory it was sealed in.
    pub spool_id: SpoolId,
    /// Its number there, from 1.
    pub seq: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = Id128::v7(1_764_082_800_000, [7; 10]);
        assert_eq!(Id128::parse(&id.to_string()), Some(id));
        assert_eq!(id.to_string().as_bytes()[14], b'7');
        assert_eq!(Id128::v4([0xff; 16]).to_string().as_bytes()[14], b'4');
        assert_eq!(Id128::parse("not-a-uuid"), None);
    }
}

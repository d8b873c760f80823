//! The keys of an agent: the one it signs with, and those it had before. A retired key is good until its successor has
//! been used, since nobody knows before whether the agent has heard that it was taken; after that it is good for what
//! was sealed before, and for nothing else.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::time::Timestamp;

/// Which of its keys an agent signs with and which it should, counted from 0, the one it enrolled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyEpochs {
    /// The one it signs with.
    pub current: u64,
    /// The one it is asked to sign with; above `current` until it has made another.
    pub asked: u64,
}

/// Another key takes the place of an agent's own. Both have signed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Whose.
    pub agent: AgentId,
    /// Which of its keys the new one is.
    pub epoch: u64,
    /// The key it has.
    pub from: Vec<u8>,
    /// The key it is to have.
    pub to: Vec<u8>,
}

/// What became of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The new key is in its place.
    Changed,
    /// It was done already.
    Known,
    /// It does not follow on the key the agent has here, or the new key is another agent's, or was once.
    Unfit,
}

/// A key that another has taken the place of. It stays known, so that it is nobody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredKey {
    /// Ed25519 public key.
    pub public_key: Vec<u8>,
    /// Which of its agent's keys it was.
    pub epoch: u64,
    /// Since when.
    pub retired_at: Timestamp,
    /// Where a later key was first used, and the lowest number there that is signed with one: an agent seals in order,
    /// so that below it is whatever this key sealed.
    pub succeeded: Option<(SpoolId, u64)>,
}

impl RetiredKey {
    /// Whether it may still speak for its agent.
    #[must_use]
    pub const fn speaks(&self) -> bool {
        self.succeeded.is_none()
    }

    /// Whether it can have sealed the batch of a number.
    #[must_use]
    pub fn sealed(&self, spool: SpoolId, seq: u64) -> bool {
        self.succeeded.is_none_or(|(known, before)| spool == known && seq < before)
    }
}

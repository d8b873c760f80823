//! How much work a plan is worth.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Serialize};

/// How long plans are improved, in steps and not in seconds, so that the same input gives the same plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackingPolicy {
    /// Moves of the local search per server to place. It ends sooner when it reaches the bound.
    pub search_steps_per_server: u64,
    /// The same for a trial, of which only the number of hosts is read: an assessment makes hundreds, and most
    /// of what the search saves it saves with its first moves.
    pub trial_steps_per_server: u64,
}

impl Default for PackingPolicy {
    fn default() -> Self {
        Self { search_steps_per_server: 2_000, trial_steps_per_server: 200 }
    }
}

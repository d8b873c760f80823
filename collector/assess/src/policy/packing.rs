//! How much work a plan is worth, and what it is the best in.
// SPDX-License-Identifier: Apache-2.0

use serde::{Deserialize, Serialize};

/// How long plans are improved, in steps and not in seconds, so that the same input gives the same plan; and what
/// for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackingPolicy {
    /// Moves of the local search per server to place. It ends sooner when it reaches the bound.
    pub search_steps_per_server: u64,
    /// The same for a trial, of which only the number of hosts is read: an assessment makes hundreds, and most
    /// of what the search saves it saves with its first moves.
    pub trial_steps_per_server: u64,
    /// What templates of a catalogue are chosen for.
    pub objective: Objective,
}

/// What a plan on a catalogue of host templates is the best in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Least money for hosts; of equal cost the fewest of them.
    #[default]
    LowestCost,
    /// Fewest hosts; of as many the cheapest.
    FewestHosts,
}

impl Default for PackingPolicy {
    fn default() -> Self {
        Self { search_steps_per_server: 2_000, trial_steps_per_server: 200, objective: Objective::default() }
    }
}

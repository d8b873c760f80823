//! What moves together, and in which order.
// SPDX-License-Identifier: Apache-2.0

use super::Policy;
use cairn_schemas::assessment::{Constant, Range};
use serde::{Deserialize, Serialize};

/// What moves together, and in which order. The weights are *ours*: no peer publishes its own (Azure Migrate weighs
/// complexity, criticality, readiness, effort and value, and does not say how).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WavesPolicy {
    /// Most servers of a wave (*ours*: what a team moves in a few change windows); a larger group is one of its own.
    pub servers_max: usize,
    /// Facts whose equal value ties servers together: text facts and tags. `dr_pair` ties to the server it names.
    pub ties: Vec<String>,
    /// Weight of the readiness score in the ease of a move.
    pub readiness_weight: f64,
    /// Weight of ownership.
    pub ownership_weight: f64,
    /// Weight of safety: criticality, environment, failover cluster.
    pub safety_weight: f64,
}

impl Default for WavesPolicy {
    fn default() -> Self {
        Self {
            servers_max: 25,
            ties: ["cluster", "affinity", "dr_pair", "application", "tag.move_group"]
                .map(str::to_owned)
                .to_vec(),
            readiness_weight: 0.5,
            ownership_weight: 0.3,
            safety_weight: 0.2,
        }
    }
}

impl WavesPolicy {
    /// The weights as they are published, each with who says so.
    #[must_use]
    pub fn published(&self, policy: &Policy) -> Vec<Constant> {
        let standard = Self::default();
        let weight = |id: &str, value: f64, usual: f64| {
            let (source, date) = if value == usual {
                ("ours; no peer publishes its weights".to_owned(), "2026-11".to_owned())
            } else {
                (format!("policy {}", policy.name), policy.version.clone())
            };
            let value = Range { low: value, base: value, high: value };
            Constant { id: format!("waves.{id}"), value, unit: "1".into(), source, date }
        };
        vec![
            weight("readiness_weight", self.readiness_weight, standard.readiness_weight),
            weight("ownership_weight", self.ownership_weight, standard.ownership_weight),
            weight("safety_weight", self.safety_weight, standard.safety_weight),
        ]
    }
}

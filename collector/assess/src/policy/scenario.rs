//! Scenarios: what a plan beside the policy's own changes of it.
// SPDX-License-Identifier: Apache-2.0

use super::HostTemplate;
use cairn_schemas::assessment::CellMethod;
use serde::{Deserialize, Serialize};

/// A scenario: what it changes of the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioPolicy {
    /// Its name.
    pub name: String,
    /// CPU, disk and network limit.
    pub cpu_ratio: f64,
    /// Memory limit.
    pub memory_ratio: f64,
    /// Growth.
    pub growth_ratio: f64,
    /// Cells; the policy's own when not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<CellMethod>,
    /// Host failures every cluster survives; the policy's own when not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<usize>,
    /// Host template; the policy's own when not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<HostTemplate>,
}

impl ScenarioPolicy {
    /// Conservative and aggressive beside the policy's own, which is the balanced one (*ours*).
    #[must_use]
    pub fn standard() -> Vec<Self> {
        let scenario = |name: &str, cpu_ratio, memory_ratio, growth_ratio| Self {
            name: name.into(),
            cpu_ratio,
            memory_ratio,
            growth_ratio,
            cells: None,
            failures: None,
            template: None,
        };
        vec![scenario("conservative", 0.70, 0.75, 0.30), scenario("aggressive", 0.90, 0.92, 0.10)]
    }
}

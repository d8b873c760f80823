//! What is promised in money: what a server costs a year until it goes, and what its share of the new hosts costs.
// SPDX-License-Identifier: Apache-2.0

use super::StepKind;
use crate::assessment::Range;
use serde::{Deserialize, Serialize};

/// What a server costs a year, in the currency of the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct RunningCost {
    /// Until it is powered off: energy, cooling and losses of the building.
    pub energy: Range,
    /// Until it is decommissioned: its place in the rack.
    pub space: Range,
    /// Until its last step: maintenance and licences that are known, or all of it where a person gave one figure.
    pub contract: Range,
}

impl RunningCost {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Range {
        self.energy.plus(self.space).plus(self.contract)
    }

    /// What is still paid after a step.
    #[must_use]
    pub fn after(&self, step: StepKind) -> Range {
        match step {
            StepKind::Planned | StepKind::Moved => self.total(),
            StepKind::PoweredOff => self.space.plus(self.contract),
            _ => self.contract,
        }
    }
}

/// What new hosts cost, failover hosts included, in the currency of the policy; `low` is the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct HostsCost {
    /// Once: their price.
    pub once: Range,
    /// Each year: energy, cooling and losses of the building, their place, maintenance and subscription.
    pub annual: Range,
}

impl HostsCost {
    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { once: self.once.plus(other.once), annual: self.annual.plus(other.annual) }
    }

    /// A part of it.
    #[must_use]
    pub fn part(self, ratio: f64) -> Self {
        Self { once: self.once.times(ratio), annual: self.annual.times(ratio) }
    }

    /// All that was paid for them after some years.
    #[must_use]
    pub fn after(self, years: f64) -> Range {
        self.once.plus(self.annual.times(years))
    }
}

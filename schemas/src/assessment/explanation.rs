//! Why a figure is what it is: formula, inputs, sample count, constants with their source.
// SPDX-License-Identifier: Apache-2.0

use super::outcome::Constant;
use serde::{Deserialize, Serialize};

/// A figure and its why. The id is its key in `figures`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Figure {
    /// The value; `None` when it cannot be said.
    pub value: Option<f64>,
    /// Unit; `1` for ratios.
    pub unit: String,
    /// Formula in ids of inputs and constants.
    pub formula: String,
    /// What went in.
    pub inputs: Vec<FigureInput>,
    /// Slots, servers or intervals behind it, where it is a statistic.
    pub samples: Option<u64>,
    /// Constants used.
    pub constants: Vec<Constant>,
    /// Section of the method that defines it, `7.8` say.
    pub method: String,
}

/// One input of a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct FigureInput {
    /// Id: of another figure, or a plain name.
    pub id: String,
    /// Its value.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
}

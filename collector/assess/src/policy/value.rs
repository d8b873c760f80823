//! Constants of the value, each with low, base and high, unit, source and date.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::Range;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Constants of the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValuePolicy {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Years looked at.
    pub years: u32,
    /// The constants, by name.
    pub constants: BTreeMap<String, ValueConstant>,
}

/// One constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueConstant {
    /// Low, base, high.
    pub value: Range,
    /// Unit.
    pub unit: String,
    /// Who says so.
    pub source: String,
    /// As of when.
    pub date: String,
}

impl Default for ValuePolicy {
    fn default() -> Self {
        Self { currency: "USD".into(), years: 5, constants: BTreeMap::new() }
    }
}

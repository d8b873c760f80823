//! Inventory as an agent reads it: facts of the catalogue, and what could not be read with its reason.
// SPDX-License-Identifier: Apache-2.0

use crate::fact::FactValue;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an agent knows of its host besides series. JSON of `cairn-agent inventory`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Inventory {
    /// Host name: an attribute, never a key, and hostile input wherever it is shown.
    pub hostname: String,
    /// Agent version.
    pub agent_version: String,
    /// When it was read.
    pub observed_at: Timestamp,
    /// Facts by catalogue name.
    pub facts: BTreeMap<String, FactValue>,
    /// Why a fact of the catalogue could not be read, by name. Missing is said, never guessed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<String, String>,
    /// Proof of what a fact says, by name: the file read and what stood there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, String>,
}

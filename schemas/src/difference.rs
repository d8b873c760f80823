//! Where the CMDB, agents and imports differ about a server, each difference with its reason.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Why something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// One machine under two names.
    SameServer,
    /// The CMDB has it; no agent and no import does.
    OnlyInCmdb,
    /// An agent runs on it; the CMDB does not have it.
    OnlyByAgent,
    /// It was imported; neither the CMDB nor an agent has it.
    OnlyByImport,
    /// Two origins say different things of one fact.
    Differs,
    /// Nobody has changed its record for long.
    StaleRecord,
    /// Its agent has sent nothing for long.
    SilentAgent,
}

impl Reason {
    /// Its word, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameServer => "same-server",
            Self::OnlyInCmdb => "only-in-cmdb",
            Self::OnlyByAgent => "only-by-agent",
            Self::OnlyByImport => "only-by-import",
            Self::Differs => "differs",
            Self::StaleRecord => "stale-record",
            Self::SilentAgent => "silent-agent",
        }
    }
}

/// What one origin says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// Who: `agent`, `cmdb NAME` and so on.
    pub origin: String,
    /// The server it says it of.
    pub server: String,
    /// What, in words.
    pub value: String,
    /// Where it stands.
    pub source: String,
    /// When it was seen or entered.
    pub observed_at: Timestamp,
    /// Whether the assessment goes by it.
    pub believed: bool,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Difference {
    /// The server.
    pub server: String,
    /// Why.
    pub reason: Reason,
    /// The other name of the same machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// The fact that differs, or that shows two names to be one machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// Days, of what is stale or silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// What each says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<Said>,
}

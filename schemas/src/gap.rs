//! Why a slot is missing. Every missing slot has one of these reasons; none is ever silent.
// SPDX-License-Identifier: Apache-2.0

use crate::time::Window;
use serde::{Deserialize, Serialize};

/// The reason of a missing stretch. The numbers travel; they are for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum GapReason {
    /// The agent was not running, the host was.
    AgentDown = 1,
    /// The host was not running.
    HostDown = 2,
    /// The spool was full: the oldest batches were dropped, or the disk refused.
    SpoolFull = 3,
    /// What was stored could not be read back.
    Corrupt = 4,
    /// A directive or a person had the agent rest: outside its measuring windows, say.
    Paused = 5,
    /// The host's clock jumped or stood in the future.
    ClockInvalid = 6,
    /// Before the source was first heard of.
    NeverEnrolled = 7,
    /// The minute the agent was in when it stopped.
    OpenMinute = 8,
    /// The collector refused the batch for good.
    CollectorRejected = 9,
    /// The source does not say (imports, and what has not arrived yet).
    NotReported = 10,
    /// The agent held back of itself: the host was starved, or the agent had used up what it may cost.
    HeldBack = 11,
}

impl GapReason {
    /// Every reason, by number.
    pub const ALL: [Self; 11] = [
        Self::AgentDown,
        Self::HostDown,
        Self::SpoolFull,
        Self::Corrupt,
        Self::Paused,
        Self::ClockInvalid,
        Self::NeverEnrolled,
        Self::OpenMinute,
        Self::CollectorRejected,
        Self::NotReported,
        Self::HeldBack,
    ];

    /// The reason of a number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as u8 == number)
    }

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentDown => "agent_down",
            Self::HostDown => "host_down",
            Self::SpoolFull => "spool_full",
            Self::Corrupt => "corrupt",
            Self::Paused => "paused",
            Self::ClockInvalid => "clock_invalid",
            Self::NeverEnrolled => "never_enrolled",
            Self::OpenMinute => "open_minute",
            Self::CollectorRejected => "collector_rejected",
            Self::NotReported => "not_reported",
            Self::HeldBack => "held_back",
        }
    }
}

/// A stretch without slots, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// When.
    pub window: Window,
    /// Why.
    pub reason: GapReason,
}

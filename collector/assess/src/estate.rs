//! The input: servers with their facts, their weeks of load and the gaps in them. Built by the collector
//! from the store; never changed here.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::Resource;
use cairn_schemas::decision::Decision;
use cairn_schemas::difference::Difference;
use cairn_schemas::fact::{self, Fact, Facts};
use cairn_schemas::gap::Gap;
use cairn_schemas::metric::Unit;
pub use cairn_schemas::moment::Moment;
use cairn_schemas::outcome::Register;
use cairn_schemas::time::{MINUTE_S, Timestamp, WEEK_S, Window};
use cairn_schemas::value_code::{Code, Coding};
use serde::{Deserialize, Serialize};

mod fault;
pub use fault::WINDOW_DAYS_MAX;

/// Five-minute intervals in a week.
pub const INTERVALS: usize = (WEEK_S / INTERVAL_S) as usize;
/// Seconds in a five-minute interval.
pub const INTERVAL_S: i64 = 5 * MINUTE_S;

/// Everything known of one engagement's servers in a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estate {
    /// The engagement.
    pub engagement: String,
    /// The stretch of time asked about; coverage is measured against all of it.
    pub window: Window,
    /// Servers, ascending by name, no name twice.
    pub servers: Vec<Server>,
    /// Business triggers people recorded, oldest first.
    pub triggers: Vec<RecordedTrigger>,
    /// Moments people recorded, oldest first.
    pub moments: Vec<Moment>,
    /// What people answered of the checklist.
    pub answers: Vec<Answer>,
    /// What was promised, and the steps by which it arrives.
    #[serde(default, skip_serializing_if = "Register::is_empty")]
    pub outcomes: Register,
}

/// One server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Its key.
    pub name: String,
    /// Whether it was made up by the simulated estate.
    pub simulated: bool,
    /// What is known besides series.
    pub facts: Facts,
    /// Decisions of people about it that nobody withdrew, ascending by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// Where the CMDB, agents and imports differ about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Its load, ascending by week; weeks without any slot are absent.
    pub weeks: Vec<Week>,
    /// Reported stretches without slots, ascending, not overlapping, inside the window.
    pub gaps: Vec<Gap>,
    /// First slot or gap ever heard of from it, the window aside.
    pub first_seen: Option<Timestamp>,
}

/// One week (Monday 00:00 UTC on) of a server: the mergeable summary the store keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// Its first moment.
    pub start: Timestamp,
    /// Valid slot seconds of each day, switched-off time included.
    pub covered_s: [u32; 7],
    /// Switched-off seconds of each day, part of the covered ones.
    pub off_s: [u32; 7],
    /// First and last moment covered by a valid slot, if any.
    pub span: Option<Window>,
    /// Load by resource, in the order of [`Resource::ALL`]; `None` where nothing was measured.
    pub loads: [Option<Load>; 4],
    /// What storage is sized by beside the bytes a second; `None` where nothing of it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageLoad>,
}

/// What one week asked of storage, beside the bytes a second of [`Load`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageLoad {
    /// Reads and writes a second: the largest five-minute mean of each hour, [`WEEK_HOURS`] of them, coded.
    pub operations_by_hour: Vec<Code>,
    /// Reads and writes completed.
    pub operations: u64,
    /// Reads among them.
    pub read_operations: u64,
    /// Bytes read and written.
    pub bytes: u64,
    /// Bytes read among them.
    pub read_bytes: u64,
    /// Operations whose time is known, and the microseconds they took together.
    pub timed_operations: u64,
    /// See [`Self::timed_operations`].
    pub busy_us: u64,
    /// Longest mean time of a slot's operations, in microseconds; 0 where none is known.
    pub latency_us_max: u64,
    /// Bytes in use on file systems when first and when last seen.
    pub used: Option<[Used; 2]>,
}

/// Bytes in use at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The moment.
    pub at: Timestamp,
    /// The bytes.
    pub bytes: u64,
}

/// Hours in a week.
pub const WEEK_HOURS: usize = 168;

/// How operations a second are coded.
#[must_use]
#[inline]
pub const fn operations_coding() -> Coding {
    Unit::PerSecond.coding()
}

/// One resource of one week.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Five-minute means, [`INTERVALS`] of them, coded; missing when off or not measured. A slot of five
    /// minutes or more stands in the interval it starts in, the larger one where two start in one, and in
    /// every further interval it covers at least half of. Narrower slots are averaged over the interval.
    /// CPU: busy ratio of the capacity held then. Memory: used, with swap in use. Disk: read and written.
    /// Network: the busier direction.
    pub five_minute: Vec<Code>,
    /// Slot means over valid powered-on slots: how often each code occurred, ascending by code. Memory is
    /// without swap here.
    pub counts: Vec<(Code, u32)>,
    /// Largest one-second reading, where the source knows it.
    pub max_1s: Option<Code>,
}

/// How the values of a resource are coded.
#[must_use]
#[inline]
pub const fn coding(resource: Resource) -> Coding {
    match resource {
        Resource::Cpu => Unit::Ratio.coding(),
        Resource::Memory => Unit::Bytes.coding(),
        Resource::Disk | Resource::Network => Unit::BytesPerSecond.coding(),
    }
}

/// A business trigger a person recorded: a refresh, a lease that ends, a room that is full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedTrigger {
    /// Phase it speaks for.
    pub phase: u8,
    /// `hardware-refresh`, `data-centre-consolidation`, `space-power-cooling`, or a person's own word.
    pub trigger: String,
    /// Who recorded it.
    pub by: String,
    /// As of when.
    pub on: Timestamp,
}

/// What a person answered to a point of the checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// One of [`crate::checklist::point_ids`].
    pub point: String,
    /// Yes or no.
    pub met: bool,
    /// Who answered.
    pub by: String,
    /// As of when.
    pub on: Timestamp,
    /// The evidence they named; may be empty.
    pub evidence: String,
}

impl Server {
    /// Whether it is a virtual machine or a container.
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        self.text("virtualization").is_some_and(|kind| !kind.eq_ignore_ascii_case("none"))
    }

    /// The fact that holds at the end of what is known.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        fact::latest(&self.facts, name)
    }

    /// A number among the facts.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.fact(name).and_then(|fact| fact.value.as_number())
    }

    /// A text among the facts, empty text counting as unknown.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fact(name).and_then(|fact| fact.value.as_text()).filter(|text| !text.is_empty())
    }

    /// A yes or no among the facts.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.fact(name).and_then(|fact| fact.value.as_bool())
    }
}

//! Looking after a store: how long what is kept, erasing for good, checking, backing up. Every store does it; the
//! table of what is kept how long stands here.
// SPDX-License-Identifier: Apache-2.0

use super::Result;
use cairn_schemas::time::{DAY_S, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::BTreeMap;
use std::path::Path;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// So many days.
    Days(u32),
    /// For ever.
    Forever,
}

impl Keep {
    /// The moment before which it is removed; `None`: never.
    #[must_use]
    pub fn before(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Days(days) => Some(Timestamp(now.0 - i64::from(days) * DAY_S)),
            Self::Forever => None,
        }
    }
}

impl std::fmt::Display for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days} days"),
            Self::Forever => f.write_str("for ever"),
        }
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Days(u32),
            Word(String),
        }
        match Text::deserialize(deserializer) {
            Ok(Text::Days(days)) if days >= DAYS_MIN => Ok(Self::Days(days)),
            Ok(Text::Word(word)) if word == "forever" => Ok(Self::Forever),
            _ => Err(de::Error::custom(format!("write a number of days from {DAYS_MIN} on, or \"forever\""))),
        }
    }
}

/// Fewest days anything is kept: a week, so that a typing error takes no more than that is worth.
const DAYS_MIN: u32 = 7;

/// A class of what is kept.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// Its name in `cairn.toml`.
    pub name: &'static str,
    /// What it is, and what goes when its time is over.
    pub what: &'static str,
    /// How long it is kept where nobody says otherwise.
    pub default: Keep,
    /// Why so long.
    pub reason: &'static str,
}

/// Every class, in the order it is applied. Issued and reviewed assessments, inventory and people's facts that
/// hold, recorded triggers, agents and directives have no end: they are what the rest is kept for.
pub const CLASSES: &[Class] = &[
    Class {
        name: "minutes",
        what: "day blocks: every slot as it was measured; whole weeks go, their summaries stay",
        default: Keep::Days(400),
        reason: "a year and a month-end, so that this quarter can be held against the same one last year",
    },
    Class {
        name: "weeks",
        what: "weekly summaries, from which assessments are made",
        default: Keep::Forever,
        reason: "a few kilobytes a server and week, and all that growth over years can be read from",
    },
    Class {
        name: "gaps",
        what: "stretches without slots, each with its reason",
        default: Keep::Forever,
        reason: "coverage of an old window has to say why something is missing",
    },
    Class {
        name: "facts",
        what: "facts that a later dated one has replaced",
        default: Keep::Forever,
        reason: "what a server was made of at the time explains its load of the time",
    },
    Class {
        name: "drafts",
        what: "assessments nobody reviewed, but for the latest",
        default: Keep::Days(90),
        reason: "a draft can be made again from what is kept; a quarter is as long as one is talked about",
    },
    Class {
        name: "inputs",
        what: "what drafts were computed from; with reviewed and issued assessments it stays",
        default: Keep::Days(14),
        reason: "a fortnight to review a draft, whatever is learnt meanwhile; it is most of what an assessment weighs",
    },
    Class {
        name: "quarantine",
        what: "batches that could not be read, as they came",
        default: Keep::Days(90),
        reason: "long enough to be looked into; the audit keeps that they came, and why they were not read",
    },
    Class {
        name: "received",
        what: "hashes of batches of agents that fell silent, but for the last 64 of each spool",
        default: Keep::Days(400),
        reason: "an agent that returns resends only what it was not told is here, which is the newest",
    },
    Class {
        name: "outbox",
        what: "bodies of messages that were delivered; that they were stays, so that none leaves twice",
        default: Keep::Days(400),
        reason: "the receiver has it; a year for settling who knew what when",
    },
    Class {
        name: "audit",
        what: "texts of the audit log; when, by whom, and the chain stay",
        default: Keep::Forever,
        reason: "who did what is asked for years later",
    },
];

/// How long each class is kept: `[retention]` of `cairn.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention(BTreeMap<String, Keep>);

impl Retention {
    /// How long a class is kept.
    #[must_use]
    pub fn of(&self, class: &Class) -> Keep {
        self.0.get(class.name).copied().unwrap_or(class.default)
    }

    /// The moment before which a class of [`CLASSES`] is removed.
    #[must_use]
    pub fn before(&self, name: &str, now: Timestamp) -> Option<Timestamp> {
        CLASSES.iter().find(|class| class.name == name).and_then(|class| self.of(class).before(now))
    }

    fn days(&self, name: &str) -> u32 {
        match CLASSES.iter().find(|class| class.name == name).map(|class| self.of(class)) {
            Some(Keep::Days(days)) => days,
            _ => u32::MAX,
        }
    }
}

impl<'de> Deserialize<'de> for Retention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let retention = Self(BTreeMap::deserialize(deserializer)?);
        let names: Vec<&str> = CLASSES.iter().map(|class| class.name).collect();
        if let Some(unknown) = retention.0.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(de::Error::custom(format!("no class {unknown:?}: there are {}", names.join(", "))));
        }
        for shorter in ["weeks", "gaps"] {
            if retention.days(shorter) < retention.days("minutes") {
                let why = format!("{shorter} must be kept as long as minutes: they say what those amount to");
                return Err(de::Error::custom(why));
            }
        }
        Ok(retention)
    }
}

/// What a retention removed, by class of [`CLASSES`]; classes with nothing to remove are not named.
pub type Removed = BTreeMap<&'static str, u64>;

/// What erasing a server took, or would take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// Rows removed, and texts taken out of rows that stay, by what they are.
    pub removed: BTreeMap<&'static str, u64>,
    /// Its agents, as text.
    pub agents: Vec<String>,
    /// Assessments nobody issued, removed whole: without the server they are not what was computed.
    pub drafts: Vec<u64>,
    /// Issued assessments that name it and stay, being immutable.
    pub issued_kept: Vec<u64>,
    /// Issued assessments that were removed because that was asked for.
    pub issued_removed: Vec<u64>,
    /// Assessments that stay, and lose what they were computed from, because it named it: nobody can compute them
    /// again from here.
    pub inputs_removed: Vec<u64>,
    /// Free texts of other servers that have its name among their words, and stay: a person decides.
    pub mentioned_by: Vec<String>,
    /// Whether every trace is out of the file and its log; `false` while somebody reads it.
    pub overwritten: bool,
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Its file, as it was named.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// When whoever made it means to delete it; `None`: nobody said.
    pub keep_until: Option<Timestamp>,
}

/// Something a check found wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What: `day block`, `audit line`.
    pub what: &'static str,
    /// Which: source and day, or a number.
    pub which: String,
    /// Why it is not sound.
    pub why: String,
}

/// What a check looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checkup {
    /// Schema version of the file.
    pub version: u32,
    /// How many of each were looked at.
    pub looked_at: BTreeMap<&'static str, u64>,
    /// What is wrong; empty: nothing.
    pub faults: Vec<Fault>,
}

/// Looking after a store. Part of [`super::Store`].
pub trait Care {
    /// Removes what is past its time, in one transaction, with one audit line; a rehearsal counts and removes
    /// nothing. Whatever an issued assessment can be recomputed from stays: within its window the weekly
    /// summaries, gaps and facts, and the minutes of weeks its window cuts or that several sources share.
    fn retain(&self, kept: &Retention, by: &str, now: Timestamp, rehearse: bool) -> Result<Removed>;
    /// When [`Care::retain`] last removed what was past its time.
    fn retained_at(&self) -> Result<Option<Timestamp>>;

    /// What erasing a server would take; `None` when nothing here is about it.
    fn erasable(&self, server: &str, with_issued: bool) -> Result<Option<Erasure>>;
    /// Erases all that is about a server, one transaction, and then every trace of it from the file and its log.
    /// `statement` makes the text a person keeps from what was taken; the audit keeps its hash, not its words.
    fn erase_server(
        &self,
        server: &str,
        with_issued: bool,
        by: &str,
        now: Timestamp,
        statement: &dyn Fn(&Erasure) -> String,
    ) -> Result<Option<(Erasure, String)>>;

    /// Writes a copy of all that is committed now into a new file; others may write meanwhile.
    fn copy_to(&self, file: &Path) -> Result<()>;
    /// Keeps that a backup was made.
    fn register_backup(&self, backup: &Backup, by: &str) -> Result<()>;
    /// Every backup made of this store, oldest first.
    fn backups(&self) -> Result<Vec<Backup>>;

    /// Looks whether all that is kept can be read and agrees; changes nothing. `thorough` recomputes every weekly
    /// summary instead of some.
    fn check(&self, thorough: bool) -> Result<Checkup>;
}

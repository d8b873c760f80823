//! The store of one engagement: the only place that keeps anything, and the seam behind which an engine can
//! change. Every implementation passes the tests of `store/contract_tests.rs`.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::estate::Week;
use cairn_schemas::assessment::{Assessment, Signature};
use cairn_schemas::directives::Directives;
use cairn_schemas::fact::{Fact, Facts};
use cairn_schemas::gap::Gap;
use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{Timestamp, Window};
use std::collections::BTreeMap;

pub mod admission;
pub mod care;
pub mod diary;
pub mod kept;
pub mod outcomes;
pub mod people;
pub mod register;
pub mod sqlite;
pub mod timetable;

mod arrival;
pub use arrival::{Appended, Compaction, Contents, Incoming, MergeStats};
mod codec;
mod day_block;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gap_set;
mod merge;
mod signing_key;
pub use signing_key::{KeyEpochs, RetiredKey, Rotated, Rotation};
mod week_block;
pub mod weight;

/// A store failed, and whether trying again can help.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused; the text says what was tried.
    #[error("{tried}: {source}")]
    Engine {
        /// What was tried.
        tried: String,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk is full: nothing was changed, the same call may succeed later.
    #[error("{0}: the disk is full; free space and try again")]
    Full(String),
    /// What was stored cannot be read back.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The file is of a newer version than this program.
    #[error("the store is of schema version {found}, this program knows up to {known}; use a newer program")]
    Newer {
        /// Version of the file.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// An issued assessment cannot be changed, a reviewed one not go back, and so on.
    #[error("{0}")]
    Refused(String),
}

/// Result of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Name of an engagement: 1 to 64 of `a-z 0-9 - _`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngagementName(String);

impl EngagementName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EngagementName {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if starts && text.len() <= 64 && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(StoreError::Refused(format!(
            "engagement name {text:?}: use 1 to 64 of a-z 0-9 - _, beginning with a letter or digit"
        )))
    }
}

/// 2000-01-01: what an agent dates before it comes from a clock that lost its battery.
pub(crate) const NOTHING_BEFORE: Timestamp = Timestamp(946_684_800);

/// Numbers behind the acknowledged one whose hash is kept, to tell a repetition from a fork.
pub(crate) const HASHES_KEPT: u64 = 4_096;

/// Number of a source in its store.
pub type SourceId = i64;

/// What kind of source facts and samples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// An enrolled agent; its key is the agent id.
    Agent,
    /// An import; its key is the server's name in the file.
    Import,
    /// The simulated estate.
    Simulated,
}

/// A source and the server it is about now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its number.
    pub id: SourceId,
    /// Its kind.
    pub kind: SourceKind,
    /// Its key within the kind.
    pub key: String,
    /// The server.
    pub server: String,
    /// First moment covered by a slot or gap of it.
    pub first_seen: Option<Timestamp>,
    /// Last moment covered by a slot of it.
    pub last_seen: Option<Timestamp>,
}

/// A join token as stored: its secret only as a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Public part.
    pub id: String,
    /// SHA-256 of the secret, hexadecimal.
    pub secret_sha256: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Enrolments still allowed.
    pub uses_left: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Ring its agents are put into; empty: none.
    pub ring: String,
}

/// How an agent came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisteredBy {
    /// It enrolled with a join token: somebody vouched for it.
    Token,
    /// It came with a bundle from a host that met no collector.
    Bundle,
    /// It found itself on another machine, a copy of an agent that vouched for it with its key.
    Move {
        /// Whose copy it is.
        from: AgentId,
    },
}

/// An agent: enrolled, or registered by the bundle it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its identity.
    pub id: AgentId,
    /// Its source; given by the store at enrolment.
    pub source: SourceId,
    /// Ed25519 public key it signs with.
    pub public_key: Vec<u8>,
    /// Which of its keys that is, and which it should be; given by the store.
    pub key_epochs: KeyEpochs,
    /// Host name it enrolled with.
    pub hostname: String,
    /// Fingerprint it enrolled with.
    pub fingerprint: String,
    /// Version it last reported.
    pub version: String,
    /// How it came to be known.
    pub registered_by: RegisteredBy,
    /// When it enrolled, or its bundle came.
    pub enrolled_at: Timestamp,
    /// When it last delivered.
    pub last_upload_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Ring it is in, for directives; empty: none. Given by its token.
    pub ring: String,
}

/// What a spool has delivered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AckState {
    /// Highest number up to which nothing is missing.
    pub ack_through: u64,
    /// Missing numbers below the highest seen, at most 64.
    pub missing: Vec<u64>,
}

/// State of an assessment. It only moves forward; an issued one is immutable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewState {
    /// Fresh.
    Draft,
    /// Somebody has read it.
    Reviewed,
    /// Somebody has signed it.
    Issued,
}

/// A line of the list of assessments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentRow {
    /// Its number.
    pub id: u64,
    /// Its moment.
    pub created: Timestamp,
    /// Its state.
    pub state: ReviewState,
    /// Who moved it there.
    pub signed_by: Option<String>,
    /// Who has read it.
    pub reviewed: Option<Signature>,
    /// Who has signed it.
    pub issued: Option<Signature>,
}

/// A message waiting to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its identity: enqueued once, whatever happens.
    pub id: String,
    /// JSON body.
    pub body: String,
    /// Deliveries tried.
    pub attempts: u32,
    /// When the next one is due.
    pub due_at: Timestamp,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
}

/// The store of one engagement. Every method that changes something is one transaction, durable when it
/// returns. Methods block; call them off the async threads.
pub trait Store:
    admission::Admission
    + care::Care
    + diary::Diary
    + kept::Keep
    + outcomes::Outcomes
    + people::People
    + register::Register
    + timetable::Timetable
    + Send
    + Sync
{
    /// The engagement's name.
    fn engagement(&self) -> &EngagementName;

    /// The source of a kind and key, made and mapped to `server` when it is new.
    fn source(&self, kind: SourceKind, key: &str, server: &str) -> Result<Source>;
    /// Every source, by id.
    fn sources(&self) -> Result<Vec<Source>>;
    /// Maps a source to another server from now on; `by` goes into the audit.
    fn map_source(&self, source: SourceId, server: &str, by: &str, now: Timestamp) -> Result<()>;
    /// Names of all servers that have a source or a fact, ascending.
    fn servers(&self) -> Result<Vec<String>>;

    /// Keeps a new token.
    fn put_token(&self, token: &Token) -> Result<()>;
    /// The token of an id.
    fn token(&self, id: &str) -> Result<Option<Token>>;
    /// Takes one use of a token and keeps the agent with a source of its own, in one transaction; `None` when
    /// no use was left or its time was over. An agent with the same public key keeps the id it has, needs no
    /// further use, and is no longer revoked if one was left; one with a key that was retired is refused.
    /// `agent.source` is not looked at. A server is named
    /// by its host name; where another machine has that name, by a part of the identity as well.
    fn enrol(&self, token_id: &str, agent: &Agent, now: Timestamp) -> Result<Option<AgentId>>;
    /// Keeps an agent that no token admits, with a source of its own; `by` and `what` go into the audit. `false`
    /// when its identity or key is known already, retired keys included; then nothing changes. Servers are named as at enrolment.
    fn register(&self, agent: &Agent, by: &str, what: &str, now: Timestamp) -> Result<bool>;
    /// The agent of an id.
    fn agent(&self, id: AgentId) -> Result<Option<Agent>>;
    /// Every agent, by enrolment.
    fn agents(&self) -> Result<Vec<Agent>>;
    /// Revokes an agent; the row stays. `false` when there is none.
    fn revoke(&self, id: AgentId, by: &str, now: Timestamp) -> Result<bool>;
    /// Asks an agent for another key than it has, which it hears with its directives. `false` when there is none, or
    /// it is revoked.
    fn ask_rotation(&self, id: AgentId, by: &str, now: Timestamp) -> Result<bool>;
    /// Puts a new key in the place of the one an agent has, which is retired; both have signed for it. The same again
    /// changes nothing.
    fn rotate(&self, rotation: &Rotation, now: Timestamp) -> Result<Rotated>;
    /// Keys an agent had before, the latest first.
    fn retired_keys(&self, id: AgentId) -> Result<Vec<RetiredKey>>;
    /// Whether some agent had a key once.
    fn is_retired(&self, public_key: &[u8]) -> Result<bool>;
    /// Puts an agent into a ring. `false` when there is none.
    fn set_ring(&self, id: AgentId, ring: &str, by: &str, now: Timestamp) -> Result<bool>;
    /// Gives a ring directives (the empty ring: everybody), or takes them back. Returns their version, which
    /// counts over all rings.
    fn put_directives(&self, ring: &str, d: Option<&Directives>, by: &str, now: Timestamp) -> Result<u64>;
    /// The directives of each ring that has some.
    fn directives(&self) -> Result<Vec<(String, Directives)>>;
    /// What holds for an agent: its ring's, else everybody's; a pause of everybody always; and the key it should
    /// have. `None` when nobody ever asked for anything.
    fn directives_of(&self, id: AgentId) -> Result<Option<Directives>>;

    /// Appends batches to the inbox, one transaction for all, on disk when it returns. One outcome a batch.
    fn append(&self, batches: &[Incoming]) -> Result<Vec<Appended>>;
    /// What a spool has delivered.
    fn ack_state(&self, agent: AgentId, spool: SpoolId) -> Result<AckState>;
    /// Turns batches of the inbox into day blocks, gaps and weekly summaries, source by source, each in a
    /// transaction of its own, until `batches_max` are done. Nothing needs it to be readable.
    fn compact(&self, batches_max: usize, now: Timestamp) -> Result<Compaction>;
    /// The same for days that are over, so that each is packed once: a day is over when its source has delivered
    /// something later, or some hours have passed. `go_on` is asked before each source.
    fn compact_due(&self, now: Timestamp, go_on: &dyn Fn() -> bool) -> Result<Compaction>;
    /// Merges slots of an import into day blocks and weekly summaries.
    fn merge(&self, source: SourceId, table: &SlotTable, gaps: &[Gap]) -> Result<MergeStats>;

    /// Slots of a source in a window, those that wait in the inbox included: tables of a day, or of a week where it
    /// is one block, ascending.
    fn day_tables(&self, source: SourceId, window: Window) -> Result<Vec<SlotTable>>;
    /// Weekly summaries of a source that overlap a window, ascending; always up to date with its slots.
    fn weeks(&self, source: SourceId, window: Window) -> Result<Vec<Week>>;
    /// Gaps of a source that overlap a window, ascending, cut to it.
    fn gaps(&self, source: SourceId, window: Window) -> Result<Vec<Gap>>;
    /// The stretch covered by slots of any source, `None` for an empty store.
    fn extent(&self) -> Result<Option<Window>>;

    /// Adds facts to a server. A fact of the same name and `valid_from` is replaced only by one observed at
    /// the same time or later, and never a person's by a machine's.
    fn put_facts(&self, server: &str, facts: &[(String, Fact)]) -> Result<()>;
    /// Adds facts to many servers by the same rules, one transaction for all.
    fn put_all_facts(&self, facts: &BTreeMap<String, Vec<(String, Fact)>>) -> Result<()>;
    /// Facts of a server.
    fn facts(&self, server: &str) -> Result<Facts>;
    /// Facts of every server that has any.
    fn all_facts(&self) -> Result<BTreeMap<String, Facts>>;

    /// Keeps an assessment under the next number and gives that number; `id` inside is set to it.
    fn put_assessment(&self, assessment: &Assessment) -> Result<u64>;
    /// The assessment of a number.
    fn assessment(&self, id: u64) -> Result<Option<Assessment>>;
    /// Every assessment, oldest first.
    fn assessments(&self) -> Result<Vec<AssessmentRow>>;
    /// Moves an assessment forward and records who did it.
    fn set_review_state(&self, id: u64, state: ReviewState, by: &str, now: Timestamp) -> Result<()>;

    /// Puts a message into the outbox; `false` when one of the same id is or was there.
    fn enqueue(&self, id: &str, body: &str, now: Timestamp) -> Result<bool>;
    /// Claims undelivered messages that are due, so that no other process sends them before `until`.
    fn claim_due(&self, now: Timestamp, until: Timestamp) -> Result<Vec<OutboxRow>>;
    /// Marks a message delivered.
    fn delivered(&self, id: &str, now: Timestamp) -> Result<()>;
    /// Counts a failed delivery and sets when to try again.
    fn delivery_failed(&self, id: &str, due_at: Timestamp) -> Result<()>;
    /// Every message, oldest first.
    fn outbox(&self) -> Result<Vec<OutboxRow>>;

    /// Appends to the audit log: who did what, when.
    fn audit(&self, by: &str, what: &str, now: Timestamp) -> Result<()>;
    /// The audit log, oldest first: when, who, what.
    fn audit_log(&self) -> Result<Vec<(Timestamp, String, String)>>;
}

#[cfg(test)]
#[path = "store/contract_tests.rs"]
mod tests;

//! The embedded store: one SQLite file an engagement, several processes at once. WAL with synchronous FULL,
//! so that a commit is on disk; each call is one transaction.
// SPDX-License-Identifier: Apache-2.0

use super::{
    AckState, Agent, Appended, AssessmentRow, Compaction, EngagementName, Incoming, MergeStats, OutboxRow,
    Result, RetiredKey, ReviewState, Rotated, Rotation, Source, SourceId, SourceKind, Store, StoreError,
    Token,
};
use cairn_assess::estate::Week;
use cairn_schemas::assessment::{Assessment, Review, Signature};
use cairn_schemas::directives::Directives;
use cairn_schemas::fact::{Fact, Facts};
use cairn_schemas::gap::Gap;
use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{Timestamp, Window};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

mod audit;
mod schema;
pub(crate) use schema::WRITER_CACHE_BYTES;
mod trouble;
use trouble::{Trouble, Work, engine};

mod admission;
mod agents;
mod directives;
mod inbox;
mod keys;
mod sources;

mod blocks;
mod compaction;
pub(crate) use compaction::DECODED_BYTES_MAX as STEP_BYTES_MAX;
mod fold;
mod waiting;

mod assessments;
mod decisions;
mod facts;
mod journey;
mod kept;
mod mappings;
mod outbox;
mod outcomes;
mod statements;

mod people;

mod register;
mod timetable;

mod backup;
mod care;
mod erasure;
mod integrity;
mod retention;

/// Folder of the engagements in the data directory.
const FOLDER: &str = "engagements";
/// How long a call waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(30);
/// Idle connections kept for reading; each holds at most 2 MB of pages.
pub(crate) const READERS_KEPT: usize = 4;

/// The store of one engagement in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    name: EngagementName,
    path: PathBuf,
    connection: Mutex<Connection>,
    /// Connections that only read, idle. `None`: what is read is read with the one there is, because nobody writes or
    /// because there can be no other.
    readers: Option<Mutex<Vec<Connection>>>,
}

impl SqliteStore {
    /// Opens `DIR/engagements/NAME.sqlite`, making it when it is new.
    ///
    /// # Errors
    /// The file cannot be made or opened, or is of a newer version.
    pub fn open(dir: &Path, name: &EngagementName) -> Result<Self> {
        let folder = dir.join(FOLDER);
        let path = Self::file(dir, name);
        let tried = || format!("opening the store {}", path.display());
        private_folder(&folder)
            .map_err(|source| StoreError::Engine { tried: tried(), source: source.into() })?;
        let mut connection = Connection::open(&path).map_err(|error| engine(&tried(), error))?;
        connection.busy_timeout(BUSY).map_err(|error| engine(&tried(), error))?;
        schema::prepare(&mut connection)?;
        Ok(Self {
            name: name.clone(),
            path,
            connection: Mutex::new(connection),
            readers: Some(Mutex::default()),
        })
    }

    /// A store in memory, gone with its value: for tests that make many.
    ///
    /// # Errors
    /// SQLite cannot make it.
    pub fn in_memory(name: &EngagementName) -> Result<Self> {
        let opened = Connection::open_in_memory();
        let mut connection = opened.map_err(|error| engine("making a store in memory", error))?;
        schema::prepare(&mut connection)?;
        Ok(Self {
            name: name.clone(),
            path: PathBuf::new(),
            connection: Mutex::new(connection),
            readers: None,
        })
    }

    /// Where the file of an engagement is, or would be.
    #[must_use]
    pub fn file(dir: &Path, name: &EngagementName) -> PathBuf {
        dir.join(FOLDER).join(format!("{}.sqlite", name.as_str()))
    }

    /// The file whose lock only one process of those that work off its schedules has.
    #[must_use]
    pub fn schedule_lock(dir: &Path, name: &EngagementName) -> PathBuf {
        dir.join(FOLDER).join(format!("{}.schedule.lock", name.as_str()))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Pages the file has, for tests of a full disk.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        self.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap_or(0)
    }

    /// Lets the file have so many pages and no more; beyond it the disk counts as full.
    ///
    /// # Errors
    /// SQLite refuses.
    pub fn limit_pages(&self, pages: u32) -> Result<()> {
        let limited = self.connection().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        limited.map_err(|error| engine("limiting the pages of the store", error))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolled it back: the connection is as good as before.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one state of the store, whatever is written meanwhile, on a connection of its own: nobody who reads
    /// waits for a compaction. Short, so that the log can be taken over into the file.
    fn read<T>(&self, tried: &str, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        let Some(readers) = &self.readers else { return self.read_back(tried, work) };
        let readers = || readers.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = readers().pop();
        let run = || -> Work<T> {
            let mut connection = idle.map_or_else(|| self.reader(), Ok)?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            let value = work(&transaction)?;
            transaction.finish()?;
            let mut readers = readers();
            if readers.len() < READERS_KEPT {
                readers.push(connection);
            }
            Ok(value)
        };
        run().map_err(|error| error.named(tried))
    }

    fn reader(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// Reads with the connection that writes: what it has just written is at hand there.
    fn read_back<T>(&self, tried: &str, work: impl FnOnce(&Connection) -> Work<T>) -> Result<T> {
        work(&self.connection()).map_err(|error| error.named(tried))
    }

    /// Runs `work` in one transaction that takes the write lock at once, and commits it.
    fn write<T>(&self, tried: &str, work: impl FnOnce(&Transaction<'_>) -> Work<T>) -> Result<T> {
        let mut connection = self.connection();
        let run = || -> Work<T> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|error| error.named(tried))
    }
}

/// Makes a folder only its owner can enter: what is kept there is a map of the customer's estate.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl Store for SqliteStore {
    fn engagement(&self) -> &EngagementName {
        &self.name
    }

    fn source(&self, kind: SourceKind, key: &str, server: &str) -> Result<Source> {
        self.write("keeping a source", |db| sources::find_or_make(db, kind, key, server))
    }

    fn sources(&self) -> Result<Vec<Source>> {
        self.read("reading sources", sources::all)
    }

    fn map_source(&self, source: SourceId, server: &str, by: &str, now: Timestamp) -> Result<()> {
        self.write("mapping a source", |db| sources::map(db, source, server, by, now))
    }

    fn servers(&self) -> Result<Vec<String>> {
        self.read("reading servers", sources::servers)
    }

    fn put_token(&self, token: &Token) -> Result<()> {
        self.write("keeping a token", |db| agents::put_token(db, token))
    }

    fn token(&self, id: &str) -> Result<Option<Token>> {
        self.read("reading a token", |db| agents::token(db, id))
    }

    fn enrol(&self, token_id: &str, agent: &Agent, now: Timestamp) -> Result<Option<AgentId>> {
        self.write("enrolling an agent", |db| agents::enrol(db, token_id, agent, now))
    }

    fn register(&self, agent: &Agent, by: &str, what: &str, now: Timestamp) -> Result<bool> {
        self.write("registering an agent", |db| agents::register(db, agent, by, what, now))
    }

    fn agent(&self, id: AgentId) -> Result<Option<Agent>> {
        self.read("reading an agent", |db| agents::agent(db, id))
    }

    fn agents(&self) -> Result<Vec<Agent>> {
        self.read("reading agents", agents::all)
    }

    fn revoke(&self, id: AgentId, by: &str, now: Timestamp) -> Result<bool> {
        self.write("revoking an agent", |db| agents::revoke(db, id, by, now))
    }

    fn ask_rotation(&self, id: AgentId, by: &str, now: Timestamp) -> Result<bool> {
        self.write("asking an agent for another key", |db| keys::ask(db, id, by, now))
    }

    fn rotate(&self, rotation: &Rotation, now: Timestamp) -> Result<Rotated> {
        self.write("changing the key of an agent", |db| keys::rotate(db, rotation, now))
    }

    fn retired_keys(&self, id: AgentId) -> Result<Vec<RetiredKey>> {
        self.read("reading retired keys", |db| keys::retired(db, id))
    }

    fn is_retired(&self, public_key: &[u8]) -> Result<bool> {
        self.read("reading retired keys", |db| keys::is_retired(db, public_key))
    }

    fn set_ring(&self, id: AgentId, ring: &str, by: &str, now: Timestamp) -> Result<bool> {
        self.write("putting an agent into a ring", |db| directives::set_ring(db, id, ring, by, now))
    }

    fn put_directives(&self, ring: &str, d: Option<&Directives>, by: &str, now: Timestamp) -> Result<u64> {
        self.write("keeping directives", |db| directives::put(db, ring, d, by, now))
    }

    fn directives(&self) -> Result<Vec<(String, Directives)>> {
        self.read("reading directives", directives::all)
    }

    fn directives_of(&self, id: AgentId) -> Result<Option<Directives>> {
        self.read_back("reading an agent's directives", |db| directives::of_agent(db, id))
    }

    fn append(&self, batches: &[Incoming]) -> Result<Vec<Appended>> {
        self.write("appending to the inbox", |db| inbox::append(db, batches))
    }

    fn ack_state(&self, agent: AgentId, spool: SpoolId) -> Result<AckState> {
        self.read_back("reading what a spool delivered", |db| inbox::ack_state(db, agent, spool))
    }

    fn compact(&self, batches_max: usize, now: Timestamp) -> Result<Compaction> {
        self.compact_each(compaction::all, now, &|done| done.batches < batches_max as u64)
    }

    fn compact_due(&self, now: Timestamp, go_on: &dyn Fn() -> bool) -> Result<Compaction> {
        self.compact_each(|db| compaction::due(db, now), now, &|_| go_on())
    }

    fn merge(&self, source: SourceId, table: &SlotTable, gaps: &[Gap]) -> Result<MergeStats> {
        self.write("merging slots", |db| blocks::merge_into(db, source, table, gaps))
    }

    fn day_tables(&self, source: SourceId, window: Window) -> Result<Vec<SlotTable>> {
        self.read("reading day blocks", |db| blocks::day_tables(db, source, window))
    }

    fn weeks(&self, source: SourceId, window: Window) -> Result<Vec<Week>> {
        self.read("reading weekly summaries", |db| blocks::weeks(db, source, window))
    }

    fn gaps(&self, source: SourceId, window: Window) -> Result<Vec<Gap>> {
        self.read("reading gaps", |db| blocks::gaps(db, source, window))
    }

    fn extent(&self) -> Result<Option<Window>> {
        self.read("reading the extent", sources::extent)
    }

    fn put_facts(&self, server: &str, facts: &[(String, Fact)]) -> Result<()> {
        self.write("keeping facts", |db| facts::put(db, server, facts))
    }

    fn put_all_facts(&self, all: &BTreeMap<String, Vec<(String, Fact)>>) -> Result<()> {
        self.write("keeping facts", |db| {
            all.iter().try_for_each(|(server, facts)| facts::put(db, server, facts))
        })
    }

    fn facts(&self, server: &str) -> Result<Facts> {
        self.read("reading facts", |db| facts::of(db, server))
    }

    fn all_facts(&self) -> Result<BTreeMap<String, Facts>> {
        self.read("reading facts", facts::all)
    }

    fn put_assessment(&self, assessment: &Assessment) -> Result<u64> {
        self.write("keeping an assessment", |db| assessments::put(db, assessment))
    }

    fn assessment(&self, id: u64) -> Result<Option<Assessment>> {
        self.read("reading an assessment", |db| assessments::get(db, id))
    }

    fn assessments(&self) -> Result<Vec<AssessmentRow>> {
        self.read("reading assessments", assessments::listed)
    }

    fn set_review_state(&self, id: u64, state: ReviewState, by: &str, now: Timestamp) -> Result<()> {
        self.write("moving an assessment on", |db| assessments::set_state(db, id, state, by, now))
    }

    fn enqueue(&self, id: &str, body: &str, now: Timestamp) -> Result<bool> {
        self.write("queueing a message", |db| outbox::enqueue(db, id, body, now))
    }

    fn claim_due(&self, now: Timestamp, until: Timestamp) -> Result<Vec<OutboxRow>> {
        self.write("claiming messages", |db| outbox::claim_due(db, now, until))
    }

    fn delivered(&self, id: &str, now: Timestamp) -> Result<()> {
        self.write("marking a message delivered", |db| outbox::delivered(db, id, now))
    }

    fn delivery_failed(&self, id: &str, due_at: Timestamp) -> Result<()> {
        self.write("putting a message off", |db| outbox::failed(db, id, due_at))
    }

    fn outbox(&self) -> Result<Vec<OutboxRow>> {
        self.read("reading the outbox", outbox::all)
    }

    fn audit(&self, by: &str, what: &str, now: Timestamp) -> Result<()> {
        self.write("keeping an audit line", |db| outbox::audit(db, by, what, now))
    }

    fn audit_log(&self) -> Result<Vec<(Timestamp, String, String)>> {
        self.read("reading the audit log", audit::log)
    }
}

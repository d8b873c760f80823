//! The simulated collector: the real verification, commit and store behind a queue whose moments the scheduler
//! chooses. A crash forgets all that was not committed.
// SPDX-License-Identifier: Apache-2.0

use cairn_agent::uplink::Outcome;
use cairn_collector::engagements::Engagements;
use cairn_collector::http::answer_to;
use cairn_collector::ingest::{self, Rejection, Verified};
use cairn_collector::store::sqlite::SqliteStore;
use cairn_collector::store::{Agent, KeyEpochs, RegisteredBy, Store as _, StoreError, Token};
use cairn_schemas::enrolment::Ack;
use cairn_schemas::identity::AgentId;
use cairn_schemas::time::{DAY_S, Timestamp};
use std::sync::Arc;

/// Batches of one commit, as the writer takes them.
const GROUP_MAX: usize = 256;
/// Batches of one compaction.
const COMPACTION_MAX: usize = 256;
const TOKEN: &str = "token";

/// The collector.
pub struct Collector {
    /// Its store, which survives it.
    pub store: Arc<SqliteStore>,
    engagements: Engagements,
    /// Whether it runs.
    pub is_up: bool,
    /// Whether it has been restarted.
    pub was_restarted: bool,
    /// How far its clock is ahead.
    pub ahead_s: i64,
    /// Whether the next commit fails.
    pub fails_next: bool,
    queue: Vec<(u64, Verified)>,
}

impl Collector {
    /// A collector whose token admits anybody.
    ///
    /// # Errors
    /// The store cannot be made.
    pub fn new(now: Timestamp) -> Result<Self, StoreError> {
        let store = Arc::new(SqliteStore::in_memory(&"default".parse()?)?);
        store.put_token(&Token {
            id: TOKEN.into(),
            secret_sha256: String::new(),
            expires_at: Timestamp(now.0 + 365 * DAY_S),
            uses_left: 1_000,
            created_at: now,
            ring: String::new(),
        })?;
        let engagements = Engagements::of_store(Arc::clone(&store) as _);
        Ok(Self {
            store,
            engagements,
            is_up: true,
            was_restarted: false,
            ahead_s: 0,
            fails_next: false,
            queue: Vec::new(),
        })
    }

    /// Admits an agent.
    ///
    /// # Errors
    /// The store refuses.
    pub fn enrol(
        &self,
        id: AgentId,
        public_key: Vec<u8>,
        host: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.enrol(TOKEN, &agent(id, public_key, host, RegisteredBy::Token, now), now).map(drop)
    }

    /// Knows a copy of an agent under an identity of its own.
    ///
    /// # Errors
    /// The store refuses.
    pub fn register(
        &self,
        id: AgentId,
        public_key: Vec<u8>,
        host: &str,
        from: AgentId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store.register(
            &agent(id, public_key, host, RegisteredBy::Move { from }, now),
            "move",
            "moved",
            now,
        )
    }

    /// Its clock.
    #[must_use]
    pub const fn now(&self, now_ms: i64) -> Timestamp {
        Timestamp(now_ms.div_euclid(1_000) + self.ahead_s)
    }

    /// A request has arrived: verified, it waits for the commit. Says whether it is the first that waits.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn take(
        &mut self,
        request: u64,
        sealed: &[u8],
        queue_max: usize,
        now_ms: i64,
    ) -> Result<bool, Rejection> {
        let verified = ingest::verify(&self.engagements, sealed, self.now(now_ms))?;
        if self.queue.len() >= queue_max {
            return Err(Rejection::Busy);
        }
        self.queue.push((request, verified));
        Ok(self.queue.len() == 1)
    }

    /// Commits what waits; what each request is told. Whether more waits is to be asked afterwards.
    pub fn commit(&mut self) -> Vec<(u64, Result<Ack, Rejection>)> {
        let waiting = self.queue.len().min(GROUP_MAX);
        let (requests, batches): (Vec<u64>, Vec<Verified>) = self.queue.drain(..waiting).unzip();
        let committed = if std::mem::take(&mut self.fails_next) {
            let source = std::io::Error::other("simulated: the sync of the log failed").into();
            Err(StoreError::Engine { tried: "appending to the inbox".into(), source })
        } else {
            ingest::commit(&batches)
        };
        let answers = committed.unwrap_or_else(|error| {
            let error = Arc::new(error);
            batches.iter().map(|_| Err(Rejection::Store(Arc::clone(&error)))).collect()
        });
        requests.into_iter().zip(answers).collect()
    }

    /// Whether something waits for a commit.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Packs the days that are over, as the collector's own rounds do; a store that refuses is asked again later.
    ///
    /// # Errors
    /// The store refuses.
    pub fn compact_due(&self, now_ms: i64) -> Result<(), StoreError> {
        self.store.compact_due(self.now(now_ms), &|| true).map(drop)
    }

    /// Turns the whole inbox into day blocks.
    ///
    /// # Errors
    /// The store refuses.
    pub fn compact(&self, now_ms: i64) -> Result<(), StoreError> {
        while self.store.compact(COMPACTION_MAX, self.now(now_ms))?.batches > 0 {}
        Ok(())
    }

    /// Killed: the queue is gone.
    pub fn crash(&mut self) {
        self.is_up = false;
        self.queue.clear();
    }

    /// Started again on the same store.
    pub fn restart(&mut self) {
        (self.is_up, self.was_restarted) = (true, true);
        self.engagements = Engagements::of_store(Arc::clone(&self.store) as _);
    }
}

fn agent(id: AgentId, public_key: Vec<u8>, host: &str, registered_by: RegisteredBy, now: Timestamp) -> Agent {
    Agent {
        id,
        source: 0,
        public_key,
        key_epochs: KeyEpochs::default(),
        hostname: host.into(),
        fingerprint: host.into(),
        version: "1".into(),
        registered_by,
        enrolled_at: now,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
    }
}

/// What an agent gets to see.
#[must_use]
pub fn outcome(answer: Result<Ack, Rejection>) -> Outcome {
    answer.map_or_else(
        |rejection| {
            let detail = rejection.to_string();
            let (status, retry_after_s) = answer_to(rejection);
            Outcome::Refused { status, retry_after_s: retry_after_s.map(u64::from), detail }
        },
        Outcome::Acknowledged,
    )
}

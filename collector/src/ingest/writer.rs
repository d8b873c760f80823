//! The one writer of the inbox: a thread that commits all that has gathered in one transaction an engagement. A commit
//! that panics takes nothing else with it: its group is tried batch by batch, and the thread goes on.
// SPDX-License-Identifier: Apache-2.0

use super::{Rejection, Verified};
use crate::store::StoreError;
use cairn_schemas::enrolment::Ack;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Most batches of one commit.
const GROUP_MAX: usize = 256;
/// Most batches that wait; beyond it agents are asked to come again.
const QUEUE_MAX: usize = 1_024;
/// Most batches that are verified and not kept yet.
pub(crate) const WAITING_MAX: usize = GROUP_MAX + QUEUE_MAX;

type Reply = Result<Ack, Rejection>;
type Committed = Result<Vec<Reply>, StoreError>;

struct Job {
    verified: Verified,
    reply: oneshot::Sender<Reply>,
}

/// Hands batches to the writer's thread; the thread ends when the last of these is gone.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
    thread: Arc<JoinHandle<()>>,
    /// Whether the last commit panicked.
    panicked: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the thread.
    #[must_use]
    pub fn start() -> Self {
        Self::committing_by(QUEUE_MAX, super::commit)
    }

    /// The same with a queue of another length, and another way to commit.
    pub(crate) fn committing_by(
        queue_max: usize,
        commit: impl Fn(&[Verified]) -> Committed + Send + 'static,
    ) -> Self {
        let (queue, jobs) = sync_channel(queue_max);
        let panicked = Arc::new(AtomicBool::new(false));
        let committer = Committer { commit, panicked: Arc::clone(&panicked) };
        let thread = Arc::new(std::thread::spawn(move || committer.run(&jobs)));
        Self { queue, thread, panicked }
    }

    /// Commits a batch and says what the agent may forget.
    ///
    /// # Errors
    /// The queue is full, the store refuses, or another batch has the same key.
    pub async fn commit(&self, verified: Verified) -> Reply {
        let (reply, answer) = oneshot::channel();
        match self.queue.try_send(Job { verified, reply }) {
            Ok(()) => answer.await.unwrap_or(Err(Rejection::WriterStopped)),
            Err(TrySendError::Full(_)) => Err(Rejection::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Rejection::WriterStopped),
        }
    }

    /// Why nothing may be taken now, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        if self.thread.is_finished() {
            return Some("the writer of the inbox ended; restart the collector");
        }
        let panicked = self.panicked.load(Ordering::Relaxed);
        panicked
            .then_some("the last commit of batches panicked; the log says why, and the next one may succeed")
    }
}

#[cfg(test)]
impl Writer {
    /// One whose queue is full.
    pub(crate) fn full() -> Self {
        let (queue, jobs) = sync_channel(0);
        let thread = std::thread::spawn(move || {
            std::thread::park();
            drop(jobs);
        });
        Self { queue, thread: Arc::new(thread), panicked: Arc::default() }
    }

    /// One whose thread has ended.
    pub(crate) fn stopped() -> Self {
        let (queue, jobs) = sync_channel(1);
        let thread = std::thread::spawn(move || drop(jobs));
        while !thread.is_finished() {
            std::thread::yield_now();
        }
        Self { queue, thread: Arc::new(thread), panicked: Arc::default() }
    }
}

struct Committer<F> {
    commit: F,
    panicked: Arc<AtomicBool>,
}

impl<F: Fn(&[Verified]) -> Committed> Committer<F> {
    fn run(&self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut group = vec![first];
            while group.len() < GROUP_MAX
                && let Ok(next) = jobs.try_recv()
            {
                group.push(next);
            }
            let mut by_engagement: BTreeMap<String, Vec<Job>> = BTreeMap::new();
            for job in group {
                let engagement = job.verified.store.engagement().as_str().to_owned();
                by_engagement.entry(engagement).or_default().push(job);
            }
            by_engagement.into_values().for_each(|jobs| self.answer(jobs));
        }
    }

    /// Commits the jobs of one engagement and answers each. When the store refuses, nothing of it was kept and
    /// every agent sends again.
    fn answer(&self, jobs: Vec<Job>) {
        let (batches, replies): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|job| (job.verified, job.reply)).unzip();
        let answers = match self.committed(&batches) {
            // One of them is to blame; the others are kept all the same.
            None if batches.len() > 1 => {
                batches.chunks(1).flat_map(|alone| told(alone, self.committed(alone))).collect()
            }
            committed => told(&batches, committed),
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            // Nobody waits any more: the batch is kept, and its agent will send it again.
            let _ = reply.send(answer);
        }
    }

    /// What a commit says; `None` when it panicked. Its transaction was rolled back on the way out.
    fn committed(&self, batches: &[Verified]) -> Option<Committed> {
        let committed = catch_unwind(AssertUnwindSafe(|| (self.commit)(batches))).ok();
        if committed.is_none() {
            tracing::error!(batches = batches.len(), "a commit panicked; nothing of it was kept");
        }
        self.panicked.store(committed.is_none(), Ordering::Relaxed);
        committed
    }
}

fn told(batches: &[Verified], committed: Option<Committed>) -> Vec<Reply> {
    let panicked =
        || StoreError::Engine { tried: "keeping the batch".into(), source: "the store panicked".into() };
    committed.unwrap_or_else(|| Err(panicked())).unwrap_or_else(|error| {
        let error = Arc::new(error);
        batches.iter().map(|_| Err(Rejection::Store(Arc::clone(&error)))).collect()
    })
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;

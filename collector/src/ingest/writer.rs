//! The one writer of the inbox: a thread that commits all that has gathered in one transaction an engagement.
// SPDX-License-Identifier: Apache-2.0

use super::{Rejection, Verified};
use cairn_schemas::enrolment::Ack;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::oneshot;

/// Most batches of one commit.
const GROUP_MAX: usize = 256;
/// Most batches that wait; beyond it agents are asked to come again.
const QUEUE_MAX: usize = 1_024;

type Reply = Result<Ack, Rejection>;

struct Job {
    verified: Verified,
    reply: oneshot::Sender<Reply>,
}

/// Hands batches to the writer's thread; the thread ends when the last of these is gone.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
}

impl Writer {
    /// Starts the thread.
    #[must_use]
    pub fn start() -> Self {
        let (queue, jobs) = sync_channel(QUEUE_MAX);
        std::thread::spawn(move || run(&jobs));
        Self { queue }
    }

    /// Commits a batch and says what the agent may forget.
    ///
    /// # Errors
    /// The queue is full, the store refuses, or another batch has the same key.
    pub async fn commit(&self, verified: Verified) -> Reply {
        let (reply, answer) = oneshot::channel();
        match self.queue.try_send(Job { verified, reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return Err(Rejection::Busy),
        }
        answer.await.unwrap_or(Err(Rejection::Busy))
    }
}

fn run(jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        let mut by_engagement: BTreeMap<String, Vec<Job>> = BTreeMap::new();
        for job in group {
            by_engagement.entry(job.verified.store.engagement().as_str().to_owned()).or_default().push(job);
        }
        by_engagement.into_values().for_each(commit);
    }
}

/// Commits the jobs of one engagement and answers each. When the store refuses, nothing of it was kept and
/// every agent sends again.
fn commit(jobs: Vec<Job>) {
    let (batches, replies): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.verified, job.reply)).unzip();
    let answers = super::commit(&batches).unwrap_or_else(|error| {
        let error = Arc::new(error);
        batches.iter().map(|_| Err(Rejection::Store(Arc::clone(&error)))).collect()
    });
    for (reply, answer) in replies.into_iter().zip(answers) {
        // Nobody waits any more: the batch is kept, and its agent will send it again.
        let _ = reply.send(answer);
    }
}

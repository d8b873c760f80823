//! The patrol: sends a thread round the file systems once a minute. One that does not answer costs that thread;
//! the round goes on with another, and there are never more than a few.
// SPDX-License-Identifier: Apache-2.0

use super::{Asked, Missing, Mounts, Usage};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Readings, one a second, between two rounds.
const ROUND_EVERY: u32 = 60;
/// Readings after which a file system that has not answered counts as stuck.
const PATIENCE: u32 = 10;
/// Most threads that may hang at a time; with that many, no more file systems are asked.
pub(super) const HUNG_MAX: usize = 4;

/// The use of a file system, or why it is not known.
pub(super) type Answer = Result<Usage, Missing>;
/// What a thread does.
pub(super) type Job = Box<dyn FnOnce() + Send>;
/// Starts a thread; `false` when there is none to be had.
pub(super) type Start = Box<dyn Fn(Job) -> bool + Send>;

/// How far a thread has come; it alone adds answers, the patrol alone abandons it.
#[derive(Debug, Default)]
struct Progress {
    /// What is to be asked, in order; `None` until the list has been read.
    points: Option<Vec<String>>,
    /// Parallel to the points.
    answers: Vec<Asked>,
    failure: Option<Missing>,
    done: bool,
    /// Nobody waits for it any more.
    abandoned: bool,
}

/// A thread on its round.
#[derive(Debug)]
struct Walker {
    progress: Arc<Mutex<Progress>>,
    answers_seen: usize,
    /// Readings without a sign of it.
    silent: u32,
    /// Where it hangs, once it has been abandoned.
    hangs_at: Option<String>,
}

/// See above.
pub(super) struct Patrol {
    mounts: Arc<dyn Mounts>,
    start: Start,
    walker: Option<Walker>,
    hung: Vec<Walker>,
    /// Answers of this round from threads that have been abandoned since.
    collected: Vec<(String, Answer)>,
    /// What the last list named.
    listed: Vec<String>,
    due_in: u32,
}

impl Patrol {
    pub(super) fn new(mounts: Arc<dyn Mounts>, start: Start) -> Self {
        let (hung, collected, listed) = (Vec::new(), Vec::new(), Vec::new());
        Self { mounts, start, walker: None, hung, collected, listed, due_in: 0 }
    }

    /// To be called at each reading; never waits. Gives the answers of a round when it has ended.
    ///
    /// # Errors
    /// The list of file systems cannot be read, or no thread is left to read it.
    pub(super) fn tick(&mut self) -> Option<Result<Vec<(String, Answer)>, Missing>> {
        self.hung.retain(|walker| !lock(&walker.progress).done);
        self.due_in = self.due_in.saturating_sub(1);
        if let Some(walker) = self.walker.take() {
            return self.watch(walker);
        }
        if self.due_in > 0 {
            return None;
        }
        self.due_in = ROUND_EVERY;
        self.send(None)
    }

    fn watch(&mut self, mut walker: Walker) -> Option<Result<Vec<(String, Answer)>, Missing>> {
        let mut progress = lock(&walker.progress);
        walker.silent = if progress.answers.len() > walker.answers_seen { 0 } else { walker.silent + 1 };
        walker.answers_seen = progress.answers.len();
        if !progress.done && walker.silent < PATIENCE {
            drop(progress);
            self.walker = Some(walker);
            return None;
        }
        progress.abandoned = true;
        let failure = progress.failure.or_else(|| progress.points.is_none().then_some(Missing::Stuck));
        let mut points = progress.points.take().unwrap_or_default().into_iter();
        // In this order: the pair whose answer is wanting must not take its point.
        let answered = progress.answers.drain(..).zip(points.by_ref());
        let known = answered.filter_map(|(answer, point)| Some((point, answer.transpose()?)));
        self.collected.extend(known);
        let done = progress.done;
        drop(progress);
        if !done {
            walker.hangs_at = points.next();
            self.collected.extend(walker.hangs_at.iter().map(|point| (point.clone(), Err(Missing::Stuck))));
            self.hung.push(walker);
        }
        let rest: Vec<String> = points.collect();
        match failure {
            Some(why) => {
                self.collected.clear();
                Some(Err(why))
            }
            None if rest.is_empty() => Some(Ok(self.end())),
            None => self.send(Some(rest)),
        }
    }

    /// Sends a thread round `points`, or round whatever it finds listed.
    fn send(&mut self, points: Option<Vec<String>>) -> Option<Result<Vec<(String, Answer)>, Missing>> {
        let walker = Walker {
            progress: Arc::new(Mutex::new(Progress { points: points.clone(), ..Progress::default() })),
            answers_seen: 0,
            silent: 0,
            hangs_at: None,
        };
        let stuck: Vec<String> = self.hung.iter().filter_map(|walker| walker.hangs_at.clone()).collect();
        let (mounts, progress) = (Arc::clone(&self.mounts), Arc::clone(&walker.progress));
        let is_sent =
            self.hung.len() < HUNG_MAX && (self.start)(Box::new(move || walk(&*mounts, &stuck, &progress)));
        if is_sent {
            self.walker = Some(walker);
            return None;
        }
        let unread = points.unwrap_or_else(|| std::mem::take(&mut self.listed));
        let hangs = |point: &String| self.hung.iter().any(|walker| walker.hangs_at.as_ref() == Some(point));
        let reason = |point: &String| if hangs(point) { Missing::Stuck } else { Missing::Unread };
        let answers: Vec<_> = unread.into_iter().map(|point| (reason(&point), point)).collect();
        self.collected.extend(answers.into_iter().map(|(why, point)| (point, Err(why))));
        if self.collected.is_empty() { Some(Err(Missing::Unread)) } else { Some(Ok(self.end())) }
    }

    fn end(&mut self) -> Vec<(String, Answer)> {
        self.listed = self.collected.iter().map(|(point, _)| point.clone()).collect();
        std::mem::take(&mut self.collected)
    }
}

/// What the thread does: asks one after the other, except those at which another thread hangs, and ends as soon
/// as nobody waits for it any more.
fn walk(mounts: &dyn Mounts, stuck: &[String], progress: &Mutex<Progress>) {
    let listed = lock(progress).points.clone().map_or_else(|| mounts.list(), Ok);
    {
        let mut progress = lock(progress);
        progress.failure = listed.as_ref().err().copied();
        progress.points = listed.as_ref().ok().cloned();
        progress.done = progress.abandoned;
        if progress.done {
            return;
        }
    }
    for point in listed.unwrap_or_default() {
        let answer = if stuck.contains(&point) { Err(Missing::Stuck) } else { mounts.usage(&point) };
        let mut progress = lock(progress);
        if progress.abandoned {
            break;
        }
        progress.answers.push(answer);
    }
    lock(progress).done = true;
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

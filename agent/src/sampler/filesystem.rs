//! File systems: size and use of each local one, asked once a minute by a thread that may hang: a file system
//! that does not answer must never hold up the other readings.
// SPDX-License-Identifier: Apache-2.0

mod linux;
mod patrol;

use super::roster::Roster;
use super::{Board, Missing, Reading, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{FS_SIZE, FS_USED, Metric};
use patrol::{Answer, Job, Patrol};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// Readings after which an older result says nothing any more.
const FRESH_READINGS: u32 = 150;
/// What somebody who needs the sum now will wait for it.
const PATIENCE: Duration = Duration::from_secs(10);
const NONE: Missing = Missing::NoDevice("no local file system is mounted here");
const SERIES: [Metric; 2] = [FS_USED, FS_SIZE];

/// What is known of one local file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Usage {
    /// Of the file system, wherever it is mounted; 0 where it has none.
    id: u64,
    used_bytes: u64,
    size_bytes: u64,
}

impl Usage {
    const fn values(self) -> [f64; 2] {
        [self.used_bytes as f64, self.size_bytes as f64]
    }
}

/// What comes of asking one file system; `None` when it is no longer there.
type Asked = Result<Option<Usage>, Missing>;

/// The file systems of a host. Whoever asks may never come back.
trait Mounts: Send + Sync {
    /// The mount points of local file systems.
    ///
    /// # Errors
    /// The list cannot be read.
    fn list(&self) -> Result<Vec<String>, Missing>;

    /// Asks one of them.
    ///
    /// # Errors
    /// It refuses.
    fn usage(&self, mount_point: &str) -> Asked;
}

/// Starts a thread; whether there was one to be had.
fn start(job: Job) -> bool {
    std::thread::Builder::new().name("filesystems".into()).spawn(job).is_ok()
}

struct FileSystems {
    patrol: Patrol,
    /// What the last round brought, and how many readings ago.
    latest: Result<Vec<(String, Answer)>, Missing>,
    age: u32,
    series: Roster<[Option<SeriesIndex>; 2]>,
    total: [Option<SeriesIndex>; 2],
}

/// The file system sampler.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    let mounts = Arc::new(linux::Mounted::new(root));
    Box::new(FileSystems::new(Patrol::new(mounts, Box::new(start)), board))
}

impl FileSystems {
    fn new(patrol: Patrol, board: &mut Board) -> Self {
        let total = SERIES.map(|metric| board.total(&metric));
        Self { patrol, latest: Err(Missing::FirstReading), age: 0, series: Roster::new(), total }
    }
}

impl Sampler for FileSystems {
    fn sample(&mut self, _elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        self.age = self.age.saturating_add(1);
        if let Some(round) = self.patrol.tick() {
            (self.latest, self.age) = (round.map(each_once), 0);
        }
        if self.age > FRESH_READINGS {
            self.latest = Err(Missing::Stuck);
        }
        self.series.start();
        for (mount_point, answer) in self.latest.iter().flatten() {
            let make = || board.device(&SERIES, mount_point);
            let Some(series) = self.series.meet(mount_point.as_bytes(), make).copied() else { break };
            set(board, series, answer.map(Usage::values));
        }
        self.series.finish();
        let sum = self.latest.as_deref().map_err(|why| *why).and_then(sum);
        set(board, self.total, sum);
        match sum {
            Err(Missing::FirstReading | Missing::NoDevice(_)) | Ok(_) => Ok(()),
            Err(why) => Err(why),
        }
    }
}

/// Leaves out what has been told already. A mount that has gone since the list was read, or that a container does
/// not see, leaves a directory that answers with the file system it lies on. A clone with the id of its original
/// counts once as well.
fn each_once(mut answers: Vec<(String, Answer)>) -> Vec<(String, Answer)> {
    let mut told = BTreeSet::new();
    answers.retain(|(_, answer)| answer.is_err() || answer.is_ok_and(|u| u.id == 0 || told.insert(u.id)));
    answers
}

/// Used and size of all. One that is not known leaves the sum unknown: without it, the sum would flatter.
fn sum(answers: &[(String, Answer)]) -> Result<[f64; 2], Missing> {
    let add = |sum: [f64; 2], usage: Usage| std::array::from_fn(|at| sum[at] + usage.values()[at]);
    let none = if answers.is_empty() { Err(NONE) } else { Ok([0.0; 2]) };
    answers.iter().fold(none, |sum, (_, answer)| sum.and_then(|sum| answer.map(|usage| add(sum, usage))))
}

fn set(board: &mut Board, series: [Option<SeriesIndex>; 2], values: Result<[f64; 2], Missing>) {
    for (at, series) in series.into_iter().enumerate() {
        let reading: Reading = values.map(|values| values[at]);
        board.set(series, reading);
    }
}

/// Bytes in use on all local file systems.
///
/// # Errors
/// The reason why they are not known.
pub(crate) fn used_bytes(root: &Root) -> Result<f64, String> {
    static ASKED: Pending = Mutex::new(None);
    let mounts = Arc::new(linux::Mounted::new(root));
    ask_aside(mounts, &start, PATIENCE, &ASKED).map_err(|why| why.to_string())
}

/// Where the answer of a thread that was sent will come.
type Pending = Mutex<Option<mpsc::Receiver<Result<f64, Missing>>>>;

/// Sends a thread to ask, and waits so long. One that hangs is left behind; while there is one, no other is sent.
fn ask_aside(
    mounts: Arc<dyn Mounts>,
    start: &dyn Fn(Job) -> bool,
    patience: Duration,
    pending: &Pending,
) -> Result<f64, Missing> {
    let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
    if pending.as_ref().is_some_and(|left| matches!(left.try_recv(), Err(mpsc::TryRecvError::Empty))) {
        return Err(Missing::Stuck);
    }
    let (sender, answer) = mpsc::channel();
    let ask = move || {
        // Nobody may be waiting any more.
        let _ = sender.send(ask_all(&*mounts));
    };
    if !start(Box::new(ask)) {
        return Err(Missing::Unread);
    }
    answer.recv_timeout(patience).unwrap_or_else(|_| {
        *pending = Some(answer);
        Err(Missing::Stuck)
    })
}

fn ask_all(mounts: &dyn Mounts) -> Result<f64, Missing> {
    let ask = |point: String| Some((mounts.usage(&point).transpose()?, point));
    let answers = mounts.list()?.into_iter().filter_map(ask).map(|(answer, point)| (point, answer)).collect();
    sum(&each_once(answers)).map(|[used_bytes, _]| used_bytes)
}

#[cfg(test)]
#[path = "filesystem/hung_tests.rs"]
mod tests;

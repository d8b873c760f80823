//! File systems: size and use of each local one. They are polled on a thread of their own once a minute, since
//! a file system that hangs must never hold up the other readings.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod linux;

use super::{Board, Missing, Sampler, SeriesIndex};
use crate::root::Root;
use cairn_schemas::metric::{FS_SIZE, FS_USED};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const POLL_EVERY: Duration = Duration::from_secs(60);
/// Older results are those of a poll that has not come back.
const FRESH_FOR: Duration = Duration::from_secs(150);
const NONE: Missing = Missing::NoDevice("no local file system is mounted here");

/// One local file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) mount_point: String,
    pub(crate) size_bytes: u64,
    pub(crate) used_bytes: u64,
}

/// What the poller last brought, and when.
#[derive(Default)]
struct Latest {
    polled: Option<Instant>,
    /// Counts the polls, so that a reader sees a new one without comparing it.
    polls: u64,
    usages: Vec<Usage>,
    failure: Option<Missing>,
}

struct FileSystems {
    latest: Arc<Mutex<Latest>>,
    polls_seen: u64,
    shown: Vec<(Option<SeriesIndex>, Option<SeriesIndex>, f64, f64)>,
    total: (Option<SeriesIndex>, Option<SeriesIndex>),
}

/// The file system sampler; starts its poller.
pub(super) fn make(root: &Root, board: &mut Board) -> Box<dyn Sampler> {
    let latest = Arc::new(Mutex::new(Latest::default()));
    let (root, weak) = (root.clone(), Arc::downgrade(&latest));
    // The latch is the thread itself: while a poll hangs there is no second one.
    let poller = move || {
        while weak.strong_count() > 0 {
            let usages = linux::poll(&root);
            let Some(latest) = weak.upgrade() else { return };
            accept(&mut latest.lock().unwrap_or_else(PoisonError::into_inner), usages);
            drop(latest);
            std::thread::sleep(POLL_EVERY);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("filesystems".into()).spawn(poller) {
        tracing::error!(%error, "file systems are not polled: no thread");
    }
    Box::new(FileSystems {
        latest,
        polls_seen: 0,
        shown: Vec::new(),
        total: (board.total(&FS_USED), board.total(&FS_SIZE)),
    })
}

fn accept(latest: &mut Latest, usages: Result<Vec<Usage>, Missing>) {
    latest.polled = Some(Instant::now());
    latest.polls += 1;
    latest.failure = usages.as_ref().err().copied();
    latest.usages = usages.unwrap_or_default();
}

impl Sampler for FileSystems {
    fn sample(&mut self, _elapsed_s: Option<f64>, board: &mut Board) -> Result<(), Missing> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.polls != self.polls_seen {
            self.polls_seen = latest.polls;
            self.shown.clear();
            self.shown.extend(latest.usages.iter().map(|usage| {
                let used = board.series(&FS_USED, &usage.mount_point);
                let size = board.series(&FS_SIZE, &usage.mount_point);
                (used, size, usage.used_bytes as f64, usage.size_bytes as f64)
            }));
        }
        let state = match (latest.polled, latest.failure) {
            (None, _) => Err(Missing::FirstReading),
            (Some(at), _) if at.elapsed() > FRESH_FOR => Err(Missing::Stuck),
            (_, Some(why)) => Err(why),
            _ if self.shown.is_empty() => Err(NONE),
            _ => Ok(()),
        };
        drop(latest);
        let (mut used_sum, mut size_sum) = (0.0, 0.0);
        for (used, size, used_bytes, size_bytes) in &self.shown {
            board.set(*used, state.map(|()| *used_bytes));
            board.set(*size, state.map(|()| *size_bytes));
            used_sum += used_bytes;
            size_sum += size_bytes;
        }
        board.set(self.total.0, state.map(|()| used_sum));
        board.set(self.total.1, state.map(|()| size_sum));
        if matches!(state, Err(Missing::Unreadable(_) | Missing::Stuck)) { state } else { Ok(()) }
    }
}

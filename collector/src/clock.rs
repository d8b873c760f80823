//! The collector's clock, read at its edges only.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds this process is ahead of the machine's clock; other than 0 only where a run is repeated.
static AHEAD_S: AtomicI64 = AtomicI64::new(0);

/// Now, in whole UTC seconds.
#[must_use]
pub(crate) fn now() -> Timestamp {
    Timestamp(machine_s().saturating_add(AHEAD_S.load(Ordering::Relaxed)))
}

/// Lets the clock of this process begin at a moment; it goes on from there.
pub(crate) fn begin_at(moment: Timestamp) {
    AHEAD_S.store(moment.0.saturating_sub(machine_s()), Ordering::Relaxed);
}

fn machine_s() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is shown as 1970: agents' times are held against it, and say so.
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

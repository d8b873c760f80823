//! The collector's clock, read at its edges only.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::Timestamp;

/// Now, in whole UTC seconds.
#[must_use]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is shown as 1970: agents' times are held against it, and say so.
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0)))
}

//! What can go wrong inside the store, before it is said what was tried.
// SPDX-License-Identifier: Apache-2.0

use crate::store::StoreError;

/// Result inside the store, before anybody says what was tried.
pub(super) type Work<T> = std::result::Result<T, Trouble>;

/// What can go wrong inside.
#[derive(Debug)]
pub(super) enum Trouble {
    Sqlite(rusqlite::Error),
    Damaged(String),
    Refused(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl Trouble {
    pub(super) fn named(self, tried: &str) -> StoreError {
        match self {
            Self::Sqlite(error) => engine(tried, error),
            Self::Damaged(why) => StoreError::Damaged(format!("{tried}: {why}")),
            Self::Refused(why) => StoreError::Refused(why),
        }
    }
}

pub(super) fn engine(tried: &str, error: rusqlite::Error) -> StoreError {
    let is_full = error.sqlite_error().is_some_and(|code| {
        // What a write-ahead log needs of shared memory is a file as well, and a full disk does not let it grow.
        code.code == rusqlite::ErrorCode::DiskFull
            || code.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
    });
    if is_full {
        return StoreError::Full(tried.to_owned());
    }
    StoreError::Engine { tried: tried.to_owned(), source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi::{self, Error};

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        for (code, full) in [
            (ffi::SQLITE_FULL, true),
            (ffi::SQLITE_IOERR_SHMSIZE, true),
            (ffi::SQLITE_IOERR_WRITE, false),
            (ffi::SQLITE_CORRUPT, false),
        ] {
            let error = engine("trying", rusqlite::Error::SqliteFailure(Error::new(code), None));
            assert_eq!(matches!(error, StoreError::Full(_)), full, "{code}");
        }
    }
}

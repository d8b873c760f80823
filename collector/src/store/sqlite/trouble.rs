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
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
        return StoreError::Full(tried.to_owned());
    }
    StoreError::Engine { tried: tried.to_owned(), source: error.into() }
}

//! The embedded store: one SQLite file an engagement.
// SPDX-License-Identifier: Apache-2.0

use super::{EngagementName, Result};
use std::path::Path;

/// The store of one engagement in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {}

impl SqliteStore {
    /// Opens `DIR/engagements/NAME.sqlite`, making it when it is new.
    ///
    /// # Errors
    /// The file cannot be made or opened, or is of a newer version.
    pub fn open(dir: &Path, name: &EngagementName) -> Result<Self> {
        let _ = (dir, name);
        Ok(Self {})
    }
}

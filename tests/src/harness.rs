//! Runs the real programs: where they are, fresh directories that survive a failure, bounded waiting.
// SPDX-License-Identifier: Apache-2.0

use std::path::{Path, PathBuf};

/// The top of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

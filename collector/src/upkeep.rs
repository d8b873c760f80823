//! What a collector does for its stores once a day: it removes what is past its time.
// SPDX-License-Identifier: Apache-2.0

use crate::config::Config;
use crate::store::Store;
use cairn_schemas::time::{DAY_S, Timestamp};
use std::path::Path;

/// Applies the retention of `cairn.toml` when a day has passed since it was last applied.
pub fn daily(store: &dyn Store, data_dir: &Path, now: Timestamp) {
    let apply = || -> anyhow::Result<()> {
        if store.retained_at()?.is_some_and(|last| (0..DAY_S).contains(&(now.0 - last.0))) {
            return Ok(());
        }
        let removed = store.retain(&Config::load(data_dir)?.retention, "retention", now, false)?;
        for (class, count) in removed {
            tracing::info!(engagement = store.engagement().as_str(), class, count, "past its time: removed");
        }
        Ok(())
    };
    if let Err(error) = apply() {
        tracing::error!(error = format!("{error:#}"), "retention could not be applied; it is tried again");
    }
}

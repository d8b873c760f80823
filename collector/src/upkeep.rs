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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::SqliteStore;

    #[test]
    fn it_is_done_once_a_day_and_again_once_a_broken_file_is_mended() {
        let dir = tempfile::tempdir().unwrap();
        let store: &dyn Store = &SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
        let check = |now: i64, config: &str, expected: Option<i64>| {
            std::fs::write(dir.path().join(crate::config::FILE), config).unwrap();
            daily(store, dir.path(), Timestamp(now));
            assert_eq!(store.retained_at().unwrap().map(|at| at.0), expected, "{now} {config}");
        };
        check(5, "[retention]\nminuts = 9", None);
        check(6, "", Some(6));
        check(6 + DAY_S - 1, "", Some(6));
        check(6 + DAY_S, "", Some(6 + DAY_S));
        // A clock that was set back must not put it off for ever.
        check(3, "", Some(3));
    }
}
